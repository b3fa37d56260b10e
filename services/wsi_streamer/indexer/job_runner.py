"""Claims jobs and does them, a bounded number at a time."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

import structlog

from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.jobs import CONTROL, EVENT, Job, Kind
from wsi_streamer.catalog.notifications import JOBS_CHANNEL, Listener
from wsi_streamer.indexer.job_work import JobWork
from wsi_streamer.indexer.slide_indexer import is_worth_retrying
from wsi_streamer.indexer.worker_name import dead_workers, worker_name
from wsi_streamer.slides.errors import CatalogUnavailable, WsiError
from wsi_streamer.telemetry.metrics import Metrics

LEASE_SECONDS = 30.0
HEARTBEAT_SECONDS = 10.0
POLL_SECONDS = 1.0
MAX_ATTEMPTS = 5
RETRY_SECONDS = 2.0
"""Until the second attempt; doubled for each further one."""
KEPT = timedelta(days=1)
ABSENT_KEPT = timedelta(minutes=1)
"""Longer than anybody waits for a job."""

_SLIDE_KINDS: tuple[Kind, ...] = ("index", "overview")
_CONTROL_KINDS: tuple[Kind, ...] = ("scan", "reindex")

_log = structlog.get_logger("wsi_streamer.indexer")


class JobRunner:
    """Holds each job under a lease that a heartbeat extends: when the process is killed, another takes its jobs up again.

    One slot more than ``concurrency`` is kept for urgent jobs (someone waits, or an event came), and one for scans, so that
    neither waits behind a long backlog.
    """

    def __init__(
        self, catalog: Catalog, listener: Listener, work: JobWork, metrics: Metrics, *, concurrency: int
    ) -> None:
        self._catalog = catalog
        self._work = work
        self._metrics = metrics
        self._concurrency = concurrency
        self._worker = worker_name()
        self._running: dict[int, tuple[Job, asyncio.Task[None]]] = {}
        self._woken = asyncio.Event()
        self._listener = listener

    async def run(self) -> None:
        """Until cancelled."""
        unsubscribe = self._listener.subscribe(JOBS_CHANNEL, self._on_notify)
        heartbeat = asyncio.create_task(self._beat())
        try:
            await self._take_over()
            while True:
                self._woken.clear()
                try:
                    claimed = await self._claim()
                except CatalogUnavailable as error:
                    _log.warning("waiting for the catalog", reason=error.message)
                    await asyncio.sleep(POLL_SECONDS)
                    continue
                if not claimed:
                    # Not wait_for, which in Python 3.11 loses a cancellation that comes just as it is woken.
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(POLL_SECONDS):
                            await self._woken.wait()
        finally:
            heartbeat.cancel()
            unsubscribe()
            await self._stop()

    async def _take_over(self) -> None:
        """Have the jobs of a killed process of this machine done at once."""
        with contextlib.suppress(CatalogUnavailable):
            for worker in dead_workers(await self._catalog.jobs.workers(), self._worker):
                await self._catalog.jobs.expire(worker)

    async def _claim(self) -> int:
        """Begin what there is room for; returns how many jobs."""
        began = 0
        if all(job.kind not in _CONTROL_KINDS for job, _ in self._running.values()):
            began += await self._take(1, _CONTROL_KINDS, least=CONTROL)
        slides = sum(job.kind in _SLIDE_KINDS for job, _ in self._running.values())
        free = self._concurrency - slides
        if free > 0:
            began += await self._take(free, _SLIDE_KINDS)
        elif slides == self._concurrency:
            began += await self._take(1, _SLIDE_KINDS, least=EVENT)
        return began

    async def _take(self, limit: int, kinds: tuple[Kind, ...], least: int = -(2**31)) -> int:
        jobs = await self._catalog.jobs.claim(
            self._worker, limit=limit, lease=LEASE_SECONDS, kinds=kinds, least_priority=least
        )
        for job in jobs:
            self._running[job.id] = (job, asyncio.create_task(self._do(job)))
        return len(jobs)

    async def _do(self, job: Job) -> None:
        try:
            outcome, error = await self._outcome(job)
            if outcome == "retry":
                await self._catalog.jobs.retry(job.id, delay=RETRY_SECONDS * 2 ** (job.attempts - 1), error=error or "")
            else:
                await self._catalog.jobs.finish(job.id, outcome, error)
                self._metrics.index_jobs.labels(outcome).inc()
        except CatalogUnavailable:
            _log.warning("a job's end could not be recorded: it will be done again", job=job.id)
        finally:
            self._running.pop(job.id, None)
            self._woken.set()

    async def _outcome(self, job: Job) -> tuple[str, str | None]:
        if job.attempts > MAX_ATTEMPTS:
            reason = f"The indexer was ended {MAX_ATTEMPTS} times while it worked on this."
            await self._work.give_up(job, reason)
            return "gave_up", reason
        try:
            return await self._work.do(job), None
        except WsiError as error:
            detail = getattr(error, "detail", "")
            _log.warning("job failed", job=job.id, kind=job.kind, error=error.code, detail=detail, attempt=job.attempts)
            if is_worth_retrying(error) and job.attempts < MAX_ATTEMPTS:
                return "retry", error.message
            await self._work.put_off(job, error.message)
            return "gave_up", error.message
        except Exception:  # noqa: BLE001 - one slide's surprise must not end the service
            _log.exception("unexpected error in a job", job=job.id, kind=job.kind)
            reason = "An unexpected error; the indexer's log says what."
            await self._work.give_up(job, reason)
            return "error", reason

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            with contextlib.suppress(CatalogUnavailable):
                await self._catalog.jobs.extend(self._worker, list(self._running), LEASE_SECONDS)
                await self._catalog.jobs.prune(KEPT, absent=ABSENT_KEPT)

    async def _stop(self) -> None:
        """Give back what is under way, so that another need not wait for the lease to end."""
        running = list(self._running.values())
        for _, task in running:
            task.cancel()
        await asyncio.gather(*(task for _, task in running), return_exceptions=True)
        with contextlib.suppress(CatalogUnavailable):
            await self._catalog.jobs.release(self._worker, [job.id for job, _ in running])

    def _on_notify(self, payload: str) -> None:
        if not payload or (payload.startswith(f"{self._catalog.source_id}:") and payload.endswith(":queued")):
            self._woken.set()
