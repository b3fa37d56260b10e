"""One tile worker, from the command's side."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import socket
import sys
from collections.abc import Callable, Sequence
from typing import Literal

from wsi_streamer.cli.worker_messages import Answer, Ask, Channel, Listening, Start, Stopping, ToWorker
from wsi_streamer.slides.errors import WsiError

START_SECONDS = 60.0
ASK_SECONDS = 2.0


class WorkerNotStarted(WsiError):
    """A tile worker does not come up."""


class WorkerProcess:
    """A started process that serves."""

    def __init__(self, process: asyncio.subprocess.Process, channel: Channel) -> None:
        self._process = process
        self._channel = channel
        self._numbers = itertools.count()
        self._asked: dict[int, asyncio.Future[Answer]] = {}
        self._reading: asyncio.Task[None] | None = None
        self.pid = process.pid

    @classmethod
    async def start(
        cls,
        start: Start,
        *,
        listening: socket.socket,
        inbox: socket.socket,
        outboxes: Sequence[socket.socket],
        on_stopping: Callable[[], None],
    ) -> WorkerProcess:
        """Start one and wait until it serves; ``on_stopping`` is called when it will serve no more.

        Raises:
            WorkerNotStarted: it ends instead, or takes too long.
        """
        ours, theirs = socket.socketpair()
        others = [-1 if index == start.index else outbox.fileno() for index, outbox in enumerate(outboxes)]
        descriptors = [theirs.fileno(), listening.fileno(), inbox.fileno(), *others]
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-m", "wsi_streamer.cli.tile_worker", *map(str, descriptors),
                stdin=asyncio.subprocess.DEVNULL,
                pass_fds=[fd for fd in descriptors if fd >= 0],
                # A terminal's Ctrl-C goes to a whole group, and the command is to say when its workers stop.
                start_new_session=True,
            )  # fmt: skip
        except BaseException as error:
            ours.close()  # a process that came up all the same ends by that
            if isinstance(error, OSError):
                raise WorkerNotStarted(f"A tile worker can't be started ({error.strerror}).") from error
            raise
        finally:
            theirs.close()
        worker = cls(process, await Channel.over(ours))
        worker._channel.send(start)
        try:
            async with asyncio.timeout(START_SECONDS):
                if not isinstance(await worker._channel.from_worker(), Listening):
                    raise WorkerNotStarted(f"Tile worker {start.index} did not start; the log says why.")
        except TimeoutError:
            await worker.kill()
            raise WorkerNotStarted(f"Tile worker {start.index} did not start in {START_SECONDS:.0f} s.") from None
        except BaseException:
            await worker.kill()
            raise
        worker._reading = asyncio.create_task(worker._read(on_stopping))
        return worker

    def send(self, message: ToWorker) -> None:
        """Tell it something."""
        self._channel.send(message)

    async def ask(self, what: Literal["metrics", "ready"]) -> Answer | None:
        """Its answer; None where it gives none in time."""
        number = next(self._numbers)
        self._asked[number] = future = asyncio.get_running_loop().create_future()
        try:
            self._channel.send(Ask(number, what))
            return await asyncio.wait_for(future, ASK_SECONDS)
        except TimeoutError:
            return None
        finally:
            del self._asked[number]

    async def ended(self) -> int:
        """Its exit code, once it has ended."""
        code = await self._process.wait()
        await self._put_away()
        return code

    async def stop(self, seconds: float) -> None:
        """Have it finish what is under way, for at most so long."""
        self._channel.end()
        try:
            await asyncio.wait_for(self._process.wait(), seconds)
        finally:  # too long, or this command is made to end at once
            await self.kill()

    async def kill(self) -> None:
        """End it now, if it still runs."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, 9)
        await self._process.wait()
        await self._put_away()

    async def _put_away(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        self._channel.close()

    async def _read(self, on_stopping: Callable[[], None]) -> None:
        while (message := await self._channel.from_worker()) is not None:
            if isinstance(message, Stopping):
                on_stopping()
            elif isinstance(message, Answer):
                future = self._asked.get(message.number)
                if future is not None and not future.done():
                    future.set_result(message)
        on_stopping()
