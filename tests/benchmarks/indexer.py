"""The product's indexer beside a benchmark: it fills the catalog, and keeps the embedded Postgres up."""

from __future__ import annotations

import json
import re
import subprocess
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.benchmarks.distance import Distance
from tests.benchmarks.process import Use, started, stopped, use_of
from tests.benchmarks.server_under_test import product
from tests.benchmarks.storage import BUCKET

INDEX_SECONDS = 300
_ADMIN = re.compile(r"Admin API: (http://\S+?)/(?:\s|$)")


@dataclass(slots=True)
class Indexer:
    """A ``wsi-streamer index`` process."""

    process: subprocess.Popen[bytes]
    log: Path
    admin_url: str = ""

    @classmethod
    def start(
        cls, prefix: str, env: Mapping[str, str], cores: frozenset[int], distance: Distance, folder: Path
    ) -> Indexer:
        """Start it on one prefix of the bucket; its first scan begins at once.

        Raises:
            RuntimeError: it does not come up.
        """
        line = [
            *product("index"), f"s3://{BUCKET}/{prefix}", "--s3-endpoint", distance.endpoint, "--admin-port", "0",
            "--data-dir", str(folder / "data"), "--scan-interval", "0",
        ]  # fmt: skip
        log = folder / f"index-{time.monotonic_ns()}.log"
        with log.open("wb") as output:
            indexer = cls(started(line, env, cores, output), log)
        deadline = time.monotonic() + 60
        while (said := _ADMIN.search(log.read_text(errors="replace"))) is None:
            if indexer.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the indexer does not start: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.01)
        indexer.admin_url = said[1]
        return indexer

    def wait(self, slides: int, poll_seconds: float = 0.05) -> None:
        """Until a scan is over and so many slides are indexed.

        Raises:
            RuntimeError: one can't be, or it takes too long.
        """
        deadline = time.monotonic() + INDEX_SECONDS
        while True:
            told = self._ask("/admin/status")
            scanned = told["last_scan"] is not None and told["last_scan"]["finished_at"] is not None
            if scanned and not told["backlog"] and told["slides"]["indexed"] >= slides:
                return
            if time.monotonic() > deadline or told["slides"]["failed"]:
                raise RuntimeError(f"not indexed: {told}")
            time.sleep(poll_seconds)

    def last_scan_seconds(self, after: str = "") -> tuple[str, float]:
        """When the last scan began, once there is one that began later than ``after`` and is over, and how long it took."""
        deadline = time.monotonic() + INDEX_SECONDS
        while time.monotonic() < deadline:
            scan = self._ask("/admin/status")["last_scan"]
            if scan is not None and scan["finished_at"] is not None and scan["started_at"] > after:
                began, ended = (datetime.fromisoformat(scan[name]) for name in ("started_at", "finished_at"))
                return scan["started_at"], (ended - began).total_seconds()
            time.sleep(0.02)
        raise RuntimeError("no scan ends")

    def _ask(self, path: str) -> dict[str, Any]:
        with urllib.request.urlopen(self.admin_url + path, timeout=30) as answer:
            told: dict[str, Any] = json.load(answer)
        return told

    def use(self) -> Use:
        """What it and its children have used."""
        return use_of(self.process.pid)

    def stop(self) -> None:
        """End it."""
        stopped(self.process)
