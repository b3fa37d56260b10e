"""What is wrong is said in a sentence; once it is mended, all goes on by itself."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.cluster.operator.stage import Stage
from wsi_operator.kube.address import Address


async def test_a_missing_secret_is_named_and_pods_that_run_are_left_alone(stage: Stage) -> None:
    await stage.secret("s3", {"AWS_ACCESS_KEY_ID": "a"})
    await stage.create()
    await stage.operator.start()
    message = (await stage.until_reason("SecretMissing"))["message"]
    assert "'s3' (storage.credentialsSecretRef) has no value for the key 'AWS_SECRET_ACCESS_KEY'" in message
    assert "'postgres' (database.urlSecretRef) is not there: create it with the key 'uri'" in message
    await stage.secrets()
    await stage.until_reason("Available")
    before = await stage.get("Deployment", "x-tiles")
    assert before is not None
    secret = await stage.get("Secret", "postgres")
    assert secret is not None
    await stage.client.delete(stage.at("Secret", "postgres"), uid=secret["metadata"]["uid"])
    await stage.until_reason("SecretMissing")
    during = await stage.get("Deployment", "x-tiles")
    assert during is not None
    assert during["metadata"]["generation"] == before["metadata"]["generation"]
    await stage.secret("postgres", {"uri": "postgresql://u:other@h/d"})
    await stage.until_reason("Available")
    after = await stage.get("Deployment", "x-tiles")  # the pods roll: it is another secret
    assert after is not None
    assert _secrets_hash(after) != _secrets_hash(before)
    assert len([name for kind, name in await stage.children() if kind == "Job"]) == 1  # the older one's record went


async def test_a_spec_that_can_not_work_is_explained(stage: Stage) -> None:
    await stage.secrets()
    await stage.create(indexer={"schedule": "0 0 31 2 *"})  # the schema can't know how long February is
    await stage.operator.start()
    condition = await stage.until_reason("InvalidSpec")
    assert "spec.indexer.schedule" in condition["message"]
    assert condition["observedGeneration"] == 1
    assert not await stage.children()
    await stage.change({"indexer": {"schedule": "0 3 * * *"}})
    condition = await stage.until_reason("Available")
    assert condition["observedGeneration"] == 2


async def test_a_migration_that_fails_holds_the_roll_out_back(stage: Stage) -> None:
    await stage.secrets()
    await stage.create()
    await stage.operator.start()
    await stage.until_reason("Available")
    said = {"exitCode": 3, "reason": "Error", "message": "a\nthe schema is newer than this release"}
    stage.kubelet.broken["migrate"] = {"terminated": said}
    await stage.change({"image": {"repository": "registry.test/wsi-streamer", "tag": "2"}})

    async def both() -> dict[str, dict[str, Any]]:
        found = {name: job for (kind, name), job in (await stage.children()).items() if kind == "Job"}
        return found if len(found) == 2 else {}

    jobs = await stage.until(both)
    wanted = next(n for n, j in jobs.items() if _image(j) == "registry.test/wsi-streamer:2")
    # A Job makes its pods over for minutes; here it gives up at once.
    await stage.client.merge_patch(stage.at("Job", wanted), {"spec": {"activeDeadlineSeconds": 1}}, manager="test")
    condition = await stage.until_reason("MigrationFailed")
    assert wanted in condition["message"]
    tiles = await stage.get("Deployment", "x-tiles")
    assert tiles is not None
    assert _image(tiles) == "registry.test/wsi-streamer:1"
    body = await stage.get("WSIStreamer", "x")
    assert body is not None
    assert body["status"]["image"] == "registry.test/wsi-streamer:1"
    stage.kubelet.broken.clear()
    await stage.change({"image": {"tag": "3"}})
    await stage.until_reason("Available")
    tiles = await stage.get("Deployment", "x-tiles")
    assert tiles is not None
    assert _image(tiles) == "registry.test/wsi-streamer:3"


async def test_a_migration_whose_pod_is_refused_says_why_and_says_it_once(stage: Stage) -> None:
    await stage.secrets()
    await stage.create(priorityClassName="none-such")
    await stage.operator.start()
    condition = await stage.until_reason("MigrationBlocked", seconds=60)
    assert "no PriorityClass with name none-such was found" in condition["message"]
    [event] = [event for event in await stage.events() if event["reason"] == "MigrationBlocked"]
    assert event["type"] == "Warning"
    await asyncio.sleep(5)  # the cluster tries again, with another name for the pod
    assert await stage.condition() == condition
    await stage.change({"priorityClassName": None})
    await stage.until_reason("Available", seconds=60)


async def test_pods_that_can_not_start_are_told_with_what_to_check(stage: Stage) -> None:
    await stage.secrets()
    waiting = {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "registry.test/wsi-streamer:1"'}
    stage.kubelet.broken["migrate"] = {"waiting": waiting}
    await stage.create()
    await stage.operator.start()

    async def told() -> bool:
        condition = await stage.condition()
        # The scheduler, too, says that no node takes them, now before and now after the test's kubelet.
        words = ("Migrate: ImagePullBackOff", "image.pullSecrets")
        return condition.get("reason") == "PodsFailing" and all(word in condition["message"] for word in words)

    await stage.until(told)
    stage.kubelet.broken.clear()
    await stage.until_reason("Available")


async def test_a_tile_pod_that_is_lost_is_told_while_the_other_one_serves(stage: Stage) -> None:
    await stage.secrets()
    await stage.create()
    await stage.operator.start()
    before = await stage.until_reason("Available")
    stage.kubelet.idle.add("tiles")
    at = Address("v1", "pods", stage.namespace)
    victim, _ = await stage.client.list(at, "app.kubernetes.io/component=tiles")
    await stage.client.delete(at.of(victim["metadata"]["name"]), uid=victim["metadata"]["uid"])

    async def short() -> bool:
        return ((await stage.get("WSIStreamer", "x")) or {})["status"]["readyReplicas"] == 1

    await stage.until(short)
    # The scheduler says that no node takes the next one, a moment later.
    assert (await stage.condition("Progressing"))["reason"] in ("ReplacingPods", "PodsFailing")
    during = await stage.condition()
    assert (during["status"], during["lastTransitionTime"]) == ("True", before["lastTransitionTime"])
    stage.kubelet.idle.clear()
    await stage.until_reason("Complete", "Progressing")
    assert (await stage.condition())["lastTransitionTime"] == before["lastTransitionTime"]


async def test_what_the_api_server_refuses_is_told_in_its_words_and_the_rest_goes_on(stage: Stage) -> None:
    await stage.secrets()
    quota: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "none"},
        "spec": {"hard": {"count/cronjobs.batch": "0"}},
    }
    at = stage.at("Service").__class__("v1", "resourcequotas", stage.namespace)
    made = await stage.client.create(at, quota, manager="test")

    async def enforced() -> bool:
        return bool((await stage.client.get(at.of("none"))).get("status", {}).get("hard"))

    await stage.until(enforced)
    await stage.create()
    await stage.operator.start()
    message = (await stage.until_reason("ApiRefused"))["message"]
    assert "CronJob 'x-audit' was refused" in message
    assert "exceeded quota" in message
    assert await stage.get("Deployment", "x-tiles") is not None
    await stage.client.delete(at.of("none"), uid=made["metadata"]["uid"])
    await stage.until_reason("Available")


async def test_an_api_that_the_cluster_lacks_is_named(stage: Stage) -> None:
    await stage.secrets()
    await stage.create(monitoring={"serviceMonitor": {"enabled": True}})
    await stage.operator.start()
    message = (await stage.until_reason("ApiRefused"))["message"]
    assert "no ServiceMonitor (monitoring.coreos.com/v1)" in message
    await stage.change({"monitoring": {"serviceMonitor": {"enabled": False}}})
    await stage.until_reason("Available")


async def test_suspended_and_resumed(stage: Stage) -> None:
    await stage.secrets()
    await stage.create()
    await stage.operator.start()
    await stage.until_reason("Available")
    await stage.change({"suspend": True})
    await stage.until_reason("Suspended")

    async def empty() -> bool:
        found = [await stage.get("Deployment", f"x-{what}") for what in ("tiles", "indexer")]
        return all(deployment is not None and not deployment["status"].get("replicas") for deployment in found)

    await stage.until(empty)
    assert (await stage.condition("Suspended"))["status"] == "True"
    assert (await stage.condition("IndexCurrent"))["status"] == "Unknown"
    await stage.change({"suspend": False})
    await stage.until_reason("Available")


def _secrets_hash(deployment: dict[str, Any]) -> str:
    return str(deployment["spec"]["template"]["metadata"]["annotations"]["wsistreamer.io/secrets"])


def _image(workload: dict[str, Any]) -> str:
    return str(workload["spec"]["template"]["spec"]["containers"][0]["image"])
