"""A viewport in lock-step rounds: what its connections ask for at once is one round, and so is what S3 then answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wsi_streamer.slides.level import Level
from wsi_streamer.slides.recipe import Recipe
from wsi_streamer.tiles.reading.tile_rect import Position, Size
from wsi_streamer.tiles.reading.view import View
from wsi_streamer.tiles.reading.viewer import Viewer
from wsi_streamer.tiles.reading.window import guess

TILE_BYTES = 13_000
ROUND_TRIP = 0.02
IDLE = 10.0


def level(columns: int = 160, rows: int = 120) -> Level:
    """A level of 256 px tiles."""
    recipe = Recipe(codec="jpeg", photometric="ycbcr", samples=3, passthrough=True)
    return Level(0, columns * 256, rows * 256, 256, 256, 1.0, recipe)


@dataclass
class Outcome:
    """What a viewport took."""

    rounds: int
    gets: int
    tiles_read: int


class Worker:
    """What a worker has in memory, and a clock."""

    def __init__(self, of: Level) -> None:
        self.level = of
        self.viewer = Viewer()
        self.held: set[Position] = set()
        self.served: set[Position] = set()
        self.now = 0.0

    def viewport(self, tiles: Iterable[Position], connections: int) -> Outcome:
        """All tiles, asked for in this order."""
        outcome = Outcome(0, 0, 0)
        left = list(tiles)
        while left:
            asked: list[Position] = []
            while left and len(asked) < connections:
                at = left.pop(0)
                if at in self.served:
                    continue
                if at in self.held:
                    self._note(at)
                    self.viewer.budget.used(TILE_BYTES)
                    self.served.add(at)
                else:
                    asked.append(at)
            if not asked:
                break
            wanted = set(asked)
            for at in asked:
                view = self._note(at)
                self.viewer.budget.asked(TILE_BYTES)
            rect = guess(view.asked, view.box, self._window(), self._grid(), lambda x, y: (x, y) in self.served)
            if rect is not None:
                more = set(rect.positions()) - self.held - wanted
                wanted |= {at for at in more if self.viewer.budget.spend(TILE_BYTES)}
            self.now += ROUND_TRIP
            self.held |= wanted
            self.served |= set(asked)
            outcome.rounds += 1
            outcome.tiles_read += len(wanted)
            outcome.gets += runs(wanted)
        self.now += IDLE
        return outcome

    def _note(self, at: Position) -> View:
        return self.viewer.asks(1, self.level, *at, self.now, 3 * ROUND_TRIP)[0]

    def _window(self) -> Size:
        return self.viewer.window(self.level)

    def _grid(self) -> Size:
        return Size(self.level.tiles_x, self.level.tiles_y)


def runs(tiles: Iterable[Position]) -> int:
    """GETs, where tiles of a row are read together if no more than two that nobody wants lie between."""
    count, last = 0, None
    for x, y in sorted(tiles, key=lambda at: (at[1], at[0])):
        if last is None or last[1] != y or x - last[0] > 3:
            count += 1
        last = (x, y)
    return count


def in_order(name: str, width: int, height: int, shuffled: Sequence[int]) -> list[Position]:
    """The positions of a viewport as a viewer asks for them."""
    cells = [(x, y) for y in range(height) for x in range(width)]
    if name == "row":
        return cells
    if name == "shuffled":
        return [cells[i] for i in shuffled]
    middle = (width - 1) / 2, (height - 1) / 2
    return sorted(cells, key=lambda at: (at[0] - middle[0]) ** 2 + (at[1] - middle[1]) ** 2)
