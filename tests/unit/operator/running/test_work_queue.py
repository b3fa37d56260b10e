from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from wsi_operator.kube.errors import ServerError, TooManyRequests
from wsi_operator.work_queue import Key, Work, WorkQueue

X, Y = Key("n", "x"), Key("n", "y")


def quick(failures: int, *, retry_after: float | None = None, jitter: float = 0.5) -> float:
    """Hundredths for halves."""
    return max(0.01 * failures, retry_after or 0)


@contextlib.asynccontextmanager
async def running(queue: WorkQueue, work: Work) -> AsyncIterator[None]:
    task = asyncio.create_task(queue.run(work))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_what_waits_is_done_once_and_what_comes_meanwhile_after() -> None:
    queue = WorkQueue(spacing=0)
    done: list[Key] = []
    go = asyncio.Event()

    async def work(key: Key, _: int) -> None:
        done.append(key)
        await go.wait()

    for _ in range(5):
        queue.add(X)
    assert len(queue) == 1
    async with running(queue, work):
        await asyncio.sleep(0.02)
        assert done == [X]
        queue.add(X)
        queue.add(X)
        await asyncio.sleep(0.02)
        assert done == [X]  # one at a time
        go.set()
        await asyncio.sleep(0.02)
    assert done == [X, X]


async def test_a_slow_resource_does_not_hold_up_the_others() -> None:
    queue = WorkQueue(workers=2, spacing=0)
    done: list[Key] = []

    async def work(key: Key, _: int) -> None:
        if key == X:
            await asyncio.sleep(10)
        done.append(key)

    async with running(queue, work):
        queue.add(X)
        queue.add(Y)
        await asyncio.sleep(0.03)
    assert done == [Y]


async def test_a_failure_is_tried_again_and_success_forgets_it() -> None:
    queue = WorkQueue(spacing=0, wait=quick)
    seen: list[int] = []

    async def work(_: Key, failures: int) -> None:
        seen.append(failures)
        if len(seen) in (1, 2):
            raise ServerError("no")

    async with running(queue, work):
        queue.add(X)
        await asyncio.sleep(0.1)
        queue.add(X)
        await asyncio.sleep(0.02)
    assert seen == [0, 1, 2, 0]


async def test_events_do_not_cut_short_what_the_server_asked_for() -> None:
    queue = WorkQueue(spacing=0, wait=quick)
    at: list[float] = []

    async def work(_: Key, __: int) -> None:
        at.append(asyncio.get_running_loop().time())
        if len(at) == 1:
            raise TooManyRequests("later", status=429, retry_after=0.2)

    async with running(queue, work):
        for _ in range(30):
            queue.add(X)
            await asyncio.sleep(0.01)
    assert at[1] - at[0] >= 0.2


async def test_a_bug_in_one_resource_leaves_the_others() -> None:
    queue = WorkQueue(spacing=0, wait=quick)
    done: list[Key] = []

    async def work(key: Key, _: int) -> None:
        if key == X:
            raise ZeroDivisionError
        done.append(key)

    async with running(queue, work):
        queue.add(X)
        await asyncio.sleep(0.05)
        queue.add(Y)
        await asyncio.sleep(0.02)
    assert done == [Y]


async def test_a_resource_is_not_looked_at_more_often_than_the_spacing() -> None:
    queue = WorkQueue(spacing=0.1)
    at: list[float] = []

    async def work(_: Key, __: int) -> None:
        at.append(asyncio.get_running_loop().time())

    begun = asyncio.get_running_loop().time()
    async with running(queue, work):
        for _ in range(25):
            queue.add(X)
            await asyncio.sleep(0.01)
        lasted = asyncio.get_running_loop().time() - begun
    assert 2 <= len(at) <= 1 + lasted / 0.1


async def test_work_may_ask_to_be_done_again() -> None:
    queue = WorkQueue(spacing=0)
    done: list[Key] = []

    async def work(key: Key, _: int) -> float | None:
        done.append(key)
        return 0.01 if len(done) < 3 else None

    async with running(queue, work):
        queue.add(X)
        await asyncio.sleep(0.1)
    assert done == [X, X, X]
    assert queue.depth() == 0
