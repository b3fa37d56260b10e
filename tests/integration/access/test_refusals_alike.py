"""A grant's holder learns nothing of other slides from what a refusal costs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event

from tests.support.in_process import running, wait_indexed
from tests.support.marked_slide import marked_slide
from tests.support.s3server import Bucket
from wsi_streamer.access.caller import Caller
from wsi_streamer.access.permissions import Role

ADMIN = Caller("admin-token", "admin", roles=frozenset({Role.ADMIN}))
OWN, OPEN, CLOSED, MISSING = "a/own.tiff", "a/open.tiff", "a/closed.tiff", "a/missing.tiff"


def tile(key: str) -> str:
    return f"/tiles/{key.replace('/', '%2F')}/0/0/0.jpg"


async def test_a_key_is_refused_without_a_look_at_the_catalog(bucket: Bucket, database_url: str) -> None:
    for key in (OWN, OPEN, CLOSED):
        bucket.put(key, marked_slide((4, 4), (2, 2), (1, 1)))
    options = {"access": "signed", "auth_secret": "a secret that is long enough"}
    async with running(database_url, bucket.name, bucket.server.endpoint, **options) as found:
        await wait_indexed(found.catalog, 3)
        everything = await found.access.grants.issue(ADMIN, prefix="", expires_in=600, permissions=["metadata"])
        one = await found.access.grants.issue(ADMIN, slide=OWN, expires_in=600, permissions=["metadata"])
        holder = {"authorization": f"Bearer {one.token}"}
        asked: list[str] = []
        service = found.service._database.engine.sync_engine

        @event.listens_for(service, "before_cursor_execute")
        def note(_1: Any, _2: Any, statement: str, values: Any, *_rest: Any) -> None:
            # Others poll; and the refusal itself is on record, all alike and after the answer.
            if any(key in str(values) for key in (OPEN, CLOSED, MISSING)) and "INSERT INTO audit" not in statement:
                asked.append(statement)

        answer = await found.http.get(tile(OPEN), headers={"authorization": f"Bearer {everything.token}"})
        assert answer.status_code == 200
        assert asked, "it is seen when the catalog is asked"
        assert (await found.http.get(tile(OWN), headers=holder)).status_code == 200  # by its key, and not open before
        asked.clear()
        answers = [await found.http.get(tile(key), headers=holder) for key in (OPEN, CLOSED, MISSING)]
        assert [answer.status_code for answer in answers] == [403] * 3
        assert len({answer.content for answer in answers}) == 1
        assert asked == []
