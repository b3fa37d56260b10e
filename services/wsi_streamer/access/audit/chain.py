"""The chain: each record holds, by its hash, the one before it, and so all before it.

A writer is one run of one process. Its records are numbered from 1 without gaps, its times never go back, and a record's
hash is SHA-256 over the hash of the one before (32 zero bytes before the first) and the record's canonical JSON. Whoever
changes, drops or moves a record must make all hashes after it anew, and those of other writers, which hold the heads of
the chains that they have seen.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from wsi_streamer.access.audit.records import Record
from wsi_streamer.catalog.audit import AuditRow

FORMAT = 1
MAX_RECORD = 32_768
"""Characters of a record; Postgres refuses longer ones. Details that are too much are left out; the rest is bounded."""

FIRST = bytes(32)
"""What the first record's hash is made from, in place of a hash before it."""


@dataclass(frozen=True, slots=True)
class Link:
    """Where a chain ends."""

    seq: int
    hash: bytes
    at: float
    """Unix seconds of the last record."""


class Chain:
    """The chain of this process. Not frozen: it grows."""

    def __init__(self, service: str, source_id: int | None, writer: str | None = None) -> None:
        self.writer = writer or secrets.token_hex(8)
        self._service = service
        self._source_id = source_id
        self.end = Link(0, FIRST, 0.0)
        """Set it back only to undo what nobody has been given."""

    def append(self, record: Record, now: float) -> AuditRow:
        """The row of a record that is made at ``now`` (unix seconds); earlier than the last one counts as that one."""
        seq, at = self.end.seq + 1, max(now, self.end.at)
        moment = datetime.fromtimestamp(at, UTC)
        content: dict[str, Any] = {
            "v": FORMAT,
            "writer": self.writer,
            "seq": seq,
            "at": time_text(moment),
            "source": self._source_id,
            "service": self._service,
            "action": record.action,
            "outcome": record.outcome,
            "agent": {
                "kind": record.agent.kind,
                "id": record.agent.id,
                "name": record.agent.name,
                "roles": list(record.agent.roles) or None,
                "address": record.agent.address,
                "grant": record.agent.grant_id,
            },
            "slide_id": record.slide_id,
            "key": record.key,
            "session": record.session,
            "detail": record.detail or None,
        }
        text = canonical(content)
        if len(text) > MAX_RECORD:
            content["detail"] = {"left_out": len(text), "digest": sha256(text.encode()).hexdigest()}
            text = canonical(content)
        row = row_of(text, link_hash(self.end.hash, text))
        self.end = Link(seq, row.hash, at)
        return row


def canonical(content: Mapping[str, Any]) -> str:
    """JSON in the one form that is hashed: names sorted, no blanks, nothing escaped that need not be, no nulls in the
    record or its agent."""
    kept: dict[str, Any] = {name: value for name, value in content.items() if value is not None}
    if isinstance(kept.get("agent"), dict):
        kept["agent"] = {name: value for name, value in kept["agent"].items() if value is not None}
    return json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def link_hash(previous: bytes, record: str) -> bytes:
    """The hash of a record behind another."""
    return sha256(previous + record.encode()).digest()


def row_of(record: str, row_hash: bytes) -> AuditRow:
    """The row that holds a record: the columns are read from its text.

    Raises:
        ValueError: it is none of ours.
    """
    try:
        content = json.loads(record)
        agent = content["agent"]
        return AuditRow(
            writer=str(content["writer"]),
            seq=int(content["seq"]),
            at=read_time(content["at"]),
            source_id=None if content.get("source") is None else int(content["source"]),
            action=str(content["action"]),
            agent=f"{agent['kind']}:{agent['id']}",
            slide_id=content.get("slide_id"),
            session=content.get("session"),
            record=record,
            hash=row_hash,
        )
    except (KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError("not a record of the audit log") from error


def time_text(moment: datetime) -> str:
    """A time in UTC, to the microsecond: ``2026-11-21T12:00:00.000000Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read_time(text: str) -> datetime:
    """The inverse.

    Raises:
        ValueError: no such time.
    """
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
