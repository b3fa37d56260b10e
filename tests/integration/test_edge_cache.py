"""A real nginx with the shipped configuration: tiles are kept, and shown only to who may see them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import asyncpg
import httpx
import pytest

from tests.support.edge import OTHER, POLICY, SECRET, SIGNED, SLIDE, Edge, edge_of, slide, vt
from tests.support.in_process import running, wait_indexed
from tests.support.nginx import nginx
from tests.support.odd_keys import ODD_KEYS
from tests.support.s3server import Bucket
from wsi_streamer.access.caller import Caller
from wsi_streamer.access.permissions import Permission, Role
from wsi_streamer.access.scope import Scope
from wsi_streamer.access.session_cookie import COOKIE, identity_session, seal
from wsi_streamer.catalog.database import connect_arguments


@pytest.fixture
def slides(bucket: Bucket) -> Bucket:
    bucket.put(SLIDE, slide())
    bucket.put(OTHER, slide(64))
    return bucket


@pytest.fixture
async def edge(slides: Bucket, database_url: str, tmp_path: Path) -> AsyncIterator[Edge]:
    async with edge_of(tmp_path, slides, database_url, **SIGNED) as found:
        yield found


async def test_a_tile_is_asked_for_once_whoever_may_see_it(edge: Edge) -> None:
    token = f"&{vt()}"  # one for all: a second later it would be another right
    first = await edge.get(edge.tile(token=token))
    assert (first.status_code, first.headers["x-edge-cache"]) == (200, "MISS")
    assert first.headers["cache-control"] == "private, max-age=240"
    assert "x-accel-expires" not in first.headers
    assert (edge.asked("tile"), edge.asked("access")) == (1, 1)
    again = await edge.get(edge.tile(token=token))
    assert (again.content, again.headers["x-edge-cache"]) == (first.content, "HIT")
    assert again.headers["x-tile-cache-hit"] == "true"
    assert again.headers["cache-control"] == "private, max-age=240"
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert (edge.asked("tile"), edge.asked("access")) == (1, 1), "nothing reaches Python"
    await edge.get(edge.tile(1, token=token))
    assert (edge.asked("tile"), edge.asked("access")) == (2, 1), "one right for all tiles of the slide"
    other_user = await edge.get(edge.tile(token=f"&{vt(seconds=500)}"))
    assert (other_user.content, other_user.headers["x-edge-cache"]) == (first.content, "HIT")
    assert (edge.asked("tile"), edge.asked("access")) == (2, 2), "his right is checked, his tile is there"
    signed = POLICY.sign_url(edge.tile().partition("?")[0], {}, int(time.time()) + 3600) + f"&v={edge.version}"
    assert (await edge.get(signed)).headers["x-edge-cache"] == "HIT"


async def test_what_is_kept_is_refused_to_all_others_in_the_services_own_words(edge: Edge) -> None:
    url = edge.tile()
    assert (await edge.get(url)).status_code == 200
    assert (await edge.get(url)).headers["x-edge-cache"] == "HIT"
    exp = int(time.time()) + 3600
    others = {
        "": (401, "missing_signature"),
        f"&{vt(OTHER)}": (401, "invalid_signature"),
        f"&{vt(seconds=-1)}": (401, "signature_expired"),
        f"&exp={exp}&vt={'0' * 64}": (401, "invalid_signature"),
        f"&exp={exp}&vt=nonsense": (400, "invalid_signature_format"),
        f"&exp={exp}&vt=": (400, "invalid_signature_format"),
        f"&exp={exp}&sig={'0' * 64}": (401, "invalid_signature"),
        f"&vt={POLICY.viewer_token(SLIDE, exp)}": (401, "missing_expiry"),
        f"&vt={POLICY.viewer_token(SLIDE, exp)}&exp={exp + 1}": (401, "invalid_signature"),
        f"&vt={POLICY.viewer_token(SLIDE, exp)}&exp=0{exp}": (400, "invalid_expiry_format"),
    }
    for _ in range(2):  # a refusal is not kept either, nor is it a hit of something else
        for token, (status, code) in others.items():
            answer = await edge.get(edge.tile(token=token))
            assert (answer.status_code, answer.json()["error"]) == (status, code), token
            assert "no-store" in answer.headers["cache-control"]
            assert "x-edge-cache" not in answer.headers
    assert (await edge.get(url)).headers["x-edge-cache"] == "HIT"


async def test_a_right_that_is_remembered_opens_what_it_was_given_for(edge: Edge) -> None:
    row = (await edge.service.catalog.listing.page(limit=1, search=OTHER)).rows[0]
    exp = int(time.time()) + 3600
    token = POLICY.viewer_token(SLIDE, exp)
    allowed = edge.tile(token=f"&exp={exp}&vt={token}")
    signed = POLICY.sign_url(edge.tile().partition("?")[0], {}, exp) + f"&v={edge.version}"
    deep_zoom = f"/slides/{edge.id}_files/9/0_0.jpg?v={edge.version}&exp={exp}&vt={token}"
    for url in (allowed, signed, deep_zoom):
        assert [(await edge.get(url)).status_code for _ in range(2)] == [200, 200]
    assert (await edge.get(f"/tiles/{row.id}/0/0/0.jpg?v={row.version}&{vt(OTHER)}")).status_code == 200
    asked = edge.asked("access")
    for wrong in (
        f"/tiles/{row.id}/0/0/0.jpg?v={row.version}&exp={exp}&vt={token}",
        f"/tiles/{OTHER}/0/0/0.jpg?v={row.version}&exp={exp}&vt={token}",
        f"/slides/{row.id}/thumbnail?v={row.version}&exp={exp}&vt={token}",
        edge.tile(token=f"&exp={exp + 1}&vt={token}"),
        edge.tile(token=f"&exp={exp}&vt={token[:-1]}"),
        signed.replace("/0/0/0.jpg", "/0/1/0.jpg"),
        signed.replace(f"exp={exp}", f"exp={exp + 1}"),
        signed + "&quality=50",
        signed.replace(edge.id, row.id),
        deep_zoom.replace(edge.id, row.id),
        deep_zoom.replace("9/0_0.jpg", "thumbnail"),  # of a slide whose name ends in _files
    ):
        assert (await edge.get(wrong)).status_code in (400, 401), wrong
    assert edge.asked("access") == asked + 11


async def test_a_right_ends_on_time_though_tile_and_right_are_kept(edge: Edge) -> None:
    for seconds in (5, 20, 80):  # until it lasts longer than two requests, however busy the machine is
        asked, end = edge.asked("access"), time.time() + seconds
        url = edge.tile(token=f"&{vt(seconds=seconds)}")
        first, again = await edge.get(url), await edge.get(url)
        if time.time() < end - 2:
            break
    assert first.status_code == 200
    assert again.headers["x-edge-cache"] == "HIT"
    assert edge.asked("access") == asked + 1
    await asyncio.sleep(max(0.0, int(end) + 1.2 - time.time()))
    answer = await edge.get(url)
    assert (answer.status_code, answer.json()["error"]) == (401, "signature_expired")


async def test_queries_that_could_be_read_in_two_ways_pass_the_cache_by(edge: Edge) -> None:
    url = edge.tile()
    kept = await edge.get(url)
    assert (await edge.get(url)).headers["x-edge-cache"] == "HIT"
    path, _, query = url.partition("?")
    wrong = {
        f"{url}&quality=50&quality=60": 400,
        f"{path}?quality=60&{query}&quality=50": 400,
        f"{url}&v={edge.version}": 400,
        f"{url}&vt={'0' * 64}": 400,
        f"{path}?vt={'0' * 64}&{query}": 400,
        f"{url}&exp=1": 400,
        f"{url}&%76={edge.version}": 400,
        f"{url}&a=%zz": 400,
        f"{url}&quality=": 400,
        f"{url}&quality=0": 400,
        f"{url}&quality=101": 400,
    }
    for _ in range(2):
        for target, status in wrong.items():
            answer = await edge.get(target)
            assert answer.status_code == status, (target, answer.text)
            assert "image" not in answer.headers["content-type"]
    for same in (f"{url}&other=1", f"{url}&", f"{path}?&{query}", f"{path}?V=1&{query}", f"{url}&%71uality=90"):
        for _ in range(2):
            answer = await edge.get(same)
            assert answer.status_code == 200, same
            assert "x-edge-cache" not in answer.headers, same
    assert (await edge.get(f"{url}&%71uality=5")).headers["x-tile-quality"] == "5"
    low = await edge.get(f"{url}&quality=5")
    assert (low.headers["x-edge-cache"], low.headers["x-tile-quality"]) == ("MISS", "5")
    assert (await edge.get(f"{path}?quality=5&{query}")).headers["x-edge-cache"] == "HIT"
    assert (await edge.get(url)).content == kept.content


async def test_only_the_current_version_is_kept(edge: Edge) -> None:
    path, token = edge.tile().partition("?")[0], vt()
    assert (await edge.get(edge.tile())).status_code == 200  # which is no answer to the others
    for query in (f"?{token}", f"?v=0123456789abcdef&{token}", f"?v=&{token}"):
        for _ in range(2):
            answer = await edge.get(path + query)
            assert answer.status_code == 200
            assert answer.headers.get("x-edge-cache", "MISS") == "MISS", query


async def test_errors_are_not_kept(edge: Edge) -> None:
    before = edge.asked("tile")
    for i in range(1, 3):
        answer = await edge.get(edge.tile(99))
        assert (answer.status_code, answer.json()["error"]) == (400, "tile_out_of_bounds")
        assert edge.asked("tile") == before + i


async def test_a_frames_tiles_are_kept_and_shown_by_its_own_session_alone(
    slides: Bucket, database_url: str, tmp_path: Path
) -> None:
    options = {
        "access": "oidc", "auth_secret": SECRET, "public_url": "https://slides.hospital.example", "edge_cache": True,
        "oidc_issuer": "https://idp.test", "oidc_client_id": "viewer", "failure_burst": 1_000_000,
        "oidc_rules": '[{"claim": "groups", "value": "p", "roles": ["viewer"], "prefixes": ["other"]}]',
        "frame_ancestors": ("https://portal.hospital.example",),
    }  # fmt: skip
    async with contextlib.AsyncExitStack() as stack:
        service = await stack.enter_async_context(running(database_url, slides.name, slides.server.endpoint, **options))
        await wait_indexed(service.catalog, 2)
        row = (await service.catalog.listing.page(limit=1, search=SLIDE)).rows[0]
        at = await stack.enter_async_context(nginx(tmp_path / "nginx", [service.url]))
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=at, timeout=30))
        edge, access = Edge(service, http, row.id, row.version or ""), service.access
        assert access.identities is not None
        ada = Caller("identity", "https://idp.test|ada", frozenset({Permission.TILES}), Scope(("other",)))
        session = identity_session(ada, access.identities.rules_version, time.time(), seconds=3600)
        own = f"__Host-{COOKIE}={seal(access.config.keys, session)}"
        admin = Caller("admin-token", "admin", roles=frozenset({Role.ADMIN}))
        grant = await access.grants.issue(admin, slide=edge.id, expires_in=600)
        answer = await edge.get(grant.path(), **{"sec-fetch-dest": "iframe"})
        frames = answer.headers["set-cookie"].partition(";")[0]
        both, plain = f"{own}; {frames}", edge.tile(token="")
        marked = f"{plain}&embedded=1"
        assert (await edge.get(marked, cookie=frames)).headers["x-edge-cache"] == "MISS"
        for _ in range(2):  # asked, and remembered
            for cookie in (frames, both, f"{frames}; {own}"):
                kept = await edge.get(marked, cookie=cookie)
                assert (kept.status_code, kept.headers["x-edge-cache"]) == (200, "HIT"), cookie
            refused = {
                (marked, own): 401,
                (marked, ""): 401,
                (plain, frames): 401,
                (plain, both): 403,
                (plain, own): 403,
            }
            for (url, cookie), status in refused.items():
                assert (await edge.get(url, cookie=cookie)).status_code == status, (url, cookie)
        other = (await edge.service.catalog.listing.page(limit=1, search=OTHER)).rows[0]
        plain = f"/tiles/{other.id}/0/0/0.jpg?v={other.version}"
        for _ in range(2):
            assert (await edge.get(plain, cookie=both)).status_code == 200, "Ada's own"
            assert (await edge.get(f"{plain}&embedded=1", cookie=both)).status_code == 403, "not the grant's"
        assert (await edge.get(plain, cookie=both)).headers["x-edge-cache"] == "HIT"
        for odd in ("&embedded=2", "&embedded=", "&embedded", "&%65mbedded=1", "&embedded=1&embedded=1"):
            assert (await edge.get(plain + odd, cookie=both)).status_code in (400, 403), odd
            assert (await edge.get(edge.tile(token=odd), cookie=own)).status_code in (400, 401), odd


async def test_a_picture_is_asked_for_again_after_a_day_and_a_deleted_slide_is_gone_then(
    slides: Bucket, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wsi_streamer.tiles.cache_control.EDGE_SECONDS", 1)  # the day
    async with edge_of(tmp_path, slides, database_url, **SIGNED) as edge:
        url, moving = edge.tile(), edge.tile(1)
        old = await edge.get(moving)
        assert (await edge.get(url)).headers["x-edge-cache"] == "MISS"
        for _ in range(50):  # until it is asked for again within its second
            if (await edge.get(url)).headers["x-edge-cache"] == "HIT":
                break
        else:
            pytest.fail("it is never kept")
        await asyncio.sleep(2.1)
        again = await edge.get(url)
        assert (again.status_code, again.headers["x-edge-cache"]) == (200, "REVALIDATED")
        assert again.headers["x-tile-cache-hit"] == "true"
        slides.put(SLIDE, slide(32))
        await edge.service.catalog.jobs.enqueue("scan")
        async with asyncio.timeout(60):
            while (await edge.service.catalog.listing.page(limit=1, search=SLIDE)).rows[0].version == edge.version:  # noqa: ASYNC110 - a server to be polled
                await asyncio.sleep(0.1)
        for _ in range(2):  # the old version's URL shows the new one, as everywhere, but is not what is kept
            new = await edge.get(moving)
            assert (new.status_code, new.headers["x-edge-cache"]) == (200, "EXPIRED")
            assert new.headers["etag"] != old.headers["etag"]
        slides.delete(SLIDE)
        async with asyncio.timeout(60):
            while (answer := await edge.get(url)).status_code == 200:
                await edge.service.catalog.jobs.enqueue("scan")
                await asyncio.sleep(0.5)
        assert answer.json()["error"] in ("not_found", "invalid_signature")  # as for any slide that isn't known


async def test_path_tricks_get_nobody_further(edge: Edge) -> None:
    url = edge.tile()
    kept = await edge.get(url)
    query = url.partition("?")[2]
    without = f"?v={edge.version}"
    for path in (
        f"//tiles/{edge.id}/0/0/0.jpg", f"/x/../tiles/{edge.id}/0/0/0.jpg", f"/tiles/./{edge.id}/0/0/0.jpg",
        f"/tiles//{edge.id}/0/0/0.jpg", f"/%74iles/{edge.id}/0/0/0.jpg", f"/tiles/{OTHER}/../{edge.id}/0/0/0.jpg",
        f"/tiles/{OTHER}%2F..%2F{edge.id}/0/0/0.jpg", f"/TILES/{edge.id}/0/0/0.jpg", f"/tiles/{edge.id}/0/0/0.jpg/",
        f"/tiles/{edge.id}/0/0%2F0.jpg", f"/tiles/{edge.id}/0/0/0.jpg%3Fx",
    ):  # fmt: skip
        for rest in (without, f"?{query}"):
            answer = await edge.get(path + rest)
            assert answer.status_code in (400, 401, 404), (path, answer.status_code)
    before = edge.asked("access")
    for target in (
        "/access", "/access?x=1", "//access", "/./access", "/%61ccess", "/access/", "/x/../access", "/access#x", "/ACCESS",
    ):  # fmt: skip
        answer = await edge.get(target, **{"x-original-uri": url})
        assert answer.status_code == 404, target
    assert edge.asked("access") == before, "nobody outside asks for rights"
    for name in ("x-original-uri", "x-accel-expires", "x-accel-redirect", "x-forwarded-uri", "x-rewrite-url"):
        assert (await edge.get(edge.tile(token=""), **{name: url})).status_code == 401
    assert (await edge.get(url)).content == kept.content
    assert (await edge.get(url, host="elsewhere.example")).headers["x-edge-cache"] == "HIT"


async def test_a_fragment_in_the_target_is_not_mistaken(edge: Edge) -> None:
    await edge.get(edge.tile())
    path, _, query = edge.tile().partition("?")
    for target in (f"{path}#?{query}", f"{path}?v={edge.version}#&{query}"):
        assert (await edge.get(target)).status_code in (400, 401)


async def test_odd_keys_are_kept_apart(bucket: Bucket, database_url: str, tmp_path: Path) -> None:
    keys = [key.removesuffix(".svs") + ".tif" for key in ODD_KEYS]
    for i, key in enumerate(keys):
        bucket.put(key, slide(8 * i))
    bucket.put(SLIDE, slide())
    async with edge_of(tmp_path, bucket, database_url, **SIGNED) as edge:
        await wait_indexed(edge.service.catalog, len(keys) + 1)
        rows = {row.key: row for row in (await edge.service.catalog.listing.page(limit=1000)).rows}
        for key in keys:
            for ref in (quote(key, safe=""), rows[key].id):
                target = f"/tiles/{ref}/1/0/0.jpg?v={rows[key].version}&{vt(key)}"
                direct = await edge.service.http.send(
                    httpx.Request("GET", edge.service.url, extensions={"target": target.encode()})
                )
                assert direct.status_code == 200
                for expected in ("MISS", "HIT"):
                    answer = await edge.get(target)
                    assert (answer.status_code, answer.headers.get("x-edge-cache")) == (200, expected), target
                    assert answer.content == direct.content
                refused = await edge.get(f"/tiles/{ref}/1/0/0.jpg?v={rows[key].version}&{vt(OTHER)}")
                assert refused.status_code == 401


async def test_head_conditional_and_ranges(edge: Edge) -> None:
    url = edge.tile()
    head = await edge.get(url, "HEAD")
    got = await edge.get(url)
    assert (head.status_code, head.content, got.headers["x-edge-cache"]) == (200, b"", "HIT")
    assert head.headers["content-length"] == str(len(got.content))
    assert (await edge.get(url, "HEAD")).headers["x-edge-cache"] == "HIT"
    known = await edge.get(url, **{"if-none-match": got.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    assert edge.asked("tile") == 1
    fresh = edge.tile(1)
    part = await edge.get(fresh, range="bytes=5-9")
    whole = await edge.get(fresh)
    assert part.content in (whole.content, whole.content[5:10])
    assert whole.headers["content-length"] == str(len(whole.content)) == str(len((await edge.get(fresh)).content))
    for method in ("HEAD", "GET"):
        assert (await edge.get(edge.tile(token=""), method)).status_code == 401
    post = await edge.get(url, "POST")
    assert (post.status_code, post.json()["error"]) == (405, "method_not_allowed")


async def test_deep_zoom_tiles_and_thumbnails_are_kept_too_but_nothing_else(edge: Edge) -> None:
    v = f"v={edge.version}"
    pictures = [
        f"/slides/{edge.id}_files/9/1_0.jpg?{v}&{vt()}",
        f"/slides/{edge.id}/dzi_files/9/1_0.jpg?{v}&{vt()}",
        f"/slides/{edge.id}/thumbnail?{v}&{vt()}",
        f"/slides/{edge.id}/thumbnail?max_size=64&{v}&{vt()}",
        f"/slides/{edge.id}/thumbnail?max_size=64&quality=5&{v}&{vt()}",
    ]
    bodies = []
    for url in pictures:
        first, second = await edge.get(url), await edge.get(url)
        assert [a.headers.get("x-edge-cache") for a in (first, second)] == ["MISS", "HIT"], (url, first.text[:100])
        assert first.content == second.content
        bodies.append(first.content)
        assert (await edge.get(url.partition("&exp")[0])).status_code == 401
    assert bodies[0] == bodies[1]
    assert len(set(bodies)) == 4
    for path in (f"/slides/{edge.id}.dzi", f"/slides/{edge.id}", f"/slides/{edge.id}/dzi"):
        for _ in range(2):
            answer = await edge.get(f"{path}?{v}&{vt()}")
            assert answer.status_code == 200
            assert "x-edge-cache" not in answer.headers
        assert (await edge.get(f"{path}?{v}")).status_code == 401
    page = await edge.get(POLICY.sign_url("/slides", {}, int(time.time()) + 3600))
    assert page.status_code == 200


async def test_each_named_origin_gets_its_own_cors_headers(slides: Bucket, database_url: str, tmp_path: Path) -> None:
    one, two = "https://one.example", "https://two.example"
    async with edge_of(tmp_path, slides, database_url, cors_origins=(one, two), **SIGNED) as edge:
        url = edge.tile()
        for _ in range(2):
            for origin, allowed in ((None, None), (one, one), (two, two), ("https://evil.example", None)):
                answer = await edge.get(url, **({} if origin is None else {"origin": origin}))
                assert answer.status_code == 200
                assert answer.headers.get("access-control-allow-origin") == allowed
                assert answer.headers["vary"] == "Origin"
        assert (await edge.get(url, origin=two)).headers["x-edge-cache"] == "HIT"
        refused = await edge.get(edge.tile(token=""), origin=one)
        assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, one)
        preflight = await edge.get(url, "OPTIONS", origin=one)
        assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (204, one)


async def test_without_the_setting_nothing_protected_is_kept(slides: Bucket, database_url: str, tmp_path: Path) -> None:
    async with edge_of(tmp_path, slides, database_url, **(SIGNED | {"edge_cache": False})) as edge:
        for _ in range(2):
            answer = await edge.get(edge.tile())
            assert answer.status_code == 200
            assert answer.headers.get("x-edge-cache", "MISS") == "MISS"
        assert (await edge.get(edge.tile(token=""))).status_code == 401
        assert (await edge.service.http.get("/access", headers={"x-original-uri": edge.tile()})).status_code == 404


@pytest.mark.parametrize("edge_cache", [False, True])
async def test_while_access_is_open_versioned_urls_are_kept(
    edge_cache: bool, slides: Bucket, database_url: str, tmp_path: Path
) -> None:
    async with edge_of(tmp_path, slides, database_url, access=False, edge_cache=edge_cache) as edge:
        url = edge.tile(token="")
        first, second = await edge.get(url), await edge.get(url)
        assert [a.headers["x-edge-cache"] for a in (first, second)] == ["MISS", "HIT"]
        assert second.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert second.headers["access-control-allow-origin"] == "*"
        assert edge.asked("tile") == 1
        unversioned = url.partition("?")[0]
        assert [(await edge.get(unversioned)).headers.get("x-edge-cache") for _ in range(2)] == [None, None]


async def test_a_slide_has_one_worker_and_kept_tiles_outlive_it_but_only_for_who_was_admitted(
    slides: Bucket, database_url: str, tmp_path: Path
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        edge = await stack.enter_async_context(edge_of(tmp_path, slides, database_url, **SIGNED))
        token = f"&{vt()}"
        async with running(database_url, slides.name, slides.server.endpoint, indexer=False, **SIGNED) as second:
            of_both = await stack.enter_async_context(nginx(tmp_path / "both", [edge.service.url, second.url]))
            of_second = await stack.enter_async_context(nginx(tmp_path / "second", [second.url]))
            http = await stack.enter_async_context(httpx.AsyncClient(timeout=30))
            for x in range(4):
                answer = await http.get(of_both + edge.tile(x, token=token))
                assert (answer.status_code, answer.headers["x-edge-cache"]) == (200, "MISS")
            counts = [edge.asked("tile"), Edge(second, http, "", "").asked("tile")]
            assert sorted(counts) == [0, 4], counts
            assert (await http.get(of_second + edge.tile(token=token))).status_code == 200
        # One of the two is gone: whichever it is, what is kept is served, and what isn't comes from the other.
        assert (await http.get(of_both + edge.tile(token=token))).headers["x-edge-cache"] == "HIT"
        assert (await http.get(of_both + edge.tile(4, token=token))).status_code == 200
        # All are gone.
        assert (await http.get(of_second + edge.tile(token=token))).headers["x-edge-cache"] == "HIT"
        for other in (f"&{vt(seconds=500)}", f"&{vt(OTHER)}", ""):
            refused = await http.get(of_second + edge.tile(token=other))
            assert refused.status_code >= 500
            assert "image" not in refused.headers["content-type"]


async def test_who_sees_what_the_edge_has_kept_is_on_record_too(edge: Edge, database_url: str) -> None:
    assert (await edge.get(edge.tile())).headers["x-edge-cache"] == "MISS"
    other = edge.tile(token=f"&{vt(seconds=500)}")
    assert (await edge.get(other)).headers["x-edge-cache"] == "HIT"
    assert (await edge.get(edge.tile(token=f"&{vt(OTHER)}"))).status_code == 401
    connection = await asyncpg.connect(**connect_arguments(database_url))
    async with asyncio.timeout(10):  # a refusal is written in the background
        found: list[str] = []
        while "denial" not in found:
            rows = await connection.fetch("SELECT action FROM audit WHERE action IN ('view', 'denial') ORDER BY seq")
            found = [row["action"] for row in rows]
            await asyncio.sleep(0.05)
    await connection.close()
    assert found == ["view", "view", "denial"], "and a refusal once, though nginx has asked before"
