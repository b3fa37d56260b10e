"""The queue: rows that indexers claim under a lease."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from wsi_streamer.catalog import job_statements as sql
from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.lately import Lately
from wsi_streamer.catalog.notifications import JOBS_CHANNEL, Listener
from wsi_streamer.catalog.stored_text import after_prefix, clean, is_clean
from wsi_streamer.slides.recipe import RECIPE_VERSION

Kind = Literal["index", "overview", "scan", "reindex"]

OVERVIEW = -10
OUTDATED = -5
"""Slides that an older release indexed: they are served meanwhile."""
FROM_SCAN = 0
REINDEX = 5
EVENT = 10
CONTROL = 50
"""Scans and reindex requests: short, others wait for what they queue, and a source has one of them at a time."""
ON_DEMAND = 100
"""Someone is waiting for this slide."""

POLL_SECONDS = 0.5

_CONTROL_KINDS = frozenset({"scan", "reindex"})


_PRIORITIES: dict[Kind, int] = {"index": FROM_SCAN, "overview": OVERVIEW, "scan": CONTROL, "reindex": CONTROL}


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work for an indexer."""

    id: int
    kind: Kind
    key: str | None
    priority: int
    state: Literal["queued", "running", "done", "failed"]
    outcome: str | None
    """``indexed``, ``unchanged``, ``absent``, ``refused``, …, once it is done."""
    error: str | None
    attempts: int
    force: bool
    params: dict[str, Any]
    parent_id: int | None
    created_at: datetime
    finished_at: datetime | None

    @property
    def finished(self) -> bool:
        """Done or failed."""
        return self.state in ("done", "failed")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the jobs of a parent are."""

    total: int
    done: int
    failed: int


class JobQueries:
    """The queue of one source."""

    def __init__(self, database: Database, source_id: int, listener: Listener | None) -> None:
        self._database = database
        self._source = source_id
        self._listener = listener
        self._backlog = Lately(self._count_backlog)

    async def enqueue(
        self,
        kind: Kind,
        *,
        key: str | None = None,
        priority: int | None = None,
        force: bool = False,
        params: dict[str, Any] | None = None,
        parent_id: int | None = None,
    ) -> Job:
        """Queue a job, at its kind's priority unless told. A kind and key that is queued already stays one job, at the
        higher priority."""
        values = {
            "source": self._source,
            "kind": kind,
            "key": key,
            "priority": _PRIORITIES[kind] if priority is None else priority,
            "force": force,
            "params": json.dumps(params or {}),
            "parent": parent_id,
        }
        async with self._database.transaction() as connection:
            return await self._enqueue(connection, values)

    async def enqueue_reindex(self, params: dict[str, Any], *, force: bool, request: str | None = None) -> Job:
        """Queue a reindex; where one was asked for with the same ``request`` before, that one. Whoever can't know whether its
        first question got through asks again with the same."""
        values = {"source": self._source, "kind": "reindex", "key": None, "priority": CONTROL, "force": force,
                  "params": json.dumps(params if request is None else params | {"request": request}),
                  "parent": None}  # fmt: skip
        async with self._database.transaction() as connection:
            if request is not None:
                await connection.execute(sql.ONE_AT_A_TIME, {"lock": sql.REINDEX_LOCK, "source": self._source})
                asked = {"source": self._source, "request": request}
                if row := (await connection.execute(sql.REINDEX_ASKED, asked)).one_or_none():
                    return _job(row)
            return await self._enqueue(connection, values)

    async def _enqueue(self, connection: AsyncConnection, values: dict[str, Any]) -> Job:
        job = _job((await connection.execute(sql.ENQUEUE, values)).one())
        await connection.execute(sql.NOTIFY, {"payload": f"{self._source}:{job.id}:queued"})
        return job

    async def enqueue_scan_since(self, since: datetime) -> bool:
        """Queue a scan unless one has begun since then and has not failed, or waits that was queued since; returns whether it is. However many
        ask for the same time, one scan is queued."""
        async with self._database.transaction() as connection:
            await connection.execute(sql.ONE_AT_A_TIME, {"lock": sql.SCAN_LOCK, "source": self._source})
            values = {"source": self._source, "priority": CONTROL, "since": since}
            job_id = (await connection.execute(sql.ENQUEUE_SCAN_SINCE, values)).scalar_one_or_none()
            if job_id is not None:
                await connection.execute(sql.NOTIFY, {"payload": f"{self._source}:{job_id}:queued"})
        return job_id is not None

    async def enqueue_keys(
        self, keys: Sequence[str], *, priority: int = FROM_SCAN, force: bool = False, parent_id: int | None = None
    ) -> int:
        """Queue an index job for each key, in one statement; returns how many. Keys that no object can have are left out."""
        values = {
            "source": self._source,
            "keys": [key for key in dict.fromkeys(keys) if is_clean(key)],
            "priority": priority,
            "force": force,
            "parent": parent_id,
        }
        return await self._enqueue_many(sql.ENQUEUE_KEYS, values)

    async def enqueue_slides(self, prefix: str, *, force: bool, parent_id: int | None) -> int:
        """Queue an index job for each known slide under a prefix; returns how many."""
        values = {
            "source": self._source,
            "prefix": clean(prefix),
            "prefix_end": after_prefix(clean(prefix)),
            "priority": REINDEX,
            "force": force,
            "parent": parent_id,
        }
        return await self._enqueue_many(sql.ENQUEUE_SLIDES, values)

    async def enqueue_pending(self) -> int:
        """Queue an index job for each slide without one that is pending; returns how many."""
        await self._database.analyze("slides", "jobs")
        values = {"source": self._source, "priority": FROM_SCAN}
        return await self._enqueue_many(sql.ENQUEUE_PENDING, values)

    async def enqueue_outdated(self) -> int:
        """Queue an index job for each slide that only an older release has indexed; returns how many."""
        values = {"source": self._source, "priority": OUTDATED, "recipe_version": RECIPE_VERSION}
        return await self._enqueue_many(sql.ENQUEUE_OUTDATED, values)

    async def _enqueue_many(self, statement: Any, values: dict[str, Any]) -> int:
        async with self._database.transaction() as connection:
            count = int((await connection.execute(statement, values)).rowcount)
            await connection.execute(sql.NOTIFY, {"payload": f"{self._source}::queued"})
        return count

    async def claim(
        self, worker: str, *, limit: int, lease: float, kinds: Sequence[Kind], least_priority: int = -(2**31)
    ) -> list[Job]:
        """Take up to ``limit`` jobs, the most urgent first, for ``lease`` seconds; jobs whose lease ran out too.

        Scans and reindex jobs: one at a time a source, whoever does it.

        Raises:
            ValueError: jobs of slides and control jobs are claimed apart.
        """
        if not (_CONTROL_KINDS.isdisjoint(kinds) or _CONTROL_KINDS.issuperset(kinds)):
            raise ValueError("claim scans and reindex jobs apart from others")
        control = not _CONTROL_KINDS.isdisjoint(kinds)
        values = {
            "source": self._source,
            "worker": worker,
            "limit": limit,
            "lease": lease,
            "kinds": list(kinds),
            "least": least_priority,
        }
        async with self._database.transaction() as connection:
            if control:
                lock = {"lock": sql.CONTROL_LOCK, "source": self._source}
                if not (await connection.execute(sql.ONE_CONTROL_CLAIM, lock)).scalar_one():
                    return []
            rows = (await connection.execute(sql.CLAIM_CONTROL if control else sql.CLAIM_SLIDES, values)).all()
        return sorted((_job(row) for row in rows), key=lambda job: (-job.priority, job.id))

    async def extend(self, worker: str, ids: Sequence[int], lease: float) -> None:
        """Hold jobs for ``lease`` seconds from now."""
        async with self._database.transaction() as connection:
            await connection.execute(sql.EXTEND, {"worker": worker, "ids": list(ids), "lease": lease})

    async def release(self, worker: str, ids: Sequence[int]) -> None:
        """Let others take jobs up at once."""
        async with self._database.transaction() as connection:
            await connection.execute(sql.RELEASE, {"worker": worker, "ids": list(ids)})

    async def workers(self) -> list[str]:
        """Who holds jobs."""
        async with self._database.transaction() as connection:
            return [str(name) for name in (await connection.execute(sql.WORKERS, {"source": self._source})).scalars()]

    async def expire(self, worker: str) -> None:
        """Let others take up at once what a worker that is gone held."""
        async with self._database.transaction() as connection:
            await connection.execute(sql.EXPIRE, {"source": self._source, "worker": worker})

    async def finish(self, job_id: int, outcome: str, error: str | None = None) -> None:
        """The end of a job; an error makes it a failed one."""
        async with self._database.transaction() as connection:
            await connection.execute(sql.FINISH, {"id": job_id, "outcome": outcome, "error": error})
            await connection.execute(sql.NOTIFY, {"payload": f"{self._source}:{job_id}:finished"})

    async def retry(self, job_id: int, *, delay: float, error: str) -> None:
        """Queue a job again, in ``delay`` seconds."""
        async with self._database.transaction() as connection:
            await connection.execute(sql.RETRY, {"id": job_id, "delay": delay, "error": error})

    async def get(self, job_id: int) -> Job | None:
        """A job; finished ones are kept for a day, or a minute where a viewer asked for what is not there."""
        rows = await self._database.rows(sql.GET, {"source": self._source, "id": job_id})
        return _job(rows[0]) if rows else None

    async def progress(self, parent_id: int) -> Progress:
        """How far the jobs of a parent are."""
        counts = {row[0]: row[1] for row in await self._database.rows(sql.PROGRESS, {"parent": parent_id})}
        return Progress(sum(counts.values()), counts.get("done", 0), counts.get("failed", 0))

    async def backlog(self, *, lately: bool = False) -> int:
        """Index and overview jobs that are not finished. ``lately`` will have the last count again for some seconds where
        there are so many that counting them takes a while."""
        return await (self._backlog.get() if lately else self._backlog.anew())

    async def _count_backlog(self) -> int:
        return int((await self._database.rows(sql.BACKLOG, {"source": self._source}))[0][0])

    async def prune(self, older_than: timedelta, *, absent: timedelta) -> None:
        """Forget jobs that finished longer ago; ``absent`` is for those that somebody waited for in vain, since whoever asks
        for names at random makes many of them."""
        async with self._database.transaction() as connection:
            await connection.execute(sql.PRUNE, {"source": self._source, "age": older_than})
            values = {"source": self._source, "priority": ON_DEMAND, "age": absent}
            await connection.execute(sql.PRUNE_ABSENT, values)

    async def wait(self, job_id: int, seconds: float) -> Job:
        """The job once it is finished, or as it is when the time is up. Woken by NOTIFY, and polling all the same."""
        woken = asyncio.Event()
        prefix = f"{self._source}:{job_id}:"

        def on_notify(payload: str) -> None:
            if not payload or payload.startswith(prefix):
                woken.set()

        unsubscribe = None if self._listener is None else self._listener.subscribe(JOBS_CHANNEL, on_notify)
        try:
            deadline = asyncio.get_running_loop().time() + seconds
            while True:
                woken.clear()
                job = await self.get(job_id)
                if job is None:
                    raise LookupError("the job has been pruned while it was waited for")
                left = deadline - asyncio.get_running_loop().time()
                if job.finished or left <= 0:
                    return job
                try:
                    async with asyncio.timeout(min(POLL_SECONDS, left)):  # see JobRunner.run
                        await woken.wait()
                except TimeoutError:
                    continue
        finally:
            if unsubscribe is not None:
                unsubscribe()


def _job(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        kind=row.kind,
        key=row.key,
        priority=row.priority,
        state=row.state,
        outcome=row.outcome,
        error=row.error,
        attempts=row.attempts,
        force=row.force,
        params=row.params if isinstance(row.params, dict) else json.loads(row.params),
        parent_id=row.parent_id,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
