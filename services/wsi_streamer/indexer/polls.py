"""Calls that programs make again and again, on record without a row for each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from wsi_streamer.access.caller import Caller

REPEAT_SECONDS = 600.0
"""An operator asks for the status every few seconds: a record says how often it has since the one before."""

MAX_POLLS = 1_000

Record = Callable[[str, Caller, str, dict[str, str]], Awaitable[None]]
"""Puts an action of a caller, from an address, on record, with details."""


@dataclass(slots=True)
class _Poll:
    caller: Caller
    recorded_at: float
    unrecorded: int = 0


class Polls:
    """By who asks, from where, and for what. The first call is on record before it is answered, the others are counted into
    the next record."""

    def __init__(self, record: Record, now: Callable[[], float]) -> None:
        """``now``: seconds, monotonic."""
        self._record = record
        self._now = now
        self._polls: dict[tuple[str, str, str], _Poll] = {}

    async def call(self, action: str, caller: Caller, address: str) -> None:
        """One call.

        Raises:
            AuditUnavailable: it can't be put on record.
        """
        name, now = (action, caller.id, address), self._now()
        poll = self._polls.get(name)
        if poll is not None and now - poll.recorded_at < REPEAT_SECONDS:
            poll.unrecorded += 1
            return
        await self._record(action, caller, address, _detail(poll))
        if poll is None and len(self._polls) >= MAX_POLLS:
            await self.aclose()
        self._polls[name] = _Poll(caller, now)

    async def aclose(self) -> None:
        """Put on record what was only counted so far."""
        polls, self._polls = self._polls, {}
        for (action, _, address), poll in polls.items():
            if poll.unrecorded:
                await self._record(action, poll.caller, address, _detail(poll))


def _detail(poll: _Poll | None) -> dict[str, str]:
    return {} if poll is None or not poll.unrecorded else {"further_calls_before": str(poll.unrecorded)}
