from __future__ import annotations

from typing import Any

import pytest

from wsi_operator.reconcile.pods import failing_pods, last_exit


def pod(
    component: str = "tiles", *, waiting: dict[str, Any] | None = None, last: dict[str, Any] | None = None, **meta: Any
) -> Any:
    container = {
        "state": {"waiting": waiting} if waiting else {"running": {}},
        "lastState": {"terminated": last} if last else {},
    }
    labels = {"app.kubernetes.io/component": component}
    return {"metadata": {"labels": labels, **meta}, "status": {"containerStatuses": [container]}}


def test_pods_that_run_are_not_mentioned() -> None:
    assert failing_pods([pod(), pod("indexer")]) == ()


def test_the_same_of_many_pods_is_said_once() -> None:
    waiting = {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}
    (said,) = failing_pods([pod(waiting=waiting), pod(waiting=waiting)])
    assert said.startswith("Tiles: ImagePullBackOff: check image.repository")


def test_a_failed_pull_is_told_by_its_cause_and_alike_from_one_try_to_the_next() -> None:
    def words(reason: str, beginning: str, port: int) -> str:
        message = (
            f'{beginning}rpc error: code = Unknown desc = failed to pull and unpack image "r.test/a:1": failed to do request: '
            f'Head "https://r.test/v2": dial tcp: lookup r.test: read udp 10.0.0.2:{port}->10.96.0.10:53: i/o timeout'
        )
        (said,) = failing_pods([pod(waiting={"reason": reason, "message": message})])
        return said

    first = words("ErrImagePull", "", 41_234)
    assert first.endswith("i/o timeout).")
    assert first == words("ImagePullBackOff", 'Back-off pulling image "r.test/a:1": ErrImagePull: ', 50_001)


def test_a_container_that_fails_is_told_alike_while_it_waits_runs_and_has_just_ended() -> None:
    last = {"exitCode": 3, "message": "Error: The bucket does not exist.\n"}
    states = ({"waiting": {"reason": "CrashLoopBackOff"}}, {"running": {}}, {"terminated": last})
    told = set()
    for state in states:
        failing = pod(last=last)
        failing["status"]["containerStatuses"][0] |= {"state": state, "ready": False, "restartCount": 2}
        told |= set(failing_pods([failing]))
    assert told == {"Tiles: the container exits again and again with code 3: The bucket does not exist."}


def test_last_words_and_no_seconds_that_change() -> None:
    waiting = {"reason": "CrashLoopBackOff", "message": "back-off 40s restarting failed container"}
    last = {"exitCode": 2, "reason": "Error", "message": "first\nWSI_S3_BUCKET is missing\n"}
    assert failing_pods([pod(waiting=waiting, last=last)]) == (
        "Tiles: the container exits again and again with code 2: WSI_S3_BUCKET is missing.",
    )


def test_a_migration_that_is_tried_again_tells_why() -> None:
    ended = {"terminated": {"exitCode": 1, "message": "the database doesn't answer\n"}}
    labels = {"app.kubernetes.io/component": "migrate"}
    body = {"metadata": {"labels": labels}, "status": {"phase": "Failed", "containerStatuses": [{"state": ended}]}}
    assert failing_pods([body]) == ("Migrate: the container ended with code 1: the database doesn't answer.",)
    assert failing_pods([{**body, "status": {**body["status"], "phase": "Running"}}]) == ()  # type: ignore[dict-item]


def test_memory() -> None:
    last = {"exitCode": 137, "reason": "OOMKilled"}
    (said,) = failing_pods([pod(waiting={"reason": "CrashLoopBackOff"}, last=last)])
    assert "resources.limits.memory" in said


def test_no_node() -> None:
    unplaced = {
        "type": "PodScheduled",
        "status": "False",
        "reason": "Unschedulable",
        "message": "0/1 nodes are available",
    }
    body = {"metadata": {"labels": {"app.kubernetes.io/component": "indexer"}}, "status": {"conditions": [unplaced]}}
    assert failing_pods([body]) == ("Indexer: no node takes the pods: 0/1 nodes are available",)


def test_pods_that_go_and_such_as_just_start_do_not_count() -> None:
    assert failing_pods([pod(waiting={"reason": "ErrImagePull"}, deletionTimestamp="now")]) == ()
    assert failing_pods([pod(waiting={"reason": "ContainerCreating"})]) == ()


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ({"ready": False, "lastState": {"terminated": {"exitCode": 3}}}, 3),
        ({"ready": False, "state": {"terminated": {"exitCode": 4}}, "lastState": {"terminated": {"exitCode": 3}}}, 4),
        ({"ready": True, "lastState": {"terminated": {"exitCode": 3}}}, None),
        ({"ready": False, "state": {"running": {}}}, 1),  # the older one's, until this one tells
    ],
)
def test_what_a_component_ended_with(status: dict[str, Any], code: int | None) -> None:
    def pod(component: str, at: str, container: dict[str, Any]) -> dict[str, Any]:
        labels = {"app.kubernetes.io/component": component}
        return {"metadata": {"labels": labels, "creationTimestamp": at}, "status": {"containerStatuses": [container]}}

    older = {"ready": False, "lastState": {"terminated": {"exitCode": 1}}}
    pods = [
        pod("indexer", "2026-01-01", older),
        pod("indexer", "2026-01-02", status),
        pod("tiles", "2026-01-03", older),
    ]
    ended = last_exit(pods, ("indexer",))
    assert (None if ended is None else ended.code) == code


def test_a_migration_that_runs_again_has_not_taken_back_what_the_last_one_ended_with() -> None:
    def pod(at: str, container: dict[str, Any]) -> dict[str, Any]:
        labels = {"app.kubernetes.io/component": "migrate"}
        return {"metadata": {"labels": labels, "creationTimestamp": at}, "status": {"containerStatuses": [container]}}

    ended = pod("2026-01-01", {"ready": False, "state": {"terminated": {"exitCode": 4}}})
    runs = pod("2026-01-02", {"ready": True, "state": {"running": {}}})
    done = pod("2026-01-03", {"ready": False, "state": {"terminated": {"exitCode": 0}}})
    found = [last_exit(pods, ("migrate",)) for pods in ([ended, runs], [ended, runs, done])]
    assert [one.code for one in found if one] == [4, 0]


def test_what_it_said_is_known_from_its_first_end_on() -> None:
    ended = {"terminated": {"exitCode": 3, "message": "Error: The bucket does not exist.\n"}}
    body = pod("indexer")
    body["status"]["containerStatuses"][0] |= {"state": ended, "ready": False, "restartCount": 0}
    assert failing_pods([body]) == ()  # once may be nothing
    found = last_exit([body], ("indexer",))
    assert found is not None
    assert found.words == "Indexer: the container ended with code 3: The bucket does not exist."
