"""A real HAProxy with the shipped configuration: paths pass as they were sent, a slide has one worker."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.haproxy import haproxy
from tests.support.raw_http import exchange


@dataclass
class Recorder:
    """A worker that answers with its own number, and remembers what it was asked."""

    number: int
    heads: list[bytes] = field(default_factory=list)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if not head.startswith(b"GET /health "):
                    self.heads.append(head)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d" % self.number)
                await writer.drain()
        writer.close()


@dataclass
class Behind:
    port: int
    workers: list[Recorder]

    async def ask(self, target: str, *headers: str) -> tuple[int, bytes]:
        answer = await exchange(self.port, target, *headers)
        return int(answer.body), self.workers[int(answer.body)].heads[-1]


@pytest.fixture
async def behind(tmp_path: Path) -> AsyncIterator[Behind]:
    workers = [Recorder(i) for i in range(3)]
    async with contextlib.AsyncExitStack() as stack:
        servers = [
            await stack.enter_async_context(await asyncio.start_server(w.answer, "127.0.0.1", 0)) for w in workers
        ]
        urls = [f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}" for server in servers]
        url = await stack.enter_async_context(haproxy(tmp_path / "haproxy", urls))
        yield Behind(urlsplit(url).port or 0, workers)


async def test_the_path_goes_on_exactly_as_it_was_sent(behind: Behind) -> None:
    for target in (
        "/tiles/a%2Fb.tif/0/0/0.jpg?v=1&sig=%41", "/tiles/a%252Fb/0/0/0.jpg", "/tiles/a;b/0/0/0.jpg", "/tiles//a/../b/./c",
        "/tiles/%2e%2e/b", "/tiles/%c0%af/b", "/tiles/%E7%97%85.svs/0/0/0.jpg", "/tiles/a\\b", "/tiles/a%00b?x=%00", "/x?a=1?b=2",
    ):  # fmt: skip
        _, head = await behind.ask(target)
        assert head.split(b" ", 2)[1] == target.encode()


async def test_all_urls_of_a_slide_go_to_one_worker_and_slides_are_spread(behind: Behind) -> None:
    found = set()
    for i in range(30):
        name = f"case-{i}%2Fslide.svs"
        urls = [
            f"/tiles/{name}/0/{i}/1.jpg?v=1", f"/slides/{name}", f"/slides/{name}.dzi", f"/slides/{name}_files/9/0_0.jpg",
            f"/slides/{name}/dzi", f"/slides/{name}/thumbnail?a=/b", f"/view/{name}?exp=1",
        ]  # fmt: skip
        workers = {(await behind.ask(url))[0] for url in urls}
        assert len(workers) == 1, (name, workers)
        found |= workers
    assert found == {0, 1, 2}


async def test_the_clients_address_is_the_proxys_word_and_not_the_clients(behind: Behind) -> None:
    _, head = await behind.ask(
        "/tiles/a/0/0/0.jpg", "X-Forwarded-For: 192.0.2.1", "x-forwarded-for: 192.0.2.2", "Forwarded: for=192.0.2.3"
    )
    lines = [line for line in head.lower().split(b"\r\n") if b"forwarded" in line]
    assert lines == [b"x-forwarded-for: 127.0.0.1"]
