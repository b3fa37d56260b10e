"""The Secret with the tokens of the admin API."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from typing import Any

from wsi_operator.kube.address import Address
from wsi_operator.kube.client import KubeClient
from wsi_operator.kube.errors import NotFound
from wsi_operator.reconcile.ownership import owned_by
from wsi_operator.resources.admin_secret import ADMIN_TOKEN, TOKEN_KEYS, admin_secret
from wsi_operator.resources.labels import MANAGER
from wsi_operator.resources.names import admin_secret_name
from wsi_operator.spec.streamer import WSIStreamer


class NameTaken(Exception):
    """A Secret of that name belongs to somebody else. The message says what to do."""


async def ensure_admin_secret(client: KubeClient, streamer: WSIStreamer) -> Mapping[str, Any]:
    """The Secret as it is now. Made when it isn't there; a key that is missing is added; a value is never replaced.

    Raises:
        NameTaken: it is there, and not ours.
    """
    name = admin_secret_name(streamer.name)
    address = Address("v1", "secrets", streamer.namespace)
    try:
        live = await client.get(address.of(name))
    except NotFound:
        manifest = admin_secret(streamer, {key: _token() for key in TOKEN_KEYS})
        return await client.create(address, manifest, manager=MANAGER)
    if not owned_by(live, streamer.uid):
        raise NameTaken(
            f"There is a Secret '{name}' that does not belong to this resource: delete or rename it, "
            "or give the resource another name."
        )
    lacks = [key for key in TOKEN_KEYS if not (live.get("data") or {}).get(key)]
    if not lacks:
        return live
    data = {key: base64.b64encode(_token().encode()).decode() for key in lacks}
    version = live["metadata"]["resourceVersion"]  # somebody else may add the same key just now
    patch = {"metadata": {"resourceVersion": version}, "data": data}
    return await client.merge_patch(address.of(name), patch, manager=MANAGER)


def token_of(secret: Mapping[str, Any]) -> str:
    """The operator's own token for the admin API."""
    return base64.b64decode((secret.get("data") or {}).get(ADMIN_TOKEN) or "").decode()


def _token() -> str:
    return secrets.token_urlsafe(32)
