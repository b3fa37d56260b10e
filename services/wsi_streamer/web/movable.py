"""A connection that goes to the worker which its requests belong to."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from wsi_streamer.web.bounded import BoundedProtocol
from wsi_streamer.web.neighbours import Neighbours

REST_SECONDS = 0.5
"""How long a connection stays where it was moved to. A browser's serves one slide for minutes, and moves once; one of a
proxy's, which serves everybody in turn, would move with each request, and that costs more than it brings."""


class MovableProtocol(BoundedProtocol):
    """uvicorn's, but for the moment between two requests: where the next one belongs to another worker, socket and bytes
    go there. Nothing has been parsed or answered of it then, and no byte is on its way out, so nobody can tell."""

    def __init__(
        self, *args: Any, neighbours: Neighbours, received: bytes = b"", moved: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._neighbours = neighbours
        self._received = received
        self._rests_until = self.loop.time() + REST_SECONDS if moved else 0.0
        self._ours = b"\0"  # how the requests begin that were found to belong here

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Before anything more is read: what the other worker had read comes first."""
        super().connection_made(transport)
        if self._received:
            received, self._received = self._received, b""
            self.data_received(received)

    def data_received(self, data: bytes) -> None:
        """Bytes of a request."""
        if not data.startswith(self._ours) and self._is_between_requests() and self._moves(data):
            return
        super().data_received(data)

    def _is_between_requests(self) -> bool:
        # A request that has begun has a scope of its own, and a cycle only once its head is complete. Where a response
        # came before its request's end, more_body stays set: such a connection moves no more.
        cycle = self.cycle
        if cycle is None:
            return self.scope is None
        return cycle.scope is self.scope and cycle.response_complete and not cycle.more_body

    def _moves(self, data: bytes) -> bool:
        found = self._neighbours.match(data)
        if found is None:
            return False
        to = self._neighbours.belongs_to(found.key)
        if to == self._neighbours.index:
            if self._neighbours.complete:
                self._ours = found.beginning
            return False
        if self.loop.time() < self._rests_until or self.transport.is_closing():
            return False
        # What is still to be sent of the last answer would be lost.
        if self.transport.get_write_buffer_size():
            return False
        self.transport.pause_reading()
        if not self._neighbours.pass_on(to, data, cast("Any", self.transport.get_extra_info("socket"))):
            self.transport.resume_reading()
            return False
        self._unset_keepalive_if_required()
        self.transport.abort()  # closes this process's descriptor; the connection lives on in the other
        return True
