"""Who the pods are."""

from __future__ import annotations

from wsi_operator.resources.kinds import SERVICE_ACCOUNT
from wsi_operator.resources.labels import Manifest, child
from wsi_operator.spec.streamer import WSIStreamer


def service_account(streamer: WSIStreamer) -> Manifest:
    """Nothing in the pods talks to the API server; annotations give them a role at the object store (web identity)."""
    return child(
        streamer,
        SERVICE_ACCOUNT,
        streamer.name,
        annotations=streamer.spec.storage.service_account_annotations,
        automountServiceAccountToken=False,
    )
