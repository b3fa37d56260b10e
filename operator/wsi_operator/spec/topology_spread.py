"""Keeping workers apart."""

from __future__ import annotations

from dataclasses import dataclass

from wsi_operator.spec.fields import Fields


@dataclass(frozen=True, slots=True)
class TopologySpread:
    """So that one node or zone that fails doesn't take all workers with it."""

    topology_key: str
    max_skew: int
    when_unsatisfiable: str

    @classmethod
    def of(cls, fields: Fields) -> TopologySpread | None:
        """From ``spec.tiles.topologySpread``; None where it is off."""
        if not fields.flag("enabled"):
            return None
        return cls(fields.text("topologyKey"), fields.integer("maxSkew"), fields.text("whenUnsatisfiable"))
