"""The admin API, over a real catalog and bucket."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote_plus

import pytest

from tests.support.audit import first_denials
from tests.support.indexing import Indexing, indexing
from tests.support.s3server import Bucket
from tests.support.tiffs import plain
from wsi_streamer.catalog.database import Database
from wsi_streamer.slides.slide import SlideStatus

ADMIN = {"authorization": "Bearer admin"}


@pytest.fixture
async def indexer(bucket: Bucket, database_url: str) -> AsyncIterator[Indexing]:
    """An indexer with tokens, over two good slides and a broken one."""
    bucket.put("p/a.tif", plain())
    bucket.put("p/b.tif", plain())
    bucket.put("c.tif", b"II*\0\0\0\0\0")
    tokens = {"admin_token": "admin", "auditor_token": "auditor", "events_token": "events"}
    async with indexing(database_url, bucket.name, bucket.server.endpoint, **tokens) as running:
        await running.idle(3)
        yield running


async def finished(indexer: Indexing, job_id: int) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while True:
            found: dict[str, Any] = (await indexer.admin.get(f"/admin/jobs/{job_id}", headers=ADMIN)).json()
            if found["state"] in ("done", "failed"):
                return found
            await asyncio.sleep(0.05)


async def test_without_the_token_nothing_is_told_and_no_body_is_read(indexer: Indexing) -> None:
    answers = [
        await indexer.admin.get("/admin/status"),
        await indexer.admin.get("/admin/jobs/1"),
        await indexer.admin.get("/admin/slides/c.tif/explain", headers={"authorization": "Bearer events"}),
        await indexer.admin.post("/admin/reindex", content=b"not even JSON"),
        await indexer.admin.post("/admin/events", content=b"not even JSON"),
        await indexer.admin.post("/admin/events/wrong", json={"Records": []}),
    ]
    assert [answer.status_code for answer in answers] == [401] * len(answers)
    assert all(answer.json()["error"] == "unauthorized" for answer in answers)


async def test_one_who_is_known_but_has_not_the_role_is_named_in_the_record(
    indexer: Indexing, database: Database
) -> None:
    answer = await indexer.admin.get("/admin/status", headers={"authorization": "Bearer auditor"})
    assert (answer.status_code, answer.json()["message"]) == (403, "This needs the role 'admin'.")
    [record] = await first_denials(database)
    assert (record["agent"]["kind"], record["agent"]["roles"]) == ("auditor-token", ["auditor"])
    assert (record["detail"]["route"], record["detail"]["wanted"]) == ("admin", "admin")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"{}", b"[" * 8000, b'{"a":' * 8000, b'{"keys": ' + b"[" * 8000, b'{"all": true, "keys": ["a"]}', b'{"prefix": "p", "keys": ["a"]}', b'{"al": true}',
     b'{"keys": "a"}', b'{"all": "yes"}', b'{"keys": ["a\\u0000b"]}', b'{"all": false}',
     b'{"all": true, "request": ""}', b'{"all": true, "request": "a\\u0000b"}'],
)  # fmt: skip
async def test_a_reindex_that_cannot_be_read_says_so(indexer: Indexing, body: bytes) -> None:
    headers = ADMIN | {"content-type": "application/json"}
    answer = await indexer.admin.post("/admin/reindex", content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"
    assert answer.json()["message"].endswith(".")


async def test_reindex_by_prefix_keys_and_all_tells_its_progress(indexer: Indexing) -> None:
    versions = {key: row.version for key, row in (await indexer.rows()).items()}
    for body, total, outcome in (
        ({"prefix": "p/", "force": True}, 2, "indexed"),
        ({"keys": ["p/a.tif"]}, 1, "unchanged"),
        ({"all": True}, 3, "unchanged"),
    ):
        before = indexer.counted(outcome)
        accepted = await indexer.admin.post("/admin/reindex", json=body, headers=ADMIN)
        assert accepted.status_code == 202
        assert accepted.json()["kind"] == "reindex"
        done = await finished(indexer, accepted.json()["id"])
        assert (done["state"], done["total"], done["done"], done["failed"]) == ("done", total, total, 0)
        assert indexer.counted(outcome) > before
    assert {key: row.version for key, row in (await indexer.rows()).items()} == versions


async def test_a_request_that_is_repeated_under_its_name_is_one_job(indexer: Indexing) -> None:
    body = {"all": True, "request": "2026-11-21"}
    asked = [indexer.admin.post("/admin/reindex", json=body, headers=ADMIN) for _ in range(5)]
    jobs = {answer.json()["id"] for answer in await asyncio.gather(*asked)}
    assert len(jobs) == 1
    assert (await finished(indexer, *jobs))["state"] == "done"
    again = await indexer.admin.post("/admin/reindex", json=body, headers=ADMIN)
    assert (again.status_code, again.json()["id"]) == (202, *jobs)
    other = await indexer.admin.post("/admin/reindex", json=body | {"request": "2026-11-22"}, headers=ADMIN)
    assert other.json()["id"] not in jobs


async def test_unknown_jobs_and_slides_are_404(indexer: Indexing) -> None:
    for path in ("/admin/jobs/999999", "/admin/jobs/99999999999999999999", "/admin/jobs/x",
                 "/admin/slides/nope.tif/explain", "/admin/slides/c.tif", "/admin/nope"):  # fmt: skip
        answer = await indexer.admin.get(path, headers=ADMIN)
        assert (answer.status_code, answer.json()["error"]) == (404, "not_found"), path


async def test_status_shows_counts_backlog_the_last_scan_and_what_went_wrong(indexer: Indexing) -> None:
    found = (await indexer.admin.get("/admin/status", headers=ADMIN)).json()
    assert (found["slides"]["indexed"], found["slides"]["pending"], found["backlog"]) == (2, 0, 0)
    assert (found["last_scan"]["listed"], found["last_scan"]["new"], found["last_scan"]["error"]) == (3, 3, None)
    [error] = found["errors"]
    assert error["key"] == "c.tif"
    assert error["error"]


async def test_explain_by_key_and_by_opaque_id(indexer: Indexing) -> None:
    row = (await indexer.rows())["p/a.tif"]
    by_key = (await indexer.admin.get("/admin/slides/p%2Fa.tif/explain", headers=ADMIN)).json()
    by_id = (await indexer.admin.get(f"/admin/slides/{row.id}/explain", headers=ADMIN)).json()
    assert by_key == by_id
    [version] = by_key["versions"]
    [level] = version["levels"]
    assert (level["width"], level["tiles"], level["recipe"]["codec"]) == (64, 4, "none")


async def test_an_event_has_a_new_slide_indexed_within_seconds(indexer: Indexing, bucket: Bucket) -> None:
    key = "neu/a+b 100% ü.tif"
    bucket.put(key, plain())
    record = {"s3": {"bucket": {"name": bucket.name}, "object": {"key": quote_plus(key)}}}
    began = time.monotonic()
    answer = await indexer.admin.post("/admin/events/events", json={"Records": [record]})
    assert answer.status_code == 202
    rows = await indexer.idle(4)
    assert rows[key].status is SlideStatus.INDEXED
    assert time.monotonic() - began < 3
    assert set(rows) == {"p/a.tif", "p/b.tif", "c.tif", key}


async def test_events_for_others_queue_nothing_and_lies_are_found_out(indexer: Indexing, bucket: Bucket) -> None:
    def record(name: str, key: str) -> dict[str, Any]:
        return {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": name}, "object": {"key": key}}}

    body = {"Records": [record("other", "p/a.tif"), record(bucket.name, "readme.txt")]}
    answer = await indexer.admin.post("/admin/events", json=body, headers={"authorization": "Bearer events"})
    assert (answer.status_code, answer.json()) == (202, {"queued": 0})
    lie = {"Records": [record(bucket.name, "never was.tif")]}
    await indexer.admin.post("/admin/events", json=lie, auth=("minio", "events"))
    gone = {"Records": [record(bucket.name, "p/a.tif") | {"eventName": "ObjectRemoved:Delete"}]}
    await indexer.admin.post("/admin/events", json=gone, auth=("minio", "events"))
    assert set(await indexer.idle(3)) == {"p/a.tif", "p/b.tif", "c.tif"}
    await indexer.scan()
    assert set(await indexer.rows()) == {"p/a.tif", "p/b.tif", "c.tif"}


async def test_a_notification_may_be_large_but_not_endless(indexer: Indexing, bucket: Bucket) -> None:
    record = {"s3": {"bucket": {"name": bucket.name}, "object": {"key": "p/a.tif"}}}
    large = await indexer.admin.post("/admin/events/events", json={"Records": [record] * 5_000})
    assert (large.status_code, large.json()) == (202, {"queued": 1})
    endless = await indexer.admin.post("/admin/events/events", content=b" " * 1_100_000)
    assert endless.status_code == 400
    torn = await indexer.admin.post("/admin/events/events", content=json.dumps({"Records": [record]})[:-3].encode())
    assert torn.status_code == 400
