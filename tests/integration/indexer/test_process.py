"""The indexer as a process: what a kill leaves behind, and two of them at work."""

from __future__ import annotations

import httpx

from tests.support.services import Service
from tests.support.slides import real_slide

SLIDE = "CMU-1-Small-Region.svs"


def test_one_command_indexes_and_serves_what_is_put_into_the_bucket(running_service: Service) -> None:
    running_service.put("case 1/a+b.svs", real_slide(SLIDE))
    running_service.wait_indexed()
    assert httpx.get(f"{running_service.url}/slides").json()["slides"] == ["case 1/a+b.svs"]
    tile = httpx.get(f"{running_service.url}/tiles/case%201%2Fa+b.svs/0/3/3.jpg")
    assert tile.status_code == 200
    assert running_service.stop() == 0
