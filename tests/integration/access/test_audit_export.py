"""What an auditor is given: one event a session, in pages or as a stream, and the reading on record."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from tests.support.audit import ANNA, BEN, Clock, auditing
from wsi_streamer.access.audit.audit import Audit
from wsi_streamer.access.caller import Caller
from wsi_streamer.catalog.audit_reads import AuditReads
from wsi_streamer.catalog.database import Database
from wsi_streamer.slides.errors import Forbidden
from wsi_streamer.web.audit_handlers import audit_handler
from wsi_streamer.web.errors import EXCEPTION_HANDLERS
from wsi_streamer.web.openapi import openapi_config
from wsi_streamer.web.static_files import StaticFiles

AUDITOR = Caller("auditor-token", "auditor")
BEGAN = time.time() - 7200


def guard(connection: Any, _: Any) -> None:
    if connection.headers.get("authorization") != "Bearer auditor":
        raise Forbidden("This needs the role 'auditor'.")


@pytest.fixture
async def client(database: Database, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A log with one session over two workers, another, and some acts."""
    clock = Clock(BEGAN)
    async with auditing(database, tmp_path, clock) as one, auditing(database, tmp_path, clock) as two:
        first = await one.begin_view(ANNA, "s-1", "case/1.svs", "192.0.2.1")
        clock.now += 60
        second = await two.begin_view(ANNA, "s-1", "case/1.svs", "192.0.2.2")
        await two.begin_view(BEN, "s-1", "case/1.svs", "192.0.2.3")
        first.tile(2, 5, 5, clock.now)
        second.tile(2, 1, 9, clock.now + 30)
        second.tile(0, 7, 7, clock.now + 40)
        for i in range(3):
            clock.now += 1
            await one.act("label-view", BEN, "192.0.2.3", slide_id="s-2", detail={"number": str(i)})
        clock.now += 60
    async with auditing(database, tmp_path, Clock(time.time())) as audit, served(database, audit) as client:
        yield client


@contextlib.asynccontextmanager
async def served(database: Database, audit: Audit) -> AsyncIterator[httpx.AsyncClient]:
    handler = audit_handler(
        AuditReads(database), audit, 1, guards=[guard], who_asks=lambda request: (AUDITOR, "192.0.2.7")
    )
    app = Litestar(
        [handler], exception_handlers=EXCEPTION_HANDLERS, openapi_config=openapi_config("test", StaticFiles())
    )
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test", headers={"authorization": "Bearer auditor"}
    ) as client:
        yield client


async def events(client: httpx.AsyncClient, query: str) -> list[dict[str, Any]]:
    answer = await client.get(f"/admin/audit?{query}")
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_a_session_is_one_event_whoever_served_it(client: httpx.AsyncClient) -> None:
    found = await events(client, "action=view")
    assert [event["agent"]["name"] for event in found] == ["Anna", "Ben"]
    anna = found[0]
    assert anna["detail"]["tiles"] == {
        "0": {"count": 1, "x": [7, 7], "y": [7, 7]},
        "2": {"count": 2, "x": [1, 5], "y": [5, 9]},
    }
    assert anna["detail"]["finest_level"] == 0
    assert set(anna["detail"]["addresses"]) == {"192.0.2.1", "192.0.2.2"}
    assert len(anna["records"]) == 4
    assert anna["period"]["first"] < anna["period"]["last"]
    assert (anna["slide_id"], anna["key"]) == ("s-1", "case/1.svs")


async def test_filters_and_pages_find_the_same_events_as_all_at_once(client: httpx.AsyncClient) -> None:
    everything = await events(client, "")
    until = everything[-1]["at"]
    assert [event["action"] for event in everything].count("view") == 2
    paged, cursor = [], ""
    while True:
        answer = await client.get(f"/admin/audit?limit=2&until={until}&cursor={cursor}")
        paged += [json.loads(line) for line in answer.text.splitlines()]
        cursor = answer.headers.get("x-next-cursor", "")
        if not cursor:
            break
    assert [(e["writer"], e["seq"]) for e in paged] == [(e["writer"], e["seq"]) for e in everything if e["at"] < until]
    assert {e["agent"]["name"] for e in await events(client, "agent=https://idp|ben")} == {"Ben"}
    assert {e["agent"]["name"] for e in await events(client, "agent=identity:https://idp|ben")} == {"Ben"}
    assert {e["action"] for e in await events(client, "slide=s-2")} == {"label-view"}
    assert await events(client, "until=2000-01-01") == []


async def test_a_session_that_began_earlier_is_found_while_it_went_on(client: httpx.AsyncClient) -> None:
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(BEGAN + 62))
    (found, _) = await events(client, f"action=view&since={since}")
    assert found["agent"]["name"] == "Anna"


async def test_the_reading_itself_is_on_record_before_the_answer(client: httpx.AsyncClient) -> None:
    await events(client, "slide=s-1")
    found = (await events(client, "action=audit-read&agent=auditor"))[0]
    assert found["detail"] == {"format": "ndjson", "slide": "s-1"}
    assert found["agent"]["address"] == "192.0.2.7"


async def test_a_session_that_goes_on_in_this_process_is_told_as_far_as_it_is(
    database: Database, tmp_path: Path
) -> None:
    async with auditing(database, tmp_path, Clock(time.time())) as audit, served(database, audit) as client:
        (await audit.begin_view(ANNA, "s-7", "case/7.svs", "")).tile(1, 2, 3, time.time() + 1)
        (event,) = await events(client, "action=view&slide=s-7")
    assert event["detail"]["tiles"]["1"]["count"] == 1


async def test_a_record_that_is_none_hides_no_other(database: Database, client: httpx.AsyncClient) -> None:
    """A service that was taken over may write it, and an auditor must still get all the rest."""
    before = await events(client, "action=view")
    async with database.transaction() as connection:
        for n, session in enumerate((None, "v-broken", before[0]["session"])):
            await connection.execute(
                text(
                    "INSERT INTO audit (writer, seq, at, source_id, action, agent, session, record, hash) VALUES "
                    "(:w, 1, now() - interval '1 minute', 1, 'view', 'x:y', :session, :record, sha256('x'))"
                ),
                {"w": f"w{n}", "session": session, "record": f'{{"writer":"w{n}","seq":1,"action":"view","at":1e999}}'},
            )
    for form in ("ndjson", "fhir"):
        assert (await client.get(f"/admin/audit?format={form}")).status_code == 200
    found = await events(client, "action=view")
    assert [event for event in found if event["action"] == "view"] == before
    assert [event["writer"] for event in found if event["action"] == "unreadable"] == ["w0", "w1"]


async def test_fhir_is_a_line_for_each_resource(client: httpx.AsyncClient) -> None:
    answer = await client.get("/admin/audit?format=fhir&action=view")
    assert answer.headers["content-type"].startswith("application/fhir+ndjson")
    resources = [json.loads(line) for line in answer.text.splitlines()]
    assert [r["resourceType"] for r in resources] == ["AuditEvent"] * 2
    assert resources[0]["entity"][0]["what"]["identifier"]["value"] == "s-1"
    assert set(resources[0]["period"]) == {"start", "end"}


@pytest.mark.parametrize(
    "query",
    ["format=xml", "since=yesterday", "limit=0", "limit=10001", "limit=x", "cursor=e30", "cursor=%00", "slide=%00", "until=9999-12-31T23:59:59-23:00",
     "cursor=WyIyMDI2LTAxLTAxIiwieCIsOTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5XQ"],
)  # fmt: skip
async def test_what_can_not_be_read_is_refused(client: httpx.AsyncClient, query: str) -> None:
    assert (await client.get(f"/admin/audit?{query}")).status_code == 400


async def test_nobody_else_reads_it(client: httpx.AsyncClient) -> None:
    answer = await client.get("/admin/audit", headers={"authorization": "Bearer x"})
    assert answer.status_code == 403
    assert (await client.get("/schema/openapi.json")).json()["paths"]["/admin/audit"]["get"]["parameters"]
