from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from wsi_operator.indexer_api import IndexerStatus, LastScan
from wsi_operator.status.condition import transitions
from wsi_operator.status.observation import Migration, MigrationState, Observation, Scaling, Trouble
from wsi_operator.status.spoilt import spoilt
from wsi_operator.status.status import patch_of, status_of
from wsi_operator.status.workload import Workload

THEN, NOW = "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"
WORKLOAD = Workload(2, 2, 2, 2, complete=True, enough=True, refusal="", selector="a=b")
SCAN = LastScan(THEN, THEN, None)
CATALOG = IndexerStatus(True, {"indexed": 5, "failed": 1}, 0, SCAN)
FINE = Observation(
    generation=3,
    suspended=False,
    trouble=None,
    refusals=(),
    migration=Migration(MigrationState.DONE),
    tiles=WORKLOAD,
    indexer=WORKLOAD,
    failing=(),
    exit_code=None,
    scaling=Scaling(2, autoscaled=False, least=0, most=0, scale_used=False),
    catalog=CATALOG,
    silence="",
    url="http://x.n.svc",
    image="i:1",
    job="x-migrate-1",
    reindexed=None,
)


def condition(seen: Observation, kind: str, old: dict[str, Any] | None = None) -> tuple[str, str]:
    found = next(c for c in status_of(seen, old or {}, NOW)["conditions"] if c["type"] == kind)
    return found["status"], found["reason"]


@pytest.mark.parametrize(
    ("changes", "status", "reason"),
    [
        ({}, "True", "Available"),
        ({"trouble": Trouble("SecretMissing", "m")}, "False", "SecretMissing"),
        ({"trouble": Trouble("NameTaken", "m"), "suspended": True}, "False", "NameTaken"),
        ({"suspended": True}, "False", "Suspended"),
        ({"refusals": (Trouble("ApiRefused", "m"),)}, "False", "ApiRefused"),
        ({"migration": Migration(MigrationState.RUNNING)}, "False", "Migrating"),
        ({"migration": Migration(MigrationState.RUNNING), "failing": ("no image",)}, "False", "PodsFailing"),
        ({"migration": Migration(MigrationState.FAILED, "m")}, "False", "MigrationFailed"),
        ({"migration": Migration(MigrationState.BLOCKED, "m")}, "False", "MigrationBlocked"),
        ({"tiles": None}, "False", "RollingOut"),
        ({"scaling": Scaling(0, autoscaled=False, least=0, most=0, scale_used=True)}, "False", "ScaledToZero"),
        (
            {"scaling": Scaling(2, True, 2, 6, False), "tiles": replace(WORKLOAD, wanted=0, available=0)},
            "False",
            "RollingOut",
        ),
        ({"indexer": replace(WORKLOAD, complete=False)}, "False", "RollingOut"),
        ({"tiles": replace(WORKLOAD, enough=False)}, "False", "RollingOut"),
        ({"tiles": replace(WORKLOAD, enough=False), "failing": ("crash",)}, "False", "PodsFailing"),
        ({"tiles": replace(WORKLOAD, enough=False, refusal="quota")}, "False", "PodsFailing"),
        ({"failing": ("one of many",)}, "True", "Available"),
    ],
)
def test_ready(changes: dict[str, Any], status: str, reason: str) -> None:
    seen = replace(FINE, **changes)
    assert condition(seen, "Ready") == (status, reason)
    progressing = condition(seen, "Progressing")
    assert progressing == (("False", "Complete") if status == "True" else (_at_work(reason), reason))


def test_an_upgrade_that_is_stuck_is_told_from_a_service_that_is_down() -> None:
    stuck = replace(FINE, tiles=replace(WORKLOAD, complete=False), failing=("Tiles: no image.",))
    down = replace(stuck, tiles=replace(WORKLOAD, complete=False, available=0))
    said = [status_of(seen, {}, NOW)["conditions"][0]["message"] for seen in (stuck, down)]
    assert said == ["Tiles: no image. Other tile pods serve meanwhile.", "Tiles: no image."]


def test_nothing_is_served_before_there_was_an_indexer() -> None:
    words = "Indexer: the container exits again and again with code 3: The bucket does not exist."
    seen = replace(FINE, indexer=replace(WORKLOAD, ready=0, available=0, enough=False), failing=(words,))
    first, later = (status_of(seen, old, NOW)["conditions"][0]["message"] for old in ({}, {"image": "i:1"}))
    assert first == words
    assert later == f"{words} Tile pods serve meanwhile."


def _at_work(reason: str) -> str:
    return "True" if reason in ("Migrating", "RollingOut") else "False"


def test_an_autoscaler_that_adds_pods_does_not_make_it_unready() -> None:
    growing = replace(WORKLOAD, wanted=6, available=3, enough=False)
    scaled = Scaling(2, autoscaled=True, least=2, most=6, scale_used=False)
    assert condition(replace(FINE, tiles=growing, scaling=scaled), "Ready") == ("True", "Available")
    few = replace(growing, available=1)
    assert condition(replace(FINE, tiles=few, scaling=scaled), "Ready") == ("False", "RollingOut")


@pytest.mark.parametrize(
    ("catalog", "message"),
    [
        (CATALOG, "Slides are served."),
        (
            IndexerStatus(False, {}, 0, None),
            "Slides that are open are served; the database can't be reached: see DatabaseReachable.",
        ),
        (
            replace(CATALOG, last_scan=LastScan(THEN, THEN, "no bucket")),
            "Slides are served; the last scan of the bucket failed: see StorageReachable.",
        ),
        (None, "Slides are served."),
    ],
)
def test_a_service_that_is_ready_says_what_is_not_well(catalog: IndexerStatus | None, message: str) -> None:
    told = status_of(replace(FINE, catalog=catalog), {}, NOW)["conditions"][0]
    assert (told["status"], told["message"]) == ("True", message)


def test_a_lost_pod_that_is_replaced_does_not_make_it_unready() -> None:
    before = status_of(FINE, {}, THEN)
    lost = replace(FINE, tiles=replace(WORKLOAD, ready=1, available=1, enough=False))
    during = status_of(lost, before, NOW)
    assert during["conditions"][0] == before["conditions"][0]
    assert during["conditions"][1]["status"] == "True"
    assert during["conditions"][1]["message"] == "Tiles: 1 of 2 pods are ready."
    assert condition(lost, "Ready", during) == ("True", "Available")
    assert condition(FINE, "Progressing", during) == ("False", "Complete")


def test_a_tile_pod_that_finds_no_node_is_told_while_the_other_serves() -> None:
    before = status_of(FINE, {}, THEN)
    words = "Tiles: no node takes the pods: 0/2 nodes are available"
    lost = replace(FINE, tiles=replace(WORKLOAD, ready=1, available=1, enough=False), failing=(words,))
    during = status_of(lost, before, NOW)
    ready, progressing = during["conditions"][:2]
    assert (ready["status"], ready["message"]) == (
        "True",
        "Slides are served, by fewer pods than wanted: see Progressing.",
    )
    assert (progressing["status"], progressing["reason"], progressing["message"]) == ("False", "PodsFailing", words)
    (told,) = transitions(before["conditions"], during["conditions"])
    assert (told.condition.type, told.warning) == ("Progressing", True)
    without = replace(lost, indexer=replace(WORKLOAD, ready=0, available=0, enough=False))
    assert condition(without, "Ready", during) == ("False", "PodsFailing")


@pytest.mark.parametrize(
    "changes",
    [
        {"generation": 4},  # kubectl scale, for one
        {"tiles": replace(WORKLOAD, ready=0, available=0, enough=False)},
        {"tiles": replace(WORKLOAD, complete=False, enough=False)},  # a new template
    ],
)
def test_what_is_not_only_a_lost_pod_is_rolling_out(changes: dict[str, Any]) -> None:
    few = replace(WORKLOAD, ready=1, available=1, enough=False)
    seen = replace(FINE, **{"tiles": few, **changes})
    assert condition(seen, "Ready", status_of(FINE, {}, THEN)) == ("False", "RollingOut")


@pytest.mark.parametrize(
    ("catalog", "storage", "database", "index"),
    [
        (CATALOG, "True", "True", "True"),
        (replace(CATALOG, backlog=4), "True", "True", "False"),
        (replace(CATALOG, last_scan=None), "Unknown", "True", "False"),
        (replace(CATALOG, last_scan=LastScan(THEN, None, None)), "Unknown", "True", "False"),
        (replace(CATALOG, last_scan=LastScan(THEN, THEN, "no bucket")), "False", "True", "False"),
        (IndexerStatus(False, {}, 0, None), "Unknown", "False", "Unknown"),
        (None, "Unknown", "Unknown", "Unknown"),
    ],
)
def test_what_the_indexer_tells(catalog: IndexerStatus | None, storage: str, database: str, index: str) -> None:
    seen = replace(FINE, catalog=catalog)
    found = [condition(seen, f"{kind}")[0] for kind in ("StorageReachable", "DatabaseReachable", "IndexCurrent")]
    assert found == [storage, database, index]


@pytest.mark.parametrize(
    ("code", "storage", "database"), [(3, "False", "Unknown"), (4, "Unknown", "False"), (1, "Unknown", "Unknown")]
)
def test_an_indexer_that_ends_says_by_its_code_what_it_lacks(code: int, storage: str, database: str) -> None:
    seen = replace(FINE, catalog=None, exit_code=code, failing=("Indexer: it ended: The bucket does not exist.",))
    assert condition(seen, "StorageReachable")[0] == storage
    assert condition(seen, "DatabaseReachable")[0] == database


def test_the_first_event_on_what_is_lacking_holds_the_cause_or_where_it_stands() -> None:
    def note(**changes: Any) -> list[str]:
        told = transitions([], status_of(replace(FINE, catalog=None, **changes), {}, NOW)["conditions"])
        return [t.condition.message for t in told if t.condition.type in ("StorageReachable", "DatabaseReachable")]

    words = "Indexer: the container ended with code 3: The bucket does not exist."
    assert note(exit_code=3, last_words=words) == [f"The object store can't be used. {words}"]
    migration = Migration(MigrationState.RUNNING)
    assert note(exit_code=4, migration=migration) == ["The database can't be used. See the logs of the migration."]
    assert note(exit_code=4) == ["The database can't be used. See the logs of the indexer."]


def test_a_database_that_a_migration_could_not_use_stays_so_until_one_goes_through() -> None:
    words = ("Migrate: the container ended with code 4: no such host.",)
    running = replace(FINE, catalog=None, migration=Migration(MigrationState.RUNNING), silence="No pod is ready.")
    first = status_of(replace(running, exit_code=4, failing=words), {}, THEN)
    anew = status_of(running, first, NOW)  # another Job, of which no pod has ended
    assert anew["conditions"][3] == first["conditions"][3]
    assert (anew["conditions"][3]["status"], anew["conditions"][3]["reason"]) == ("False", "DatabaseUnreachable")
    assert condition(replace(running, migration=Migration(MigrationState.DONE)), "DatabaseReachable", anew) == (
        "Unknown",
        "IndexerSilent",
    )


def test_a_scan_under_way_changes_nothing_that_was_known() -> None:
    before = status_of(FINE, {}, THEN)
    scanning = replace(FINE, catalog=replace(CATALOG, last_scan=LastScan(NOW, None, None)))
    assert patch_of(before, status_of(scanning, before, NOW)) is None


@pytest.mark.parametrize(
    ("scaling", "status", "reason"),
    [
        (Scaling(2, False, 0, 0, False), "False", "ReplicasDecide"),
        (Scaling(2, False, 0, 0, True), "False", "ReplicasDecide"),
        (Scaling(2, True, 2, 6, False), "True", "AutoscalerDecides"),
        (Scaling(5, True, 2, 6, True), "True", "ReplicasIgnored"),
        (Scaling(2, True, 2, 6, False, "no metrics"), "False", "MetricsMissing"),
    ],
)
def test_who_scales(scaling: Scaling, status: str, reason: str) -> None:
    assert condition(replace(FINE, scaling=scaling), "ScalingActive") == (status, reason)


def test_the_same_again_is_no_write_and_time_alone_is_no_change() -> None:
    first = status_of(FINE, {}, THEN)
    assert patch_of(first, status_of(FINE, first, NOW)) is None


def test_times_change_with_the_status_only() -> None:
    first = status_of(FINE, {}, THEN)
    again = status_of(replace(FINE, migration=Migration(MigrationState.RUNNING)), first, NOW)
    times = {c["type"]: c["lastTransitionTime"] for c in again["conditions"]}
    assert times["Ready"] == NOW
    assert times["StorageReachable"] == THEN
    more = status_of(replace(FINE, trouble=Trouble("InvalidSpec", "m")), again, "2026-01-01T00:02:00Z")
    assert next(c for c in more["conditions"] if c["type"] == "Ready")["lastTransitionTime"] == NOW


def test_a_migration_is_on_record_once_it_has_ended_well() -> None:
    running = status_of(replace(FINE, migration=Migration(MigrationState.RUNNING)), {}, THEN)
    assert "migration" not in running
    done = status_of(FINE, running, NOW)
    assert done["migration"] == "x-migrate-1"
    next_one = replace(FINE, migration=Migration(MigrationState.RUNNING), job="x-migrate-2")
    assert status_of(next_one, done, NOW)["migration"] == "x-migrate-1"


def test_what_is_not_known_now_stays() -> None:
    first = status_of(FINE, {}, THEN)
    silent = status_of(replace(FINE, catalog=None, silence="It is gone."), first, NOW)
    assert silent["slides"] == {"indexed": 5, "failed": 1, "unsupported": 0, "backlog": 0}
    assert silent["lastScanTime"] == THEN
    body = {"metadata": {"generation": 4}, "spec": {}}
    broken = status_of(spoilt(body, "m"), first, NOW)
    assert broken["observedGeneration"] == 4
    assert (broken["replicas"], broken["image"], broken["url"]) == (2, "i:1", "http://x.n.svc")


def test_the_image_is_told_once_it_is_rolled_out() -> None:
    first = status_of(FINE, {}, THEN)
    rolling = replace(FINE, image="i:2", tiles=replace(WORKLOAD, complete=False))
    assert status_of(rolling, first, NOW)["image"] == "i:1"
    assert status_of(replace(FINE, image="i:2"), first, NOW)["image"] == "i:2"


def test_messages_are_one_line_and_fit() -> None:
    long = replace(FINE, refusals=(Trouble("ApiRefused", "a\nb" * 1000),))
    message = status_of(long, {}, NOW)["conditions"][0]["message"]
    assert "\n" not in message
    assert len(message) == 1024


def test_transitions_are_told_once_and_not_of_what_is_only_unknown() -> None:
    first = status_of(replace(FINE, catalog=None), {}, THEN)["conditions"]
    assert [t.condition.type for t in transitions([], first)] == ["Ready"]
    second = status_of(FINE, {"conditions": first}, NOW)["conditions"]
    types = [t.condition.type for t in transitions(first, second)]
    assert types == ["StorageReachable", "DatabaseReachable", "IndexCurrent"]
    assert transitions(second, second) == ()
    third = status_of(replace(FINE, migration=Migration(MigrationState.FAILED, "m")), {}, NOW)["conditions"]
    (told,) = transitions(second, third)
    assert (told.condition.reason, told.warning) == ("MigrationFailed", True)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"catalog": None, "exit_code": 3}, "StorageUnreachable"),
        ({"catalog": None, "exit_code": 4}, "DatabaseUnreachable"),
        ({"catalog": None, "exit_code": 1, "wrong_url": True}, "DatabaseUrlInvalid"),
        ({"scaling": Scaling(0, autoscaled=False, least=0, most=0, scale_used=True)}, "ScaledToZero"),
        ({"migration": Migration(MigrationState.BLOCKED, "m")}, "MigrationBlocked"),
    ],
)
def test_what_asks_somebody_to_do_something_is_a_warning(changes: dict[str, Any], reason: str) -> None:
    told = transitions([], status_of(replace(FINE, **changes), {}, NOW)["conditions"])
    assert [t.warning for t in told if t.condition.reason == reason] == [True]
