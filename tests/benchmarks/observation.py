"""What a server costs while something is done to it."""

from __future__ import annotations

from dataclasses import dataclass

from tests.benchmarks.distance import S3Use
from tests.benchmarks.process import Use
from tests.benchmarks.server_under_test import Target


@dataclass(frozen=True, slots=True)
class Cost:
    """None where the server is not ours to watch."""

    s3: S3Use | None
    cpu_seconds: float | None
    rss_mb: float | None

    def gets(self, pieces: int) -> float | None:
        """Object GETs a piece."""
        return None if self.s3 is None or not pieces else self.s3.gets / pieces

    def other_requests(self, pieces: int) -> float | None:
        """HEADs and LISTs a piece."""
        return None if self.s3 is None or not pieces else (self.s3.heads + self.s3.lists) / pieces

    def s3_mb(self, pieces: int) -> float | None:
        """10**6 bytes a piece."""
        return None if self.s3 is None or not pieces else self.s3.body_bytes / 1e6 / pieces

    def bytes_ratio(self, own: int) -> float | None:
        """S3's bytes over the tiles' own."""
        return None if self.s3 is None or not own else self.s3.body_bytes / own

    def cpu_ms(self, pieces: int) -> float | None:
        """Milliseconds a piece."""
        return None if self.cpu_seconds is None or not pieces else self.cpu_seconds * 1000 / pieces


class Observation:
    """Begun before, ended after."""

    def __init__(self, target: Target, before: Use | None) -> None:
        self._target = target
        self._before = before

    @classmethod
    async def begin(cls, target: Target) -> Observation:
        """Count from here; what is still under way to S3 is waited for."""
        if target.distance is not None:
            await target.distance.take()
        return cls(target, target.use())

    async def end(self) -> Cost:
        """What it cost, with what is still under way to S3."""
        after = self._target.use()
        s3 = None if self._target.distance is None else await self._target.distance.take()
        if after is None or self._before is None:
            return Cost(s3, None, None)
        return Cost(s3, after.cpu_seconds - self._before.cpu_seconds, after.rss_mb)
