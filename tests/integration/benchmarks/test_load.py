"""The client of the benchmarks, against a server that answers as servers do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.benchmarks.load import Client, get, post


class Server:
    """Says what the path asks for."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while head := await reader.readuntil(b"\r\n\r\n"):
            path = head.split()[1].decode()
            if head.startswith(b"POST"):
                size = int(head.lower().split(b"content-length: ")[1].split()[0])
                self.bodies.append(await reader.readexactly(size))
                writer.write(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n")
            elif path == "/never":
                continue
            elif path == "/bye":
                break
            elif path == "/busy":
                writer.write(b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy")
            else:
                answer = b"HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 1000\r\n\r\n" + bytes(1000)
                for at in range(0, len(answer), 30 if path == "/slow" else len(answer)):
                    writer.write(answer[at : at + (30 if path == "/slow" else len(answer))])
                    await writer.drain()
                    await asyncio.sleep(0)
        writer.close()


@pytest.fixture
async def server() -> AsyncIterator[tuple[Server, str]]:
    served = Server()

    async def quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await served.serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    listening = await asyncio.start_server(quietly, "127.0.0.1", 0)
    yield served, f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    listening.close()


async def test_every_request_is_answered_over_connections_that_stay(server: tuple[Server, str]) -> None:
    served, url = server
    client = await Client.open(url, 6)
    for _ in range(3):
        told = await client.run(iter([get("/a"), get("/slow")] * 20))
        assert (len(told.each), told.body_bytes, told.refused, told.unanswered) == (40, 40_000, [], 0)
        assert max(told.each) <= told.seconds
    assert served.connections == 6
    client.close()


async def test_a_hint_is_accepted_and_a_refusal_is_kept(server: tuple[Server, str]) -> None:
    served, url = server
    client = await Client.open(url, 2)
    told = await client.run(iter([post("/prefetch", b'{"x": 1}')]))
    assert (len(told.each), told.refused, served.bodies) == (1, [], [b'{"x": 1}'])
    told = await client.run(iter([get("/busy"), get("/a")]))
    assert len(told.each) == 2
    assert told.refused[0].startswith(b"HTTP/1.1 503")
    client.close()


async def test_what_is_never_answered_is_given_up_and_counted(server: tuple[Server, str]) -> None:
    _, url = server
    client = await Client.open(url, 3)
    told = await client.run(iter([get("/never"), get("/bye"), get("/a"), get("/a")]), give_up=0.3)
    assert (len(told.each), told.unanswered) == (2, 2)
    told = await client.run(iter([get("/a")] * 9))
    assert (len(told.each), told.unanswered) == (9, 0)
    client.close()
