"""All that a run needs, up: S3, the distances, the indexer with its Postgres, the servers under test."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.distance import Distance
from tests.benchmarks.indexer import Indexer
from tests.benchmarks.process import Cores, pinned, preferred
from tests.benchmarks.report import Report
from tests.benchmarks.server_under_test import Elsewhere, Target, answers, await_answer, by_command, clean_env, ours
from tests.benchmarks.storage import BUCKET, JPEG2000, MAIN, SLIDE, SLIDES, Storage, StoredLevel, stored_levels

WAIT_SECONDS = 300
BUSY = 0.7
"""Load before anything is started here from which on others are in the way."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for."""

    quick: bool = False
    """Few repetitions: to see that it runs."""

    peer_url: str | None = None
    peer_command: str | None = None
    peer_s3_port: int | None = None
    """Where a peer that somebody else runs finds the bucket, with the distance before it."""

    without_ours: bool = False
    nice: int = 0
    server_options: tuple[str, ...] = ()
    """Further options of our own server."""

    sizes: tuple[tuple[int, int], ...] = ((6, 4), (8, 5), (12, 7))
    """Of viewports, in tiles."""

    orders: tuple[str, ...] = ("row", "shuffled", "centre-out")
    connections: tuple[int, ...] = (6, 40)


@dataclass(frozen=True, slots=True)
class Lab:
    """What patterns work with."""

    options: Options
    report: Report
    storage: Storage
    cores: Cores
    env: dict[str, str]
    folder: Path
    distance: Distance
    """Between ours and S3; the catalog knows the bucket by its address."""

    indexer: Indexer
    targets: tuple[Target, ...]
    levels: tuple[StoredLevel, ...]
    """Of `SLIDE` and its copies."""

    jpeg2000_levels: tuple[StoredLevel, ...]

    def times(self, usual: int) -> int:
        """How often to do something."""
        return max(2, usual // 5) if self.options.quick else usual


@contextlib.contextmanager
def open_lab(options: Options, report: Report) -> Iterator[Lab]:
    """Bring it up, with this process and all helpers on the cores that the servers under test don't have."""
    cores = Cores.of_this_machine()
    with contextlib.ExitStack() as stack:
        stack.enter_context(pinned(cores.others))
        preferred(os.getpid(), options.nice)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wsi-bench-", ignore_cleanup_errors=True)))
        folder.chmod(0o755)  # as root, Postgres is another user
        storage = Storage.start()
        stack.callback(storage.stop)
        preferred(storage.server.process.pid, options.nice)
        env = clean_env(storage.server.env)
        distance = _distance(stack, storage)
        indexer = Indexer.start(MAIN, env, cores.others, distance, folder)
        stack.callback(indexer.stop)
        indexer.wait(len(SLIDES) + 1)
        targets: list[Target] = []
        if not options.without_ours:
            server = ours(env, cores, distance, folder)
            server.line = [*server.line, *options.server_options]
            targets.append(server)
        if options.peer_command is not None:
            targets.append(by_command(options.peer_command, env, cores, _distance(stack, storage), folder))
        elif options.peer_url is not None:
            far = None if options.peer_s3_port is None else _distance(stack, storage, options.peer_s3_port)
            targets.append(_elsewhere(options.peer_url.rstrip("/"), far))
        for target in targets:
            stack.callback(target.stop)
        yield Lab(
            options, report, storage, cores, env, folder, distance, indexer, tuple(targets),
            tuple(stored_levels(storage.file(SLIDE))), tuple(stored_levels(storage.file(JPEG2000))),
        )  # fmt: skip


def _elsewhere(url: str, distance: Distance | None) -> Elsewhere:
    """A peer that runs, or that somebody is about to start now that the bucket is there."""
    if distance is not None:
        print(
            f"The peer has to read s3://{BUCKET} at {distance.endpoint}, with this run's AWS_ACCESS_KEY_ID and _SECRET_."
        )
    if not answers(url):
        print(f"Waiting for {url} ...", flush=True)
        await_answer(url, seconds=WAIT_SECONDS)
    return Elsewhere("peer", url, distance)


def _distance(stack: contextlib.ExitStack, storage: Storage, port: int = 0) -> Distance:
    distance = Distance.start(storage.server.endpoint, port)
    stack.callback(distance.stop)
    return distance


def describe(lab: Lab) -> str:
    """Who runs where, and whether somebody else does too."""
    others = sorted(lab.cores.others)
    lines = [f"server under test on core {sorted(lab.cores.server)}, all else on {others} of {os.cpu_count()}"]
    if lab.cores.server == lab.cores.others:
        lines.append("There is one core for all: compare nothing but GETs, bytes and CPU.")
    if float(lab.report.machine["load"]) > BUSY:
        lines.append(
            f"The machine is busy (load {lab.report.machine['load']}): compare nothing but GETs, bytes and CPU."
        )
    return "\n".join(lines)
