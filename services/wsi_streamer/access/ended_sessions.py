"""Sessions that people have ended: a copy of the cookie, wherever it is, is not to outlive them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime

from wsi_streamer.access.session_cookie import Session, refuse_ended
from wsi_streamer.catalog.ended_sessions import EndedSessionQueries
from wsi_streamer.catalog.notifications import SESSIONS_CHANNEL, Listener

CAPACITY = 10_000
"""Remembered at most, some 1.5 MB. One that is forgotten here can't be renewed either, and so ends within a quarter of an
hour."""


class EndedSessions:
    """Of one process: it refuses at once what it has heard of, and asks the catalog before a session is renewed."""

    def __init__(self, queries: EndedSessionQueries, capacity: int = CAPACITY) -> None:
        self._queries = queries
        self._capacity = capacity
        self._heard: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, sid: object) -> bool:
        return sid in self._heard

    async def end(self, session: Session) -> None:
        """End an identity's session, here in any case. Workers that listen know at once.

        Raises:
            CatalogUnavailable: the others can't be told, so that a copy of the cookie counts and is renewed there.
        """
        self._note(session.sid)
        await self._queries.add(session.sid, datetime.fromtimestamp(session.ends, UTC))

    async def check(self, session: Session) -> None:
        """For one that is about to be renewed.

        Raises:
            Unauthorized: it was ended.
            CatalogUnavailable: it can't be known whether it was.
        """
        if session.sid in self._heard:
            refuse_ended()
        if await self._queries.has(session.sid):
            self._note(session.sid)
            refuse_ended()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Hear of others from now on; returns what ends that."""
        return listener.subscribe(SESSIONS_CHANNEL, self._note)

    def _note(self, sid: str) -> None:
        if not sid:  # the listener was away: what it missed can't be renewed
            return
        self._heard[sid] = None
        self._heard.move_to_end(sid)
        while len(self._heard) > self._capacity:
            self._heard.popitem(last=False)
