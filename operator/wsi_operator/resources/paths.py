"""Where things are in a pod."""

from __future__ import annotations

from wsi_operator.spec.reference import Key
from wsi_operator.spec.streamer import WSIStreamer

DATA_DIR = "/data"
AUDIT_SPOOL = "/data/audit"
ACCESS_DIR = "/etc/wsi-streamer/access"
RULES_FILE = "rules.json"
CA_FILE = "ca.crt"
"""Under this name each bundle is mounted, whatever its key is called."""

STORAGE, DATABASE, OIDC = "storage", "database", "oidc"


def ca_dir(peer: str) -> str:
    """Where the bundle for a peer is mounted."""
    return f"/etc/wsi-streamer/ca/{peer}"


def ca_file(peer: str) -> str:
    """The bundle itself."""
    return f"{ca_dir(peer)}/{CA_FILE}"


def ca_bundle(streamer: WSIStreamer, peer: str) -> Key | None:
    """The bundle that a resource names for a peer."""
    spec = streamer.spec
    return {
        STORAGE: spec.storage.ca_bundle,
        DATABASE: spec.database.ca_bundle,
        OIDC: None if spec.access.oidc is None else spec.access.oidc.ca_bundle,
    }[peer]
