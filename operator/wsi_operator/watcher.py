"""kopf's watches, in a thread and an event loop of their own.

kopf's operator takes its loop for its own: when it ends, for whatever reason, it cancels every task that was begun after
it. So it gets a loop to itself, and is begun again when it ends or when a kind appears that wasn't served before.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections.abc import Callable, Sequence
from logging import getLogger

import kopf

from wsi_operator.backoff import backoff

_log = getLogger(__name__)

_STOP_SECONDS = 10.0


class Watcher:
    """Begins kopf, and begins it again."""

    def __init__(self, prepare: Callable[[], tuple[kopf.OperatorRegistry, kopf.OperatorSettings]]) -> None:
        self._prepare = prepare
        self._namespaces: tuple[str, ...] = ()
        self._again = asyncio.Event()
        self._started = threading.Event()

    @property
    def started(self) -> bool:
        """Whether the watches have been begun."""
        return self._started.is_set()

    def watch(self, namespaces: tuple[str, ...]) -> None:
        """What is to be watched; nothing: all namespaces. One that can't be listed would end the watches of all."""
        if namespaces != self._namespaces:
            self._namespaces = namespaces
            self.restart()

    def restart(self) -> None:
        """What is to be watched has changed."""
        self._again.set()

    async def run(self) -> None:
        """Until cancelled."""
        failures = 0
        while True:
            self._again.clear()
            begun = asyncio.get_running_loop().time()
            if await self._once():
                continue
            lasted = asyncio.get_running_loop().time() - begun
            failures = 1 if lasted > 60 else failures + 1
            await asyncio.sleep(backoff(failures, jitter=random.random()))  # noqa: S311 - no secret

    async def _once(self) -> bool:
        """One life of kopf; whether it ended because it was asked to."""
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        life = _Life(self._prepare, self._namespaces, self._started, lambda: loop.call_soon_threadsafe(ended.set))
        thread = threading.Thread(target=life.run, name="watches", daemon=True)
        thread.start()
        waits = [asyncio.create_task(ended.wait()), asyncio.create_task(self._again.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            return not ended.is_set()
        finally:
            for wait in waits:
                wait.cancel()
            life.stop()
            await asyncio.to_thread(thread.join, _STOP_SECONDS)


class _Life:
    """What runs in the thread."""

    def __init__(
        self,
        prepare: Callable[[], tuple[kopf.OperatorRegistry, kopf.OperatorSettings]],
        namespaces: Sequence[str],
        started: threading.Event,
        ended: Callable[[], object],
    ) -> None:
        self._prepare = prepare
        self._namespaces = namespaces
        self._started = started
        self._ended = ended
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None

    def run(self) -> None:
        """The thread's function."""
        try:
            asyncio.run(self._operator())
        except Exception as error:  # noqa: BLE001 - the thread's top: told, and begun again
            _log.warning("the watches ended and are begun again", extra={"error": str(error) or type(error).__name__})
        finally:
            with contextlib.suppress(RuntimeError):  # the main loop may be closed by now
                self._ended()

    def stop(self) -> None:
        """Ask kopf to end; from the main thread."""
        if self._loop is not None and self._stop is not None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stop.set)

    async def _operator(self) -> None:
        self._stop = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        registry, settings = self._prepare()
        await kopf.operator(
            registry=registry,
            settings=settings,
            clusterwide=not self._namespaces,
            namespaces=self._namespaces,
            standalone=True,
            stop_flag=self._stop,
            ready_flag=self._started,
        )
