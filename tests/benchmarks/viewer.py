"""A viewer: connections that stay open, and what it sees of a slide at a moment."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from tests.benchmarks.load import Answers, Client, get, post
from tests.benchmarks.observation import Cost, Observation
from tests.benchmarks.report import ROUND_TRIP, Figures, quantile
from tests.benchmarks.server_under_test import Target, metadata
from tests.benchmarks.storage import StoredLevel
from tests.benchmarks.viewport import Tile, Viewport


@dataclass(frozen=True, slots=True)
class Viewer:
    """One browser, as far as a server sees it."""

    client: Client
    key: str

    @classmethod
    async def open(cls, target: Target, key: str, connections: int, far: Tile = (0, 0)) -> Viewer:
        """Connected, the slide open, one lone tile seen, so that neither is on the first viewport's account."""
        await asyncio.to_thread(metadata, target.url, key)
        viewer = cls(await Client.open(target.url, connections), key)
        await viewer.see(0, [far])
        return viewer

    async def see(self, level: int, tiles: Sequence[Tile], hint: Viewport | None = None) -> Answers:
        """Ask for tiles in this order; with a hint first, which is on the clock too."""
        if hint is None:
            return await self.client.run(iter(self._requests(level, tiles)))
        hinted = await self.client.run(iter([post(f"/tiles/{self._id}/prefetch", hint_body(hint))]))
        answers = await self.client.run(iter(self._requests(level, tiles)))
        answers.seconds += hinted.seconds
        answers.refused += hinted.refused
        return answers

    async def takes_hints(self) -> bytes | None:
        """None where the server takes hints, else the first line of how it refuses."""
        told = await self.client.run(iter([post(f"/tiles/{self._id}/prefetch", hint_body(Viewport(0, 0, 0, 1, 1)))]))
        return told.refused[0].partition(b"\r\n")[0] if told.refused else None

    def close(self) -> None:
        """Hang up."""
        self.client.close()

    @property
    def _id(self) -> str:
        return quote(self.key, safe="")

    def _requests(self, level: int, tiles: Sequence[Tile]) -> list[bytes]:
        return [get(f"/tiles/{self._id}/{level}/{x}/{y}.jpg") for x, y in tiles]


def hint_body(view: Viewport) -> bytes:
    """Of POST /tiles/{id}/prefetch."""
    rectangle = {"level": view.level, "x": view.x, "y": view.y, "width": view.width, "height": view.height}
    return json.dumps(rectangle).encode()


@dataclass(slots=True)
class Looks:
    """Several looks of one kind, and what they cost altogether."""

    target: Target
    seconds: list[float] = field(default_factory=list)
    own_bytes: int = 0
    failed: int = 0
    costs: list[Cost] = field(default_factory=list)

    async def add(
        self, viewer: Viewer, level: StoredLevel, tiles: Sequence[Tile], hint: Viewport | None = None
    ) -> float:
        """Look once; what is still read ahead afterwards is waited for and counted. Seconds until the last tile."""
        observation = await Observation.begin(self.target)
        answers = await viewer.see(level.level, tiles, hint)
        self.note(answers, level.bytes_of(list(tiles)), await observation.end())
        return answers.seconds

    def note(self, answers: Answers, own_bytes: int, cost: Cost | None = None) -> None:
        """Keep one look's figures; of several looks at a time, only one has the cost of all."""
        self.seconds.append(answers.seconds)
        self.own_bytes += own_bytes
        self.failed += len(answers.refused) + answers.unanswered
        if cost is not None:
            self.costs.append(cost)

    def figures(self, first: float | None = None) -> Figures:
        """A look."""
        count = len(self.seconds)
        median = quantile(self.seconds, 0.5) or 0
        uses = [cost.s3 for cost in self.costs if cost.s3 is not None]
        cpu = [cost.cpu_seconds for cost in self.costs if cost.cpu_seconds is not None]
        return Figures(
            p50_ms=1000 * median,
            p95_ms=1000 * (quantile(self.seconds, 0.95) or 0),
            round_trips=median / ROUND_TRIP,
            first_ms=None if first is None else 1000 * first,
            first_round_trips=None if first is None else first / ROUND_TRIP,
            gets=sum(use.gets for use in uses) / count if uses else None,
            other_requests=sum(use.heads + use.lists for use in uses) / count if uses else None,
            s3_mb=sum(use.body_bytes for use in uses) / 1e6 / count if uses else None,
            bytes_ratio=sum(use.body_bytes for use in uses) / self.own_bytes if uses and self.own_bytes else None,
            cpu_ms=1000 * sum(cpu) / count if cpu else None,
            rss_mb=self.costs[-1].rss_mb if self.costs else None,
            failed=self.failed,
        )
