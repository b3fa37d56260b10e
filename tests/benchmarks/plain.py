"""The yardstick for cold tiles: nothing but httpx range requests, ``python -m tests.benchmarks.plain``.

A process of its own, so that it has the core to itself that the server under test has otherwise. Reads a JSON object
with ``url`` (signed), ``ranges`` (first and last byte), ``connections`` and ``seconds`` from its input; writes how many it did in
how many seconds.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

import httpx
import uvloop


async def _read(asked: dict[str, Any]) -> dict[str, float]:
    connections, todo, done = asked["connections"], iter(asked["ranges"]), 0
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=connections)) as client:
        began, cpu = time.perf_counter(), time.process_time()

        async def work() -> None:
            nonlocal done
            for first, last in todo:
                if time.perf_counter() - began > asked["seconds"]:
                    return
                answer = await client.get(asked["url"], headers={"Range": f"bytes={first}-{last}"})
                if answer.status_code != 206 or len(answer.content) != last - first + 1:
                    raise RuntimeError(f"unexpected answer {answer.status_code}")
                done += 1

        await asyncio.gather(*(work() for _ in range(connections)))
        seconds, used = time.perf_counter() - began, time.process_time() - cpu
        return {"count": done, "seconds": seconds, "cpu_seconds": used}


if __name__ == "__main__":
    print(json.dumps(uvloop.run(_read(json.load(sys.stdin)))))
