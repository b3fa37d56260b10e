"""LISTEN: hearing at once what a poll would find later."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from typing import Any

import asyncpg
import structlog

from wsi_streamer.catalog.database import CONNECT_SECONDS, connect_arguments

JOBS_CHANNEL = "wsi_jobs"
"""Payload ``{source}:{job}:{state}``."""

SLIDES_CHANNEL = "wsi_slides"
"""Payload ``{source}:{slide id}``; an empty id stands for any slide."""

GRANTS_CHANNEL = "wsi_grants"
"""Payload ``{source}:{grant id}``: the grant has been revoked."""

SESSIONS_CHANNEL = "wsi_sessions"
"""Payload: the id of a session that was ended."""

MIN_BACKOFF_SECONDS = 0.1
MAX_BACKOFF_SECONDS = 10.0
PING_SECONDS = 20.0

_log = structlog.get_logger("wsi_streamer.catalog")

Callback = Callable[[str], None]


class Listener:
    """One connection of its own, made again whenever it breaks. After a break subscribers are called with an empty
    payload: anything may have changed meanwhile."""

    def __init__(self, url: str) -> None:
        self._url = url
        channels = (JOBS_CHANNEL, SLIDES_CHANNEL, GRANTS_CHANNEL, SESSIONS_CHANNEL)
        self._callbacks: dict[str, list[Callback]] = {channel: [] for channel in channels}
        self._task = asyncio.create_task(self._run())

    @classmethod
    async def start(cls, url: str) -> Listener:
        """Begin to listen; a server that can't be reached yet is tried again and again."""
        return cls(url)

    def subscribe(self, channel: str, callback: Callback) -> Callable[[], None]:
        """Have ``callback`` called with each payload; returns what ends that."""
        callbacks = self._callbacks[channel]
        callbacks.append(callback)

        def unsubscribe() -> None:
            with contextlib.suppress(ValueError):
                callbacks.remove(callback)

        return unsubscribe

    async def aclose(self) -> None:
        """Stop listening."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _run(self) -> None:
        backoff = MIN_BACKOFF_SECONDS
        while True:
            try:
                connection = await asyncpg.connect(**connect_arguments(self._url))
                backoff = MIN_BACKOFF_SECONDS
                try:
                    await self._listen(connection)
                finally:
                    connection.terminate()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                _log.debug("not listening to the catalog", reason=type(error).__name__)
            await asyncio.sleep(backoff * random.uniform(0.5, 1.0))  # noqa: S311 - spreads the workers' attempts
            backoff = min(MAX_BACKOFF_SECONDS, backoff * 2)

    async def _listen(self, connection: Any) -> None:
        ended = asyncio.Event()
        connection.add_termination_listener(lambda _: ended.set())
        for channel in self._callbacks:
            await connection.add_listener(channel, self._on_notify)
            self._call(channel, "")
        while not ended.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PING_SECONDS):  # not wait_for: see JobRunner.run
                    await ended.wait()
                return
            # A connection that a firewall has forgotten looks alive until it is used.
            await connection.execute("SELECT 1", timeout=CONNECT_SECONDS)

    def _on_notify(self, _connection: Any, _pid: int, channel: str, payload: Any) -> None:
        self._call(channel, str(payload))

    def _call(self, channel: str, payload: str) -> None:
        for callback in list(self._callbacks[channel]):
            try:
                callback(payload)
            except Exception:  # noqa: BLE001 - one subscriber's fault must not make the others deaf
                _log.exception("a subscriber to the catalog failed", channel=channel)
