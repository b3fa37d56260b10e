"""Who wants to know of each request (metrics)."""

from __future__ import annotations

from typing import Protocol


class Observer(Protocol):
    """Told of each attempt."""

    def s3_request(self, operation: str, status: int | None, bytes_received: int, seconds: float) -> None:
        """``status`` is None where no answer came."""


class NoObserver:
    """Nobody."""

    def s3_request(self, operation: str, status: int | None, bytes_received: int, seconds: float) -> None:
        """Told to nobody."""
