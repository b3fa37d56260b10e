"""Names of the children, all within 63 characters for a resource's name of 40."""

from __future__ import annotations

import hashlib
import json
from typing import Any

HASH_DIGITS = 8


def admin_secret_name(name: str) -> str:
    """Of the Secret with the tokens of the admin API."""
    return f"{name}-admin"


def access_config_map_name(name: str) -> str:
    """Of the ConfigMap with the rules for identities."""
    return f"{name}-access"


def tiles_name(name: str) -> str:
    """Of what belongs to the tile workers alone."""
    return f"{name}-tiles"


def indexer_name(name: str) -> str:
    """Of what belongs to the indexer."""
    return f"{name}-indexer"


def jobs_name(name: str) -> str:
    """Of what belongs to the pods that end."""
    return f"{name}-jobs"


def migration_name(name: str, template: Any) -> str:
    """Of the Job that brings the database to a release. A Job's pod can't be changed, so another pod is another Job."""
    return f"{name}-migrate-{short_hash(template)}"


def audit_name(name: str) -> str:
    """Of the CronJob for the audit log."""
    return f"{name}-audit"


def short_hash(value: Any) -> str:
    """Of anything that JSON can say, whatever the order of its keys."""
    said = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:HASH_DIGITS]
