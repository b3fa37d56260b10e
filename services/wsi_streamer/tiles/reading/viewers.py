"""The viewers a worker has seen of late."""

from __future__ import annotations

from dataclasses import dataclass

from wsi_streamer.tiles.lru import Lru
from wsi_streamer.tiles.reading.screen import Screen
from wsi_streamer.tiles.reading.viewer import Viewer

MAX_VIEWERS = 256
"""Some kB each; at worst, with all views full, half a MB."""

MAX_SCREENS = 2_000


@dataclass(frozen=True, slots=True)
class Who:
    """What tells those who ask apart. Hashes, as what they are made of may be long. Nothing but read-ahead goes by it, so
    it does no harm if it is forged."""

    address: int
    """Of the client, and the one a proxy reports."""

    person: int
    """The same, with the token that is shown."""


class Viewers:
    """By `Who` and the slide's version."""

    def __init__(self) -> None:
        self._screens: Lru[int, Screen] = Lru(MAX_SCREENS)
        self._viewers: Lru[tuple[int, int], Viewer] = Lru(MAX_VIEWERS)

    def get(self, who: Who, version_id: int) -> Viewer:
        """Known, or new."""
        viewer = self._viewers.get((who.person, version_id))
        if viewer is None:
            screen = self._screens.get(who.address) or Screen()
            self._screens.put(who.address, screen)
            viewer = Viewer(screen)
            self._viewers.put((who.person, version_id), viewer)
        return viewer
