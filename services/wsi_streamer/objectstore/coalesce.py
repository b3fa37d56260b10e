"""Merging byte ranges that lie near each other, so that many tiles come in few GETs. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wsi_streamer.slides.tile_table import ByteRange

MAX_GAP = 30_000
"""Bytes read in vain rather than asked for by a further GET: about what a 20 ms round trip is worth."""


@dataclass(frozen=True, slots=True)
class Span:
    """One GET, and the wanted ranges inside it."""

    start: int
    end: int
    ranges: tuple[ByteRange, ...]


def coalesce(ranges: Iterable[ByteRange], *, cap: int, max_gap: int = MAX_GAP) -> list[Span]:
    """Spans of at most ``cap`` bytes that cover all ranges, each range whole in one span.

    A single range longer than ``cap`` is a span of its own. Overlaps, repeats and any order are fine; ranges of
    length 0 are left out.
    """
    spans: list[Span] = []
    group: list[ByteRange] = []
    start = end = 0
    for item in sorted({r for r in ranges if r.length}, key=lambda r: (r.offset, r.length)):
        grown = max(end, item.end)
        if group and (item.offset - end > max_gap or grown - start > cap):
            spans.append(Span(start, end, tuple(group)))
            group = []
        if not group:
            start = end = item.offset
            grown = item.end
        group.append(item)
        end = grown
    if group:
        spans.append(Span(start, end, tuple(group)))
    return spans
