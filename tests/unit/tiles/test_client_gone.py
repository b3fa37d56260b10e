from __future__ import annotations

import asyncio
from typing import Any

import pytest

from wsi_streamer.tiles.client_gone import ClientGone, unless_gone


class Client:
    """Sends its request, and hangs up when told."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()
        self._asked = False

    async def receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}


async def test_work_is_done_for_a_client_that_waits() -> None:
    async def work() -> int:
        await asyncio.sleep(0.01)
        return 7

    assert await unless_gone(Client().receive, work()) == 7


async def test_work_is_cancelled_for_a_client_that_hangs_up() -> None:
    client, ended = Client(), asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    asyncio.get_running_loop().call_later(0.01, client.gone.set)
    with pytest.raises(ClientGone):
        await unless_gone(client.receive, work())
    await asyncio.wait_for(ended.wait(), 1)


async def test_an_error_reaches_the_caller_and_leaves_nothing_waiting() -> None:
    async def work() -> None:
        raise LookupError

    before = asyncio.all_tasks()
    with pytest.raises(LookupError):
        await unless_gone(Client().receive, work())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
