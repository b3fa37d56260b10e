"""Viewers that ask for tiles all the time."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from dataclasses import dataclass, field
from types import TracebackType

import httpx

_TIMEOUT = httpx.Timeout(5.0, connect=2.0)
RETRY_SECONDS = 0.5


@dataclass(slots=True)
class Load:
    """``async with Load(url, paths)``: some clients, each asking for one tile after the other. What fails is tried once more on
    a new connection, as a viewer does; what fails then counts as failed."""

    url: str
    paths: list[str]
    headers: dict[str, str] = field(default_factory=dict)
    clients: int = 4
    pause: float = 0.0
    served: int = 0
    retried: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def __aenter__(self) -> Load:
        self._tasks = [asyncio.create_task(self._client(random.Random(seed))) for seed in range(self.clients)]
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: BaseException | TracebackType | None) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _client(self, order: random.Random) -> None:
        async with contextlib.AsyncExitStack() as stack:
            client = await self._fresh(stack)
            for number in range(1_000_000):
                if number % 50 == 49:  # a new connection now and then: new pods get their share
                    client = await self._fresh(stack)
                path = order.choice(self.paths)
                wrong = await self._ask(client, path)
                if wrong:
                    self.retried[wrong] += 1
                    await asyncio.sleep(RETRY_SECONDS)
                    client = await self._fresh(stack)
                    again = await self._ask(client, path)
                    if again:
                        self.failed.append(f"{path}: {wrong}, then {again}")
                self.served += 1
                await asyncio.sleep(self.pause)

    async def _fresh(self, stack: contextlib.AsyncExitStack) -> httpx.AsyncClient:
        await stack.aclose()
        client = httpx.AsyncClient(base_url=self.url, headers=self.headers, timeout=_TIMEOUT, trust_env=False)
        return await stack.enter_async_context(client)

    async def _ask(self, client: httpx.AsyncClient, path: str) -> str:
        try:
            answer = await client.get(path)
        except httpx.HTTPError as error:
            return type(error).__name__
        if answer.status_code != 200:
            return f"{answer.status_code} {answer.text[:200]}"
        return "" if answer.content.startswith(b"\xff\xd8") else "no JPEG"
