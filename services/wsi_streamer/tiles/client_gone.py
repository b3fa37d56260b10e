"""Work that is only worth doing while its client is there: decoding, which a viewer that has moved on asks for in vain."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

V = TypeVar("V")
Receive = Callable[[], Awaitable[Any]]
"""ASGI's: its messages are mappings."""

GONE = 499
"""The status of a request whose client has hung up, for metrics: nobody sees the answer."""


class ClientGone(Exception):
    """Nobody is there to be answered."""


async def unless_gone(receive: Receive, work: Coroutine[Any, Any, V]) -> V:
    """The result of ``work``, which is cancelled when the client hangs up first.

    Raises:
        ClientGone: it did.
    """
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_hung_up(receive))
    try:
        await asyncio.wait((task, gone), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise ClientGone
    finally:
        for one in (task, gone):
            one.cancel()


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
