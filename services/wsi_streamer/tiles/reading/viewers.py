"""The viewers a worker has seen of late."""

from __future__ import annotations

from wsi_streamer.tiles.lru import Lru
from wsi_streamer.tiles.reading.viewer import Viewer

MAX_VIEWERS = 1_000
"""A few kB each."""


Who = tuple[str, bytes] | None
"""What tells one viewer from another: the client's address, and the one a proxy reports. Nothing but read-ahead goes by it,
so that it may be forged. None: nobody whose next requests could be guessed."""


class Viewers:
    """By `Who`."""

    def __init__(self) -> None:
        self._viewers: Lru[Who, Viewer] = Lru(MAX_VIEWERS)

    def get(self, who: Who) -> Viewer:
        """Known, or new."""
        viewer = self._viewers.get(who)
        if viewer is None:
            viewer = Viewer()
            self._viewers.put(who, viewer)
        return viewer
