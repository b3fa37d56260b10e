"""Ready, Progressing and Suspended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from wsi_operator.status.condition import Condition
from wsi_operator.status.observation import MigrationState, Observation
from wsi_operator.status.workload import Workload

_SERVED = "Slides are served."


def ready(seen: Observation, old: Mapping[str, Any], *, storage: Condition, database: Condition) -> Condition:
    """True only when the wanted image is migrated to and rolled out, and both Deployments are available; once they were, it
    stays so for this generation while pods that were lost are replaced and one for tiles is ready. ``old``: the status so far."""
    reason, message = _verdict(seen, old)
    if reason != "Available":
        return Condition("Ready", "False", reason, message)
    # Who reads this line alone must learn what is not well, though pods serve.
    if database.status == "False":
        message = "Slides that are open are served; the database can't be reached: see DatabaseReachable."
    elif storage.status == "False":
        message = "Slides are served; the last scan of the bucket failed: see StorageReachable."
    return Condition("Ready", "True", reason, message)


def progressing(seen: Observation, old: Mapping[str, Any]) -> Condition:
    """Whether the operator or the cluster is still at work, as opposed to waiting for somebody."""
    reason, message = _verdict(seen, old)
    waits = _waits(seen)
    if reason == "Available" and waits and _complaints(seen):
        return Condition("Progressing", "False", "PodsFailing", " ".join(_complaints(seen)))
    if reason == "Available" and waits:
        return Condition("Progressing", "True", "ReplacingPods", " ".join(waits))
    if reason == "Available":
        return Condition("Progressing", "False", "Complete", "Everything is rolled out.")
    status: Literal["True", "False"] = "True" if reason in ("Migrating", "RollingOut") else "False"
    return Condition("Progressing", status, reason, message)


def suspended(seen: Observation) -> Condition:
    """As the spec says."""
    if seen.suspended:
        return Condition("Suspended", "True", "Suspended", "No pods run while spec.suspend is true.")
    return Condition("Suspended", "False", "Active", "It is not suspended.")


def _verdict(seen: Observation, old: Mapping[str, Any]) -> tuple[str, str]:
    if seen.trouble is not None:
        return seen.trouble.reason, seen.trouble.message
    if seen.suspended:
        return "Suspended", "No slides are served: set spec.suspend to false to serve them again."
    if seen.refusals:
        return seen.refusals[0].reason, " ".join(refusal.message for refusal in seen.refusals)
    migration = seen.migration
    if migration.state is MigrationState.FAILED:
        return "MigrationFailed", migration.message
    if migration.state is MigrationState.BLOCKED:
        return "MigrationBlocked", migration.message
    if migration.state is not MigrationState.DONE:
        if seen.failing:
            return "PodsFailing", " ".join(seen.failing)
        return "Migrating", "The database's schema is brought up to date for the wanted image."
    return _rolled_out(seen, old)


def _rolled_out(seen: Observation, old: Mapping[str, Any]) -> tuple[str, str]:
    scaling = seen.scaling
    if scaling is not None and not scaling.autoscaled and scaling.replicas == 0:
        return (
            "ScaledToZero",
            "tiles.replicas is 0, so no slides are served: raise it, or say suspend: true if that is meant.",
        )
    waits = _waits(seen)
    if not waits:
        return "Available", _SERVED
    failing = _complaints(seen)
    if _only_lost_pods(seen, old):
        return "Available", "Slides are served, by fewer pods than wanted: see Progressing." if failing else _SERVED
    if failing:
        return "PodsFailing", " ".join([*failing, *_meanwhile(seen, old)])
    return "RollingOut", " ".join(waits)


def _complaints(seen: Observation) -> list[str]:
    """Why pods fail, or aren't even made."""
    return [*seen.failing, *(w.refusal for w in (seen.tiles, seen.indexer) if w is not None and w.refusal)]


def _only_lost_pods(seen: Observation, old: Mapping[str, Any]) -> bool:
    """Whether this very spec was available and nothing is to be rolled out since: pods went, and others come for them. A new
    number of pods is a new generation, which is ready when they are. An indexer that fails is more than a pod that is lost."""
    was: Mapping[str, Any] = next((c for c in old.get("conditions") or () if c.get("type") == "Ready"), {})
    if was.get("status") != "True" or was.get("observedGeneration") != seen.generation:
        return False
    if _complaints(seen) and not (seen.indexer is not None and seen.indexer.serves()):
        return False
    return all(w is not None and w.complete for w in (seen.tiles, seen.indexer)) and bool(
        seen.tiles and seen.tiles.ready
    )


def _meanwhile(seen: Observation, old: Mapping[str, Any]) -> list[str]:
    """An upgrade that is stuck, say, as opposed to a service that is down. Without an indexer that runs, or ever did, there
    are no slides to serve (``image`` is in the status from the first time on that all was ready)."""
    indexes = seen.indexer is not None and seen.indexer.serves()
    if seen.tiles is None or not seen.tiles.available or not (indexes or "image" in old):
        return []
    tiles_fail = bool(seen.tiles.refusal) or any(said.startswith("Tiles:") for said in seen.failing)
    return [f"{'Other tile' if tiles_fail else 'Tile'} pods serve meanwhile."]


def _waits(seen: Observation) -> list[str]:
    """A sentence for each Deployment that isn't as it should be."""
    scaling = seen.scaling
    least = scaling.least if scaling is not None and scaling.autoscaled else None
    waits = []
    for what, workload, enough in (("tiles", seen.tiles, least), ("indexer", seen.indexer, None)):
        if workload is None:
            waits.append(f"The Deployment of the {what} is not there yet.")
        elif not workload.serves(enough):
            waits.append(_waits_for(what, workload))
    return waits


def _waits_for(what: str, workload: Workload) -> str:
    return f"{what.capitalize()}: {min(workload.ready, workload.wanted)} of {workload.wanted} pods are ready."
