"""Whose requests belong together, for read-ahead."""

from __future__ import annotations

from wsi_streamer.tiles.context import Admitted
from wsi_streamer.tiles.reading.viewers import Who


def who_asks(admitted: Admitted) -> Who:
    """By the client's address, that which a proxy reports, and the right that was shown."""
    address = hash(admitted.asked.sent_from)
    return Who(address, hash((address, admitted.caller.id)))
