"""compose.yaml with real containers: all parts come up in its order, and a slide reaches a browser through nginx."""

from __future__ import annotations

import time
from collections.abc import Iterator

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.integration.compose.stack import Stack, needs_names, running_stack
from tests.support.cluster_parts import Images
from tests.support.marked_slide import mark, marked_slide
from wsi_streamer.access.signed_links import SignedLinks

SLIDE = "case/1.tif"
WORKERS = ("tiles-1", "tiles-2")
LONG = ("postgres", "store", "indexer", *WORKERS, "nginx")

pytestmark = pytest.mark.timeout(600)  # cold it builds images


@pytest.fixture(scope="module")
def stack(built_images: Images, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """All of it, over one slide."""
    needs_names()
    slides = tmp_path_factory.mktemp("slides")
    (slides / "case").mkdir()
    (slides / SLIDE).write_bytes(marked_slide((8, 8), (4, 4), (2, 2), (1, 1)))
    (slides / "notes.txt").write_text("no slide")
    slides.chmod(0o755)  # the container's user is another
    with running_stack(tmp_path_factory.mktemp("compose"), slides, built_images.services) as found:
        _until_indexed(found)
        yield found


def test_a_tile_comes_through_nginx_and_then_from_its_cache(stack: Stack) -> None:
    version = _get(stack, "/slides/case%2F1.tif").json()["version"]
    for cache in ("MISS", "HIT"):
        tile = _get(stack, "/tiles/case%2F1.tif/0/3/2.jpg", v=version)
        assert tile.status_code == 200
        assert mark(0, 3, 2) in tile.content
        assert tile.headers["x-edge-cache"] == cache
    for path in ("/", "/slides", f"/tiles/case%2F1.tif/0/3/2.jpg?v={version}"):
        assert httpx.get(stack.url + path).status_code == 401, "not without a link"
    said = stack.podman(
        "exec", stack.container("indexer"), "wsi-streamer", "sign", "--path", "/", "--base-url", stack.url
    )
    assert httpx.get(said.strip()).status_code == 200, "as compose.yaml's first lines say"


def test_requests_of_a_slide_reach_one_worker_and_the_other_steps_in(stack: Stack) -> None:
    before = {worker: _tiles_served(stack, worker) for worker in WORKERS}
    for x in range(8):
        assert _get(stack, f"/tiles/case%2F1.tif/0/{x}/7.jpg").status_code == 200
    gained = {worker: _tiles_served(stack, worker) - before[worker] for worker in WORKERS}
    assert sorted(gained.values()) == [0, 8]
    at_work = max(gained, key=lambda worker: gained[worker])
    address = stack.address(at_work, "front")
    stack.podman("kill", stack.container(at_work))
    answers = [_get(stack, f"/tiles/case%2F1.tif/0/{x}/6.jpg") for x in range(4)]
    assert [answer.status_code for answer in answers] == [200] * 4
    stack.podman("start", stack.container(at_work))
    assert stack.address(at_work, "front") == address, "where nginx looks for it"


def test_nothing_but_nginx_can_be_reached_from_outside(stack: Stack) -> None:
    ports = {service: stack.inspect(service)["NetworkSettings"]["Ports"] or {} for service in LONG}
    published = {service for service, found in ports.items() if any(found.values())}
    assert published == {"nginx"}
    [[binding]] = ports["nginx"].values()
    assert binding["HostIp"] == "127.0.0.1"


@pytest.mark.parametrize("service", LONG)
def test_containers_can_change_nothing_but_their_data(stack: Stack, service: str) -> None:
    found = stack.inspect(service)
    assert found["HostConfig"]["ReadonlyRootfs"]
    assert found["EffectiveCaps"] in ([], None)
    assert any("no-new-privileges" in option for option in found["HostConfig"]["SecurityOpt"])
    assert found["Config"]["User"] or service == "store"


def test_the_services_may_read_the_store_and_nothing_else(stack: Stack) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=f"http://{stack.address('store', 'data')}:7070",
        aws_access_key_id="wsi-reader",
        aws_secret_access_key=stack.secret("WSI_STORE_READER_SECRET"),
        region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
    )
    assert [found["Key"] for found in client.list_objects_v2(Bucket="slides")["Contents"]] == [SLIDE]
    for refused in (
        lambda: client.put_object(Bucket="slides", Key="x.tif", Body=b"x"),
        lambda: client.delete_object(Bucket="slides", Key=SLIDE),
        lambda: client.put_bucket_policy(Bucket="slides", Policy="{}"),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            refused()


def test_the_services_user_can_not_change_the_audit_log(stack: Stack) -> None:
    url = f"postgresql://wsi_services:{stack.secret('WSI_DATABASE_SERVICES_PASSWORD')}@127.0.0.1/wsi"
    said = stack.podman(
        "exec", stack.container("postgres"), "psql", url, "-c", "DELETE FROM audit", check=False
    ) + stack.podman("exec", stack.container("postgres"), "psql", url, "-tAc", "SELECT count(*) > 0 FROM audit")
    assert said.strip() == "t", "it reads, and has deleted nothing"


def test_slides_that_are_there_are_not_sent_again(stack: Stack) -> None:
    stack.compose("up", "-d", "--no-build", "--no-deps", "upload")
    assert stack.podman("wait", stack.container("upload")).strip() == "0"
    assert "1 slides in the folder, 1 objects in the bucket" in stack.logs()


@pytest.mark.parametrize("mode", ["open", "signed", "oidc"])
def test_nginx_takes_its_configuration_in_each_mode(stack: Stack, mode: str) -> None:
    # In the container that runs: it has the address that compose.yaml gives nginx, and no second one may.
    start = ("/bin/sh", "/etc/wsi-streamer/start.sh", "-T")
    written = stack.podman("exec", "-e", f"WSI_ACCESS={mode}", stack.container("nginx"), *start)
    assert ("auth_request /access;" in written) == (mode != "open")
    assert "CHANGE" not in "".join(line for line in written.splitlines() if "127.0.0.1" in line)


def _get(stack: Stack, path: str, **query: str) -> httpx.Response:
    """With a link that the services' key has signed."""
    links = SignedLinks((stack.secret("WSI_SIGNING_KEYS").encode(),))
    plain, _, said = path.partition("?")
    asked = query | dict(pair.split("=") for pair in said.split("&") if pair)
    return httpx.get(stack.url + links.sign_url(plain, asked, int(time.time()) + 600), timeout=30)


def _tiles_served(stack: Stack, worker: str) -> int:
    lines = httpx.get(f"http://{stack.address(worker, 'data')}:3001/metrics", timeout=10).text.splitlines()
    return int(
        sum(float(x.rsplit(" ", 1)[1]) for x in lines if "wsi_http_requests_total{" in x and 'route="tile"' in x)
    )


def _until_indexed(stack: Stack) -> None:
    deadline = time.monotonic() + 30
    while (said := _get(stack, "/slides", status="indexed").json()).get("slides") != [SLIDE]:
        assert time.monotonic() < deadline, f"{said}\n{stack.logs()}"
        time.sleep(0.2)
