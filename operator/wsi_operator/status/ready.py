"""Ready, Progressing and Suspended."""

from __future__ import annotations

from typing import Literal

from wsi_operator.status.condition import Condition
from wsi_operator.status.observation import MigrationState, Observation
from wsi_operator.status.workload import Workload


def ready(seen: Observation) -> Condition:
    """True only when the wanted image is migrated to and rolled out, and both Deployments are available."""
    reason, message = _verdict(seen)
    return Condition("Ready", "True" if reason == "Available" else "False", reason, message)


def progressing(seen: Observation) -> Condition:
    """Whether the operator or the cluster is still at work, as opposed to waiting for somebody."""
    reason, message = _verdict(seen)
    if reason == "Available":
        return Condition("Progressing", "False", "Complete", "Everything is rolled out.")
    status: Literal["True", "False"] = "True" if reason in ("Migrating", "RollingOut") else "False"
    return Condition("Progressing", status, reason, message)


def suspended(seen: Observation) -> Condition:
    """As the spec says."""
    if seen.suspended:
        return Condition("Suspended", "True", "Suspended", "No pods run while spec.suspend is true.")
    return Condition("Suspended", "False", "Active", "It is not suspended.")


def _verdict(seen: Observation) -> tuple[str, str]:
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
    return _rolled_out(seen)


def _rolled_out(seen: Observation) -> tuple[str, str]:
    scaling = seen.scaling
    least = scaling.least if scaling is not None and scaling.autoscaled else None
    if scaling is not None and not scaling.autoscaled and scaling.replicas == 0:
        return (
            "ScaledToZero",
            "tiles.replicas is 0, so no slides are served: raise it, or say suspend: true if that is meant.",
        )
    waits = []
    for what, workload, enough in (("tiles", seen.tiles, least), ("indexer", seen.indexer, None)):
        if workload is None:
            waits.append(f"The Deployment of the {what} is not there yet.")
        elif not workload.serves(enough):
            waits.append(_waits_for(what, workload))
    if not waits:
        return "Available", "Slides are served."
    refused = [w.refusal for w in (seen.tiles, seen.indexer) if w is not None and w.refusal]
    if seen.failing or refused:
        # Of an upgrade that is stuck, say, as opposed to a service that is down.
        meanwhile = ["Other tile pods serve meanwhile."] if seen.tiles is not None and seen.tiles.available else []
        return "PodsFailing", " ".join([*seen.failing, *refused, *meanwhile])
    return "RollingOut", " ".join(waits)


def _waits_for(what: str, workload: Workload) -> str:
    return f"{what.capitalize()}: {min(workload.ready, workload.wanted)} of {workload.wanted} pods are ready."
