"""The operator as a process."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

ROOT = Path(__file__).parents[3]
IMAGE = "registry.test/wsi-streamer:1"


@dataclass(slots=True)
class OperatorProcess:
    """``python -m wsi_operator`` for one namespace."""

    kubeconfig: Path
    namespace: str
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    port: int = 0
    _process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it (again). It may take a second until it watches: `ready` waits for that."""
        self.port = self.port or _free_port()
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT / "operator"),
            "KUBECONFIG": str(self.kubeconfig),
            "WSI_OPERATOR_NAMESPACES": self.namespace,
            "WSI_OPERATOR_NAMESPACE": "operators",
            "WSI_OPERATOR_IMAGE": IMAGE,
            "WSI_OPERATOR_RESYNC_SECONDS": "3",
            "WSI_OPERATOR_PORT": str(self.port),
            **self.environment,
        }
        with self.log_file.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "wsi_operator", env=environment, stdout=log, stderr=log
            )

    @property
    def log_file(self) -> Path:
        """What it wrote."""
        return self.folder / "operator.log"

    def log(self) -> list[dict[str, Any]]:
        """Its lines so far; each must be a JSON object."""
        return [json.loads(line) for line in self.log_file.read_text().splitlines()]

    async def ready(self, seconds: float = 20) -> None:
        """Until /readyz says so.

        Raises:
            TimeoutError: it doesn't.
        """
        async with asyncio.timeout(seconds):
            while (await self.ask("/readyz"))[0] != 200:  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.1)

    async def ask(self, path: str) -> tuple[int, str]:
        """Status and text of its own port; (0, "") when nothing answers."""
        try:
            async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{self.port}{path}") as answer:
                return answer.status, await answer.text()
        except aiohttp.ClientError:
            return 0, ""

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    async def kill(self) -> None:
        """SIGKILL, at whatever it is doing."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def stop(self) -> int:
        """SIGTERM; its exit code."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(15):
                return await self._process.wait()
        except TimeoutError:
            await self.kill()
            raise


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
