"""The record of who saw what."""

from __future__ import annotations

from dataclasses import dataclass

from wsi_operator.spec.fields import Fields
from wsi_operator.spec.quantity import amount, canonical


@dataclass(frozen=True, slots=True)
class Audit:
    """How long it is kept, and where records go while Postgres is away."""

    retention_months: int
    """0: all of it is kept."""

    required: bool
    spool_claim: str | None
    """A claim of a volume that many pods may write; None: each pod's own, gone with it."""

    spool_size: str
    """A quantity, in the API server's form."""

    @classmethod
    def of(cls, fields: Fields) -> Audit:
        """From ``spec.access.audit``."""
        volume = fields.object("spoolVolume")
        return cls(
            retention_months=fields.integer("retention"),
            required=fields.flag("required"),
            spool_claim=volume.maybe_text("claimName"),
            spool_size=canonical(volume.quantity("sizeLimit"), volume.at("sizeLimit")),
        )

    def spool_bytes(self) -> int:
        """Of records at most. An eighth less than the volume: a pod whose emptyDir is over its limit is evicted, and its
        records with it."""
        return int(amount(self.spool_size, "spec.access.audit.spoolVolume.sizeLimit")) * 7 // 8
