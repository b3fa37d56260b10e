"""How many requests are under way, for whoever scales tile workers by it."""

from __future__ import annotations

import asyncio

from prometheus_client.parser import text_string_to_metric_families

from tests.support.fault_proxy import FaultProxy, Seen
from tests.support.in_process import Running, running, wait_indexed
from tests.support.s3server import Bucket
from tests.support.tiffs import plain

TILES = [f"/tiles/a.tif/0/{x}/0.jpg" for x in range(3)]


async def test_requests_count_while_they_are_under_way_and_no_longer(
    bucket: Bucket, database_url: str, fault_proxy: FaultProxy
) -> None:
    bucket.put("a.tif", plain(192, 64))
    async with running(database_url, bucket.name, fault_proxy.endpoint) as services:
        await wait_indexed(services.catalog, 1)
        go = asyncio.Event()

        async def hold(_: Seen) -> None:
            await go.wait()

        fault_proxy.before = hold
        assert in_flight(services) == 0
        asked = [asyncio.create_task(services.http.get(path)) for path in TILES]
        try:
            await until(services, 3)
        finally:
            go.set()
        assert [answer.status_code for answer in await asyncio.gather(*asked)] == [200] * 3
        await until(services, 0)
        for path, status in (("/nothing", 404), ("/tiles/a.tif/9/9/9.jpg", 400), ("/slides", 200), (TILES[0], 200)):
            assert (await services.http.get(path)).status_code == status
        assert (await services.http.delete("/slides")).status_code == 405
        assert in_flight(services) == 0


async def until(services: Running, count: int) -> None:
    async with asyncio.timeout(10):
        while in_flight(services) != count:  # noqa: ASYNC110 - it is a number
            await asyncio.sleep(0.01)


def in_flight(services: Running) -> float:
    [family] = [
        family
        for family in text_string_to_metric_families(services.metrics.render()[0].decode())
        if family.name == "wsi_requests_in_flight"
    ]
    [sample] = family.samples
    return float(sample.value)
