"""Tokens of the admin API."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from wsi_operator.resources.kinds import SECRET
from wsi_operator.resources.labels import Manifest, child
from wsi_operator.resources.names import admin_secret_name
from wsi_operator.spec.streamer import WSIStreamer

ADMIN_TOKEN, AUDITOR_TOKEN, EVENTS_TOKEN = "admin-token", "auditor-token", "events-token"
TOKEN_KEYS = (ADMIN_TOKEN, AUDITOR_TOKEN, EVENTS_TOKEN)


def admin_secret(streamer: WSIStreamer, tokens: Mapping[str, str]) -> Manifest:
    """To be created once. The only manifest with secrets in it: it is no part of `desired`, and is never compared."""
    data = {key: base64.b64encode(tokens[key].encode()).decode("ascii") for key in TOKEN_KEYS if key in tokens}
    return child(streamer, SECRET, admin_secret_name(streamer.name), type="Opaque", data=data)
