"""The latency proxy as a benchmark sees it: a distance to set and counts to ask for."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.benchmarks.process import stopped

QUIET_SECONDS = 0.03


@dataclass(frozen=True, slots=True)
class S3Use:
    """What a server asked of S3."""

    gets: int
    heads: int
    lists: int
    failed: int
    body_bytes: int
    connections: int

    @property
    def requests(self) -> int:
        """Of all kinds."""
        return self.gets + self.heads + self.lists


class Distance:
    """One proxy process."""

    def __init__(self, process: subprocess.Popen[bytes], endpoint: str, control_port: int) -> None:
        self._process = process
        self.endpoint = endpoint
        self._control_port = control_port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    @classmethod
    def start(cls, upstream: str, port: int = 0) -> Distance:
        """Start one before an endpoint, on a port or a free one.

        Raises:
            RuntimeError: the port can't be had.
        """
        url = urlsplit(upstream)
        line = [sys.executable, "-m", "tests.benchmarks.proxy", str(url.hostname), str(url.port), "--listen", str(port)]
        process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdout is not None
        told = process.stdout.readline().split()
        if not told:
            raise RuntimeError(f"the proxy does not start; is port {port} in use?")
        return cls(process, f"http://127.0.0.1:{int(told[0])}", int(told[1]))

    async def set(self, delay: float) -> None:
        """Seconds that each request takes longer from now on."""
        await self._ask({"delay": delay})

    async def reset(self) -> None:
        """Count anew."""
        await self._ask({"reset": True})

    async def take(self) -> S3Use:
        """What came through since the last reset, once nothing is under way any more; then count anew."""
        before: dict[str, Any] = {}
        while True:
            told = await self._ask({})
            if not told["inflight"] and told == before:
                break
            before = told
            await asyncio.sleep(QUIET_SECONDS)
        told = await self._ask({"reset": True})
        del told["inflight"]
        return S3Use(**told)

    async def _ask(self, what: dict[str, Any]) -> dict[str, Any]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._control_port)
        reader, writer = self._streams
        writer.write(json.dumps(what).encode() + b"\n")
        told: dict[str, Any] = json.loads(await reader.readline())
        return told

    def stop(self) -> None:
        """End it."""
        stopped(self._process)
