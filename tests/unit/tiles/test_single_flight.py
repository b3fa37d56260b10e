import asyncio

import pytest

from wsi_streamer.tiles.single_flight import SingleFlight


async def test_callers_at_the_same_time_share_one_piece_of_work() -> None:
    flights: SingleFlight[str, int] = SingleFlight()
    calls = 0

    async def work() -> int:
        nonlocal calls
        calls += 1
        await asyncio.sleep(0.01)
        return calls

    assert await asyncio.gather(*(flights.run("a", work) for _ in range(50))) == [1] * 50
    assert await flights.run("a", work) == 2
    assert len(flights) == 0


async def test_a_cancelled_caller_takes_nothing_from_the_others_even_if_it_began_the_work() -> None:
    flights: SingleFlight[str, str] = SingleFlight()
    release = asyncio.Event()

    async def work() -> str:
        await release.wait()
        return "done"

    first = asyncio.create_task(flights.run("a", work))
    await asyncio.sleep(0)
    others = [asyncio.create_task(flights.run("a", work)) for _ in range(3)]
    await asyncio.sleep(0)
    first.cancel()
    others[0].cancel()
    await asyncio.sleep(0)
    release.set()
    assert await asyncio.gather(*others[1:]) == ["done", "done"]
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_an_error_reaches_all_and_is_not_kept() -> None:
    flights: SingleFlight[str, int] = SingleFlight()

    async def fails() -> int:
        await asyncio.sleep(0)
        raise ValueError("broken")

    async def works() -> int:
        return 1

    results = await asyncio.gather(*(flights.run("a", fails) for _ in range(3)), return_exceptions=True)
    assert [str(r) for r in results] == ["broken"] * 3
    assert await flights.run("a", works) == 1


async def test_closing_ends_what_is_under_way() -> None:
    flights: SingleFlight[str, None] = SingleFlight()
    waiting = asyncio.create_task(flights.run("a", lambda: asyncio.sleep(60)))
    await asyncio.sleep(0)
    await flights.aclose()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_work_that_is_not_kept_ends_with_its_last_caller_and_is_begun_anew_by_the_next() -> None:
    flights: SingleFlight[str, int] = SingleFlight(kept=False)
    begun = ended = 0

    async def work() -> int:
        nonlocal begun, ended
        begun += 1
        try:
            await asyncio.sleep(0.05)
        except asyncio.CancelledError:
            ended += 1
            raise
        return begun

    callers = [asyncio.create_task(flights.run("a", work)) for _ in range(3)]
    await asyncio.sleep(0)
    for caller in callers[:2]:
        caller.cancel()
    assert await callers[2] == 1
    assert (begun, ended) == (1, 0)
    last = asyncio.create_task(flights.run("a", work))
    await asyncio.sleep(0)
    last.cancel()
    await asyncio.gather(last, return_exceptions=True)
    assert len(flights) == 0
    assert await flights.run("a", work) == 3
    assert (begun, ended) == (3, 1)
