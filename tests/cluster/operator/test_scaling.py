"""Who decides on the number of tile pods."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.cluster.operator.stage import Stage
from wsi_operator.kube.errors import NotFound


async def watched_replicas(stage: Stage, seen: list[int]) -> None:
    while True:
        deployment = await stage.get("Deployment", "x-tiles")
        if deployment is not None:
            seen.append(deployment["spec"]["replicas"])
        await asyncio.sleep(0.05)


async def test_autoscaling_on_and_off_without_a_dip(stage: Stage) -> None:
    await stage.secrets()
    await stage.create(tiles={"replicas": 4})
    await stage.operator.start()
    await stage.until_reason("Available")
    seen: list[int] = []
    watching = asyncio.create_task(watched_replicas(stage, seen))
    try:
        await stage.change({"tiles": {"autoscaling": {"enabled": True, "min": 2, "max": 6}}})
        await stage.until(lambda: stage.get("HorizontalPodAutoscaler", "x-tiles"))
        await stage.until_reason("Available")
        # The autoscaler (played here: this cluster has no load) takes over, and the operator leaves it alone.
        await scale(stage, "Deployment", "x-tiles", 6)
        await asyncio.sleep(5)
        assert seen[-1] == 6
        await scale(stage, "WSIStreamer", "x", 3)
        condition = await stage.until_reason("ReplicasIgnored", "ScalingActive")
        assert "set spec.tiles.replicas to 3" in condition["message"]
        assert seen[-1] == 6
        await stage.change({"tiles": {"autoscaling": {"enabled": False}}})

        async def decided() -> bool:
            return seen[-1] == 3 and await stage.get("HorizontalPodAutoscaler", "x-tiles") is None

        await stage.until(decided)
    finally:
        watching.cancel()
    assert min(seen) >= 3


async def test_kubectl_scale_decides_without_an_autoscaler(stage: Stage) -> None:
    await stage.secrets()
    await stage.create()
    await stage.operator.start()
    await stage.until_reason("Available")
    await scale(stage, "WSIStreamer", "x", 5)

    async def scaled() -> bool:
        body = await stage.client.get(stage.at("WSIStreamer", "x", "scale"))
        return bool(body["status"]["replicas"] == 5)

    await stage.until(scaled)
    body = await stage.client.get(stage.at("WSIStreamer", "x", "scale"))
    assert "app.kubernetes.io/component=tiles" in body["status"]["selector"]
    await stage.until_reason("Available")


async def test_a_suspended_resource_with_an_autoscaler_comes_back_with_its_minimum(stage: Stage) -> None:
    await stage.secrets()
    await stage.create(tiles={"autoscaling": {"enabled": True, "min": 3, "max": 6}})
    await stage.operator.start()
    await stage.until_reason("Available")
    await stage.change({"suspend": True})
    await stage.until_reason("Suspended")
    await stage.change({"suspend": False})

    async def back() -> bool:
        deployment = await stage.get("Deployment", "x-tiles")
        return deployment is not None and deployment["spec"]["replicas"] >= 3

    await stage.until(back)
    await scale(stage, "Deployment", "x-tiles", 0)  # an autoscaler leaves that alone
    await stage.until(back)


async def scale(stage: Stage, kind: str, name: str, replicas: int) -> None:
    patch: dict[str, Any] = {"spec": {"replicas": replicas}}
    try:
        await stage.client.merge_patch(stage.at(kind, name, "scale"), patch, manager="kubectl")
    except NotFound as error:
        raise AssertionError(error.message) from error
