"""The viewing sessions that are open in this process, and what is recorded of them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from wsi_streamer.access.audit.chain import time_text
from wsi_streamer.access.audit.config import AuditConfig
from wsi_streamer.access.audit.recorder import GAP_SECONDS, Recorder
from wsi_streamer.access.audit.records import MAX_ID, MAX_KEY, MAX_NAME, VIEW, VIEW_SEEN, Agent, Record, bounded
from wsi_streamer.access.audit.viewing import Viewing
from wsi_streamer.access.caller import Caller
from wsi_streamer.slides.errors import AuditUnavailable

IDLE_SECONDS = GAP_SECONDS - 60
"""A session that has rested for so long ends: before the gap, since nobody looks at each moment whether it is reached."""

TELL_SECONDS = 600.0
"""What was seen so far is recorded so often."""

MAX_OPEN = 50_000
_AT_ONCE = 400

_Key = tuple[str, str, str]


@dataclass(slots=True)
class _Open:
    wanted: _Key
    viewing: Viewing
    agent: Agent
    slide_id: str
    key: str | None
    part: str
    told_at: float
    told_last: float = 0.0


class Viewings:
    """By caller and slide."""

    def __init__(self, config: AuditConfig, recorder: Recorder, now: Callable[[], float]) -> None:
        self._config = config
        self._recorder = recorder
        self._now = now
        self._open: dict[_Key, _Open] = {}
        self._beginning: dict[_Key, asyncio.Task[Viewing]] = {}
        self._ended: list[_Open] = []
        self._unrecorded = Viewing("", now())

    def find(self, caller: Caller, slide_id: str, address: str) -> Viewing | None:
        """The open one."""
        if not self._config.views:
            return self._unrecorded
        found = self._open.get((caller.kind, caller.id, slide_id))
        if found is None:
            return None
        if self._now() - found.viewing.last > GAP_SECONDS:
            self._end(found)
            return None
        if address not in found.viewing.addresses:
            found.viewing.come_from(bounded(address, MAX_NAME))
        return found.viewing

    async def begin(self, caller: Caller, slide_id: str, key: str | None, address: str) -> Viewing:
        """A new one; those who ask for the same at once share it.

        Raises:
            AuditUnavailable: it can't be recorded, and must be.
        """
        wanted = (caller.kind, caller.id, slide_id)
        task = self._beginning.get(wanted)
        if task is None:
            task = self._beginning[wanted] = asyncio.create_task(self._begin(wanted, caller, key, address))
            task.add_done_callback(lambda ended: self._begun(wanted, ended))
        viewing = await asyncio.shield(task)
        viewing.come_from(bounded(address, MAX_NAME))
        return viewing

    async def sweep(self) -> None:
        """End those that rest, and record what has been seen meanwhile."""
        now = self._now()
        for found in list(self._open.values()):
            if now - found.viewing.last > IDLE_SECONDS:
                self._end(found)
        if len(self._open) > MAX_OPEN:
            longest = sorted(self._open.values(), key=lambda found: found.viewing.last)
            for found in longest[: len(self._open) - MAX_OPEN]:
                self._end(found)
        due = [
            found
            for found in self._open.values()
            if found.viewing.last > found.told_last and now - found.told_at >= TELL_SECONDS
        ]
        await self._tell([*self._ended, *due])
        self._ended = [found for found in self._ended if found.viewing.last > found.told_last]
        for lost in self._ended[MAX_OPEN:]:
            self._recorder.lose()
            self._ended.remove(lost)

    async def tell_all(self) -> None:
        """Record what has been seen in all of them so far, and is not on record yet."""
        await self._tell(
            [found for found in (*self._ended, *self._open.values()) if found.viewing.last > found.told_last]
        )

    async def end_all(self) -> None:
        """Record what was seen in all of them; they are over here."""
        await asyncio.gather(*self._beginning.values(), return_exceptions=True)
        for found in list(self._open.values()):
            self._end(found)
        await self._tell(self._ended)
        self._ended = [found for found in self._ended if found.viewing.last > found.told_last]
        if self._ended:
            self._recorder.lose(len(self._ended))

    async def _begin(self, wanted: _Key, caller: Caller, key: str | None, address: str) -> Viewing:
        now = self._now()
        record = Record(
            action=VIEW,
            agent=Agent.of(caller, address),
            slide_id=bounded(wanted[2], MAX_ID),
            key=bounded(key, MAX_KEY) if key else None,
            session="v-" + secrets.token_hex(8),
        )
        try:
            session = await self._recorder.write(record, joins=True) or ""
        except AuditUnavailable:
            if self._config.required:
                raise
            self._recorder.lose()
            session = record.session or ""
        viewing = Viewing(session, now, record.agent.address or "")
        self._open[wanted] = _Open(
            wanted, viewing, record.agent, record.slide_id or "", record.key, secrets.token_hex(4), told_at=now
        )
        return viewing

    def _begun(self, wanted: _Key, task: asyncio.Task[Viewing]) -> None:
        del self._beginning[wanted]
        if not task.cancelled():
            task.exception()  # seen: all who wait may have hung up

    def _end(self, found: _Open) -> None:
        found.viewing.closed = True
        self._open.pop(found.wanted, None)
        self._ended.append(found)

    async def _tell(self, several: Iterable[_Open]) -> None:
        waiting = list(several)
        for begin in range(0, len(waiting), _AT_ONCE):
            await asyncio.gather(*map(self._tell_one, waiting[begin : begin + _AT_ONCE]))

    async def _tell_one(self, found: _Open) -> None:
        viewing, last = found.viewing, found.viewing.last
        detail = {
            "part": found.part,
            "first": time_text(datetime.fromtimestamp(viewing.began, UTC)),
            "last": time_text(datetime.fromtimestamp(last, UTC)),
            "addresses": list(viewing.addresses),
            **viewing.seen(),
        }
        record = Record(
            action=VIEW_SEEN,
            agent=found.agent,
            slide_id=found.slide_id,
            key=found.key,
            session=viewing.session,
            detail=detail,
        )
        try:
            await self._recorder.write(record)
        except AuditUnavailable:
            return  # the next one says it all again
        found.told_last, found.told_at = last, self._now()
