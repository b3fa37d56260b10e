"""A platform team's story on a real cluster, from two images to nothing left. Each test is the next step of it."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from tests.cluster.outcome import FAILED
from tests.cluster.story.begin import begun
from tests.cluster.story.eventually import eventually
from tests.cluster.story.load import Load
from tests.cluster.story.story import NAME, Story, gone
from tests.support.cluster_parts import ClusterPostgres, ClusterS3, Images
from tests.support.kubectl import Cluster
from tests.support.nginx import nginx
from tests.support.tiffs import plain

pytestmark = pytest.mark.timeout(480)


@pytest.fixture(scope="module")
def story(
    cluster: Cluster, images: Images, cluster_s3: ClusterS3, cluster_postgres: ClusterPostgres
) -> Iterator[Story]:
    """What a hospital has before it begins: a cluster, two images, slides in a bucket, an empty database."""
    with begun(cluster, images, cluster_s3, cluster_postgres) as found:
        yield found


@pytest.fixture(autouse=True)
async def _steps_build_on_each_other(story: Story, request: pytest.FixtureRequest) -> AsyncIterator[None]:
    if story.stuck_at:
        pytest.fail(f"the step {story.stuck_at} failed")
    yield
    if request.node.stash.get(FAILED, False):
        story.stuck_at = request.node.name
        print(await story.told())


async def test_helm_installs_the_operator(story: Story) -> None:
    # Other tests have put the definition there by kubectl, at the same time maybe: hence --take-ownership.
    await story.operator.helm(
        "install",
        "wsi-operator",
        story.chart("wsi-streamer-operator"),
        "--take-ownership",
        "--wait",
        "--timeout=180s",
        *story.values(),
        seconds=200,
    )
    await story.slides.wait("crd/wsistreamers.wsistreamer.io", "--for=condition=Established")
    [pod] = await story.operator.list("pods")
    assert pod["spec"]["serviceAccountName"] != "default"


async def test_the_resource_says_what_is_missing(story: Story) -> None:
    await story.slides.apply(story.resource())

    async def look() -> bool:
        found = await story.condition("Ready")
        return found.get("reason") == "SecretMissing" and "'s3'" in found["message"] and "'keys'" in found["message"]

    await eventually(look, "a condition names the Secrets to create", seconds=30)
    assert not await story.pods()


async def test_slides_are_listed_and_tiles_served(story: Story) -> None:
    await story.secret("s3", **story.bucket.server.env)
    await story.secret("database", uri=story.database_url)
    await story.secret("database-owner", uri=story.owner_url)
    await story.secret("keys", keys=story.signing_key)
    await story.ready()
    await story.grant()

    async def indexed() -> bool:
        return (await story.status()).get("slides", {}).get("indexed") == len(story.keys)

    await eventually(indexed, "all slides are indexed, and the status says so")
    assert (await story.get("/slides", **{"x-nothing": "shown"})).status_code == 401
    assert len((await story.get("/slides")).json()["slides"]) == len(story.keys)
    path = (await story.tile_paths())[0]
    tile = await story.get(path)
    assert (tile.status_code, tile.headers["content-type"]) == (200, "image/jpeg")
    shown = await story.slides.kubectl("get", "wsi")
    assert shown.split()[:6] == ["NAME", "READY", "REASON", "TILES", "INDEXED", "URL"]
    assert f"{NAME} True Available 1 {len(story.keys)} http://" in " ".join(shown.split())
    conditions = {c["type"]: c["status"] for c in (await story.status())["conditions"]}
    assert conditions == {
        "Ready": "True",
        "Progressing": "False",
        "StorageReachable": "True",
        "DatabaseReachable": "True",
        "IndexCurrent": "True",
        "Suspended": "False",
        "ScalingActive": "False",
    }


async def test_pods_have_no_more_than_they_need(story: Story) -> None:
    """Pod Security "restricted" let them in; what they hold is told by the pods themselves."""
    [pod] = await story.pods()
    name = pod["metadata"]["name"]
    said = await story.slides.kubectl("exec", name, "--", "id", "-u")
    assert said.strip() == "10001"
    with pytest.raises(AssertionError, match="Read-only file system"):
        await story.slides.kubectl("exec", name, "--", "touch", "/opt/x")
    environment = await story.slides.kubectl("exec", name, "--", "env")
    assert "WSI_ADMIN_TOKEN" not in environment
    assert "OWNER" not in environment
    with pytest.raises(AssertionError, match="No such file"):
        await story.slides.kubectl("exec", name, "--", "ls", "/var/run/secrets/kubernetes.io")
    log = await story.slides.kubectl("logs", name)
    assert story.signing_key not in log
    assert not any(key in log for key in story.keys)


async def test_kubectl_scale(story: Story) -> None:
    await story.slides.kubectl("scale", f"wsi/{NAME}", "--replicas=3")
    assert (await story.ready())["readyReplicas"] == 3
    assert len(await story.serving()) == 3


async def test_requests_of_a_slide_reach_one_worker(story: Story, tmp_path: Path) -> None:
    """By an nginx in the place of an ingress, which hashes over the headless Service's pods."""
    slices = await story.slides.list("endpointslices", "-l", f"kubernetes.io/service-name={NAME}-tiles")
    pods = [e["addresses"][0] for s in slices for e in s["endpoints"]]
    assert len(pods) == 3
    before = {pod: await story.tiles_asked(pod) for pod in pods}
    by_slide: dict[str, list[str]] = {}
    for path in await story.tile_paths():
        by_slide.setdefault(path.split("/")[2], []).append(path)
    [paths, *_] = by_slide.values()
    async with nginx(tmp_path, [f"http://{pod}:3000" for pod in pods]) as url:
        for path in paths[:20]:
            assert (await story.get_from(url, path)).status_code == 200
    asked = [await story.tiles_asked(pod) - before[pod] for pod in pods]
    assert sorted(count >= len(paths[:20]) for count in asked) == [False, False, True], asked
    # The others can answer as well.
    for pod in pods:
        assert (await story.get_from(f"http://{pod}:3000", paths[0])).status_code == 200


async def test_a_worker_that_is_killed_costs_no_tile(story: Story) -> None:
    paths = await story.tile_paths()
    async with Load(await story.url(), paths, story.headers, clients=6, pause=0.01) as load:
        await eventually(_served(load, 200), "tiles are served")
        victim = (await story.serving())[0]
        await story.slides.kubectl("delete", "pod", victim, "--force", "--grace-period=0")
        await gone(story, {victim})
        await story.ready()
        await eventually(_served(load, load.served + 200), "tiles are served")
    assert load.failed == []


async def test_the_autoscaler_scales_under_load_and_back(story: Story) -> None:
    scaling = {"enabled": True, "min": 1, "max": 3, "targetCPUUtilization": 60}
    await story.patch({"tiles": {"replicas": 1}})
    await story.ready()
    await story.patch({"tiles": {"autoscaling": scaling}})
    await story.ready()
    paths = await story.tile_paths()
    async with Load(await story.url(), paths, story.headers, clients=4) as load:
        await eventually(_serving(story, 2, 3), "more pods serve under load", seconds=240)
    assert load.failed == []
    # The team doesn't know of it and scales by hand.
    await story.slides.kubectl("scale", f"wsi/{NAME}", "--replicas=5")

    async def told() -> bool:
        found = await story.condition("ScalingActive")
        return found["reason"] == "ReplicasIgnored" and "tiles.autoscaling" in found["message"]

    await eventually(told, "a condition says that the number is ignored", seconds=30)
    await eventually(_serving(story, 1, 1), "it goes back to the minimum", seconds=240)
    await story.patch({"tiles": {"autoscaling": {"enabled": False}, "replicas": 2}})
    assert (await story.ready())["readyReplicas"] == 2


async def test_an_edit_and_a_new_image_cost_no_tile(story: Story) -> None:
    paths = await story.tile_paths()
    old = {pod["metadata"]["name"] for pod in await story.pods()}
    async with Load(await story.url(), paths, story.headers, clients=4, pause=0.01) as load:
        await story.patch({"tiles": {"cacheSize": "64Mi"}})
        await gone(story, old)
        await story.ready()
        [environment, *_] = [pod["spec"]["containers"][0]["env"] for pod in await story.pods()]
        assert {"name": "WSI_CACHE_TILES", "value": str(64 * 2**20)} in environment
        old = {pod["metadata"]["name"] for pod in await story.pods()}
        repository, _, tag = story.images.services_next.rpartition(":")
        await story.patch({"image": {"repository": repository, "tag": tag}})
        await gone(story, old)
        status = await story.ready()
    assert load.failed == []
    assert load.served > 100
    assert status["image"] == story.images.services_next
    [job] = await story.slides.list("jobs", "-l", "app.kubernetes.io/component=migrate")
    assert job["spec"]["template"]["spec"]["containers"][0]["image"] == story.images.services_next
    assert job["status"]["succeeded"] == 1


async def test_suspend_and_resume(story: Story) -> None:
    await story.patch({"suspend": True})

    async def stopped() -> bool:
        return not await story.pods() and not await story.pods("indexer")

    await eventually(stopped, "no pod is left", seconds=120)
    assert (await story.condition("Suspended"))["status"] == "True"
    assert (await story.condition("Ready"))["status"] == "False"
    await story.patch({"suspend": False})
    await story.ready()
    path = (await story.tile_paths())[0]
    assert (await story.get(path)).status_code == 200


async def test_a_reindex_request_counts_once(story: Story) -> None:
    story.bucket.put("late.tif", plain())
    story.keys.append("late.tif")
    await story.patch({"reindexRequest": "after the upload"})

    async def observed() -> bool:
        status = await story.status()
        return status.get("observedReindexRequest") == "after the upload" and status["slides"]["indexed"] == len(
            story.keys
        )

    await eventually(observed, "the new slide is indexed")
    assert "late.tif" in (await story.get("/slides?limit=1000")).json()["slides"]
    assert await story.reindex_jobs() == 1


async def test_a_rotated_secret_rolls_the_pods_without_a_gap(story: Story) -> None:
    paths = await story.tile_paths()
    old = {pod["metadata"]["name"] for pod in await story.pods()}
    async with Load(await story.url(), paths, story.headers, clients=2, pause=0.01) as load:
        new_key = secrets.token_hex(32)
        await story.secret("keys", keys=f"{new_key},{story.signing_key}")
        await gone(story, old)
        await story.ready()
    assert load.failed == []  # the grant was made with the old key
    signed = story.signed(paths[0], new_key)
    assert (await story.get(signed, **{"x-nothing": "shown"})).status_code == 200


async def test_a_deleted_and_an_edited_child_are_restored(story: Story) -> None:
    await story.slides.kubectl("delete", "service", NAME, f"{NAME}-tiles")
    await story.slides.kubectl("set", "image", f"deployment/{NAME}-tiles", "tiles=registry.example.org/other:1")

    async def restored() -> bool:
        await story.slides.get("service", NAME)
        await story.slides.get("service", f"{NAME}-tiles")
        found = await story.slides.get("deployment", f"{NAME}-tiles")
        return bool(found["spec"]["template"]["spec"]["containers"][0]["image"] == story.images.services_next)

    await eventually(restored, "both are as they were", seconds=30)
    await story.ready()


async def test_helm_upgrade_of_the_operator_restarts_no_slide_service(story: Story) -> None:
    old = sorted(pod["metadata"]["uid"] for pod in await story.pods())
    await story.operator.helm(
        "upgrade", "wsi-operator", story.chart("wsi-streamer-operator"), "--wait", "--timeout=180s", *story.values(),
        "--set", "resyncSeconds=10", seconds=200,
    )  # fmt: skip
    await story.ready()
    assert sorted(pod["metadata"]["uid"] for pod in await story.pods()) == old


async def test_a_second_instance_by_its_chart(story: Story, tmp_path: Path) -> None:
    await story.secret("second-database", uri=story.second_database_url)
    spec = story.resource()["spec"]
    spec["database"] = {"urlSecretRef": {"name": "second-database"}}
    spec["access"] = {"mode": "open"}
    repository, _, tag = story.images.services.rpartition(":")
    spec["image"] = {"repository": repository, "tag": tag}
    values = tmp_path / "values.yaml"
    values.write_text(json.dumps(spec))
    chart = story.chart("wsi-streamer")
    await story.slides.helm("install", "second", chart, "-f", str(values))
    await story.slides.wait("wsi", "--all", "--for=condition=Ready", seconds=180)
    tested = await story.slides.helm("test", "second", "--timeout=180s", seconds=200)
    assert "Succeeded" in tested
    assert not any(key in tested for key in story.keys)
    await story.slides.helm("upgrade", "second", chart, "-f", str(values), "--set", "indexer.concurrency=2")
    await story.slides.wait("wsi", "--all", "--for=condition=Ready", seconds=180)
    await story.slides.helm("uninstall", "second", "--wait")


async def test_delete_and_uninstall_leave_nothing(story: Story) -> None:
    await story.slides.kubectl("delete", "wsi", NAME, "--timeout=60s")
    mine = {f"secret/{name}" for name in ("s3", "database", "database-owner", "keys", "second-database")}
    rights = {
        f"{kind}.rbac.authorization.k8s.io/wsi-operator-wsi-streamer-operator" for kind in ("role", "rolebinding")
    }
    await story.emptied(story.slides, mine | rights)
    await story.operator.helm("uninstall", "wsi-operator", "--wait")
    await story.emptied(story.slides, mine)
    await story.emptied(story.operator, set())
    kept = await story.operator.kubectl("get", "crd", "wsistreamers.wsistreamer.io", "-o", "name")
    assert kept.strip(), "resources of other operators would go with it"


def _served(load: Load, count: int) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return load.served >= count

    return look


def _serving(story: Story, least: int, most: int) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return least <= len(await story.serving()) <= most

    return look
