"""The other workers of this machine: connections go to them and come from them, with the bytes already read."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog

from wsi_streamer.slides.errors import WsiError
from wsi_streamer.web.affinity import Affinity, Match, owner

MAX_MOVED_BYTES = 16_384
"""What has been read of a connection that is passed on: a request's head. More stays where it is."""

_AT_ONCE = 64
"""Connections taken in before the event loop goes on with others."""

_log = structlog.get_logger("wsi_streamer.web")

TakeOver = Callable[[socket.socket, bytes], None]


class NoWorkers(WsiError):
    """This machine can't share a port among processes so."""


def mailbox() -> tuple[socket.socket, socket.socket]:
    """Where one worker receives connections, and where the others put them. Messages stay whole, whoever sends.

    Raises:
        NoWorkers: not on this system.
    """
    if not hasattr(socket, "send_fds"):
        raise NoWorkers("--workers needs a system that can pass sockets between processes (SCM_RIGHTS), such as Linux.")
    try:
        inbox, outbox = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    except OSError as error:
        raise NoWorkers(f"--workers needs Unix sockets of type SEQPACKET, such as Linux has ({error}).") from error
    inbox.setblocking(False)
    outbox.setblocking(False)
    return inbox, outbox


def send(outbox: socket.socket, data: bytes, fd: int) -> bool:
    """Pass a connection on; whether it was taken. Never waits: a worker that doesn't read its mail gets none."""
    try:
        # A blank in front: a message without bytes would look like the end of the mail.
        socket.send_fds(outbox, [b" ", data], [fd])
    except OSError:
        return False
    return True


def receive(inbox: socket.socket) -> tuple[bytes, int | None] | None:
    """The next connection: what was read of it, and its file descriptor (None where this process has no room for one
    more: the kernel has closed it then). None where there is none."""
    try:
        data, fds, _, _ = socket.recv_fds(inbox, MAX_MOVED_BYTES + 1, 1)
    except OSError:
        return None
    for fd in fds:
        os.set_inheritable(fd, False)  # Python 3.11's recv_fds forgets the flag for that
    return (data[1:], fds[0] if fds else None) if data else None


class Neighbours:
    """All workers, as one of them sees them."""

    def __init__(
        self,
        index: int,
        inbox: socket.socket,
        outboxes: Mapping[int, socket.socket],
        affinity: Affinity,
        on_moved: Callable[[], None],
    ) -> None:
        self.index = index
        self._inbox = inbox
        self._outboxes = outboxes
        self._affinity = affinity
        self._on_moved = on_moved
        self._up: Sequence[bool] = ()
        self.complete = False
        """Whether every worker is there: then what belongs here stays here."""
        self._take_over: TakeOver | None = None

    def set_up(self, up: Sequence[bool]) -> None:
        """Which workers can be sent something. Without any, all stays here."""
        self._up = up
        self.complete = all(up)

    def match(self, data: bytes) -> Match | None:
        """What a request is about."""
        return self._affinity.match(data)

    def belongs_to(self, key: bytes) -> int:
        """The worker of a key: this one where nobody else is."""
        found = owner(key, self._up) if self._up else None
        return self.index if found is None else found

    def pass_on(self, to: int, data: bytes, sock: Any) -> bool:
        """Send a connection to another worker; whether it took it. Close it here then."""
        outbox = self._outboxes.get(to)
        if outbox is None or len(data) > MAX_MOVED_BYTES or not send(outbox, data, sock.fileno()):
            return False
        self._on_moved()
        return True

    def start(self, take_over: TakeOver) -> None:
        """Have ``take_over`` called with each connection that comes."""
        self._take_over = take_over
        asyncio.get_running_loop().add_reader(self._inbox.fileno(), self._receive)

    def stop(self) -> None:
        """Take no more in. What comes now, if anything does, is for the process that started this one."""
        asyncio.get_running_loop().remove_reader(self._inbox.fileno())

    def _receive(self) -> None:
        for _ in range(_AT_ONCE):
            message = receive(self._inbox)
            if message is None:
                return
            data, fd = message
            if fd is None:
                _log.warning("a connection was lost: this process may open no more files")
            elif self._take_over is not None:
                self._take_over(socket.socket(fileno=fd), data)
