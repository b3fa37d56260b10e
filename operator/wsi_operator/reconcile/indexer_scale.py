"""How many indexers a backlog deserves."""

from __future__ import annotations

import math

SLIDES_PER_TASK = 50
"""Slides that may wait for each task of an indexer before another pod is worth its start."""


def indexer_replicas(backlog: int | None, current: int | None, *, concurrency: int, least: int, most: int) -> int:
    """Pods, between ``least`` and ``most``.

    Up at once; down only when nothing waits any more, so that a pod isn't taken from its work. ``backlog`` is None when
    the indexer doesn't tell, ``current`` None when it has no Deployment yet.
    """
    have = min(most, max(least, current or least))
    if backlog is None:
        return have
    if backlog == 0:
        return least
    return min(most, max(have, math.ceil(backlog / (SLIDES_PER_TASK * concurrency))))
