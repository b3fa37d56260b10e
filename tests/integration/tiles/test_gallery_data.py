"""The list for the page's script, folders and progress: the same rights as the page's, and nothing beyond."""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from tests.support.fortress import ADMIN
from tests.support.in_process import Running, running
from tests.support.odd_keys import ODD_KEYS
from tests.support.s3server import Bucket
from wsi_streamer.access.signed_links import SignedLinks
from wsi_streamer.catalog.scans import ScanTotals
from wsi_streamer.slides.slide import StoredObject

SECRET = "a secret of thirty-two bytes too"
POLICY = SignedLinks((SECRET.encode(),))
KEYS = [*ODD_KEYS, "//7.svs", "/8.svs", "a//10.svs", "x.svs", "x.svs/inner.svs", "100%/a b/#1.svs"]
JSON = {"accept": "application/json"}


async def fill(service: Running) -> None:
    for key in KEYS:
        await service.catalog.objects.observe(StoredObject(key, '"etag"', 1_000))
    await service.catalog.scans.finish(await service.catalog.scans.begin(), ScanTotals())


@pytest.fixture
async def service(bucket: Bucket, database_url: str) -> AsyncIterator[Running]:
    async with running(database_url, bucket.name, bucket.server.endpoint, indexer=False) as found:
        await fill(found)
        yield found


@pytest.fixture
async def closed(bucket: Bucket, database_url: str) -> AsyncIterator[Running]:
    options = {"auth_enabled": True, "auth_secret": SECRET}
    async with running(database_url, bucket.name, bucket.server.endpoint, indexer=False, **options) as found:
        await fill(found)
        yield found


def signed(path: str, **params: str) -> str:
    return POLICY.sign_url(path, params, int(time.time()) + 60)


async def test_the_list_is_a_page_for_people_and_data_for_its_script(service: Running) -> None:
    for accept, kind in (
        ("text/html,application/json;q=0.9", "text/html; charset=utf-8"),
        ("*/*", "text/html; charset=utf-8"),
        ("application/json", "application/json"),
    ):
        answer = await service.http.get("/", headers={"accept": accept})
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
        assert "accept" in answer.headers["vary"].lower()
        assert "no-store" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"
    found: list[str] = []
    url: str | None = "/?limit=7"
    while url is not None:
        page = (await service.http.get(url, headers=JSON)).json()
        assert len(page["slides"]) <= 7
        found += [slide["folder"] + slide["name"] for slide in page["slides"]]
        url = page["next"]
    assert found == sorted(KEYS, key=str.encode)
    for wrong in ("sort=name", "status=x", "cursor=x", "limit=x"):
        answer = await service.http.get(f"/?{wrong}", headers=JSON)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), wrong


async def test_folders_lead_to_every_slide(service: Running) -> None:
    found: set[str] = set()
    waiting = [""]
    while waiting:
        answer = (await service.http.get("/folders", params={"prefix": waiting.pop()})).json()
        assert not answer["more"]
        for folder in answer["folders"]:
            assert folder["prefix"].endswith(folder["name"] + "/")
            found.add(folder["prefix"])
            waiting.append(folder["prefix"])
    assert found == {key[: i + 1] for key in KEYS for i, sign in enumerate(key) if sign == "/"}
    for folder in found:
        page = (await service.http.get("/", params={"prefix": folder, "limit": "1000"}, headers=JSON)).json()
        assert {s["folder"] + s["name"] for s in page["slides"]} == {key for key in KEYS if key.startswith(folder)}


async def test_progress_counts_for_those_who_may_see_all(service: Running) -> None:
    counts = {"pending": len(KEYS), "indexed": 0, "failed": 0, "unsupported": 0, "archived": 0}
    assert (await service.http.get("/progress")).json() == {"scanning": False, "counts": counts}
    await service.catalog.scans.begin()
    assert (await service.http.get("/progress")).json()["scanning"] is True


async def test_a_link_tells_nothing_of_the_slides_beyond_its_list(closed: Running) -> None:
    asked = signed("/", prefix="100%/", limit="1")
    html = (await closed.http.get(asked, headers={"accept": "text/html"})).text
    island = re.search(r'<script type="application/json" id="gallery">(.*?)</script>', html, re.DOTALL)
    assert island is not None
    progress = await closed.http.get(json.loads(island[1])["progress"])
    assert progress.json() == {"scanning": False, "counts": None}


async def test_a_link_is_for_its_own_list_and_leads_on_by_links(closed: Running) -> None:
    assert (await closed.http.get("/", headers=JSON)).status_code == 401
    first = signed("/", status="pending", limit="5")
    page = (await closed.http.get(first, headers=JSON)).json()
    following = (await closed.http.get(page["next"], headers=JSON)).json()
    assert len(following["slides"]) == 5
    assert following["slides"][0]["id"] not in {slide["id"] for slide in page["slides"]}
    assert urlsplit(page["slides"][0]["link"]).path == f"/view/{page['slides'][0]['id']}"
    assert set(page["slides"][0]["access"]) == {"exp", "vt"}
    for changed in (
        first.replace("status=pending", "status=failed"),
        first + "&q=a",
        first.replace("limit=5", "limit=50"),
    ):
        assert (await closed.http.get(changed, headers=JSON)).status_code == 401, changed
    for path in ("/folders", "/progress"):
        assert (await closed.http.get(path)).status_code == 401
        assert (await closed.http.get(signed(path))).status_code == 200


@pytest.mark.parametrize("permissions", [["tiles"], ["tiles", "metadata"]])
async def test_a_grant_shows_no_more_folders_names_and_counts_than_it_is_for(
    permissions: list[str], closed: Running
) -> None:
    grant = await closed.access.grants.issue(ADMIN, prefix="100%/", expires_in=600, permissions=permissions)
    headers = {"authorization": f"Bearer {grant.token}"}
    page = await closed.http.get("/", headers=headers | JSON)
    assert len(page.json()["slides"]) == 1
    assert (await closed.http.get("/progress", headers=headers)).json() == {"scanning": False, "counts": None}
    folders = await closed.http.get("/folders", headers=headers)
    searched = await closed.http.get("/?q=1", headers=headers | JSON)
    inside = await closed.http.get("/?prefix=100%25/", headers=headers | JSON)
    if "metadata" in permissions:
        assert folders.json() == {"folders": [{"prefix": "100%/", "name": "100%"}], "more": False}
        assert (await closed.http.get("/folders?prefix=a/", headers=headers)).json()["folders"] == []
        assert (searched.status_code, inside.status_code) == (200, 200)
        assert page.json()["slides"][0]["folder"] == "100%/a b/"
    else:
        assert {answer.status_code for answer in (folders, searched, inside)} == {403}
        assert "#1.svs" not in page.text
        assert page.json()["slides"][0]["folder"] is None
