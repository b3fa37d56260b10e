"""The parser process: ``python -m wsi_streamer.formats.child <memory bytes> <seconds>``.

It reads frames from stdin and writes frames to stdout, and has nothing else: no credential, no network address, no
file of its own. It ends when its stdin does.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
from dataclasses import dataclass
from typing import BinaryIO

from wsi_streamer.formats import messages
from wsi_streamer.formats.errors import Broken, Unsupported
from wsi_streamer.formats.limits import allow_cpu, confine
from wsi_streamer.formats.messages import Done, Ready, Refused, Want
from wsi_streamer.formats.parse import parse


class ParentGone(Exception):
    """Stdin has ended."""


class Unread(Exception):
    """The parent could not read the bytes."""


@dataclass(frozen=True, slots=True)
class Pipe:
    """Frames over the two standard pipes."""

    incoming: BinaryIO
    outgoing: BinaryIO

    def receive(self) -> bytes:
        """The next frame's body.

        Raises:
            ParentGone: there is none.
        """
        head = self.incoming.read(messages.LENGTH.size)
        if len(head) < messages.LENGTH.size:
            raise ParentGone
        (length,) = messages.LENGTH.unpack(head)
        body = self.incoming.read(length)
        if len(body) < length:
            raise ParentGone
        return body

    def send(self, data: bytes) -> None:
        """A whole frame."""
        self.outgoing.write(data)
        self.outgoing.flush()


@dataclass(frozen=True, slots=True)
class PipeReader:
    """The parent's object, read through the pipe."""

    pipe: Pipe
    size: int

    def read(self, offset: int, length: int) -> bytes:
        """Exactly ``length`` bytes.

        Raises:
            Unread: the parent could not have them.
        """
        self.pipe.send(messages.encode(Want(offset, length)))
        data = self.pipe.receive()
        if len(data) != length:
            raise Unread
        return data


def main(memory_bytes: int, seconds: float) -> None:
    """Parse what the parent sends until it stops sending."""
    confine(memory_bytes)
    logging.disable()  # tifffile's remarks on damaged tags: what matters of them is in the reason
    pipe = Pipe(sys.stdin.buffer, os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)  # a library that prints must not speak into the protocol
    pipe.send(messages.encode(Ready()))
    while True:
        try:
            size = messages.from_parent(pipe.receive()).size
            allow_cpu(seconds)
            answer = _answer(PipeReader(pipe, size))
            pipe.send(messages.encode(answer))
        except (ParentGone, BrokenPipeError):
            return
        gc.collect()


def _answer(reader: PipeReader) -> Done | Refused:
    try:
        return Done(parse(reader))
    except Unsupported as refusal:
        return Refused("unsupported", refusal.reason)
    except Broken as refusal:
        return Refused("broken", refusal.reason)
    except Unread:
        return Refused("unread", "")
    except MemoryError:
        return Refused("broken", "Reading it takes more memory than a slide should.", clean=False)
    except (ParentGone, BrokenPipeError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever a hostile file provokes is the file's fault, and is told
        return Refused("broken", f"Its structure is damaged ({type(error).__name__}).", clean=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
