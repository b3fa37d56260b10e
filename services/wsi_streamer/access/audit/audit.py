"""The audit log as services use it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import structlog

from wsi_streamer.access.audit.chain import Chain, time_text
from wsi_streamer.access.audit.clock import WARN_SECONDS, clock_offset
from wsi_streamer.access.audit.config import AuditConfig
from wsi_streamer.access.audit.denials import Denials, Denied
from wsi_streamer.access.audit.inheritance import deliver_leftovers
from wsi_streamer.access.audit.recorder import Recorder
from wsi_streamer.access.audit.records import (
    CHECKPOINT,
    DENIAL,
    MAX_ID,
    MAX_KEY,
    START,
    STOP,
    Agent,
    Outcome,
    Record,
    bounded,
    bounded_detail,
)
from wsi_streamer.access.audit.spool import Spool, make_folder
from wsi_streamer.access.audit.viewing import Viewing
from wsi_streamer.access.audit.viewings import Viewings
from wsi_streamer.access.audit.witnesses import HEAD_EVENT
from wsi_streamer.access.caller import Caller
from wsi_streamer.catalog.audit import AuditQueries, Head
from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.roles import why_unprotected
from wsi_streamer.slides.errors import AuditUnavailable, CatalogUnavailable
from wsi_streamer.telemetry.metrics import Metrics

SWEEP_SECONDS = 20.0
CLOCK_SECONDS = 3600.0
HEAD_SECONDS = 3600.0
CHECKPOINT_SECONDS = 86_400.0
MAX_DENIALS_WAITING = 1000

_log = structlog.get_logger("wsi_streamer.audit")


class Audit:
    """One process's log: `start` begins it, `aclose` ends it."""

    def __init__(
        self,
        config: AuditConfig,
        queries: AuditQueries,
        recorder: Recorder,
        metrics: Metrics,
        log_id: str,
        *,
        agent: Agent,
        now: Callable[[], float],
    ) -> None:
        self._config = config
        self._queries = queries
        self._recorder = recorder
        self._metrics = metrics
        self._log_id = log_id
        self._agent = agent
        self._now = now
        self._viewings = Viewings(config, recorder, now)
        self._denials = Denials()
        self._writing: set[asyncio.Task[None]] = set()
        self._checked_at = self._checkpoint_at = now()
        self._head_told: Head | None = None
        self._head_told_at = now()
        self._task: asyncio.Task[None] | None = None

    @classmethod
    async def start(
        cls,
        config: AuditConfig,
        database: Database,
        source_id: int | None,
        metrics: Metrics,
        *,
        service: str,
        now: Callable[[], float],
    ) -> Audit:
        """Begin to record. ``now`` tells unix seconds; ``service`` is what this process does ("tiles", "indexer").

        Raises:
            CatalogUnavailable: Postgres can't be reached; services can't start without it anyway.
            AuditUnavailable: no record can be kept, and must be.
        """
        queries = AuditQueries(database, source_id)
        log_id = await queries.log_id()
        why = await why_unprotected(database)
        if why is not None:
            _log.warning(
                "the audit log is not protected from the services' own database user: set WSI_DATABASE_OWNER_URL and "
                "migrate",
                user=why,
            )
        try:
            await asyncio.to_thread(make_folder, config.spool)
        except OSError as error:
            _log.warning("there is no spool for the audit log while Postgres is away", reason=type(error).__name__)
        chain = Chain(service, source_id)
        agent = Agent(kind="service", id=service, name=chain.writer)
        spool = Spool(config.spool, log_id, chain.writer, config.spool_bytes)
        recorder = Recorder(queries, chain, spool, metrics, agent=agent, now=now)
        audit = cls(config, queries, recorder, metrics, log_id, agent=agent, now=now)
        try:
            await audit._begin()
        except BaseException:
            await recorder.aclose()
            raise
        return audit

    async def begin_view(self, caller: Caller, slide_id: str, key: str | None, address: str) -> Viewing:
        """The session that a caller has open for a slide, or a new one, which is on record once this returns.

        Raises:
            AuditUnavailable: it can't be recorded, and must be.
        """
        return self._viewings.find(caller, slide_id, address) or await self._viewings.begin(
            caller, slide_id, key, address
        )

    async def act(
        self,
        action: str,
        caller: Caller,
        address: str,
        *,
        outcome: Outcome = "success",
        slide_id: str | None = None,
        key: str | None = None,
        detail: Mapping[str, str] | None = None,
    ) -> None:
        """Record an act; it is on record once this returns.

        Raises:
            AuditUnavailable: it can't be recorded, and must be.
        """
        await self._write(
            Record(
                action=bounded(action, 40),
                agent=Agent.of(caller, address),
                outcome=outcome,
                slide_id=bounded(slide_id, MAX_ID) if slide_id else None,
                key=bounded(key, MAX_KEY) if key else None,
                detail=bounded_detail(detail),
            )
        )

    def deny(
        self,
        caller: Caller | None,
        address: str,
        code: str,
        *,
        slide_id: str | None = None,
        key: str | None = None,
        route: str = "",
        wanted: str = "",
    ) -> None:
        """Record a refusal, soon; repeated ones are counted. ``key`` is what was asked for, where that was no opaque id:
        nothing says that there is such a slide. Never waits, never raises."""
        agent = Agent.of(caller, address)
        slide = bounded(slide_id, MAX_ID) if slide_id else None
        key = bounded(key, MAX_KEY) if key else None
        code = bounded(code, 60)
        denied = Denied(agent.address or "", code, agent.label, slide, key, bounded(route, 100), bounded(wanted, 60))
        if not self._denials.is_first(denied, self._now()):
            return
        if len(self._writing) >= MAX_DENIALS_WAITING:
            self._recorder.lose()
            return
        detail = _denial_detail(denied)
        self._in_background(
            Record(action=DENIAL, agent=agent, outcome="refused", slide_id=slide, key=key, detail=detail)
        )

    async def flush(self) -> None:
        """Record what was seen so far in sessions that are open here: for whoever reads the log now."""
        await self._viewings.tell_all()

    async def aclose(self) -> None:
        """Record what was seen in sessions that are open, and end."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._viewings.end_all()
        self._tell_denials(all_of_them=True)
        await asyncio.gather(*self._writing, return_exceptions=True)
        await self._recorder.aclose(Record(action=STOP, agent=self._agent, detail=await self._heads()))
        self._tell_head()

    # -- inside ---------------------------------------------------------------------------------------------------------

    async def _begin(self) -> None:
        await self._write(Record(action=START, agent=self._agent, detail=await self._checkpoint()))
        self._tell_head()
        self._task = asyncio.create_task(self._keep())

    def _tell_head(self) -> None:
        """Say in the service's own log where the chain ends: what is kept elsewhere shows a log that was cut off as a
        whole (see `witnesses`). Once for each end."""
        self._head_told_at = self._now()
        head = self._recorder.head
        if head is not None and head != self._head_told:
            self._head_told = head
            _log.info(HEAD_EVENT, writer=head.writer, seq=head.seq, hash=head.hash.hex())

    async def _write(self, record: Record) -> None:
        try:
            await self._recorder.write(record)
        except AuditUnavailable:
            if self._config.required:
                raise
            self._recorder.lose()

    def _in_background(self, record: Record) -> None:
        async def write() -> None:
            try:
                await self._recorder.write(record)
            except AuditUnavailable:
                self._recorder.lose()

        task = asyncio.create_task(write())
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _keep(self) -> None:
        """What is done from time to time, until cancelled."""
        while True:
            try:
                if self._recorder.is_direct:
                    await deliver_leftovers(self._queries, self._config.spool, self._log_id, self._metrics)
                await asyncio.sleep(SWEEP_SECONDS)
                await self._viewings.sweep()
                self._tell_denials()
                await self._look_at_clock()
                if self._now() - self._head_told_at >= HEAD_SECONDS:
                    self._tell_head()
            except Exception:  # noqa: BLE001 - whatever it was, it is logged and tried again
                _log.exception("the audit log's upkeep failed, and goes on")
                await asyncio.sleep(SWEEP_SECONDS)

    async def _look_at_clock(self) -> None:
        now = self._now()
        if now - self._checkpoint_at >= CHECKPOINT_SECONDS:
            self._checkpoint_at = self._checked_at = now
            self._in_background(Record(action=CHECKPOINT, agent=self._agent, detail=await self._checkpoint()))
        elif now - self._checked_at >= CLOCK_SECONDS:
            self._checked_at = now
            offset = await self._clock_offset()
            if abs(offset or 0.0) > WARN_SECONDS:
                detail = {"clock_offset_ms": round((offset or 0.0) * 1000)}
                self._in_background(Record(action=CHECKPOINT, agent=self._agent, detail=detail))

    async def _checkpoint(self) -> dict[str, object]:
        offset = await self._clock_offset()
        clock = {} if offset is None else {"clock_offset_ms": round(offset * 1000)}
        return {**await self._heads(), **clock}

    async def _heads(self) -> dict[str, object]:
        try:
            heads = await self._queries.heads(datetime.fromtimestamp(self._now(), UTC))
        except CatalogUnavailable:
            return {}
        return {"heads": [[head.writer, head.seq, head.hash.hex()] for head in heads]}

    async def _clock_offset(self) -> float | None:
        """Seconds by which Postgres' clock is ahead; None where it can't be asked."""
        try:
            offset = await clock_offset(self._queries, self._now)
        except CatalogUnavailable:
            return None
        self._metrics.clock_offset.set(offset)
        if abs(offset) > WARN_SECONDS:
            _log.warning("this machine's clock and that of Postgres differ", seconds=round(offset, 3))
        return offset

    def _tell_denials(self, *, all_of_them: bool = False) -> None:
        for denied, counted in self._denials.over(self._now(), all_of_them=all_of_them).items():
            kind, _, name = denied.agent.partition(":")
            detail = {
                **_denial_detail(denied),
                "repeated": counted.count,
                "first": time_text(datetime.fromtimestamp(counted.first, UTC)),
                "last": time_text(datetime.fromtimestamp(counted.last, UTC)),
            }
            agent = Agent(kind=kind, id=name, address=denied.address or None)
            self._in_background(
                Record(
                    action=DENIAL,
                    agent=agent,
                    outcome="refused",
                    slide_id=denied.slide_id,
                    key=denied.key,
                    detail=detail,
                )
            )


def _denial_detail(denied: Denied) -> dict[str, str]:
    told = {"code": denied.code, "route": denied.route, "wanted": denied.wanted}
    return {name: value for name, value in told.items() if value}
