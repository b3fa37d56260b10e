"""What a viewer asks for at a moment: a rectangle of tiles of one level, in some order. Pure geometry."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Tile = tuple[int, int]
"""x, y."""


@dataclass(frozen=True, slots=True)
class Viewport:
    """A rectangle of tiles; its corner and size in tiles."""

    level: int
    x: int
    y: int
    width: int
    height: int

    @property
    def tiles(self) -> list[Tile]:
        """By rows."""
        return [(self.x + i, self.y + j) for j in range(self.height) for i in range(self.width)]

    def moved(self, right: int, down: int) -> Viewport:
        """So many tiles on."""
        return Viewport(self.level, self.x + right, self.y + down, self.width, self.height)

    def new_after(self, before: Viewport) -> list[Tile]:
        """Tiles that the viewport before did not show, by rows: after a step aside a strip, after a diagonal one an L."""
        seen = set(before.tiles)
        return [tile for tile in self.tiles if tile not in seen]

    def zoomed_out(self, factor: int, tiles_x: int, tiles_y: int) -> Viewport:
        """Around the same centre on the next level, which has so many tiles and is smaller by a factor."""
        x = round((self.x + self.width / 2) / factor - self.width / 2)
        y = round((self.y + self.height / 2) / factor - self.height / 2)
        width, height = min(self.width, tiles_x), min(self.height, tiles_y)
        return Viewport(
            self.level + 1, max(0, min(x, tiles_x - width)), max(0, min(y, tiles_y - height)), width, height
        )


def in_rows(view: Viewport) -> list[Tile]:
    """Left to right, top to bottom."""
    return view.tiles


def shuffled(view: Viewport) -> list[Tile]:
    """In no order, and always the same one for the same place."""
    tiles = view.tiles
    random.Random(f"{view}").shuffle(tiles)
    return tiles


def centre_out(view: Viewport) -> list[Tile]:
    """As OpenSeadragon asks: what is nearest to the centre first."""
    centre_x, centre_y = view.x + (view.width - 1) / 2, view.y + (view.height - 1) / 2
    return sorted(view.tiles, key=lambda tile: ((tile[0] - centre_x) ** 2 + (tile[1] - centre_y) ** 2, tile))


ORDERS: dict[str, Callable[[Viewport], list[Tile]]] = {
    "row": in_rows,
    "shuffled": shuffled,
    "centre-out": centre_out,
}

CELL_X, CELL_Y = 20, 12
"""Tiles that a place takes, with what lies around it: no viewport up to 12 x 7 touches a neighbour's."""


def places(tiles_x: int, tiles_y: int, seed: int, room: tuple[int, int] = (12, 7)) -> Iterator[Tile]:
    """Corners of viewports up to 12 x 7 that are far from each other, in an order that jumps about; with ``room`` to
    the level's right and lower end, for those who move on.

    Like the black squares of a chess board: what a server reads along to the right of one, or by whole blocks of the
    file, is not yet part of the next.
    """
    rng = random.Random(seed)
    cells = [(i, j) for i in range(tiles_x // CELL_X) for j in range(tiles_y // CELL_Y) if (i + j) % 2 == seed % 2]
    rng.shuffle(cells)
    for i, j in cells:
        x, y = i * CELL_X + 2 + rng.randrange(4), j * CELL_Y + 1 + rng.randrange(3)
        if x + room[0] <= tiles_x and y + room[1] <= tiles_y:
            yield x, y
