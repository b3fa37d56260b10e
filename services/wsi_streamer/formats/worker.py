"""One parser process, from its parent's side."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic

import msgspec

from wsi_streamer.formats import messages
from wsi_streamer.formats.check import check
from wsi_streamer.formats.errors import Broken, Unsupported
from wsi_streamer.formats.messages import Done, FromChild, Parse, Ready, Refused, Want
from wsi_streamer.slides.slide import ParsedSlide

Fetch = Callable[[int, int], Awaitable[bytes]]

MAX_REQUESTS = 20_000
MAX_BYTES = 288 << 20
"""Bytes one parse may have sent to it."""

_LONG_FRAME = 1 << 20
"""Bytes from which a frame is decoded off the event loop."""

START_SECONDS = 60.0
"""Until a new process is ready: importing takes half a second, on a loaded machine many times that."""

# What Python and its libraries need to be found; nothing that could be a secret.
_ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TZ")


class Died(Exception):
    """The process is gone, by whatever hand; ``timed_out`` where it had used up its time."""

    def __init__(self, timed_out: bool) -> None:
        super().__init__()
        self.timed_out = timed_out


class Worker:
    """A started process that parses one object at a time. After an exception other than the file's own refusal,
    `usable` is False and it must be closed."""

    def __init__(self, process: asyncio.subprocess.Process, seconds: float) -> None:
        self._process = process
        self._seconds = seconds
        self.usable = True
        self.parsed = 0

    @classmethod
    async def start(cls, memory_bytes: int, seconds: float) -> Worker:
        """Start one and wait until it is ready.

        Raises:
            Died: it did not come up.
        """
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        # One thread of each library: threads reserve address space, of which there is a limit.
        environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "wsi_streamer.formats.child", str(memory_bytes), str(seconds),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=environment,
            cwd="/",
            start_new_session=True,
        )  # fmt: skip
        worker = cls(process, seconds)
        try:
            if not isinstance(await worker._receive(START_SECONDS), Ready):
                raise Died(timed_out=False)
        except BaseException:
            await worker.close()
            raise
        return worker

    async def parse(self, size: int, fetch: Fetch) -> ParsedSlide:
        """Have an object parsed.

        Raises:
            Unsupported, Broken: as the parser says.
            Died: the process ended, was stopped for its time, or spoke nonsense.
            Exception: what ``fetch`` raised, as it was.
        """
        self.usable = False  # until this parse has come to a clean end, cancelled ones included
        self.parsed += 1
        answer = await self._converse(size, fetch)
        if isinstance(answer, Refused):
            self.usable = answer.clean
            raise (Unsupported if answer.kind == "unsupported" else Broken)(answer.reason[:1000])
        check(answer.slide, size)
        self.usable = True
        return answer.slide

    async def _converse(self, size: int, fetch: Fetch) -> Done | Refused:
        """Answer the process's requests until it has a result. Only its own time counts, not the store's."""
        await self._send(messages.encode(Parse(size)))
        left, total, failure = self._seconds, 0, None
        for _ in range(MAX_REQUESTS):
            began = monotonic()
            message = await self._receive(left)
            left -= monotonic() - began
            if isinstance(message, Refused) and message.kind == "unread" and failure is not None:
                self.usable = message.clean
                raise failure
            if isinstance(message, Done | Refused):
                return message
            if not isinstance(message, Want):
                raise Died(timed_out=False)
            total += message.length
            if not self._allowed(message, size) or total > MAX_BYTES:
                raise Died(timed_out=False)
            data = b""
            try:
                data = await fetch(message.offset, message.length)
            except Exception as error:  # noqa: BLE001 - raised again once the process has been told
                failure = error
            await self._send(messages.frame(data))
        raise Died(timed_out=False)

    @staticmethod
    def _allowed(want: Want, size: int) -> bool:
        return 0 <= want.offset < size and 0 < want.length <= min(size - want.offset, messages.MAX_RANGE)

    async def _send(self, data: bytes) -> None:
        stdin = self._process.stdin
        if stdin is None:
            raise Died(timed_out=False)
        try:
            stdin.write(data)
            await asyncio.wait_for(stdin.drain(), self._seconds)
        except TimeoutError as error:
            raise Died(timed_out=True) from error
        except (ConnectionError, RuntimeError) as error:
            raise Died(timed_out=False) from error

    async def _receive(self, seconds: float) -> FromChild:
        stdout = self._process.stdout
        if stdout is None:
            raise Died(timed_out=False)
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                (length,) = messages.LENGTH.unpack(await stdout.readexactly(messages.LENGTH.size))
                if length > messages.MAX_FROM_CHILD:
                    raise Died(timed_out=False)
                body = await stdout.readexactly(length)
            if len(body) > _LONG_FRAME:
                return await asyncio.to_thread(messages.from_child, body)
            return messages.from_child(body)
        except TimeoutError as error:
            raise Died(timed_out=True) from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            code = await self._process.wait()
            raise Died(timed_out=code == -signal.SIGXCPU) from error
        except (msgspec.DecodeError, TypeError, ValueError, RecursionError) as error:
            raise Died(timed_out=False) from error

    async def close(self) -> None:
        """End it, whatever it does."""
        self.usable = False
        if self._process.stdin is not None:
            self._process.stdin.close()
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()
        await self._process.wait()
