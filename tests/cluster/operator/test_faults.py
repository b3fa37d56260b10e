"""An API server that fails, is slow to be asked again, or doesn't tell."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.cluster.operator.api_proxy import Fault, Seen
from tests.cluster.operator.stage import Stage


def writes_to(plural: str, name: str = "") -> Any:
    return lambda seen: seen.is_write and f"/{plural}" in seen.path and seen.path.endswith(name)


async def test_conflicts_failures_and_cut_connections_are_got_over(stage: Stage) -> None:
    await stage.secrets()
    stage.proxy.faults = [
        Fault(writes_to("deployments", "x-tiles"), 409),
        Fault(writes_to("deployments", "x-indexer"), 500, times=2),
        Fault(writes_to("services"), 503, times=2),
        Fault(writes_to("networkpolicies"), 0, times=2),
        Fault(writes_to("jobs"), 409),
        Fault(writes_to("wsistreamers", "status"), 500, times=2),
        Fault(lambda seen: seen.path.endswith("/jobs") and not seen.is_write and not seen.is_watch, 504, times=2),
    ]
    await stage.create()
    await stage.operator.start()
    await stage.until_reason("Available", seconds=45)
    assert not any(fault.times for fault in stage.proxy.faults)
    assert (await stage.operator.ask("/healthz"))[0] == 200


async def test_too_many_requests_is_heeded_for_as_long_as_the_server_asks(stage: Stage) -> None:
    await stage.secrets()
    stage.proxy.faults = [Fault(writes_to("serviceaccounts"), 429, headers={"Retry-After": "4"})]
    await stage.create()
    await stage.operator.start()
    await stage.until_reason("Available")
    tries = [seen for seen in stage.proxy.seen if writes_to("serviceaccounts")(seen)]
    assert tries[1].at - tries[0].at >= 4


async def test_one_child_that_is_refused_keeps_nothing_else_back(stage: Stage) -> None:
    await stage.secrets()
    refusal = Fault(writes_to("poddisruptionbudgets"), 422, times=10_000, message="spec.maxUnavailable: must not be")
    broken = Fault(writes_to("cronjobs"), 500, times=10_000, message="the webhook does not answer")
    stage.proxy.faults = [refusal, broken]
    await stage.create()
    await stage.operator.start()

    async def told() -> bool:
        message = (await stage.condition()).get("message", "")
        return "'x-tiles' was refused: spec.maxUnavailable: must not be" in message and "webhook" in message

    await stage.until(told)
    assert await stage.get("Deployment", "x-tiles") is not None
    refusal.times = broken.times = 0
    await stage.until_reason("Available", seconds=45)


async def test_a_silent_watch_delays_nothing_for_long_and_makes_the_operator_call_itself_sick(stage: Stage) -> None:
    stage.operator.environment = {"WSI_OPERATOR_WATCH_LAG_SECONDS": "4"}
    await stage.secrets()
    await stage.create()
    await stage.operator.start()
    await stage.until_reason("Available")
    assert (await stage.operator.ask("/healthz"))[0] == 200
    stage.proxy.watches = "silent"
    service = await stage.get("Service", "x")
    assert service is not None
    await stage.client.delete(stage.at("Service", "x"), uid=service["metadata"]["uid"])

    async def restored() -> bool:
        return await stage.get("Service", "x") is not None

    await stage.until(restored, 10)

    async def sick() -> bool:
        return (await stage.operator.ask("/healthz"))[0] == 503

    await stage.until(sick, 15)
    assert "watch" in (await stage.operator.ask("/healthz"))[1]
    assert "wsi_operator_watch_lag_seconds" in (await stage.operator.ask("/metrics"))[1]


async def test_watches_that_end_are_begun_again(stage: Stage) -> None:
    stage.operator.environment = {"WSI_OPERATOR_RESYNC_SECONDS": "300"}  # so that only a watch can tell
    await stage.secrets()
    await stage.create()
    await stage.operator.start()
    await stage.until_reason("Available")
    stage.proxy.watches = "drop"
    await stage.client.merge_patch(stage.at("Service", "x"), {"metadata": {"labels": {"a": "b"}}}, manager="somebody")
    await asyncio.sleep(2)
    stage.proxy.watches = "pass"
    service = await stage.get("Service", "x")
    assert service is not None
    await stage.client.delete(stage.at("Service", "x"), uid=service["metadata"]["uid"])

    async def restored() -> bool:
        return await stage.get("Service", "x") is not None

    await stage.until(restored, 15)


async def test_an_api_server_that_is_down_is_no_reason_for_a_restart(stage: Stage) -> None:
    stage.operator.environment = {"WSI_OPERATOR_WATCH_LAG_SECONDS": "2"}
    await stage.secrets()
    await stage.create()
    await stage.operator.start()
    await stage.until_reason("Available")

    def every(_: Seen) -> bool:
        return True

    down = Fault(every, 503, times=10_000)
    stage.proxy.faults = [down]
    await asyncio.sleep(8)
    assert (await stage.operator.ask("/healthz"))[0] == 200
    await stage.change({"tiles": {"replicas": 3}})
    down.times = 0

    async def scaled() -> bool:
        deployment = await stage.get("Deployment", "x-tiles")
        return deployment is not None and deployment["spec"]["replicas"] == 3

    await stage.until(scaled, 45)
