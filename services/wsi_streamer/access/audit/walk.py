"""Along one chain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from wsi_streamer.access.audit.chain import link_hash, row_of, time_text
from wsi_streamer.access.audit.claims import CLOCK_BACK, Claim
from wsi_streamer.access.audit.findings import Fault, Kind, Late
from wsi_streamer.access.audit.records import STOP
from wsi_streamer.catalog.audit import AuditRow
from wsi_streamer.catalog.audit_reads import StoredRow

LATE = timedelta(minutes=5)
"""Rows that are stored so much later than they say are told of."""

_COLUMNS = ("writer", "seq", "at", "source_id", "action", "agent", "slide_id", "session")


@dataclass(frozen=True, slots=True)
class Place:
    """In a chain: the number and hash of a record that was seen."""

    seq: int
    hash: bytes


@dataclass(slots=True)
class Walk:
    """`step` takes the chain's rows in their order, then `faults` says what is wrong."""

    writer: str
    place: Place
    """Where it is; at first where it begins: behind what was dropped, or before the first record."""
    claims: Mapping[int, Mapping[bytes, Claim]]
    anchored: bool
    """Whether records before it were dropped."""
    _fault: Fault | None = None
    _at: datetime | None = None
    _stored: datetime | None = None
    _stopped: bool = False
    _vouched: int = 0
    """Up to here a head that was kept elsewhere says the same."""
    _contested: list[tuple[int, Claim, datetime]] = field(default_factory=list)
    _late: tuple[int, datetime, datetime, datetime] | None = None

    def step(self, stored: StoredRow) -> None:
        """The next row."""
        row = stored.row
        self._note_late(row.at, stored.stored_at)
        if self._fault is not None:
            return
        found = self._look(row, stored.stored_at)
        if found is not None:
            self._fault = Fault(self.writer, *found)
            return
        self.place = Place(row.seq, row.hash)
        self._at = row.at
        self._stored = stored.stored_at if self._stored is None else max(self._stored, stored.stored_at)
        self._stopped = row.action == STOP
        self.anchored = False
        for claim in self.claims.get(row.seq, {}).values():
            if claim.hash != row.hash:
                self._contested.append((row.seq, claim, stored.stored_at))
            elif claim.by is None:
                self._vouched = row.seq

    def faults(self) -> list[Fault]:
        """No more rows come: what is wrong with this chain (the first that is), and with those who say false things
        of it."""
        found: list[Fault] = []
        own = [self._fault] if self._fault is not None else []
        for seq, claim, stored_at in self._contested:
            if claim.by is not None and (seq <= self._vouched or claim.is_older_than(stored_at)):
                found.append(_false(claim, f"it tells of another record {seq} of {self.writer} than there ever was"))
            else:
                own.append(Fault(self.writer, seq, "changed", f"{claim.who} tells of a different record"))
        if self._fault is None:
            for seq, claim in beyond(self.claims, self.place.seq):
                too_early = self._stored is not None and claim.is_older_than(self._stored)
                if claim.by is not None and (self._stopped or too_early):
                    found.append(_false(claim, f"it tells of record {seq} of {self.writer}, which there was not yet"))
                else:
                    own.append(cut_off(self.writer, self.place.seq + 1, seq, claim))
                    break
        return found + sorted(own, key=lambda fault: fault.seq)[:1]

    def late(self) -> Late | None:
        """Its rows that came late."""
        if self._late is None:
            return None
        count, first, last, stored = self._late
        return Late(self.writer, count, time_text(first), time_text(last), time_text(stored))

    def _note_late(self, at: datetime, stored_at: datetime) -> None:
        if stored_at - at > LATE:
            count, first, last, stored = self._late or (0, at, at, stored_at)
            self._late = (count + 1, min(first, at), max(last, at), max(stored, stored_at))

    def _look(self, row: AuditRow, stored_at: datetime) -> tuple[int, Kind, str] | None:
        expected = self.place.seq + 1
        if row.seq > expected:
            return expected, "missing", f"records {expected} to {row.seq - 1} are not there"
        if row.seq < expected:
            return row.seq, "reordered", "two records have this number"
        if self._stopped:
            return row.seq, "added", "its writer had ended before"
        try:
            written = row_of(row.record, row.hash)
        except ValueError:
            return row.seq, "changed", "its text is no record"
        if (written.writer, written.seq) != (row.writer, row.seq):
            return row.seq, "reordered", f"this is record {written.seq} of {written.writer}"
        if link_hash(self.place.hash, row.record) != row.hash:
            if self.anchored:
                return row.seq, "forged anchor", "it does not follow the anchor before it"
            return row.seq, "changed", "its hash is not that of its text behind the record before"
        for column in _COLUMNS:
            if getattr(written, column) != getattr(row, column):
                return row.seq, "changed", f"the column {column} says something else than its text"
        if self._at is not None and row.at < self._at:
            return row.seq, "reordered", "it is older than the one before"
        if self._stored is not None and stored_at < self._stored - CLOCK_BACK:
            return row.seq, "reordered", "it was stored before the one before it"
        return None


def beyond(claims: Mapping[int, Mapping[bytes, Claim]], seq: int) -> list[tuple[int, Claim]]:
    """Claims of records behind one, the farthest first."""
    return [
        (claimed, claim)
        for claimed in sorted(claims, reverse=True)
        if claimed > seq
        for claim in claims[claimed].values()
    ]


def cut_off(writer: str, first: int, last: int, claim: Claim) -> Fault:
    """Records that are gone from a chain's end."""
    return Fault(writer, first, "cut off", f"{claim.who} tells of records up to {last}")


def _false(claim: Claim, what: str) -> Fault:
    writer, seq = claim.by or ("", 0)
    return Fault(writer, seq, "false witness", what)
