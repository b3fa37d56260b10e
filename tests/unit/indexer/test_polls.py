"""What is polled is on record, without a row for each call."""

from __future__ import annotations

from wsi_streamer.access.caller import Caller
from wsi_streamer.indexer.polls import MAX_POLLS, REPEAT_SECONDS, Polls

ADMIN, OTHER = Caller("admin-token", "admin-token"), Caller("identity", "https://idp|1")


async def test_the_first_call_is_on_record_at_once_and_the_others_are_counted() -> None:
    records: list[tuple[str, str, str, dict[str, str]]] = []
    seconds = [0.0]

    async def record(action: str, caller: Caller, address: str, detail: dict[str, str]) -> None:
        records.append((action, caller.id, address, detail))

    polls = Polls(record, lambda: seconds[0])
    for _ in range(5):
        await polls.call("status", ADMIN, "192.0.2.1")
    assert records == [("status", "admin-token", "192.0.2.1", {})]
    await polls.call("status", OTHER, "192.0.2.1")
    await polls.call("status", ADMIN, "192.0.2.2")
    await polls.call("job", ADMIN, "192.0.2.1")
    assert len(records) == 4, "another caller, another address, another call"
    seconds[0] += REPEAT_SECONDS
    await polls.call("status", ADMIN, "192.0.2.1")
    assert records[4] == ("status", "admin-token", "192.0.2.1", {"further_calls_before": "4"})
    await polls.call("status", ADMIN, "192.0.2.1")
    await polls.aclose()
    assert records[5:] == [("status", "admin-token", "192.0.2.1", {"further_calls_before": "1"})]
    await polls.aclose()
    assert len(records) == 6


async def test_many_callers_lose_nothing() -> None:
    calls = 0

    async def record(action: str, caller: Caller, address: str, detail: dict[str, str]) -> None:
        nonlocal calls
        calls += 1 + int(detail.get("further_calls_before", "0")) - bool(detail)

    polls = Polls(record, lambda: 0.0)
    for _ in range(3):
        for number in range(MAX_POLLS + 5):
            await polls.call("status", ADMIN, str(number))
    await polls.aclose()
    assert calls == 3 * (MAX_POLLS + 5)
