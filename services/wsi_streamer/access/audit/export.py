"""The log as auditors read it: one event for each act, and one for each viewing session with all that was seen in it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, get_args

from wsi_streamer.access.audit.chain import canonical, time_text
from wsi_streamer.access.audit.fhir import audit_event
from wsi_streamer.access.audit.records import VIEW, VIEW_SEEN
from wsi_streamer.access.caller import CallerKind
from wsi_streamer.catalog.audit_reads import Asked, AuditReads, Found, Position
from wsi_streamer.catalog.stored_text import is_clean
from wsi_streamer.slides.errors import InvalidRequest

PAGE = 200
MAX_LIMIT = 10_000
FORMATS = {"ndjson": "application/x-ndjson", "fhir": "application/fhir+ndjson"}
"""Both are a line for each event: whatever their number, none waits for the last. FHIR's is that of bulk data."""

_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)

_KINDS = (*get_args(CallerKind), "service", "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportQuery:
    """What is asked for, as text: of a request, or of a command line."""

    format: str = "ndjson"
    since: str | None = None
    until: str | None = None
    slide: str | None = None
    agent: str | None = None
    action: str | None = None
    cursor: str | None = None
    limit: int | None = None

    def asked(self, source_id: int | None, now: datetime) -> Asked:
        """In the catalog's terms. Without an end it is this moment, so that a log which grows has one.

        Raises:
            InvalidRequest: a time that can't be read, or text that is in no record.
        """
        if self.format not in FORMATS:
            raise InvalidRequest(f"format must be one of: {', '.join(FORMATS)}.")
        if not all(is_clean(text) for text in (self.slide, self.agent, self.action) if text):
            raise InvalidRequest("slide, agent and action can't hold such characters.")
        agents = None
        if self.agent:
            agents = [self.agent, *(f"{kind}:{self.agent}" for kind in _KINDS)]
        actions = None
        if self.action:
            actions = [VIEW, VIEW_SEEN] if self.action == VIEW else [self.action]
        return Asked(
            since=_time(self.since, datetime(1970, 1, 1, tzinfo=UTC)),
            until=_time(self.until, now),
            source_id=source_id,
            slide=self.slide or None,
            agents=agents,
            actions=actions,
        )

    def after(self) -> Position | None:
        """Where to go on.

        Raises:
            InvalidRequest: no cursor of ours.
        """
        if not self.cursor:
            return None
        try:
            padded = self.cursor + "=" * (-len(self.cursor) % 4)
            at, writer, seq = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            position = Position(datetime.fromisoformat(at), str(writer), int(seq))
            if position.at.tzinfo is None or not 0 <= position.seq < 2**63 or not is_clean(position.writer):
                raise ValueError(at)
        except (ValueError, TypeError, AttributeError, OverflowError, binascii.Error):
            raise InvalidRequest("Invalid cursor: use the one that the page before gave.") from None
        return position

    def described(self) -> dict[str, str]:
        """For the record of the reading itself."""
        given = {"format": self.format, "since": self.since, "until": self.until, "agent": self.agent}
        given |= {"action": self.action, "slide": self.slide, "cursor": "yes" if self.cursor else None}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True, slots=True)
class Page:
    """Lines, and the cursor behind them; None where there are no more."""

    lines: Sequence[str]
    next_cursor: str | None


async def one_page(reads: AuditReads, query: ExportQuery, asked: Asked, limit: int) -> Page:
    """At most ``limit`` events.

    Raises:
        CatalogUnavailable: Postgres can't be reached.
        InvalidRequest: a cursor that is none.
    """
    lines: list[str] = []
    after = query.after()
    async for found, line in _events(reads, query.format, asked, after, limit + 1):
        if len(lines) == limit:
            return Page(lines, _cursor(after))
        lines.append(line)
        after = found.position
    return Page(lines, None)


async def all_lines(reads: AuditReads, query: ExportQuery, asked: Asked) -> AsyncIterator[str]:
    """Every event, a line each, in bounded memory.

    Raises:
        CatalogUnavailable: Postgres can't be reached.
        InvalidRequest: a cursor that is none.
    """
    async for _, line in _events(reads, query.format, asked, query.after(), None):
        yield line


async def _events(
    reads: AuditReads, form: str, asked: Asked, after: Position | None, limit: int | None
) -> AsyncIterator[tuple[Found, str]]:
    left = limit
    while left is None or left > 0:
        size = PAGE if left is None else min(PAGE, left)
        page = await reads.page(asked, after, size)
        sessions = await reads.sessions([found.session for found in page if found.session])
        for found in page:
            yield found, _line(found, sessions.get(found.session or "", [found.record]), form)
        if len(page) < size:
            return
        after = page[-1].position
        left = None if left is None else left - len(page)


def _line(found: Found, records: Sequence[str], form: str) -> str:
    """The line of an event. Where Postgres holds records that are none of ours (`verify` tells of them), one is made of those
    that are; nothing that a writer can write ends the export."""
    try:
        return _written(records, form, whole=found.session is not None)
    except _UNREADABLE:
        pass
    try:
        return _written([record for record in records if _is_ours(record)], form, whole=found.session is not None)
    except (*_UNREADABLE, IndexError):
        event = {
            "writer": found.position.writer,
            "seq": found.position.seq,
            "at": time_text(found.position.at),
            "service": "unknown",
            "action": "unreadable",
            "outcome": "failed",
            "agent": {"kind": "unknown", "id": ""},
            "session": found.session,
        }
        return canonical(audit_event(event) if form == "fhir" else event)


def _written(records: Sequence[str], form: str, *, whole: bool) -> str:
    event = merged(records) if whole else json.loads(records[0])
    resource = audit_event(event)  # for both: what is no event there is none here
    return canonical(resource if form == "fhir" else event)


def _is_ours(record: str) -> bool:
    try:
        merged([record])
    except _UNREADABLE:
        return False
    return True


def merged(records: Sequence[str]) -> dict[str, Any]:
    """One event of all records of a session: what each worker saw of it in the end, together."""
    contents = [json.loads(record) for record in records]
    event: dict[str, Any] = {**contents[0], "action": VIEW}
    parts: dict[str, Mapping[str, Any]] = {}
    addresses: dict[str, None] = {}
    first = last = event["at"]
    for content in contents:
        detail = content.get("detail") or {}
        first = min(first, detail.get("first", content["at"]))
        last = max(last, detail.get("last", content["at"]))
        for address in (content["agent"].get("address"), *detail.get("addresses", ())):
            if address:
                addresses[address] = None
        if content["action"] == VIEW_SEEN:
            parts[detail["part"]] = detail
    event["period"] = {"first": first, "last": last}
    event["records"] = [[content["writer"], content["seq"]] for content in contents]
    event["detail"] = {"addresses": list(addresses), **_seen(list(parts.values()))}
    return event


def _seen(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    tiles: dict[str, dict[str, Any]] = {}
    pictures: dict[str, int] = {}
    for part in parts:
        for level, more in part.get("tiles", {}).items():
            known = tiles.get(level)
            if known is None:
                tiles[level] = dict(more)
                continue
            known["count"] += more["count"]
            for axis in ("x", "y"):
                known[axis] = [min(known[axis][0], more[axis][0]), max(known[axis][1], more[axis][1])]
        for what, count in part.get("pictures", {}).items():
            pictures[what] = pictures.get(what, 0) + count
    found: dict[str, Any] = {}
    if tiles:
        found = {"tiles": tiles, "finest_level": min(map(int, tiles))}
    return found | ({"pictures": pictures} if pictures else {})


def _cursor(position: Position | None) -> str | None:
    if position is None:
        return None
    text = json.dumps([position.at.isoformat(), position.writer, position.seq])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _time(text: str | None, default: datetime) -> datetime:
    if not text:
        return default
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo is not None else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise InvalidRequest(f"'{text[:40]}' is no time. Use 2026-11-21 or 2026-11-21T12:00:00Z.") from None
