"""Waiting for what a cluster does in its own time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def eventually(look: Callable[[], Awaitable[T]], what: str, *, seconds: float = 60, pause: float = 0.5) -> T:
    """The first answer that isn't empty.

    Raises:
        AssertionError: none in time; it holds the last answer, or what failed.
    """
    last: object = None
    try:
        async with asyncio.timeout(seconds):
            while True:
                try:
                    found = await look()
                    if found:
                        return found
                    last = found
                except AssertionError as error:
                    last = error
                await asyncio.sleep(pause)
    except TimeoutError:
        raise AssertionError(f"not within {seconds:.0f} s: {what} (last: {last})") from None
