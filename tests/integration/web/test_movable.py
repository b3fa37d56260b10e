"""Several servers in one event loop that pass connections to each other, as workers do."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from wsi_streamer.web import movable
from wsi_streamer.web.affinity import Affinity, owner
from wsi_streamer.web.neighbours import MAX_MOVED_BYTES, Neighbours, mailbox, send
from wsi_streamer.web.server import bind, serve

AFFINITY = Affinity(("tiles",))
NAMES = [f"slide-{n}" for n in range(20)]
FIRST, SECOND = ([n for n in NAMES if owner(n.encode(), [True, True]) == worker] for worker in (0, 1))


def get(path: str, *more: str, method: str = "GET") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "host: h", *more, "", ""]).encode()


@dataclass(slots=True)
class Client:
    """One connection, raw."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def answer(self, *, has_body: bool = True) -> tuple[int, dict[str, str], bytes]:
        async with asyncio.timeout(10):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.strip().split("\r\n")
            headers = dict(line.split(": ", 1) for line in lines)
            body = await self.reader.readexactly(int(headers["content-length"])) if has_body else b""
        return int(first.split()[1]), headers, body

    async def ask(self, name: str, **kwargs: Any) -> bytes:
        """Which worker answers for a slide."""
        self.writer.write(get(f"/tiles/{name}/0/0/0.jpg", **kwargs))
        return (await self.answer())[2]

    async def ended(self) -> bool:
        async with asyncio.timeout(10):
            with contextlib.suppress(ConnectionError):
                return await self.reader.read() == b""
            return True


@dataclass(slots=True)
class Crew:
    """Two servers; clients connect to the one they want."""

    ports: list[int]
    neighbours: list[Neighbours]
    stops: list[asyncio.Event]
    tasks: list[asyncio.Task[None]]
    inboxes: list[socket.socket]
    moved: list[int]
    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    clients: list[Client] = field(default_factory=list)

    async def connect(self, worker: int) -> Client:
        client = Client(*await asyncio.open_connection("127.0.0.1", self.ports[worker]))
        self.clients.append(client)
        return client


@pytest.fixture
async def crew(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Crew]:
    monkeypatch.setattr(movable, "REST_SECONDS", 0.0)
    mail = [mailbox(), mailbox()]
    made = Crew([], [], [], [], [inbox for inbox, _ in mail], [0, 0])

    def app(worker: int) -> Any:
        async def answer(scope: dict[str, Any], receive: Any, send: Any) -> None:
            if scope["path"] == "/slow" or b"slow" in scope["query_string"]:
                await made.let_go.wait()
            body = b"" if scope["path"] == "/large" else b"%d" % worker
            while scope["method"] == "POST":
                message = await receive()
                body += b" " + message["body"]
                if not message["more_body"]:
                    break
            body += bytes(4_000_000) if scope["path"] == "/large" else b""
            length = (b"content-length", b"%d" % len(body))
            await send({"type": "http.response.start", "status": 200, "headers": [length]})
            await send({"type": "http.response.body", "body": body})

        return answer

    for worker in (0, 1):
        sock = bind("127.0.0.1", 0)
        others = {n: outbox for n, (_, outbox) in enumerate(mail) if n != worker}

        def count(worker: int = worker) -> None:
            made.moved[worker] += 1

        neighbours = Neighbours(worker, mail[worker][0], others, AFFINITY, count)
        stop, started = asyncio.Event(), asyncio.Event()
        serving = serve([(app(worker), sock)], stop=stop, on_started=started.set, neighbours=neighbours)
        made.tasks.append(asyncio.create_task(serving))
        await started.wait()
        neighbours.set_up([True, True])
        made.ports.append(sock.getsockname()[1])
        made.neighbours.append(neighbours)
        made.stops.append(stop)
    yield made
    made.let_go.set()
    for client in made.clients:
        client.writer.close()
    for stop in made.stops:
        stop.set()
    await asyncio.gather(*made.tasks)
    for pair in mail:
        for sock in pair:
            sock.close()


async def test_a_connection_goes_where_its_requests_belong(crew: Crew) -> None:
    client = await crew.connect(0)
    assert [await client.ask(name) for name in (FIRST[0], SECOND[0], SECOND[0], SECOND[1], FIRST[1])] == [
        b"0", b"1", b"1", b"1", b"0"
    ]  # fmt: skip
    assert crew.moved == [1, 1]


async def test_requests_about_nothing_stay_where_they_are(crew: Crew) -> None:
    for worker in (0, 1):
        client = await crew.connect(worker)
        client.writer.write(get("/health"))
        assert (await client.answer())[2] == b"%d" % worker
    assert crew.moved == [0, 0]


async def test_head_and_a_request_with_a_body(crew: Crew) -> None:
    client = await crew.connect(0)
    client.writer.write(get(f"/tiles/{SECOND[0]}/0/0/0.jpg", method="HEAD"))
    assert (await client.answer(has_body=False))[1]["content-length"] == "1"
    client = await crew.connect(0)
    client.writer.write(get(f"/tiles/{SECOND[0]}/prefetch", "content-length: 6", method="POST") + b"abc")
    await asyncio.sleep(0.05)
    client.writer.write(b"def")
    assert (await client.answer())[2].replace(b" ", b"") == b"1abcdef"
    assert crew.moved == [2, 0]


async def test_a_request_in_pieces_is_answered_whole(crew: Crew) -> None:
    client = await crew.connect(0)
    for byte in get(f"/tiles/{SECOND[0]}/0/0/0.jpg"):
        client.writer.write(bytes([byte]))
        await asyncio.sleep(0)
    assert (await client.answer())[2] in (b"0", b"1")
    request = get(f"/tiles/{SECOND[0]}/0/0/0.jpg", "x: y")
    client.writer.write(request[:-10])  # moves, and its end comes after
    await asyncio.sleep(0.05)
    client.writer.write(request[-10:])
    assert (await client.answer())[2] == b"1"


async def test_pipelined_requests_are_answered_in_order(crew: Crew) -> None:
    client = await crew.connect(0)
    client.writer.write(b"".join(get(f"/tiles/{name}/0/0/0.jpg") for name in (SECOND[0], FIRST[0], SECOND[1])))
    assert [(await client.answer())[2] for _ in range(3)] == [b"1"] * 3
    client.writer.write(get(f"/tiles/{SECOND[0]}/0?slow=1"))
    await asyncio.sleep(0.05)
    client.writer.write(get(f"/tiles/{FIRST[0]}/0"))  # belongs elsewhere, but the one before is under way
    await asyncio.sleep(0.05)
    crew.let_go.set()
    assert [(await client.answer())[2] for _ in range(2)] == [b"1"] * 2
    assert await client.ask(FIRST[0]) == b"0"


async def test_no_byte_of_an_answer_is_lost_when_the_next_request_moves(crew: Crew) -> None:
    client = await crew.connect(0)
    client.writer.write(get("/large"))
    await asyncio.sleep(0.2)  # more than the kernel buffers: the rest waits in the worker
    client.writer.write(get(f"/tiles/{SECOND[0]}/0"))
    await asyncio.sleep(0.1)
    assert (await client.answer())[2] == bytes(4_000_000)
    assert (await client.answer())[2] in (b"0", b"1")


async def test_a_moved_connection_rests(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(movable, "REST_SECONDS", 0.3)
    client = await crew.connect(0)
    assert [await client.ask(name) for name in (SECOND[0], FIRST[0], SECOND[0])] == [b"1"] * 3
    await asyncio.sleep(0.4)
    assert await client.ask(FIRST[0]) == b"0"


async def test_nothing_goes_to_a_worker_that_is_not_up(crew: Crew) -> None:
    crew.neighbours[0].set_up([True, False])
    client = await crew.connect(0)
    assert await client.ask(SECOND[0]) == b"0"
    crew.neighbours[0].set_up([True, True])
    assert await client.ask(SECOND[0]) == b"1"


async def test_a_worker_that_does_not_read_its_mail_holds_up_nobody(crew: Crew) -> None:
    crew.neighbours[1].stop()
    pair = socket.socketpair()
    while send(crew.neighbours[0]._outboxes[1], b"x" * MAX_MOVED_BYTES, pair[0].fileno()):
        pass
    client = await crew.connect(0)
    assert await client.ask(SECOND[0]) == b"0"
    for end in pair:
        end.close()


async def test_a_large_head_and_nonsense_are_dealt_with_where_they_are(crew: Crew) -> None:
    client = await crew.connect(0)
    await asyncio.sleep(0.05)
    request = get(f"/tiles/{SECOND[0]}/0", "x: " + "y" * (MAX_MOVED_BYTES + 1))
    client.writer.write(request)
    assert (await client.answer())[2] in (b"0", b"1")  # as it came in one piece or in several
    for nonsense in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 10, b"GET /tiles/a b c d\r\n\r\n"):
        client = await crew.connect(0)
        client.writer.write(nonsense)
        assert (await client.reader.readline()).startswith(b"HTTP/1.1 400")


async def test_clients_that_say_nothing_or_leave(crew: Crew) -> None:
    silent = [await crew.connect(0) for _ in range(200)]
    for client in silent[:50]:
        client.writer.transport.abort()
    for client in silent[50:100]:
        client.writer.write(get(f"/tiles/{SECOND[0]}/0"))
        client.writer.transport.abort()
    client = await crew.connect(0)
    assert await client.ask(SECOND[0]) == b"1"
    assert await silent[150].ask(SECOND[0]) == b"1"


async def test_small_writes_do_not_wait_for_each_other(crew: Crew) -> None:
    """A moved connection has Nagle's algorithm off too."""
    client = await crew.connect(0)
    assert await client.ask(SECOND[0]) == b"1"
    began = asyncio.get_running_loop().time()
    for _ in range(20):
        assert await client.ask(SECOND[0]) == b"1"
    assert asyncio.get_running_loop().time() - began < 0.4  # an answer is two writes: 40 ms each with Nagle


async def test_what_is_under_way_is_finished_and_latecomers_too(crew: Crew) -> None:
    client, idle, late = [await crew.connect(worker) for worker in (0, 1, 0)]
    client.writer.write(get(f"/tiles/{SECOND[0]}/0?slow=1"))
    assert await idle.ask(SECOND[0]) == b"1"
    await asyncio.sleep(0.05)
    crew.stops[1].set()
    assert await idle.ended()
    assert await late.ask(SECOND[0]) == b"1"  # worker 0 doesn't know yet that the other goes
    assert await late.ended()
    crew.let_go.set()
    assert (await client.answer())[2] == b"1"
    assert await client.ended()
    await crew.tasks[1]
