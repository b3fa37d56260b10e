"""What is remembered of grants: for how long, how many, and what happens while a question is under way."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from wsi_streamer.access.grants.memory import AWAY_SECONDS, FRESH_SECONDS, KEPT_SECONDS, Memory
from wsi_streamer.slides.errors import CatalogUnavailable


@dataclass
class Source:
    """A catalog whose answers come when the test says so."""

    at: float = 1000.0
    asked: list[str] = field(default_factory=list)
    answers: asyncio.Queue[str | Exception | None] = field(default_factory=asyncio.Queue)

    def clock(self) -> float:
        return self.at

    async def load(self, ident: str) -> str | None:
        self.asked.append(ident)
        answer = await self.answers.get()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def answer(self, *answers: str | Exception | None) -> None:
        for one in answers:
            self.answers.put_nowait(one)


AWAY = CatalogUnavailable("It can't be asked.")


def memory_of(source: Source, capacity: int = 10) -> Memory[str]:
    return Memory(source.load, source.clock, capacity)


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.mark.parametrize("doubted", [False, True])
async def test_what_was_asked_before_a_change_is_not_remembered_after_it(doubted: bool) -> None:
    source = Source()
    memory = memory_of(source)
    early = asyncio.create_task(memory.get("a"))
    await turns()
    if doubted:
        memory.doubt_all()
    else:
        memory.forget("a")
    late = asyncio.create_task(memory.get("a"))
    await turns()
    assert source.asked == ["a", "a"]  # the later one doesn't join
    source.answer("before", "after")
    assert [await early, await late] == ["before", "after"]
    source.at += 1
    if doubted:  # asked within the same tick of the clock as the doubt: once more, to be sure
        source.answer("after")
    assert await memory.get("a") == "after"
    source.at += FRESH_SECONDS - 1
    assert await memory.get("a") == "after"
    assert source.answers.empty()


async def test_an_answer_that_comes_after_a_change_was_told_of_is_used_once_and_not_kept() -> None:
    source = Source()
    memory = memory_of(source)
    asking = asyncio.create_task(memory.get("a"))
    await turns()
    memory.forget("a")
    source.answer("before", "after")
    assert await asking == "before"
    assert len(memory) == 0
    assert await memory.get("a") == "after"


async def test_ages_count_from_the_question_not_from_the_answer() -> None:
    source = Source()
    memory = memory_of(source)
    asking = asyncio.create_task(memory.get("a"))
    await turns()
    source.at += FRESH_SECONDS + 1
    source.answer("slow", "new")
    assert await asking == "slow"
    assert await memory.get("a") == "new"


async def test_a_caller_that_hangs_up_takes_the_answer_from_nobody() -> None:
    source = Source()
    memory = memory_of(source)
    first, second = asyncio.create_task(memory.get("a")), asyncio.create_task(memory.get("a"))
    await turns()
    first.cancel()
    source.answer("told")
    assert await second == "told"
    assert await memory.get("a") == "told"
    assert source.asked == ["a"]


async def test_the_least_recently_used_go_when_there_are_too_many_unknown_ones_too() -> None:
    source = Source()
    memory = memory_of(source, capacity=3)
    source.answer(*"1234", None, None)
    for ident in "abc":
        await memory.get(ident)
    await memory.get("a")
    await memory.get("d")
    assert len(memory) == 3
    for ident in "ef":
        assert await memory.get(ident) is None
    assert len(memory) == 3
    assert source.asked == list("abcdef")
    assert await memory.get("e") is None
    assert len(source.asked) == 6


async def test_the_database_comes_back_unseen_by_who_asks() -> None:
    source = Source()
    memory = memory_of(source)
    source.answer("first", AWAY)
    await memory.get("a")
    source.at += FRESH_SECONDS + 1
    assert await memory.get("a") == "first"
    assert await memory.get("a") == "first"
    await turns()
    assert len(source.asked) == 3  # one asks on, in the background
    source.answer("second")
    await turns()
    assert await memory.get("a") == "second"
    assert len(source.asked) == 3


async def test_when_it_has_been_away_for_a_while_it_is_asked_again_and_waited_for() -> None:
    source = Source()
    memory = memory_of(source)
    source.answer("first", AWAY, "second")
    await memory.get("a")
    source.at += FRESH_SECONDS + 1
    assert await memory.get("a") == "first"
    source.at += AWAY_SECONDS
    assert await memory.get("a") == "second"


async def test_nothing_counts_for_longer_than_that_and_nothing_that_was_forgotten() -> None:
    source = Source()
    memory = memory_of(source)
    source.answer("first", AWAY)
    await memory.get("a")
    source.at += KEPT_SECONDS
    with pytest.raises(CatalogUnavailable):
        await memory.get("a")
    source.at += AWAY_SECONDS
    source.answer("first")
    assert await memory.get("a") == "first"
    source.at += FRESH_SECONDS + 1
    asking = asyncio.create_task(memory.get("a"))
    await turns()
    memory.forget("a")
    source.answer(AWAY)
    with pytest.raises(CatalogUnavailable):
        await asking


async def test_closing_ends_what_is_being_asked() -> None:
    source = Source()
    memory = memory_of(source)
    asking = asyncio.create_task(memory.get("a"))
    await turns()
    await memory.aclose()
    with pytest.raises(asyncio.CancelledError):
        await asking
