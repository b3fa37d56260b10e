from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from wsi_operator.reconcile.migration import due_again, failed, outcome_of
from wsi_operator.status.observation import MigrationState

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def job(*conditions: tuple[str, str]) -> dict[str, Any]:
    told = [
        {"type": kind, "status": status, "lastTransitionTime": "2026-01-01T00:00:00Z"} for kind, status in conditions
    ]
    return {"metadata": {"name": "x-migrate-1"}, "status": {"conditions": told}}


def test_outcomes() -> None:
    assert outcome_of({}).state is MigrationState.RUNNING
    assert outcome_of(job(("SuccessCriteriaMet", "True"))).state is MigrationState.RUNNING
    assert outcome_of(job(("Complete", "True"))).state is MigrationState.DONE
    assert outcome_of(job(("Complete", "False"))).state is MigrationState.RUNNING


def test_a_failed_one_is_done_over_after_some_minutes() -> None:
    outcome = outcome_of(job(("Failed", "True")))
    assert outcome.state is MigrationState.FAILED
    assert not due_again(outcome, NOW + timedelta(minutes=4))
    assert due_again(outcome, NOW + timedelta(minutes=5))
    assert not due_again(outcome_of(job(("Complete", "True"))), NOW + timedelta(days=1))


def test_its_last_words_are_passed_on() -> None:
    pods: list[dict[str, Any]] = [
        {
            "metadata": {"creationTimestamp": f"2026-01-01T00:0{n}:00Z"},
            "status": {"containerStatuses": [{"state": {"terminated": {"exitCode": n, "message": f"try {n}"}}}]},
        }
        for n in (2, 1)
    ]
    message = failed(job(("Failed", "True")), pods).message
    assert "failed with code 2: try 2." in message
    assert "Job 'x-migrate-1'" in message
