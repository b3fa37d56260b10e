"""The gate before a roll-out: the database's schema is brought to what the wanted image needs, by a Job."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from wsi_operator.reconcile.pods import ended_with
from wsi_operator.status.condition import shortened
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


def never_had_a_pod(job: Mapping[str, Any]) -> bool:
    """Whether a Job was begun and none of its pods is there, or was. A Job's conditions don't tell why."""
    status: Mapping[str, Any] = job.get("status") or {}
    return bool(status.get("startTime")) and not any(status.get(count) for count in ("active", "failed", "succeeded"))


def refusal_of(events: Iterable[Mapping[str, Any]], job: str) -> str:
    """Why the cluster made no pod, by the newest of a Job's FailedCreate events; empty where there is none."""
    newest = max(events, key=_seen_at, default={})
    message = str(newest.get("message") or "").removeprefix("(combined from similar events): ")
    cause = message.removeprefix("Error creating: ")
    # Each try has a name of its own, and each new sentence is a write.
    return shortened(re.sub(rf"{re.escape(job)}-[a-z0-9]+", job, cause), 500).rstrip(".")


def blocked(job: str, cause: str) -> Migration:
    """No pod can be made."""
    message = (
        f"The migration of the database can't begin, since the cluster refuses its pod: {cause}. Nothing was rolled out. "
        f"The Job '{job}' tries again by itself; what is changed in the spec counts at once."
    )
    return Migration(MigrationState.BLOCKED, message)


def failed(job: Mapping[str, Any], pods: Iterable[Mapping[str, Any]], cause: str = "") -> Migration:
    """What a failed Job left to be said. ``cause``: why no pod could be made, where there is none."""
    words = ""
    pods = tuple(pods)
    for pod in sorted(pods, key=lambda pod: str((pod.get("metadata") or {}).get("creationTimestamp") or "")):
        for container in (pod.get("status") or {}).get("containerStatuses") or ():
            ended = (container.get("state") or {}).get("terminated") or (container.get("lastState") or {}).get(
                "terminated"
            )
            words = ended_with(ended or {}) or words
    name = (job.get("metadata") or {}).get("name")
    words += "".join(f" ({said})" for said in (_end_of(job),) if said)
    if cause:
        words += f"; the cluster refused its pod: {cause}"
    see = f"see the logs of the Job '{name}'" if pods else f"no pod of it is left: see kubectl describe job '{name}'"
    message = (
        f"The migration of the database failed{words}. Nothing was rolled out. It is tried again in some minutes, and at "
        f"once when the spec or a Secret that it names changes; {see}."
    )
    return Migration(MigrationState.FAILED, message)


def _end_of(job: Mapping[str, Any]) -> str:
    """What the Job itself says on its failure: DeadlineExceeded, say."""
    for condition in (job.get("status") or {}).get("conditions") or ():
        if condition.get("type") == "Failed" and condition.get("status") == "True":
            parts = (str(condition.get(part) or "").rstrip(".") for part in ("reason", "message"))
            return shortened(": ".join(part for part in parts if part), 200)
    return ""


def _seen_at(event: Mapping[str, Any]) -> str:
    """RFC 3339, so in the order of time as text."""
    return str(event.get("lastTimestamp") or event.get("eventTime") or event["metadata"].get("creationTimestamp") or "")


def due_again(outcome: Outcome, now: datetime) -> bool:
    """Whether a failed Job should be done over."""
    return outcome.failed_at is not None and now - outcome.failed_at >= RETRY_AFTER


def _time(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None
