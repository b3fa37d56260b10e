"""What the command and its tile workers tell each other, over a socket pair that only they have."""

from __future__ import annotations

import asyncio
import struct
from pathlib import Path
from socket import socket
from typing import Any, Literal

import msgspec

from wsi_streamer.settings import Settings
from wsi_streamer.telemetry.metrics import Family

MAX_FRAME = 16 << 20

_LENGTH = struct.Struct("!I")


class Start(msgspec.Struct, frozen=True, tag=True):
    """The first message to a worker. Settings come by this way alone: anybody could read a command line."""

    index: int
    workers: int
    settings: Settings


class Up(msgspec.Struct, frozen=True, tag=True):
    """To a worker: which workers can be sent connections."""

    workers: list[bool]


class Ask(msgspec.Struct, frozen=True, tag=True):
    """To a worker: answer this."""

    number: int
    what: Literal["metrics", "ready"]


class Listening(msgspec.Struct, frozen=True, tag=True):
    """From a worker: it serves."""


class Stopping(msgspec.Struct, frozen=True, tag=True):
    """From a worker: it finishes what it has, and takes nothing new."""


class Answer(msgspec.Struct, frozen=True, tag=True):
    """From a worker."""

    number: int
    families: list[Family] = []
    ready: bool = False


ToWorker = Up | Ask
FromWorker = Listening | Stopping | Answer


def _encode_other(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError


def _decode_other(kind: type, value: Any) -> Any:
    return kind(value)


def frame(message: ToWorker | FromWorker | Start) -> bytes:
    """A message with its length in front."""
    body = msgspec.msgpack.encode(message, enc_hook=_encode_other)
    return _LENGTH.pack(len(body)) + body


def receive_start(control: socket) -> Start:
    """The first message. Blocks: a worker has nothing else to do yet.

    Raises:
        EOFError: the command is gone.
    """
    (length,) = _LENGTH.unpack(_exactly(control, _LENGTH.size))
    return msgspec.msgpack.decode(_exactly(control, length), type=Start, dec_hook=_decode_other)


def _exactly(control: socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        more = control.recv(length - len(data))
        if not more:
            raise EOFError
        data += more
    return data


class Channel:
    """Messages over the socket pair, in an event loop."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._ended = False

    @classmethod
    async def over(cls, sock: socket) -> Channel:
        """One end."""
        return cls(*await asyncio.open_unix_connection(sock=sock))

    def send(self, message: ToWorker | FromWorker | Start) -> None:
        """Without waiting: messages are few. To one that is gone it goes nowhere."""
        if not self._ended and not self._writer.is_closing():
            self._writer.write(frame(message))

    async def from_worker(self) -> FromWorker | None:
        """The next message; None at the end."""
        body = await self._receive()
        return None if body is None else msgspec.msgpack.decode(body, type=FromWorker)

    async def to_worker(self) -> ToWorker | None:
        """The next message; None at the end."""
        body = await self._receive()
        return None if body is None else msgspec.msgpack.decode(body, type=ToWorker)

    async def _receive(self) -> bytes | None:
        try:
            (length,) = _LENGTH.unpack(await self._reader.readexactly(_LENGTH.size))
            if length > MAX_FRAME:
                return None
            return await self._reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError):
            return None

    def end(self) -> None:
        """Say nothing more: to a worker, that it is to stop."""
        if not self._ended and not self._writer.is_closing():
            self._ended = True
            self._writer.write_eof()

    def close(self) -> None:
        """Hear nothing more either."""
        self._writer.close()
