"""How often and how long to try again."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass

BASE_SECONDS = 0.05
MAX_SECONDS = 3.0


@dataclass(slots=True)
class Attempts:
    """The attempts of one call: at most ``limit``, all before ``deadline`` (monotonic seconds), with full jitter."""

    limit: int
    deadline: float
    made: int = 0

    @property
    def seconds_left(self) -> float:
        """Until the deadline; never negative."""
        return max(0.0, self.deadline - time.monotonic())

    async def pause(self) -> bool:
        """Wait before the next attempt; False where there is none left."""
        self.made += 1
        ceiling = min(MAX_SECONDS, BASE_SECONDS * 2.0**self.made)
        delay = random.uniform(0, ceiling)  # noqa: S311 - jitter, not a secret
        if self.made >= self.limit or delay >= self.seconds_left:
            return False
        await asyncio.sleep(delay)
        return True
