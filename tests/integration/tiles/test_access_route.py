"""GET /access, asked as an nginx asks it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.in_process import Running, running, wait_indexed
from tests.support.s3server import Bucket
from tests.support.tiffs import picture, written
from wsi_streamer.access.signed_links import SignedLinks

SLIDE = "case 7/slide.tif"
RAW = "case%207%2Fslide.tif"
SECRET = "a secret for tests of at least 16"
POLICY = SignedLinks((SECRET.encode(),))
EDGE = {"auth_enabled": True, "auth_secret": SECRET, "edge_cache": True}


@pytest.fixture
async def services(bucket: Bucket, database_url: str) -> AsyncIterator[Running]:
    bucket.put(SLIDE, written([picture(200, 100)], compression="zlib", tile=(64, 64)))
    async with running(database_url, bucket.name, bucket.server.endpoint, **EDGE) as found:
        await wait_indexed(found.catalog, 1)
        yield found


async def ask(services: Running, *targets: str, method: str = "GET") -> httpx.Response:
    headers = [("x-original-uri", target.encode("latin-1")) for target in targets]
    return await services.http.request(method, "/access", headers=headers)


def token(key: str = SLIDE, seconds: int = 1000) -> str:
    exp = int(time.time()) + seconds
    return f"vt={POLICY.viewer_token(key, exp)}&exp={exp}"


async def test_it_allows_what_the_pictures_own_routes_allow_and_says_for_how_long(services: Running) -> None:
    row = (await services.catalog.listing.page(limit=1)).rows[0]
    for ref in (RAW, row.id):
        for path in (
            f"/tiles/{ref}/0/0/0.jpg", f"/tiles/{ref}/0/0/0", f"/slides/{ref}/thumbnail",
            f"/slides/{ref}/dzi_files/5/0_0.jpg", f"/slides/{ref}_files/5/0_0.jpg",
        ):  # fmt: skip
            for query in (token(), f"v=x&quality=70&{token()}"):
                answer = await ask(services, f"{path}?{query}")
                assert answer.status_code == 204, path
                assert answer.headers["x-accel-expires"] == "300"
                assert answer.headers["cache-control"] == "private, max-age=300"
                assert answer.content == b""
            signed = POLICY.sign_url(path, {"quality": "70"}, int(time.time()) + 60)
            answer = await ask(services, signed + "&v=x")
            assert answer.status_code == 204
            assert 55 <= int(answer.headers["x-accel-expires"]) <= 60
            assert (await ask(services, signed.replace("=70", "=71"))).status_code == 401
            assert (await ask(services, path)).status_code == 401


async def test_it_refuses_all_else(services: Running) -> None:
    good = f"/tiles/{RAW}/0/0/0.jpg?{token()}"
    exp = int(time.time()) + 60
    listing = POLICY.sign_url("/slides", {}, exp)
    refused = {
        (): 403,
        (good, good): 403,
        ("",): 403,
        ("tiles",): 403,
        (listing,): 403,
        (POLICY.sign_url("/", {}, exp),): 403,
        (POLICY.sign_url(f"/view/{RAW}", {}, exp),): 403,
        (f"/slides/{RAW}?{token()}",): 403,
        (f"/slides/{RAW}/dzi?{token()}",): 403,
        (f"/slides/{RAW}.dzi?{token()}",): 403,
        (f"/tiles/{RAW}/0/0/0.png?{token()}",): 403,
        (f"/tiles/{RAW}/0/0/-1.jpg?{token()}",): 403,
        (f"/tiles//0/0/0.jpg?{token()}",): 403,
        (f"//tiles/{RAW}/0/0/0.jpg?{token()}",): 403,
        (f"/x/../tiles/{RAW}/0/0/0.jpg?{token()}",): 403,
        (f"/access?{token()}",): 403,
        (f"http://h{good}",): 403,
        (good.replace("?", "#?"),): 403,
        (f"{good}#",): 403,
        (f"{good}&a b",): 403,
        (f"{good}\xff",): 403,
        (good.replace("%20", "%zz"),): 403,
        (f"{good}&vt={'0' * 64}",): 403,
        (f"{good}&exp=1",): 403,
        (f"{good}&quality=1&quality=1",): 403,
        (f"{good}&a=%zz",): 403,
        (f"/tiles/{RAW}/0/0/0.jpg?{token('other.tif')}",): 401,
        (f"/tiles/other.tif/0/0/0.jpg?{token()}",): 401,
        (f"/tiles/s-aaaaaaaaaaaaaaaaaaaaaaaa/0/0/0.jpg?{token()}",): 401,
        (f"/tiles/{RAW}/0/0/0.jpg?{token(seconds=-2)}",): 401,
        (f"/tiles/{RAW}/0/0/0.jpg?exp={exp}&vt={'0' * 64}",): 401,
    }
    for targets, status in refused.items():
        answer = await ask(services, *targets)
        assert answer.status_code == status, targets
        assert answer.headers["x-accel-expires"] == "0"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.json()["status"] == status
    head = await ask(services, method="HEAD")
    assert (head.status_code, head.content) == (403, b"")


async def test_a_right_about_to_end_is_not_remembered(services: Running) -> None:
    answer = await ask(services, f"/tiles/{RAW}/0/0/0.jpg?{token(seconds=1)}")
    assert (answer.status_code, answer.headers["x-accel-expires"]) == (204, "0")


async def test_without_the_setting_there_is_no_such_route_and_no_such_header(
    services: Running, bucket: Bucket, database_url: str
) -> None:
    target = f"/tiles/{RAW}/0/0/0.jpg?{token()}"
    async with running(
        database_url, bucket.name, bucket.server.endpoint, indexer=False, **(EDGE | {"edge_cache": False})
    ) as plain:
        assert (await ask(plain, target)).status_code == 404
        assert "x-accel-expires" not in (await plain.http.get(target)).headers


async def test_while_access_is_open_every_picture_may_be_shown(
    services: Running, bucket: Bucket, database_url: str
) -> None:
    async with running(database_url, bucket.name, bucket.server.endpoint, indexer=False, edge_cache=True) as everyones:
        answer = await ask(everyones, f"/tiles/{RAW}/0/0/0.jpg")
        assert (answer.status_code, answer.headers["x-accel-expires"]) == (204, "300")
        assert (await ask(everyones, "/slides")).status_code == 403


async def test_nothing_but_a_versioned_picture_may_be_kept(services: Running) -> None:
    version = (await services.http.get(f"/slides/{RAW}?{token()}")).json()["version"]
    for path, expected in {
        f"/tiles/{RAW}/0/0/0.jpg?v={version}&{token()}": "86400",
        f"/slides/{RAW}/thumbnail?v={version}&{token()}": "86400",
        f"/slides/{RAW}_files/5/0_0.jpg?v={version}&{token()}": "86400",
        f"/tiles/{RAW}/0/0/0.jpg?{token()}": "0",
        f"/slides/{RAW}/thumbnail?v=old&{token()}": "0",
        f"/slides/{RAW}.dzi?v={version}&{token()}": "0",
        f"/slides/{RAW}?{token()}": "0",
        f"/tiles/{RAW}/0/0/0.jpg?v={version}": "0",
        f"/tiles/{RAW}/9/0/0.jpg?v={version}&{token()}": "0",
        f"/slides/{RAW}/thumbnail?v={version}": "0",
        POLICY.sign_url("/", {}, int(time.time()) + 60): "0",
        POLICY.sign_url(f"/view/{RAW}", {}, int(time.time()) + 60): "0",
        "/nothing": "0",
    }.items():
        answer = await services.http.get(path)
        assert answer.headers["x-accel-expires"] == expected, path
        if expected == "86400":
            known = await services.http.get(path, headers={"if-none-match": answer.headers["etag"]})
            assert (known.status_code, known.headers["x-accel-expires"]) == (304, expected)
