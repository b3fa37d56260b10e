"""Records on their way into Postgres, or to disk while that is away: in order, many in one transaction."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import structlog

from wsi_streamer.access.audit.chain import Chain, read_time, time_text
from wsi_streamer.access.audit.records import LOST, Agent, Record
from wsi_streamer.access.audit.spool import Spool, SpoolFull
from wsi_streamer.catalog.audit import AuditQueries, AuditRow, Head, SessionKey, SessionRow
from wsi_streamer.slides.errors import AuditUnavailable, CatalogUnavailable
from wsi_streamer.telemetry.metrics import Metrics

GAP_SECONDS = 1800.0
"""A session has no gap longer than that."""

WRITE_SECONDS = 3.0
"""Postgres has so long to take a batch; then it goes to disk."""

RETRY_SECONDS = 1.0
MAX_BATCH = 500
MAX_WAITING = 20_000
"""Records in memory; more are refused."""

_log = structlog.get_logger("wsi_streamer.audit")


@dataclass(slots=True)
class _Entry:
    record: Record
    joins: bool
    done: asyncio.Future[str | None]

    @property
    def session_key(self) -> SessionKey:
        return self.record.agent.label, self.record.slide_id or ""


class Recorder:
    """The one writer of this process's chain."""

    def __init__(
        self,
        queries: AuditQueries,
        chain: Chain,
        spool: Spool,
        metrics: Metrics,
        *,
        agent: Agent,
        now: Callable[[], float],
    ) -> None:
        self._queries = queries
        self._chain = chain
        self._spool = spool
        self._metrics = metrics
        self._service_agent = agent
        self._now = now
        self._waiting: deque[_Entry] = deque()
        self._wake = asyncio.Event()
        self._held: list[AuditRow] = []  # sent to Postgres, which may have them, and not taken by the disk
        self._direct = True
        self._retry_at = 0.0
        self._probe: asyncio.Task[datetime] | None = None
        self._closing = False
        self._lost = 0
        self._lost_since = 0.0
        self._given_up: set[asyncio.Task[None]] = set()
        self._head: Head | None = None
        self._task = asyncio.create_task(self._run())

    @property
    def is_direct(self) -> bool:
        """Whether Postgres takes the records itself."""
        return self._direct

    @property
    def head(self) -> Head | None:
        """The last record that is on disk, here or there, and stays."""
        return self._head

    async def write(self, record: Record, *, joins: bool = False) -> str | None:
        """Have a record written; returns its session once it is on disk, here or there. With ``joins`` that is the session
        which its agent has open for the slide already, in whatever process, where there is one.

        Raises:
            AuditUnavailable: nothing can take it.
        """
        if self._closing or len(self._waiting) >= MAX_WAITING:
            raise _unavailable()
        entry = self._enqueue(record, joins=joins)
        # Whoever asked may hang up; what it asked for is written all the same.
        return await asyncio.shield(entry.done)

    def lose(self, count: int = 1) -> None:
        """Count records that nothing could take: their number is recorded once that is possible again."""
        if not self._lost:
            self._lost_since = self._now()
            _log.error("records of the audit log are lost: neither Postgres nor the spool takes them")
        self._lost += count
        self._retry_at = asyncio.get_running_loop().time() + RETRY_SECONDS
        self._metrics.audit_records.labels("lost").inc(count)
        self._wake.set()

    async def aclose(self, last: Record | None = None) -> None:
        """Write what waits, then ``last`` where it can be, and end: no record comes behind that one."""
        if last is not None and not self._closing:
            self._enqueue(last)
        self._closing = True
        self._wake.set()
        await self._task
        if self._probe is not None:
            self._probe.cancel()
            await asyncio.gather(self._probe, return_exceptions=True)
        await asyncio.gather(*self._given_up, return_exceptions=True)
        await asyncio.to_thread(self._spool.close)

    def _enqueue(self, record: Record, *, joins: bool = False) -> _Entry:
        entry = _Entry(record, joins, asyncio.get_running_loop().create_future())
        self._waiting.append(entry)
        self._metrics.audit_waiting.set(len(self._waiting))
        self._wake.set()
        return entry

    def _acknowledge(self, entries: Sequence[_Entry], rows: Sequence[AuditRow]) -> None:
        if rows:
            self._head = Head(rows[-1].writer, rows[-1].seq, rows[-1].hash)
        for entry, row in zip(entries, rows, strict=True):
            if not entry.done.done():
                entry.done.set_result(row.session)

    async def _run(self) -> None:
        while self._waiting or not self._closing:
            await self._wait()
            entries = [self._waiting.popleft() for _ in range(min(MAX_BATCH, len(self._waiting)))]
            self._metrics.audit_waiting.set(len(self._waiting))
            try:
                await self._round(entries)
            except Exception:  # noqa: BLE001 - this loop must go on: without it nobody sees a slide
                _log.exception("the audit log's writer failed, and goes on")
            finally:
                for entry in entries:
                    if not entry.done.done():
                        entry.done.set_exception(_unavailable())
                        entry.done.exception()  # seen, should nobody wait any more
        if not self._direct:  # what is on disk is delivered by whoever comes next; now is better
            with contextlib.suppress(OSError):
                await self._deliver()

    async def _round(self, entries: Sequence[_Entry]) -> None:
        if entries:
            await self._take(entries)
        late = asyncio.get_running_loop().time() >= self._retry_at
        if not self._direct and (late or (self._probe is not None and self._probe.done())) and self._answers():
            await self._deliver()
        if self._lost and late and not self._closing:
            self._tell_of_loss()

    async def _wait(self) -> None:
        if self._waiting or self._closing:
            return
        self._wake.clear()
        idle = self._direct and not self._lost
        timeout = None if idle else max(0.0, self._retry_at - asyncio.get_running_loop().time())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._wake.wait()

    async def _take(self, entries: Sequence[_Entry]) -> None:
        if self._direct:
            rows = await self._to_postgres(entries)
            if self._direct:
                self._acknowledge(entries, rows)
                return
            if rows:  # Postgres may have them, so they stay as they are, whatever becomes of those who wait for them
                self._held = rows
                if await self._held_is_on_disk():
                    self._acknowledge(entries, rows)
                return
        if not await self._held_is_on_disk():
            return
        end = self._chain.end
        rows = [self._chain.append(entry.record, self._now()) for entry in entries]
        if await self._on_disk(rows):
            self._acknowledge(entries, rows)
        else:
            self._chain.end = end

    # -- Postgres -------------------------------------------------------------------------------------------------------

    async def _to_postgres(self, entries: Sequence[_Entry]) -> list[AuditRow]:
        """The rows of some entries, and whether it has them: else `is_direct` is over. Those that were sent, or none."""
        attempt = _Attempt(entries)
        if await self._in_time(self._insert(attempt)):
            self._metrics.audit_records.labels("written").inc(len(entries))
        else:
            attempt.given_up = True
            self._direct = False
            _log.warning("Postgres does not take records of the audit log: they go to the spool")
        return attempt.rows

    async def _in_time(self, writing: Coroutine[Any, Any, None]) -> bool:
        """Whether Postgres has taken it, in `WRITE_SECONDS`. A task of its own: saying goodbye to a server that hangs takes
        seconds more."""
        task = asyncio.create_task(writing)
        await asyncio.wait({task}, timeout=WRITE_SECONDS)
        if not task.done():
            task.cancel()
            self._given_up.add(task)
            task.add_done_callback(self._put_to_rest)
        elif (error := task.exception()) is None:
            return True
        elif not isinstance(error, CatalogUnavailable):
            _log.error("the audit log can't be written to Postgres", reason=type(error).__name__)
        self._retry_at = asyncio.get_running_loop().time() + RETRY_SECONDS
        return False

    async def _insert(self, attempt: _Attempt) -> None:
        async with self._queries.transaction() as transaction:
            now = self._now()
            asked = [entry.session_key for entry in attempt.entries if entry.joins]
            found: Mapping[SessionKey, Sequence[SessionRow]] = {}
            if asked:
                since = datetime.fromtimestamp(now - GAP_SECONDS, UTC)
                found = await transaction.sessions(asked, since)
            if attempt.given_up:
                return
            attempt.rows = [
                self._chain.append(
                    joined(entry.record, found[entry.session_key], now) if entry.joins else entry.record, now
                )
                for entry in attempt.entries
            ]
            await transaction.insert(attempt.rows)

    async def _insert_again(self, rows: Sequence[AuditRow]) -> None:
        async with self._queries.transaction() as transaction:
            await transaction.insert(rows)

    def _put_to_rest(self, task: asyncio.Task[None]) -> None:
        self._given_up.discard(task)
        if not task.cancelled():
            task.exception()  # seen, or asyncio would print it

    # -- disk -----------------------------------------------------------------------------------------------------------

    async def _held_is_on_disk(self) -> bool:
        if self._held and await self._on_disk(self._held):
            self._held = []
        return not self._held

    async def _on_disk(self, rows: Sequence[AuditRow]) -> bool:
        try:
            await asyncio.to_thread(self._spool.append, rows)
        except (SpoolFull, OSError) as error:
            _log.error("the audit log's spool takes no records", reason=type(error).__name__)
            return False
        self._metrics.audit_records.labels("spooled").inc(len(rows))
        return True

    def _answers(self) -> bool:
        """Whether Postgres answers again. It is asked aside: nobody who begins to look waits for a server that hangs."""
        loop = asyncio.get_running_loop()
        self._retry_at = loop.time() + RETRY_SECONDS
        if self._probe is None:
            self._probe = asyncio.create_task(self._queries.clock())
            self._probe.add_done_callback(lambda _: self._wake.set())
        if not self._probe.done():
            return False
        probe, self._probe = self._probe, None
        return not probe.cancelled() and probe.exception() is None

    async def _deliver(self) -> None:
        """Bring the next rows from disk to Postgres; once there are none left, records go there directly again."""
        rows = self._held or await asyncio.to_thread(self._spool.next_rows, MAX_BATCH)
        if rows:
            if not await self._in_time(self._insert_again(rows)):
                return
            if self._held:
                self._held = []
            else:
                await asyncio.to_thread(self._spool.delivered, len(rows))
            self._metrics.audit_records.labels("delivered").inc(len(rows))
            self._retry_at = 0.0  # go on at once
        elif not await self._in_time(self._insert_again(())):
            return
        if self._spool.is_empty:
            self._direct = True
            _log.info("Postgres takes records of the audit log again")

    def _tell_of_loss(self) -> None:
        count, since = self._lost, datetime.fromtimestamp(self._lost_since, UTC)
        self._lost = 0
        detail = {"records": count, "since": time_text(since)}
        entry = _Entry(
            Record(action=LOST, agent=self._service_agent, outcome="failed", detail=detail),
            False,
            asyncio.get_running_loop().create_future(),
        )

        def count_again(told: asyncio.Future[str | None]) -> None:
            if told.exception() is not None:
                self._lost += count

        entry.done.add_done_callback(count_again)
        self._waiting.append(entry)


@dataclass(slots=True)
class _Attempt:
    entries: Sequence[_Entry]
    rows: list[AuditRow] = field(default_factory=list)
    given_up: bool = False


def joined(record: Record, rows: Sequence[SessionRow], now: float) -> Record:
    """A record that begins a view, as part of the session that is open, if one is."""
    for row in rows:
        try:
            found = now - last_seen(row.record) <= GAP_SECONDS
        except ValueError:  # none of ours: nobody's view may hang on it
            continue
        if found:
            return replace(record, session=row.session)
    return record


def last_seen(record: str) -> float:
    """When the session of a record was last active, unix seconds.

    Raises:
        ValueError: it is no record of ours.
    """
    try:
        content = json.loads(record)
        return read_time((content.get("detail") or {}).get("last", content["at"])).timestamp()
    except (KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError("not a record of the audit log") from error


def _unavailable() -> AuditUnavailable:
    return AuditUnavailable("Who sees a slide can't be recorded now, so nothing more is shown. Try again in a moment.")
