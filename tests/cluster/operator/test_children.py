"""What a resource becomes, and what stays as it was made."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

from tests.cluster.operator.stage import SECRETS, Stage
from wsi_operator.kube.errors import NotFound

CHILDREN = {
    ("ServiceAccount", "x"),
    ("Secret", "x-admin"),
    ("Deployment", "x-indexer"),
    ("Deployment", "x-tiles"),
    ("Service", "x"),
    ("Service", "x-tiles"),
    ("Service", "x-indexer"),
    ("PodDisruptionBudget", "x-tiles"),
    ("NetworkPolicy", "x-tiles"),
    ("NetworkPolicy", "x-indexer"),
    ("NetworkPolicy", "x-jobs"),
    ("CronJob", "x-audit"),
}


async def running(stage: Stage, **spec: Any) -> None:
    await stage.secrets()
    await stage.create(**spec)
    await stage.operator.start()
    await stage.until_reason("Available")


async def test_a_resource_becomes_its_children_and_nothing_else_is_written(stage: Stage) -> None:
    await running(stage)
    children = await stage.children()
    jobs = [name for kind, name in children if kind == "Job"]
    assert len(jobs) == 1
    assert set(children) - {("Job", jobs[0])} >= CHILDREN
    body = await stage.get("WSIStreamer", "x")
    assert body is not None
    assert not body["metadata"].get("finalizers")
    assert not body["metadata"].get("annotations")
    assert not any(child["metadata"].get("finalizers") for (kind, _), child in children.items() if kind != "Job")
    status = body["status"]
    assert status["observedGeneration"] == 1
    assert (status["replicas"], status["readyReplicas"]) == (2, 2)
    assert status["image"] == "registry.test/wsi-streamer:1"
    assert status["url"] == f"http://x.{stage.namespace}.svc"
    assert {c["observedGeneration"] for c in status["conditions"]} == {1}
    written = stage.operator.log_file.read_text()
    assert not any(value in written for values in SECRETS.values() for value in values.values() if len(value) > 1)
    assert all(line["level"] == "info" for line in stage.operator.log()), written
    told = sorted((e["eventTime"], e["reason"]) for e in await stage.events() if e["note"].startswith("Ready is"))
    assert told[-1][1] == "Available"
    assert all(before[1] != after[1] for before, after in itertools.pairwise(told))  # of transitions only
    assert await stage.operator.stop() == 0


async def test_what_is_deleted_or_edited_is_restored_and_what_others_add_stays(stage: Stage) -> None:
    await running(stage)
    client = stage.client
    gone = (await stage.get("Service", "x"))["metadata"]["uid"]  # type: ignore[index]
    await client.delete(stage.at("Service", "x"), uid=gone)
    tiles = await stage.get("Deployment", "x-tiles")
    assert tiles is not None
    edit = {
        "metadata": {
            "annotations": {"somebody.example/note": "mine"},
            "labels": {"app.kubernetes.io/managed-by": None},
        },
        "spec": {"replicas": 7, "template": {"spec": {"priorityClassName": None, "enableServiceLinks": True}}},
    }
    await client.merge_patch(stage.at("Deployment", "x-tiles"), edit, manager="somebody")
    budget = {"spec": {"maxUnavailable": 5}}
    await client.merge_patch(stage.at("PodDisruptionBudget", "x-tiles"), budget, manager="somebody")
    orphan: dict[str, Any] = {"metadata": {"ownerReferences": None}}
    await client.merge_patch(stage.at("Service", "x-indexer"), orphan, manager="somebody")

    async def restored() -> bool:
        service = await stage.get("Service", "x")
        deployment = await stage.get("Deployment", "x-tiles")
        pdb = await stage.get("PodDisruptionBudget", "x-tiles")
        indexer = await stage.get("Service", "x-indexer")
        return (
            service is not None
            and service["metadata"]["uid"] != gone
            and deployment is not None
            and deployment["spec"]["replicas"] == 2
            and deployment["spec"]["template"]["spec"]["enableServiceLinks"] is False
            and deployment["metadata"]["labels"].get("app.kubernetes.io/managed-by") == "wsi-streamer-operator"
            and deployment["metadata"]["annotations"].get("somebody.example/note") == "mine"
            and pdb is not None
            and pdb["spec"]["maxUnavailable"] == 1
            and indexer is not None
            and bool(indexer["metadata"].get("ownerReferences"))
        )

    await stage.until(restored, 15)
    after = await stage.get("Deployment", "x-tiles")
    assert after is not None
    assert after["metadata"]["uid"] == tiles["metadata"]["uid"]


async def test_an_object_of_somebody_else_is_not_taken_over(stage: Stage) -> None:
    await stage.secrets()
    foreign = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "x-tiles", "labels": {"whose": "mine"}},
        "spec": {"ports": [{"port": 80}], "selector": {"a": "b"}},
    }
    before = await stage.client.create(stage.at("Service"), foreign, manager="somebody")
    await stage.create()
    await stage.operator.start()
    condition = await stage.until_reason("NameTaken")
    assert "Service 'x-tiles'" in condition["message"]
    assert "another name" in condition["message"]
    await stage.until(lambda: stage.get("Deployment", "x-tiles"))  # the others are made all the same
    after = await stage.get("Service", "x-tiles")
    assert after is not None
    assert after["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]
    await stage.client.delete(stage.at("Service", "x-tiles"), uid=before["metadata"]["uid"])
    await stage.until_reason("Available")


async def test_no_pods_are_begun_without_their_policies(stage: Stage) -> None:
    await stage.secrets()
    foreign = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "x-indexer"},
        "spec": {"podSelector": {}},
    }
    before = await stage.client.create(stage.at("NetworkPolicy"), foreign, manager="somebody")
    await stage.create()
    await stage.operator.start()
    await stage.until_reason("NameTaken")
    assert await stage.get("Service", "x") is not None
    assert not [child for child in await stage.children() if child[0] in ("Deployment", "Job")]
    await stage.client.delete(stage.at("NetworkPolicy", "x-indexer"), uid=before["metadata"]["uid"])
    await stage.until_reason("Available")


async def test_nobody_adds_a_way_in(stage: Stage) -> None:
    await running(stage)
    service, policy = await stage.get("Service", "x"), await stage.get("NetworkPolicy", "x-indexer")
    assert service is not None
    assert policy is not None
    ports = [*service["spec"]["ports"], {"name": "admin", "port": 3001, "protocol": "TCP", "targetPort": 3001}]
    opened = {"ports": ports, "externalIPs": ["192.0.2.1"]}
    await stage.client.merge_patch(stage.at("Service", "x"), {"spec": opened}, manager="somebody")
    anyone = {"spec": {"ingress": [*policy["spec"]["ingress"], {}]}}
    await stage.client.merge_patch(stage.at("NetworkPolicy", "x-indexer"), anyone, manager="somebody")

    async def as_before() -> bool:
        found = await stage.get("Service", "x"), await stage.get("NetworkPolicy", "x-indexer")
        return [body["spec"] for body in found if body] == [service["spec"], policy["spec"]]

    await stage.until(as_before)


async def test_a_migration_that_is_on_record_is_not_missed(stage: Stage) -> None:
    await running(stage)
    [(kind, name)] = [child for child in await stage.children() if child[0] == "Job"]
    job = await stage.get(kind, name)
    assert job is not None
    await stage.client.delete(stage.at(kind, name), uid=job["metadata"]["uid"])
    await stage.change({"tiles": {"replicas": 3}})

    async def scaled() -> bool:
        tiles = await stage.get("Deployment", "x-tiles")
        return tiles is not None and tiles["spec"]["replicas"] == 3

    await stage.until(scaled)
    await stage.until_reason("Available")
    assert await stage.get(kind, name) is None


async def test_a_child_that_is_not_wanted_any_more_goes(stage: Stage) -> None:
    exposure = {"type": "Ingress", "host": "slides.example.org", "tlsSecretName": "tls", "className": "nginx"}
    await running(stage, exposure=exposure)
    assert await stage.get("Ingress", "x") is not None
    body = await stage.get("WSIStreamer", "x")
    assert body is not None
    assert body["status"]["url"] == "https://slides.example.org"
    mine = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x-access-mine"}, "data": {"a": "b"}}
    mine["metadata"]["labels"] = {  # type: ignore[index]
        "app.kubernetes.io/managed-by": "wsi-streamer-operator",
        "app.kubernetes.io/instance": "x",
    }
    await stage.client.create(stage.at("ConfigMap"), mine, manager="somebody")
    await stage.change({"exposure": {"type": "None", "host": None, "tlsSecretName": None, "className": None}})

    async def gone() -> bool:
        return await stage.get("Ingress", "x") is None

    await stage.until(gone)
    assert await stage.get("ConfigMap", "x-access-mine") is not None  # our labels don't make it ours


async def test_tokens_are_made_once_and_a_missing_one_is_added(stage: Stage) -> None:
    await running(stage)
    before = await stage.get("Secret", "x-admin")
    deployment = await stage.get("Deployment", "x-indexer")
    assert before is not None
    assert deployment is not None
    assert set(before["data"]) == {"admin-token", "auditor-token", "events-token"}
    assert len(set(before["data"].values())) == 3
    await stage.client.merge_patch(stage.at("Secret", "x-admin"), {"data": {"events-token": None}}, manager="somebody")

    async def added() -> dict[str, Any] | None:
        secret = await stage.get("Secret", "x-admin")
        return secret if secret and "events-token" in secret["data"] else None

    after = await stage.until(added)
    assert after is not None
    assert after["data"]["admin-token"] == before["data"]["admin-token"]
    assert after["data"]["events-token"] != before["data"]["events-token"]

    async def rolled() -> bool:
        found = await stage.get("Deployment", "x-indexer")
        assert found is not None
        assert deployment is not None
        return bool(found["spec"]["template"] != deployment["spec"]["template"])

    await stage.until(rolled)


async def test_a_secret_of_somebody_else_is_not_taken_for_ours(stage: Stage) -> None:
    await stage.secrets()
    await stage.secret("x-admin", {"admin-token": "theirs"})
    await stage.create()
    await stage.operator.start()
    assert "Secret 'x-admin'" in (await stage.until_reason("NameTaken"))["message"]
    secret = await stage.get("Secret", "x-admin")
    assert secret is not None
    assert set(secret["data"]) == {"admin-token"}
    assert await stage.get("Deployment", "x-indexer") is None


async def test_delete_leaves_nothing(stage: Stage) -> None:
    await running(stage)
    body = await stage.get("WSIStreamer", "x")
    assert body is not None
    await stage.operator.stop()  # nothing waits for the operator
    await stage.client.delete(stage.at("WSIStreamer", "x"), uid=body["metadata"]["uid"])

    async def left() -> bool:
        try:
            pods = await stage.client.list(stage.at("Service").__class__("v1", "pods", stage.namespace))
        except NotFound:
            pods = ()
        return not pods and not await stage.children()

    await stage.until(left)


async def test_somebody_who_changes_a_child_over_and_over_is_not_answered_each_time(stage: Stage) -> None:
    await running(stage)
    begun = len(stage.proxy.writes())
    for count in range(20):
        paused = {"spec": {"template": {"spec": {"terminationGracePeriodSeconds": 100 + count}}}}
        await stage.client.merge_patch(stage.at("Deployment", "x-tiles"), paused, manager="somebody")
        await asyncio.sleep(0.4)
    mine = [seen for seen in stage.proxy.writes()[begun:] if seen.path.endswith("/deployments/x-tiles")]
    assert 1 <= len(mine) <= 2

    async def restored() -> bool:
        deployment = await stage.get("Deployment", "x-tiles")
        return deployment is not None and deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] == 45

    await stage.until(restored)
