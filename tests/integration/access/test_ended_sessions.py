"""Ended sessions in a real database: one is known until it could not be renewed anyway."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from wsi_streamer.access.caller import Caller
from wsi_streamer.access.ended_sessions import EndedSessions
from wsi_streamer.access.session_cookie import identity_session
from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.ended_sessions import EndedSessionQueries


async def test_rows_go_when_their_time_has_come(database: Database) -> None:
    queries, now = EndedSessionQueries(database), datetime.now(UTC)
    await queries.add("old", now - timedelta(seconds=5))
    await queries.add("one", now + timedelta(hours=12))
    await queries.add("one", now + timedelta(hours=12))
    assert await queries.has("one")
    assert not await queries.has("old")
    assert not await queries.has("another")
    rows = await database.rows(text("SELECT sid FROM ended_sessions"))
    assert [row.sid for row in rows] == ["one"]


async def test_one_question_is_answered_by_the_index(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(
            text(
                "INSERT INTO ended_sessions SELECT md5(n::text), now() + interval '1 h' FROM generate_series(1, 5000) n"
            )
        )
        await connection.execute(text("ANALYZE ended_sessions"))
        plan = (await connection.execute(text("EXPLAIN SELECT 1 FROM ended_sessions WHERE sid = 'x'"))).scalars().all()
    assert "ended_sessions_pkey" in plan[0]


async def test_memory_is_bounded_and_the_catalog_knows_the_rest(database: Database) -> None:
    ended = EndedSessions(EndedSessionQueries(database), capacity=2)
    ada = Caller("identity", "https://idp|ada")
    sessions = [identity_session(ada, "", time.time(), 3600) for _ in range(3)]
    for session in sessions:
        await ended.end(session)
    assert [session.sid in ended for session in sessions] == [False, True, True]
    assert await EndedSessionQueries(database).has(sessions[0].sid)
