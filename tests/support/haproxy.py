"""A real HAProxy in front of the tile service, with the configuration that compose/haproxy ships."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import subprocess
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.needs import missing
from tests.support.ports import until_listening
from tests.support.s3server import free_port
from tests.support.tools import haproxy_path, library_path, unpacked_haproxy

SHIPPED = Path(__file__).resolve().parents[2] / "compose" / "haproxy" / "wsi-streamer.cfg"


def shipped_config(port: int, upstreams: Sequence[str]) -> str:
    """The shipped file with its placeholders filled in."""
    text = SHIPPED.read_text()
    servers = [f"    server worker{i} {urlsplit(url).netloc} check" for i, url in enumerate(upstreams)]
    replaced = {r"    server worker1 .*": "\n".join(servers), r"bind :8080": f"bind 127.0.0.1:{port}"}
    for pattern, by in replaced.items():
        text, count = re.subn(pattern, by, text)
        assert count == 1, f"the shipped file has no {pattern}"
    return text


@contextlib.asynccontextmanager
async def haproxy(folder: Path, upstreams: Sequence[str]) -> AsyncIterator[str]:
    """Its URL. Skips the test where there is no HAProxy."""
    binary = haproxy_path()
    if binary is None:
        missing("HAProxy: install the package haproxy")
    port = free_port()
    process = _start(binary, folder, shipped_config(port, upstreams))
    try:
        await until_listening(port, process, folder / "output")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 20)


def _start(binary: str, folder: Path, config: str) -> subprocess.Popen[bytes]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "haproxy.cfg").write_text(config)
    env = os.environ | {"LD_LIBRARY_PATH": library_path(unpacked_haproxy().parents[2])}
    with (folder / "output").open("wb") as output:
        return subprocess.Popen([binary, "-db", "-f", folder / "haproxy.cfg"], stdout=output, stderr=output, env=env)
