"""An operator that has nothing to do writes nothing."""

from __future__ import annotations

import asyncio

import pytest

from tests.cluster.operator.stage import Stage

IDLE_SECONDS = 120


async def versions(stage: Stage) -> dict[tuple[str, str], str]:
    body = await stage.get("WSIStreamer", "x")
    assert body is not None
    found = {key: child["metadata"]["resourceVersion"] for key, child in (await stage.children()).items()}
    return found | {("WSIStreamer", "x"): body["metadata"]["resourceVersion"]}


async def settled(stage: Stage) -> None:
    """Until nothing was written for longer than the autoscaler's own interval."""
    async with asyncio.timeout(90):
        written = -1
        while len(stage.proxy.writes()) > written:
            written = len(stage.proxy.writes())
            await asyncio.sleep(20)


@pytest.mark.timeout(240)
async def test_two_minutes_without_a_write(stage: Stage) -> None:
    stage.operator.environment = {"WSI_OPERATOR_RESYNC_SECONDS": "5"}
    await stage.secrets()
    await stage.create(tiles={"autoscaling": {"enabled": True, "min": 2, "max": 4}})
    await stage.operator.start()
    await stage.until_reason("Available")
    await settled(stage)
    before, written, asked = await versions(stage), len(stage.proxy.writes()), len(stage.proxy.seen)
    await asyncio.sleep(IDLE_SECONDS)
    idle_writes = [(seen.method, seen.path) for seen in stage.proxy.writes()[written:]]
    assert idle_writes == [], "\n".join(event["note"] for event in await stage.events())
    after = await versions(stage)
    own = {key for key in before if key[0] != "HorizontalPodAutoscaler"}  # its controller writes its status
    assert {key: after[key] for key in own} == {key: before[key] for key in own}
    assert len(stage.proxy.seen) - asked > IDLE_SECONDS / 6  # it did look
    assert (await stage.operator.ask("/healthz"))[0] == 200
