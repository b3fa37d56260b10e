"""Waiting for a program that was started to listen."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
from pathlib import Path


async def until_listening(port: int, process: subprocess.Popen[bytes], output: Path, seconds: float = 20) -> None:
    """Until ``process`` takes connections on a port of this machine.

    Raises:
        AssertionError: it ended; with what it wrote to ``output``.
        TimeoutError: it doesn't in time.
    """
    async with asyncio.timeout(seconds):
        while True:
            assert process.poll() is None, f"it ended:\n{_text(output)}"
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
                return
            await asyncio.sleep(0.02)


def _text(path: Path) -> str:
    return path.read_text(errors="replace")
