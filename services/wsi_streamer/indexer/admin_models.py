"""Bodies of the admin API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from wsi_streamer.catalog.jobs import Job, Progress
from wsi_streamer.catalog.scans import Scan
from wsi_streamer.catalog.slides import SlideRow


class ReindexRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Exactly one of ``all``, ``prefix`` and ``keys``."""

    all: bool = False
    prefix: str | None = None
    keys: list[str] | None = None
    force: bool = False
    """Parse unchanged slides too; with ``all``, take missing slides off the list at once."""
    request: Annotated[str, msgspec.Meta(min_length=1, max_length=256)] | None = None
    """A name of the caller's for this request: asked again with the same one within a day, the first one's job answers."""


class JobStatus(msgspec.Struct, frozen=True, omit_defaults=True):
    """A job, and how far the jobs it queued are."""

    id: int
    kind: str
    state: str
    outcome: str | None
    error: str | None
    created_at: datetime
    finished_at: datetime | None
    total: int
    done: int
    failed: int

    @classmethod
    def of(cls, job: Job, progress: Progress) -> JobStatus:
        """As the API shows it: done only once all that it queued is."""
        state: str = job.state
        if state == "done" and progress.done + progress.failed < progress.total:
            state = "running"
        return cls(job.id, job.kind, state, job.outcome, job.error, job.created_at, job.finished_at, progress.total,
                   progress.done, progress.failed)  # fmt: skip


class ScanStatus(msgspec.Struct, frozen=True):
    """The latest scan."""

    started_at: datetime
    finished_at: datetime | None
    listed: int
    new: int
    changed: int
    vanished: int
    held_back: int
    error: str | None

    @classmethod
    def of(cls, scan: Scan) -> ScanStatus:
        """As the API shows it."""
        totals = scan.totals
        return cls(scan.started_at, scan.finished_at, totals.listed, totals.found, totals.changed, totals.vanished,
                   totals.held_back, scan.error)  # fmt: skip


class SlideError(msgspec.Struct, frozen=True):
    """A slide that can't be served."""

    id: str
    key: str
    status: str
    error: str | None

    @classmethod
    def of(cls, row: SlideRow) -> SlideError:
        """As the API shows it."""
        return cls(row.id, row.key, str(row.status), row.error)


class Status(msgspec.Struct, frozen=True):
    """The indexer at a glance."""

    slides: dict[str, int]
    backlog: int
    last_scan: ScanStatus | None
    errors: list[SlideError]


class EventsAccepted(msgspec.Struct, frozen=True):
    """How many keys of this bucket a notification named."""

    queued: int
