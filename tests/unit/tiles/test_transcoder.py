"""Work in threads: bounded, by turns, and never done once nobody wants it. Real threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable

import pytest

from wsi_streamer.slides.errors import Busy, DecodeError
from wsi_streamer.telemetry.metrics import Metrics
from wsi_streamer.tiles.fair_queue import FairQueue
from wsi_streamer.tiles.transcoder import WAITING_PER_THREAD, Transcoder


class Gate:
    """Work that waits, and says when it began."""

    def __init__(self) -> None:
        self.began = threading.Event()
        self.opened = threading.Event()

    def __call__(self) -> str:
        self.began.set()
        assert self.opened.wait(10)
        return "passed"


@pytest.fixture
async def transcoder() -> AsyncIterator[Transcoder]:
    made = Transcoder(1, Metrics())
    yield made
    made.close()


@pytest.fixture
async def gate(transcoder: Transcoder) -> AsyncIterator[Gate]:
    """Keeps the only thread busy until it is opened."""
    gate = Gate()
    task = asyncio.ensure_future(transcoder.run(gate))
    await asyncio.to_thread(gate.began.wait, 10)
    yield gate
    gate.opened.set()
    await asyncio.wait([task])


async def queued(
    transcoder: Transcoder, *works: Callable[[], object], owner: object = None
) -> list[asyncio.Task[object]]:
    tasks = [asyncio.ensure_future(transcoder.run(work, owner)) for work in works]
    await asyncio.sleep(0)
    return tasks


async def test_results_and_errors_come_back(transcoder: Transcoder) -> None:
    def fail() -> None:
        raise DecodeError("damaged")

    assert await transcoder.run(threading.current_thread) is not threading.current_thread()
    with pytest.raises(DecodeError, match="damaged"):
        await transcoder.run(fail)
    assert await transcoder.run(lambda: "still there") == "still there"
    assert len(transcoder) == 0


async def test_what_is_cancelled_before_it_starts_is_never_done_and_makes_room_at_once(
    transcoder: Transcoder, gate: Gate
) -> None:
    done: list[int] = []
    tasks = await queued(transcoder, *(lambda i=i: done.append(i) for i in range(10)))  # type: ignore[misc]
    assert len(transcoder) == 11
    for task in tasks[:9]:  # the first was handed to the thread already, and the others were not
        task.cancel()
    await asyncio.wait(tasks[:9])
    assert len(transcoder) == 2
    gate.opened.set()
    await tasks[9]
    assert done == [9]
    assert len(transcoder) == 0


async def test_what_runs_when_it_is_cancelled_counts_until_it_ends(transcoder: Transcoder) -> None:
    gate = Gate()
    task = asyncio.ensure_future(transcoder.run(gate))
    await asyncio.to_thread(gate.began.wait, 10)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert len(transcoder) == 1
    gate.opened.set()
    assert await transcoder.run(lambda: "next") == "next"
    assert len(transcoder) == 0


async def test_too_much_is_refused_and_room_is_found_again(transcoder: Transcoder, gate: Gate) -> None:
    tasks = await queued(transcoder, *[lambda: "late"] * WAITING_PER_THREAD)
    with pytest.raises(Busy):
        transcoder.ensure_room()
    with pytest.raises(Busy):
        await transcoder.run(lambda: "too late")
    tasks[-1].cancel()
    await asyncio.wait([tasks[-1]])
    transcoder.ensure_room()
    gate.opened.set()
    assert await asyncio.gather(*tasks[:-1]) == ["late"] * (WAITING_PER_THREAD - 1)


async def test_a_lone_request_does_not_wait_for_all_of_anothers(transcoder: Transcoder, gate: Gate) -> None:
    done: list[str] = []
    many = await queued(transcoder, *[lambda: done.append("many")] * 10, owner="slide a")
    lone = await queued(transcoder, lambda: done.append("lone"), owner="slide b")
    gate.opened.set()
    await asyncio.gather(*many, *lone)
    assert done.index("lone") <= 2
    assert len(done) == 11


async def test_all_threads_are_used_at_once() -> None:
    transcoder = Transcoder(3, Metrics())
    meeting = threading.Barrier(3, timeout=10)
    try:
        assert sorted(await asyncio.gather(*(transcoder.run(meeting.wait) for _ in range(3)))) == [0, 1, 2]
    finally:
        transcoder.close()


async def test_close_tells_all_who_wait() -> None:
    transcoder, gate = Transcoder(1, Metrics()), Gate()
    tasks = await queued(transcoder, gate, *[lambda: "never"] * 5)
    await asyncio.to_thread(gate.began.wait, 10)
    transcoder.close()
    gate.opened.set()
    await asyncio.wait(tasks, timeout=10)
    assert all(task.cancelled() for task in tasks)


def test_owners_take_turns() -> None:
    queue: FairQueue[str] = FairQueue()
    for item in ("a1", "a2", "a3"):
        queue.put("a", item)
    queue.put("b", "b1")
    queue.put("c", "c1")
    assert queue.remove("c", "c1")
    assert not queue.remove("c", "c1")
    assert not queue.remove("a", "b1")
    assert [queue.take() for _ in range(len(queue))] == ["a1", "b1", "a2", "a3"]
    with pytest.raises(LookupError):
        queue.take()
