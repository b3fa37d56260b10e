"""Conditions, as Kubernetes writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

MAX_MESSAGE = 1024


@dataclass(frozen=True, slots=True)
class Condition:
    """One statement on the resource."""

    type: str
    status: Literal["True", "False", "Unknown"]
    reason: str
    """CamelCase, for programs."""

    message: str
    """For people."""


def written(
    conditions: Iterable[Condition], old: Iterable[Mapping[str, Any]], generation: int, now: str
) -> list[dict[str, Any]]:
    """As they stand in the status. ``now`` (RFC 3339) becomes the time of those whose status has changed."""
    before = {str(condition.get("type")): condition for condition in old}
    return [_written(condition, before.get(condition.type), generation, now) for condition in conditions]


def _written(condition: Condition, before: Mapping[str, Any] | None, generation: int, now: str) -> dict[str, Any]:
    same = before is not None and before.get("status") == condition.status and before.get("lastTransitionTime")
    return {
        "type": condition.type,
        "status": condition.status,
        "reason": condition.reason,
        "message": shortened(condition.message),
        "observedGeneration": generation,
        "lastTransitionTime": before["lastTransitionTime"] if same and before is not None else now,
    }


def shortened(message: str, limit: int = MAX_MESSAGE) -> str:
    """On one line, and not longer than a status should hold."""
    line = " ".join(message.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def kept(type: str, old: Iterable[Mapping[str, Any]], otherwise: Condition) -> Condition:  # noqa: A002 - its name in the API
    """What was said before, when nothing new is known."""
    for condition in old:
        if condition.get("type") == type and condition.get("status") in ("True", "False", "Unknown"):
            return Condition(type, condition["status"], str(condition.get("reason")), str(condition.get("message")))
    return otherwise


@dataclass(frozen=True, slots=True)
class Transition:
    """A condition that now says something else."""

    condition: Condition
    warning: bool


def transitions(old: Iterable[Mapping[str, Any]], new: Iterable[Mapping[str, Any]]) -> tuple[Transition, ...]:
    """Conditions whose status or reason differ from before. New ones count unless they only say that nothing is known. Of
    Progressing only pods that fail while Ready is True: else it says over again what Ready says."""
    new = tuple(new)
    serves = any(c["type"] == "Ready" and c["status"] == "True" for c in new)
    before = {c.get("type"): (c.get("status"), c.get("reason")) for c in old}
    found = []
    for c in new:
        if c["type"] == "Progressing" and not (serves and c["reason"] == "PodsFailing"):
            continue
        was = before.get(c["type"])
        if was == (c["status"], c["reason"]) or (was is None and c["status"] == "Unknown"):
            continue
        if was is None and c["type"] in _QUIET_AT_FIRST and c["status"] == "False":
            continue
        condition = Condition(c["type"], c["status"], c["reason"], c["message"])
        found.append(Transition(condition, warning=c["reason"] in WARNINGS))
    return tuple(found)


_QUIET_AT_FIRST = frozenset({"Suspended", "ScalingActive"})

WARNINGS = frozenset({
    "ApiRefused", "DatabaseUnreachable", "DatabaseUrlInvalid", "InvalidSpec", "MetricsMissing", "MigrationBlocked", "MigrationFailed",
    "NameTaken", "PodsFailing", "ReplicasIgnored", "ScaledToZero", "ScanFailed", "SecretMissing", "StorageUnreachable",
})  # fmt: skip
"""Reasons that ask somebody to do something."""
