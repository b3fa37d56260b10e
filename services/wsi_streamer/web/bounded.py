"""A connection whose requests have heads of bounded size."""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 65_536
"""Request line and headers. What comes in one piece with the head's end may be longer, by what is read at once (256 kB)."""


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's. That has no bound: a head that never ends would take memory until there is none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_bytes = 0

    def data_received(self, data: bytes) -> None:
        """Bytes of a request."""
        super().data_received(data)
        if self._is_within_a_head():
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
                self.send_400_response("The request's head is too long.")
        else:
            self._head_bytes = 0

    def _is_within_a_head(self) -> bool:
        # A request that has begun has a scope of its own, and a cycle only once its head is complete.
        cycle, scope = self.cycle, self.scope
        if scope is None or (cycle is not None and cycle.scope is scope):
            return False
        return not (self.pipeline and self.pipeline[0][0].scope is scope)
