"""Rules for identities, as the services read them."""

from __future__ import annotations

import json

from wsi_operator.spec.streamer import WSIStreamer


def rules_text(streamer: WSIStreamer) -> str | None:
    """JSON, a line each; None where there are none."""
    oidc = streamer.spec.access.oidc
    if oidc is None or not oidc.rules:
        return None
    lines = ",\n".join(f"  {json.dumps(rule.as_setting(), ensure_ascii=False)}" for rule in oidc.rules)
    return f"[\n{lines}\n]\n"
