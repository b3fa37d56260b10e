"""The routes, as clients use and misuse them."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import quote

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.support.in_process import Running, running, wait_indexed
from tests.support.odd_keys import ODD_KEYS
from tests.support.s3server import Bucket
from tests.support.slides import real_slide
from wsi_streamer.access.signed_links import SignedLinks

SLIDE = "rgbsmall_JPEG_tiled.tif"
SECRET = "a secret for tests"


@pytest.fixture
async def services(bucket: Bucket, database_url: str) -> AsyncIterator[Running]:
    bucket.put(SLIDE, real_slide(SLIDE))
    async with running(database_url, bucket.name, bucket.server.endpoint) as found:
        await wait_indexed(found.catalog, 1)
        yield found


async def get(services: Running, path: str, **headers: str) -> httpx.Response:
    """With the path exactly as written: httpx would tidy it."""
    request = services.http.build_request("GET", "/", headers=headers)
    request.extensions["target"] = path.encode()
    return await services.http.send(request)


async def test_odd_keys_list_index_and_stream_by_key_and_by_id(bucket: Bucket, database_url: str) -> None:
    data = real_slide(SLIDE).read_bytes()
    keys = [key.removesuffix(".svs") + ".tif" for key in ODD_KEYS]
    for key in keys:
        bucket.put(key, data)
    async with running(database_url, bucket.name, bucket.server.endpoint) as found:
        await wait_indexed(found.catalog, len(keys))
        listed = (await found.http.get("/slides?limit=1000&details=1")).json()
        assert listed["slides"] == sorted(keys, key=str.encode)
        ids = {row["key"]: row["id"] for row in listed["details"]}
        expected = None
        for key in keys:
            for ref in (quote(key, safe=""), ids[key]):
                tile = await get(found, f"/tiles/{ref}/0/1/1.jpg")
                assert tile.status_code == 200, (key, ref, tile.text)
                expected = expected or tile.content
                assert tile.content == expected
                metadata = (await get(found, f"/slides/{ref}")).json()
                assert metadata["key"] == key
                for route in ("dzi", "thumbnail", "dzi_files/0/0_0.jpg"):
                    assert (await get(found, f"/slides/{ref}/{route}")).status_code == 200


async def test_errors_have_the_apis_codes_and_shape(services: Running) -> None:
    cases = {
        f"/tiles/{SLIDE}/9/0/0.jpg": (400, "invalid_level"),
        f"/tiles/{SLIDE}/-1/0/0.jpg": (400, "invalid_level"),
        f"/tiles/{SLIDE}/x/0/0.jpg": (400, "invalid_level"),
        f"/tiles/{SLIDE}/0/99/0.jpg": (400, "tile_out_of_bounds"),
        f"/tiles/{SLIDE}/0/0/4294967296.jpg": (400, "tile_out_of_bounds"),
        f"/tiles/{SLIDE}/0/99999999999999999999/0.jpg": (400, "tile_out_of_bounds"),
        f"/tiles/{SLIDE}/0/-1/0.jpg": (400, "tile_out_of_bounds"),
        f"/tiles/{SLIDE}/0/0/0.png": (400, "tile_out_of_bounds"),
        f"/tiles/{SLIDE}/0/0/0.jpg?quality=0": (400, "invalid_quality"),
        f"/tiles/{SLIDE}/0/0/0.jpg?quality=101": (400, "invalid_quality"),
        f"/tiles/{SLIDE}/0/0/0.jpg?quality=": (400, "invalid_quality"),
        f"/tiles/{SLIDE}/0/0/0.jpg?quality=80&quality=80": (400, "invalid_request"),
        f"/tiles/{SLIDE}/0/0/0.jpg?a=%ff": (400, "invalid_request"),
        "/tiles/no-such.svs/0/0/0.jpg": (404, "not_found"),
        "/tiles/a/b.svs/0/0/0.jpg": (404, "not_found"),
        "/tiles/%00.svs/0/0/0.jpg": (404, "not_found"),
        "/tiles/%ff/0/0/0.jpg": (404, "not_found"),
        "/tiles/s-aaaaaaaaaaaaaaaaaaaaaaaa/0/0/0.jpg": (404, "not_found"),
        "/tiles/": (404, "not_found"),
        "/slides/no-such.svs": (404, "not_found"),
        "/slides/no-such.svs/dzi": (404, "not_found"),
        f"/slides/{SLIDE}/nothing": (404, "not_found"),
        f"/slides/{SLIDE}/dzi_files/99/0_0.jpg": (400, "invalid_level"),
        f"/slides/{SLIDE}/dzi_files/0/5_5.jpg": (400, "tile_out_of_bounds"),
        f"/slides/{SLIDE}/dzi_files/0/x.jpg": (400, "tile_out_of_bounds"),
        f"/slides/{SLIDE}/thumbnail?max_size=big": (400, "invalid_request"),
        f"/slides/{SLIDE}/thumbnail?quality=0": (400, "invalid_quality"),
        "/slides?cursor=nonsense": (400, "invalid_request"),
        "/slides?limit=many": (400, "invalid_request"),
        "/slides?sort=colour": (400, "invalid_request"),
        "/slides?status=odd": (400, "invalid_request"),
        "/nothing": (404, "not_found"),
        "/static/../service.py": (404, "not_found"),
        "/static/..%2fservice.py": (404, "not_found"),
    }
    for path, (status, code) in cases.items():
        response = await get(services, path)
        assert response.status_code == status, (path, response.text)
        body = response.json()
        assert set(body) == {"error", "message", "status"}
        assert (body["error"], body["status"]) == (code, status), path
        assert body["message"]
        assert "no-store" in response.headers["cache-control"]
        assert "Traceback" not in response.text


async def test_other_methods_are_refused(services: Running) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        response = await services.http.request(method, f"/tiles/{SLIDE}/0/0/0.jpg")
        assert response.status_code == 405
        assert response.headers["allow"] == "GET, HEAD, OPTIONS"


async def test_head_equals_get_without_the_body(services: Running) -> None:
    for path in (
        f"/tiles/{SLIDE}/0/0/0.jpg",
        f"/slides/{SLIDE}",
        f"/slides/{SLIDE}/thumbnail",
        "/health",
        "/slides/x.svs",
    ):
        got, head = await services.http.get(path), await services.http.head(path)
        assert head.status_code == got.status_code
        assert head.content == b""
        assert head.headers["content-length"] == str(len(got.content))
        assert head.headers.get("etag") == got.headers.get("etag")


async def test_what_the_browser_has_is_not_sent_again(services: Running) -> None:
    for path in (f"/tiles/{SLIDE}/0/1/0.jpg", f"/slides/{SLIDE}/thumbnail", f"/slides/{SLIDE}/dzi_files/5/0_0.jpg"):
        first = await services.http.get(path)
        again = await services.http.get(path, headers={"if-none-match": f'"other", W/{first.headers["etag"]}'})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert (await services.http.get(path, headers={"if-none-match": '"other"'})).status_code == 200


async def test_versioned_urls_are_immutable_and_others_are_not(services: Running) -> None:
    metadata = (await services.http.get(f"/slides/{SLIDE}")).json()
    url = metadata["tile_url"].format(level=0, x=0, y=0)
    assert metadata["version"] in url
    response = await services.http.get(url)
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    for other in (f"/tiles/{SLIDE}/0/0/0.jpg", f"/tiles/{SLIDE}/0/0/0?v=old"):
        assert (await services.http.get(other)).headers["cache-control"] == "public, max-age=3600"


async def test_quality_encodes_anew_and_says_so(services: Running) -> None:
    source = await services.http.get(f"/tiles/{SLIDE}/0/0/0.jpg")
    low = await services.http.get(f"/tiles/{SLIDE}/0/0/0.jpg?quality=5")
    high = await services.http.get(f"/tiles/{SLIDE}/0/0/0?quality=100")
    assert [r.headers["x-tile-quality"] for r in (source, low, high)] == ["source", "5", "100"]
    assert len(low.content) < len(high.content)
    pixels = [np.asarray(Image.open(io.BytesIO(r.content)).convert("RGB")).astype(int) for r in (source, high)]
    assert np.abs(pixels[0] - pixels[1]).mean() < 2


async def test_thumbnail_sizes_are_clamped_and_say_so(services: Running) -> None:
    clamped = await services.http.get(f"/slides/{SLIDE}/thumbnail?max_size=5")
    assert clamped.headers["x-thumbnail-size-clamped"] == "true"
    assert clamped.headers["x-thumbnail-requested-size"] == "5"
    assert clamped.headers["x-thumbnail-actual-size"] == "64"
    assert "x-thumbnail-size-clamped" not in (await services.http.get(f"/slides/{SLIDE}/thumbnail?max_size=64")).headers
    huge = await services.http.get(f"/slides/{SLIDE}/thumbnail?max_size=99999")
    assert huge.headers["x-thumbnail-actual-size"] == "2048"


async def test_lists_page_through_everything(services: Running, bucket: Bucket) -> None:
    for i in range(7):
        bucket.put(f"folder/Case {i}.tif", b"not a tiff")
    await services.catalog.jobs.enqueue("scan")
    await wait_indexed(services.catalog, 8)
    seen, cursor = [], ""
    while True:
        page = (await services.http.get("/slides", params={"limit": 3, "cursor": cursor})).json()
        seen += page["slides"]
        cursor = page.get("next_cursor", "")
        if not cursor:
            break
    assert seen == [*(f"folder/Case {i}.tif" for i in range(7)), SLIDE]
    assert (await services.http.get("/slides?search=CASE+3")).json()["slides"] == ["folder/Case 3.tif"]
    failed = (await services.http.get("/slides?status=unsupported&details=1&limit=99999")).json()
    failed["details"] += (await services.http.get("/slides?status=failed&details=1&limit=0")).json()["details"]
    assert failed["details"]
    assert all(row["error"] for row in failed["details"])


async def test_cors_is_open_while_access_is_and_closed_otherwise(
    services: Running, bucket: Bucket, database_url: str
) -> None:
    path, origin = f"/tiles/{SLIDE}/0/0/0.jpg", {"origin": "https://other.example"}
    assert (await services.http.get(path, headers=origin)).headers["access-control-allow-origin"] == "*"
    preflight = await services.http.options(path, headers=origin)
    assert preflight.status_code == 204
    assert "GET" in preflight.headers["access-control-allow-methods"]
    async with running(
        database_url, bucket.name, bucket.server.endpoint, auth_enabled=True, auth_secret=SECRET, indexer=False
    ) as closed:
        assert "access-control-allow-origin" not in (await closed.http.get(path, headers=origin)).headers
        assert "access-control-allow-origin" not in (await closed.http.options(path, headers=origin)).headers


class TestSignedAccess:
    @pytest.fixture
    async def closed(self, services: Running, bucket: Bucket, database_url: str) -> AsyncIterator[Running]:
        async with running(
            database_url, bucket.name, bucket.server.endpoint, auth_enabled=True, auth_secret=SECRET, indexer=False
        ) as found:
            yield found

    async def test_everything_but_health_and_static_needs_a_right(self, closed: Running) -> None:
        paths = [
            "/", "/slides", f"/slides/{SLIDE}", f"/slides/{SLIDE}/dzi", f"/slides/{SLIDE}.dzi", f"/view/{SLIDE}",
            f"/slides/{SLIDE}/thumbnail", f"/tiles/{SLIDE}/0/0/0.jpg", f"/slides/{SLIDE}/dzi_files/0/0_0.jpg",
            f"/slides/{SLIDE}_files/0/0_0.jpg",
        ]  # fmt: skip
        for path in paths:
            response = await closed.http.get(path)
            assert (response.status_code, response.json()["error"]) == (401, "missing_signature"), path
        assert (await closed.http.get("/health")).status_code == 200

    async def test_signed_urls_open_what_they_sign_and_nothing_else(self, closed: Running) -> None:
        policy, exp = SignedLinks((SECRET.encode(),)), int(time.time()) + 60
        path = f"/tiles/{SLIDE}/0/0/0.jpg"
        signed = policy.sign_url(path, {"quality": "70"}, exp)
        response = await closed.http.get(signed)
        assert response.status_code == 200
        assert response.headers["cache-control"] == "private, max-age=240"
        assert (await closed.http.get(signed + "&v=1")).status_code == 200
        for wrong in (
            signed.replace("/0/0/0", "/0/1/0"),
            signed.replace("quality=70", "quality=71"),
            signed + "&extra=1",
            signed.replace(f"exp={exp}", f"exp={exp + 1}"),
        ):
            answer = await closed.http.get(wrong)
            assert (answer.status_code, answer.json()["error"]) == (401, "invalid_signature"), wrong
        expired = await closed.http.get(policy.sign_url(path, {}, int(time.time()) - 5))
        assert (expired.status_code, expired.json()["error"]) == (401, "signature_expired")
        for query, code in (
            ("sig=zz&exp=1", "invalid_signature_format"),
            (f"sig={'a' * 64}&exp=-1", "invalid_expiry_format"),
        ):
            answer = await closed.http.get(f"{path}?{query}")
            assert (answer.status_code, answer.json()["error"]) == (400, code)

    async def test_a_viewer_token_opens_one_slide_by_key_and_by_id_but_never_the_page(self, closed: Running) -> None:
        policy, exp = SignedLinks((SECRET.encode(),)), int(time.time()) + 60
        token = f"vt={policy.viewer_token(SLIDE, exp)}&exp={exp}"
        row = (await closed.catalog.listing.page(limit=1)).rows[0]
        for ref in (SLIDE, row.id):
            for path in (f"/tiles/{ref}/0/0/0.jpg", f"/slides/{ref}", f"/slides/{ref}/thumbnail", f"/slides/{ref}/dzi"):
                assert (await closed.http.get(f"{path}?{token}")).status_code == 200, path
        for path in ("/slides", "/", f"/view/{SLIDE}"):
            assert (await closed.http.get(f"{path}?{token}")).status_code == 401
        for other in ("/tiles/other.svs/0/0/0.jpg", "/tiles/s-aaaaaaaaaaaaaaaaaaaaaaaa/0/0/0.jpg"):
            answer = await closed.http.get(f"{other}?{token}")
            assert (answer.status_code, answer.json()["error"]) == (401, "invalid_signature")

    async def test_pages_hand_out_no_right_that_outlives_the_callers(self, closed: Running) -> None:
        policy, exp = SignedLinks((SECRET.encode(),)), int(time.time()) + 60
        page = await closed.http.get(policy.sign_url(f"/view/{SLIDE}", {}, exp))
        assert page.status_code == 200
        assert policy.viewer_token(SLIDE, exp) in page.text
        gallery = await closed.http.get(policy.sign_url("/", {}, exp))
        assert gallery.status_code == 200
        assert f"exp={exp}" in gallery.text
        link = gallery.text.split('"link":"/view/')[1].split('"')[0]
        assert (await closed.http.get("/view/" + link)).status_code == 200
        for response in (page, gallery):
            assert "no-store" in response.headers["cache-control"]
            assert "'unsafe-inline'" not in response.headers["content-security-policy"]
            assert SECRET not in response.text


async def test_a_slide_that_is_not_indexed_yet_is_indexed_when_asked_for(services: Running, bucket: Bucket) -> None:
    bucket.put("new/slide.tif", real_slide(SLIDE))
    began = time.monotonic()
    response = await services.http.get("/tiles/new%2Fslide.tif/0/0/0.jpg")
    assert response.status_code == 200
    assert time.monotonic() - began < 5
    assert (await services.http.get("/slides/gone.tif")).status_code == 404
    bucket.put("gone.tif", real_slide(SLIDE))
    await services.catalog.jobs.enqueue("scan")
    async with asyncio.timeout(10):
        while (await services.http.get("/slides/gone.tif")).status_code != 200:  # noqa: ASYNC110 - a server to be polled
            await asyncio.sleep(0.1)


async def test_other_objects_of_the_bucket_are_nobodys_business(services: Running, bucket: Bucket) -> None:
    bucket.put("notes.pdf", b"%PDF")
    there, not_there = [await services.http.get(f"/slides/{key}") for key in ("notes.pdf", "none.pdf")]
    assert (there.status_code, there.text) == (404, not_there.text)
    assert (await services.http.get("/slides")).json()["slides"] == [SLIDE]


async def test_a_target_that_is_no_path_is_refused(services: Running) -> None:
    response = await get(services, "*")
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


async def test_every_answer_has_a_request_id_and_a_sane_one_is_kept(services: Running) -> None:
    for path in (f"/tiles/{SLIDE}/0/0/0.jpg", f"/tiles/{SLIDE}/9/0/0.jpg", f"/slides/{SLIDE}", "/nothing"):
        assert (await get(services, path, **{"x-request-id": "abc-1"})).headers["x-request-id"] == "abc-1"
        assert (await get(services, path, **{"x-request-id": "a b"})).headers["x-request-id"] not in ("", "a b")


async def test_a_picture_the_client_has_is_not_made_again(services: Running, bucket: Bucket, database_url: str) -> None:
    path = f"/slides/{SLIDE}/thumbnail?max_size=64"
    etag = (await services.http.get(path)).headers["etag"]
    async with running(database_url, bucket.name, bucket.server.endpoint, indexer=False) as cold:
        assert (await cold.http.get(path, headers={"if-none-match": etag})).status_code == 304
        metrics = cold.metrics.render()[0].decode()
        assert 'wsi_s3_requests_total{operation="get"' not in metrics


async def test_lists_and_metadata_stay_out_of_caches(services: Running, bucket: Bucket, database_url: str) -> None:
    assert (await services.http.get(f"/slides/{SLIDE}")).headers["cache-control"] == "no-cache"
    options = {"auth_enabled": True, "auth_secret": SECRET, "indexer": False}
    async with running(database_url, bucket.name, bucket.server.endpoint, **options) as closed:
        signed = SignedLinks((SECRET.encode(),)).sign_url("/slides", {}, int(time.time()) + 60)
        assert (await closed.http.get(signed)).headers["cache-control"] == "no-store"


async def test_a_version_that_is_dropped_meanwhile_is_opened_anew(services: Running) -> None:
    slide = await services.service.context.registry.get(SLIDE)
    await services.catalog.jobs.enqueue("index", key=SLIDE, force=True)
    async with asyncio.timeout(10):
        while True:
            opened = await services.catalog.slides.open(SLIDE)
            if opened is not None and opened.slide is not None and opened.slide.version_id != slide.version_id:
                break
            await asyncio.sleep(0.05)
    services.service.context.registry._keep(
        SLIDE, replace(opened, slide=slide, table=None), None
    )  # as before the NOTIFY
    response = await services.http.get(f"/tiles/{SLIDE}/0/2/1.jpg")
    assert response.status_code == 200, response.text


async def test_without_an_indexer_a_new_slide_is_busy_and_known_ones_are_served(
    services: Running, bucket: Bucket, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wsi_streamer.tiles.slide_registry.DEMAND_SECONDS", 0.3)
    other = Bucket(bucket.server, f"{bucket.name}-b")
    bucket.server.client().create_bucket(Bucket=other.name)
    other.put("a.tif", real_slide(SLIDE))
    async with running(database_url, other.name, bucket.server.endpoint, indexer=False) as alone:
        response = await alone.http.get("/tiles/a.tif/0/0/0.jpg")
        assert (response.status_code, response.json()["error"]) == (503, "busy")
        assert int(response.headers["retry-after"]) > 0
