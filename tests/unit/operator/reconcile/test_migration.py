from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from tests.unit.operator.samples import MINIMAL, situation, streamer_of
from wsi_operator.apis import Apis
from wsi_operator.kube.address import Address
from wsi_operator.kube.client import KubeClient
from wsi_operator.kube.errors import Conflict, Forbidden, NotFound
from wsi_operator.metrics import Metrics
from wsi_operator.reconcile.children import Children
from wsi_operator.reconcile.gate import JOB, migrate
from wsi_operator.reconcile.memory import Memory
from wsi_operator.reconcile.migration import due_again, failed, never_had_a_pod, outcome_of, refusal_of
from wsi_operator.resources.children import migration_job
from wsi_operator.resources.kinds import KINDS
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


def test_a_job_that_hit_its_deadline_says_so_and_names_no_logs_that_never_were() -> None:
    said = job(("Failed", "True"))
    said["status"]["conditions"][0] |= {"reason": "DeadlineExceeded", "message": "Job was active longer than specified"}
    message = failed(said, [], "exceeded quota: pods").message
    assert "failed (DeadlineExceeded: Job was active longer than specified)" in message
    assert "the cluster refused its pod: exceeded quota: pods." in message
    assert "the logs of" not in message
    assert "kubectl describe job 'x-migrate-1'" in message


@pytest.mark.parametrize(
    ("status", "never"),
    [
        ({}, False),  # only just made
        ({"startTime": "2026-01-01T00:00:00Z"}, True),
        ({"startTime": "2026-01-01T00:00:00Z", "active": 1}, False),
        ({"startTime": "2026-01-01T00:00:00Z", "failed": 1}, False),  # between two tries
    ],
)
def test_a_job_without_a_pod_is_told_from_one_that_waits(status: dict[str, Any], never: bool) -> None:
    assert never_had_a_pod({"status": status}) is never


def refused(minute: int, name: str, prefix: str = "") -> dict[str, Any]:
    why = f'{prefix}Error creating: pods "x-migrate-1-{name}" is forbidden: no PriorityClass with name gold was found'
    return {"metadata": {}, "lastTimestamp": f"2026-01-01T00:0{minute}:00Z", "message": why}


def test_the_newest_refusal_counts_and_reads_the_same_at_each_try() -> None:
    older = {"metadata": {}, "eventTime": "2026-01-01T00:00:00.000000Z", "message": "Error creating: exceeded quota"}
    told = refusal_of([refused(2, "abcde"), older], "x-migrate-1")
    assert told == 'pods "x-migrate-1" is forbidden: no PriorityClass with name gold was found'
    assert refusal_of([refused(3, "fghij", "(combined from similar events): ")], "x-migrate-1") == told
    assert refusal_of([], "x-migrate-1") == ""


class Jobs:
    """An API server that makes each Job that is applied, and tells of none: somebody deletes them."""

    def __init__(self, *failures: Exception) -> None:
        self.failures, self.made = list(failures), 0

    async def get(self, address: Address) -> dict[str, Any]:
        raise NotFound(address.path)

    async def apply(self, address: Address, manifest: dict[str, Any], *, manager: str, force: bool) -> dict[str, Any]:
        if self.failures:
            raise self.failures.pop()
        self.made += 1
        return {**manifest, "metadata": {**manifest["metadata"], "uid": f"{self.made}"}}


async def test_a_job_that_somebody_deletes_over_and_over_is_not_made_again_each_time() -> None:
    server, memory, streamer = Jobs(Conflict("busy")), Memory(""), streamer_of(MINIMAL)
    client = cast("KubeClient", server)
    job = migration_job(streamer, situation())

    async def look() -> tuple[int, bool]:
        children = Children(client, Apis(client, KINDS), Metrics(), streamer, memory)
        assert (await migrate(client, streamer, children, job, None)).state is MigrationState.RUNNING
        return server.made, children.leaving

    assert await look() == (0, False)  # one that could not be made doesn't count
    assert await look() == (1, False)
    assert await look() == (1, True)
    memory.made = {child: at - 10 for child, at in memory.made.items()}
    assert await look() == (2, False)


class Events:
    """An API server with the events of one Job, or without the right to list them."""

    def __init__(self, *events: dict[str, Any], allowed: bool = True) -> None:
        self.events, self.allowed = events, allowed

    async def list(self, address: Address, labels: str = "", fields: str = "") -> tuple[dict[str, Any], ...]:
        assert (address.path, fields) == ("/api/v1/namespaces/n/events", "involvedObject.uid=j,reason=FailedCreate")
        if not self.allowed:
            raise Forbidden("no")
        return self.events


@pytest.mark.parametrize(
    ("server", "state", "words"),
    [
        (Events(refused(1, "abcde")), MigrationState.BLOCKED, "no PriorityClass with name gold was found"),
        (Events(), MigrationState.RUNNING, ""),
        (Events(allowed=False), MigrationState.RUNNING, ""),
    ],
)
async def test_a_migration_that_gets_no_pod_says_why(server: Events, state: MigrationState, words: str) -> None:
    streamer = streamer_of(MINIMAL)
    live = {
        "metadata": {"name": "x-migrate-1", "namespace": "n", "uid": "j"},
        "status": {"startTime": "2026-01-01T00:00:00Z"},
    }
    live["metadata"]["ownerReferences"] = [{"controller": True, "uid": streamer.uid}]  # type: ignore[assignment]
    children = Children(
        cast("KubeClient", server), Apis(cast("KubeClient", server), KINDS), Metrics(), streamer, Memory("")
    )
    children.live[JOB, "x-migrate-1"] = live
    found = await migrate(cast("KubeClient", server), streamer, children, {"metadata": {"name": "x-migrate-1"}}, None)
    assert found.state is state
    assert words in found.message
