"""Whether a child still is as it was applied, told without a write."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wsi_operator.reconcile.ownership import applied_fields


@dataclass(frozen=True, slots=True)
class Applied:
    """What is remembered of a child after it was applied."""

    uid: str
    wanted: str
    """A digest of the manifest."""

    fields: str
    """A digest of the fields that we owned then."""

    @classmethod
    def of(cls, manifest: Mapping[str, Any], answer: Mapping[str, Any]) -> Applied:
        """From what was sent, and the object that the server made of it."""
        return cls(str(answer["metadata"]["uid"]), digest(manifest), digest(applied_fields(answer)))

    def drifted(self, manifest: Mapping[str, Any], live: Mapping[str, Any]) -> bool:
        """Whether the child must be applied again: other content is wanted, it is another object, or somebody has changed
        or removed a field of ours (that takes it off the fields that we own)."""
        return self != Applied.of(manifest, live)

    def is_repair(self, manifest: Mapping[str, Any], live: Mapping[str, Any]) -> bool:
        """Whether the same content was applied to the same object before."""
        return self.uid == live["metadata"]["uid"] and self.wanted == digest(manifest)


def digest(value: object) -> str:
    """Of anything that JSON can hold; the order of keys doesn't count."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
