"""The whole status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wsi_operator.status import catalog, ready
from wsi_operator.status.condition import Condition, kept, written
from wsi_operator.status.observation import MigrationState, Observation
from wsi_operator.status.scaling import scaling_active


def status_of(seen: Observation, old: Mapping[str, Any], now: str) -> dict[str, Any]:
    """What the status should say; ``old`` is what it says, ``now`` the time (RFC 3339).

    What isn't known now stays as it was told last.
    """
    before = old.get("conditions") or []
    storage, database = catalog.storage(seen, before), catalog.database(seen, before)
    conditions = [
        ready.ready(seen, old, storage=storage, database=database),
        ready.progressing(seen, old),
        storage,
        database,
        catalog.index(seen, before),
        ready.suspended(seen),
        _scaling(seen, before),
    ]
    status: dict[str, Any] = {
        **{key: old[key] for key in _KEPT if key in old},
        "observedGeneration": seen.generation,
        "conditions": written(conditions, before, seen.generation, now),
        **_tiles(seen),
        **_catalog(seen),
    }
    if seen.url:
        status["url"] = seen.url
    if seen.reindexed is not None:
        status["observedReindexRequest"] = seen.reindexed
    if seen.migration.state is MigrationState.DONE:
        status["migration"] = seen.job
    if conditions[0].status == "True" and seen.migration.state is MigrationState.DONE:
        status["image"] = seen.image
    return status


_KEPT = (
    "replicas",
    "readyReplicas",
    "selector",
    "slides",
    "lastScanTime",
    "observedReindexRequest",
    "image",
    "migration",
    "url",
)


def _scaling(seen: Observation, before: list[Mapping[str, Any]]) -> Condition:
    if seen.scaling is not None:
        return scaling_active(seen.scaling, suspended=seen.suspended)
    unknown = Condition("ScalingActive", "Unknown", "InvalidSpec", "The spec is not understood.")
    return kept("ScalingActive", before, unknown)


def _tiles(seen: Observation) -> dict[str, Any]:
    if seen.tiles is None:
        return {}
    return {"replicas": seen.tiles.replicas, "readyReplicas": seen.tiles.ready, "selector": seen.tiles.selector}


def _catalog(seen: Observation) -> dict[str, Any]:
    if seen.catalog is None or not seen.catalog.database:
        return {}
    slides = seen.catalog.slides
    told: dict[str, Any] = {
        "slides": {
            "indexed": slides.get("indexed", 0),
            "failed": slides.get("failed", 0),
            "unsupported": slides.get("unsupported", 0),
            "backlog": seen.catalog.backlog,
        }
    }
    scan = seen.catalog.last_scan
    if scan is not None and scan.finished_at is not None and not scan.error:
        told["lastScanTime"] = scan.finished_at
    return told


def patch_of(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any] | None:
    """The merge patch from one status to the other; None when they say the same."""
    changed = {key: value for key, value in new.items() if old.get(key) != value}
    changed |= {key: None for key in old if key not in new}
    return changed or None
