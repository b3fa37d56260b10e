"""Whether the log is what its writers wrote.

What it finds: a record changed, missing or moved; a chain cut off at its end (others hold its head); anchors of dropped
months that no drop has left. What it can't: a log that its owner made anew from one end to the other. For that keep what
`Report.heads` says somewhere else, now and then.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from wsi_streamer.access.audit.anchors import digest
from wsi_streamer.access.audit.chain import FIRST, link_hash, row_of
from wsi_streamer.access.audit.records import CHECKPOINT, PRUNE, START, STOP
from wsi_streamer.catalog.audit import AuditRow
from wsi_streamer.catalog.audit_reads import Anchor, all_anchors, all_rows, rows_of_actions
from wsi_streamer.catalog.database import Database

Kind = Literal["changed", "missing", "reordered", "cut off", "forged anchor"]
COLUMNS = ("writer", "seq", "at", "source_id", "action", "agent", "slide_id", "session")


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is wrong with a chain."""

    writer: str
    seq: int
    """Of the record that is wrong, or the first that is not there."""
    kind: Kind
    what: str


@dataclass(slots=True)
class Report:
    """What was found. Filled while the log is read."""

    records: int = 0
    writers: int = 0
    anchors: int = 0
    faults: list[Fault] = field(default_factory=list)
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Last number and hash (hex) of each writer."""


@dataclass(frozen=True, slots=True)
class _Place:
    seq: int
    hash: bytes


@dataclass(slots=True)
class _Witnesses:
    """What writers have seen of each other."""

    seen: dict[str, dict[int, bytes]] = field(default_factory=dict)
    disputed: dict[str, int] = field(default_factory=dict)
    pruned: str | None = None
    """The digest of all anchors, by the latest drop."""

    def add(self, record: str) -> None:
        content = json.loads(record)
        detail = content.get("detail") or {}
        if content.get("action") == PRUNE:
            self.pruned = detail.get("anchors_digest")
        for writer, seq, text in detail.get("heads", ()):
            known = self.seen.setdefault(writer, {})
            if known.setdefault(seq, bytes.fromhex(text)).hex() != text:
                self.disputed.setdefault(writer, seq)


async def verify(database: Database) -> Report:
    """Read the whole log, as it is at this moment, and check it. Memory is bounded by the number of writers.

    Raises:
        CatalogUnavailable: Postgres can't be reached.
    """
    async with database.snapshot() as connection:
        report = Report()
        anchors = await all_anchors(connection)
        witnesses = _Witnesses()
        async for found in rows_of_actions(connection, (START, STOP, CHECKPOINT, PRUNE)):
            try:
                witnesses.add(found.record)
            except (ValueError, TypeError, AttributeError):
                continue  # its own chain tells of it
        report.anchors = len(anchors)
        report.faults += _anchor_faults(anchors, witnesses)
        await _walk_all(connection, {anchor.writer: anchor for anchor in anchors}, witnesses, report)
    report.faults.sort(key=lambda fault: (fault.writer, fault.seq))
    return report


def _anchor_faults(anchors: list[Anchor], witnesses: _Witnesses) -> list[Fault]:
    faults: dict[str, Fault] = {}
    ends: dict[str, int] = {}
    for anchor in anchors:
        if anchor.seq - anchor.records != ends.get(anchor.writer, 0):
            what = f"the anchor of {anchor.month:%Y-%m} does not follow the one before"
            faults.setdefault(anchor.writer, Fault(anchor.writer, anchor.seq, "forged anchor", what))
        seen = witnesses.seen.get(anchor.writer, {}).get(anchor.seq)
        if seen is not None and seen != anchor.hash:
            what = f"the anchor of {anchor.month:%Y-%m} is not what other writers have seen"
            faults.setdefault(anchor.writer, Fault(anchor.writer, anchor.seq, "forged anchor", what))
        ends[anchor.writer] = anchor.seq
    if digest(anchors) != (witnesses.pruned or digest(())):
        what = "the anchors are not those that the last drop has left"
        faults.setdefault("", Fault("", 0, "forged anchor", what))
    return list(faults.values())


async def _walk_all(
    connection: AsyncConnection, anchors: dict[str, Anchor], witnesses: _Witnesses, report: Report
) -> None:
    walk: _Walk | None = None
    known = {fault.writer for fault in report.faults}
    waiting = set(witnesses.seen)
    async for row in all_rows(connection):
        report.records += 1
        if walk is None or row.writer != walk.writer:
            if walk is not None:
                walk.end(report, known)
            anchor = anchors.get(row.writer)
            walk = _Walk(
                row.writer,
                _Place(anchor.seq, anchor.hash) if anchor else _Place(0, FIRST),
                witnesses,
                anchor is not None,
            )
            waiting.discard(row.writer)
        walk.step(row)
    if walk is not None:
        walk.end(report, known)
    for writer in sorted(waiting - known):
        last = max(witnesses.seen[writer])
        anchor = anchors.get(writer)
        if anchor is None or anchor.seq < last:
            begin = 1 if anchor is None else anchor.seq + 1
            what = f"others have seen records up to {last}"
            report.faults.append(Fault(writer, begin, "cut off", what))


class _Walk:
    """Along one chain."""

    def __init__(self, writer: str, begin: _Place, witnesses: _Witnesses, anchored: bool) -> None:
        self.writer = writer
        self._place = begin
        self._anchored = anchored
        self._seen = witnesses.seen.get(writer, {})
        self._disputed = witnesses.disputed.get(writer)
        self._fault: Fault | None = None
        self._at: datetime | None = None

    def step(self, row: AuditRow) -> None:
        """The next row."""
        if self._fault is not None:
            return
        found = self._look(row)
        if found is not None:
            self._fault = Fault(self.writer, *found)
            return
        self._place = _Place(row.seq, row.hash)
        self._at = row.at
        self._anchored = False

    def end(self, report: Report, known: set[str]) -> None:
        """No more of them."""
        report.writers += 1
        last = max(self._seen, default=0)
        if self._fault is None and last > self._place.seq:
            self._fault = Fault(self.writer, self._place.seq + 1, "cut off", f"others have seen records up to {last}")
        if self._fault is None and self._disputed is not None:
            self._fault = Fault(self.writer, self._disputed, "changed", "others have seen different records")
        if self._fault is not None and self.writer not in known:
            report.faults.append(self._fault)
        report.heads[self.writer] = (self._place.seq, self._place.hash.hex())

    def _look(self, row: AuditRow) -> tuple[int, Kind, str] | None:
        expected = self._place.seq + 1
        if row.seq > expected:
            return expected, "missing", f"records {expected} to {row.seq - 1} are not there"
        if row.seq < expected:
            return row.seq, "reordered", "two records have this number"
        try:
            written = row_of(row.record, row.hash)
        except ValueError:
            return row.seq, "changed", "its text is no record"
        if (written.writer, written.seq) != (row.writer, row.seq):
            return row.seq, "reordered", f"this is record {written.seq} of {written.writer}"
        if link_hash(self._place.hash, row.record) != row.hash:
            if self._anchored:
                return row.seq, "forged anchor", "it does not follow the anchor before it"
            return row.seq, "changed", "its hash is not that of its text behind the record before"
        for column in COLUMNS:
            if getattr(written, column) != getattr(row, column):
                return row.seq, "changed", f"the column {column} says something else than its text"
        if self._at is not None and row.at < self._at:
            return row.seq, "reordered", "it is older than the one before"
        if self._seen.get(row.seq, row.hash) != row.hash:
            return row.seq, "changed", "others have seen a different record, and all since was made anew"
        return None
