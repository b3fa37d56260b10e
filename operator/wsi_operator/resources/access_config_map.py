"""Who may do what, by the claims of an identity."""

from __future__ import annotations

from wsi_operator.resources.kinds import CONFIG_MAP
from wsi_operator.resources.labels import Manifest, child
from wsi_operator.resources.names import access_config_map_name
from wsi_operator.resources.paths import RULES_FILE
from wsi_operator.resources.rules import rules_text
from wsi_operator.spec.streamer import WSIStreamer


def access_config_map(streamer: WSIStreamer) -> Manifest | None:
    """Rules for identities; None where there are none."""
    text = rules_text(streamer)
    if text is None:
        return None
    return child(streamer, CONFIG_MAP, access_config_map_name(streamer.name), data={RULES_FILE: text})
