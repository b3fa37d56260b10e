"""Servers that are measured: ours, another that a command starts, or one that runs already."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from tests.benchmarks.distance import Distance
from tests.benchmarks.process import Cores, Use, started, stopped, use_of
from tests.benchmarks.storage import BUCKET, MAIN, SLIDES, SPARE
from tests.support.s3server import free_port

START_SECONDS = 60


class Target(Protocol):
    """What patterns measure."""

    name: str
    distance: Distance | None
    """Between it and S3, where it is ours to set."""

    @property
    def url(self) -> str:
        """Where it answers."""
        ...

    def restart(self, prefix: str = MAIN, env: Mapping[str, str] | None = None) -> bool:
        """Start it with nothing cached, with further environment variables. Whether it was: one that runs elsewhere is
        as warm as it is."""
        ...

    def slide(self, number: int = 0) -> str:
        """The key of a slide that it has not read yet, once it was restarted; another number is another slide."""
        ...

    def use(self) -> Use | None:
        """What its processes have used since they started."""
        ...

    def stop(self) -> None:
        """Give the core to others."""
        ...


@dataclass(slots=True)
class Started:
    """A server that a command line starts, on a core of its own."""

    name: str
    line: Sequence[str]
    """With ``{bucket}``, ``{prefix}``, ``{endpoint}`` and ``{port}`` to be filled in."""

    env: Mapping[str, str]
    cores: Cores
    distance: Distance | None
    log: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def restart(self, prefix: str = MAIN, env: Mapping[str, str] | None = None) -> bool:
        """Start it with nothing cached.

        Raises:
            RuntimeError: it does not come up; with the end of its log.
        """
        self.stop()
        assert self.distance is not None
        self.port = free_port()
        filled = {"bucket": BUCKET, "prefix": prefix, "endpoint": self.distance.endpoint, "port": self.port}
        line = [word.format(**filled) for word in self.line]
        with self.log.open("ab") as output:
            self.process = started(line, {**self.env, **(env or {})}, self.cores.server, output)
        try:
            await_answer(self.url, self.process)
        except RuntimeError as error:
            raise RuntimeError(f"{self.name}: {error} {self.log.read_text(errors='replace')[-2000:]}") from None
        return True

    def slide(self, number: int = 0) -> str:
        """The key of a slide that it has not read yet, once it was restarted; another number is another slide."""
        return SLIDES[number]

    def use(self) -> Use | None:
        """What its processes have used since they started."""
        return None if self.process is None else use_of(self.process.pid)

    def stop(self) -> None:
        """End it."""
        if self.process is not None:
            stopped(self.process)
            self.process = None


@dataclass(slots=True)
class Elsewhere:
    """A server that somebody else runs: nobody knows what it uses, and it is as warm as it is."""

    name: str
    url: str
    distance: Distance | None = None
    _fresh: Iterator[str] = field(default_factory=lambda: iter(SPARE))

    def restart(self, prefix: str = MAIN, env: Mapping[str, str] | None = None) -> bool:
        """It can't be."""
        del prefix, env
        return False

    def slide(self, number: int = 0) -> str:
        """Each time another copy."""
        del number
        return next(self._fresh)

    def use(self) -> Use | None:
        """Nobody knows."""
        return None

    def stop(self) -> None:
        """It can't be."""


def ours(env: Mapping[str, str], cores: Cores, distance: Distance, folder: Path) -> Started:
    """A tile worker of this tree (or of the one that PYTHONPATH names first)."""
    line = [
        *product("tiles"), "s3://{bucket}/{prefix}", "--s3-endpoint", "{endpoint}", "--host", "127.0.0.1",
        "--port", "{port}", "--admin-port", "0", "--data-dir", str(folder / "data"),
    ]  # fmt: skip
    return Started("ours", line, env, cores, distance, folder / "tiles.log")


def by_command(command: str, env: Mapping[str, str], cores: Cores, distance: Distance, folder: Path) -> Started:
    """Another server with the original's options, or with a command line that has ``{endpoint}`` and ``{port}`` in it."""
    line = shlex.split(command)
    if not any("{port}" in word for word in line):
        line += ["serve", "s3://{bucket}", "--s3-endpoint", "{endpoint}", "--host", "127.0.0.1", "--port", "{port}"]
        line += ["--no-tracing"]
    return Started("peer", line, env, cores, distance, folder / "peer.log")


def product(*arguments: str) -> list[str]:
    """A command line of the product."""
    return [sys.executable, "-m", "wsi_streamer", *arguments]


def clean_env(credentials: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without settings of either server, and with these credentials."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("WSI_", "AWS_"))} | dict(credentials)


def answers(url: str) -> bool:
    """Whether /health says so."""
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def await_answer(url: str, process: subprocess.Popen[bytes] | None = None, seconds: float = START_SECONDS) -> None:
    """Until it does.

    Raises:
        RuntimeError: it has ended, or takes too long.
    """
    deadline = time.monotonic() + seconds
    while not answers(url):
        if (process is not None and process.poll() is not None) or time.monotonic() > deadline:
            raise RuntimeError("the server does not start.")
        time.sleep(0.02)


def metadata(url: str, key: str, query: str = "") -> dict[str, Any]:
    """Of a slide.

    Raises:
        OSError: it isn't served.
    """
    with urllib.request.urlopen(f"{url}/slides/{quote(key, safe='')}{query}", timeout=60) as answer:
        told: dict[str, Any] = json.load(answer)
    return told
