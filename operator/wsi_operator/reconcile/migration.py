"""The gate before a roll-out: the database's schema is brought to what the wanted image needs, by a Job."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from wsi_operator.reconcile.pods import ended_with
from wsi_operator.status.observation import Migration, MigrationState

RETRY_AFTER = timedelta(minutes=5)
"""When a Job that failed is done over. Sooner when the spec or a Secret changes: that makes another Job."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of a Job."""

    state: MigrationState
    failed_at: datetime | None = None


def outcome_of(job: Mapping[str, Any]) -> Outcome:
    """By its conditions."""
    for condition in (job.get("status") or {}).get("conditions") or ():
        if condition.get("status") != "True":
            continue
        if condition.get("type") == "Complete":
            return Outcome(MigrationState.DONE)
        if condition.get("type") == "Failed":
            return Outcome(MigrationState.FAILED, _time(condition.get("lastTransitionTime")))
    return Outcome(MigrationState.RUNNING)


def failed(job: Mapping[str, Any], pods: Iterable[Mapping[str, Any]]) -> Migration:
    """What a failed Job left to be said."""
    words = ""
    for pod in sorted(pods, key=lambda pod: str((pod.get("metadata") or {}).get("creationTimestamp") or "")):
        for container in (pod.get("status") or {}).get("containerStatuses") or ():
            ended = (container.get("state") or {}).get("terminated") or (container.get("lastState") or {}).get(
                "terminated"
            )
            words = ended_with(ended or {}) or words
    name = (job.get("metadata") or {}).get("name")
    message = (
        f"The migration of the database failed{words}. Nothing was rolled out. It is tried again in some minutes, and at "
        f"once when the spec or a Secret that it names changes; see the logs of the Job '{name}'."
    )
    return Migration(MigrationState.FAILED, message)


def due_again(outcome: Outcome, now: datetime) -> bool:
    """Whether a failed Job should be done over."""
    return outcome.failed_at is not None and now - outcome.failed_at >= RETRY_AFTER


def _time(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None
