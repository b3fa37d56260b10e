"""The painted section: any field of it, in any order, always the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tests.samples import cells, glands
from tests.samples import layout as layers
from tests.samples.cells import Vessel
from tests.samples.glands import Gland
from tests.samples.layout import Cut, Layout
from tests.samples.noise import Plane, step, texture
from tests.samples.noise import cells as foam
from tests.samples.nuclei import KINDS, SPRITE, Nuclei, sprites
from tests.samples.stains import develop, palette

Pixels = npt.NDArray[np.uint8]
_MARGIN = SPRITE // 2
_TEXTURE = 1024
"""Pixels a side of a seamless texture, a power of 2. Two of different scale are always mixed, so that no repetition shows."""

_RED_CELL = len(KINDS) - 1

_LAYER_STARTS = (
    layers.MUCOSA,
    layers.MUSCULARIS_MUCOSAE,
    layers.SUBMUCOSA,
    layers.INNER_MUSCLE,
    layers.OUTER_MUSCLE,
)
_EMPTY = 0.16
"""Less eosin than this is a gap or fat: no nucleus floats there."""

_BLEND = 14
"""Half the width over which one layer becomes the next, pixels."""


@dataclass(frozen=True, slots=True)
class Textures:
    """Seamless noise, each (`_TEXTURE`, `_TEXTURE`)."""

    fibre: Plane
    collagen: Plane
    cleft: Plane
    cloud: Plane
    speckle: Plane
    grain: Plane
    fat: Plane
    bundle: Plane

    @classmethod
    def of(cls, seed: int) -> Textures:
        """The same for the same seed."""
        rng = np.random.default_rng(seed)
        return cls(
            fibre=texture(rng, _TEXTURE, 4, 70),
            collagen=texture(rng, _TEXTURE, 9, 46),
            cleft=texture(rng, _TEXTURE, 11, 190),
            cloud=texture(rng, _TEXTURE, 70, 70),
            speckle=texture(rng, _TEXTURE, 7, 7),
            grain=texture(rng, _TEXTURE, 2, 2),
            fat=foam(rng, _TEXTURE, 128),
            bundle=foam(rng, _TEXTURE, 256),
        )


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that `paint` needs."""

    layout: Layout
    glands: list[Gland]
    vessels: list[Vessel]
    nuclei: Nuclei
    sprites: npt.NDArray[np.float32]
    textures: Textures
    palette: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, cut: Cut) -> Scene:
        """The same for the same cut."""
        layout = Layout.of(cut)
        rng = np.random.default_rng(cut.seed + 1)
        crypts = glands.place(layout, rng)
        found = cells.vessels(layout, rng)
        placed = cells.place(layout, crypts, found, rng)
        return cls(layout, crypts, found, placed, sprites(rng), Textures.of(cut.seed + 2), palette())

    def paint(self, left: int, top: int, size: int) -> Pixels:
        """(size, size, 3) RGB of a square field; beyond the picture there is glass."""
        left, top, size = left - _MARGIN, top - _MARGIN, size + 2 * _MARGIN
        layout = self.layout
        inside = layout.block(layout.inside, left, top, size)
        if float(inside.max()) < -40:
            return np.broadcast_to(self.palette[0], (size - 2 * _MARGIN, size - 2 * _MARGIN, 3)).copy()
        depth = layout.block(layout.depth, left, top, size)
        along = layout.block(layout.along, left, top, size)
        y, x = (np.arange(start, start + size) % _TEXTURE for start in (top, left))
        grain = self.textures.grain[y[:, None], x[None, :]]
        haematoxylin, eosin = self._matrix(depth, along, grain, self.textures.cloud[y[:, None], x[None, :]])
        heaped = layout.block(layout.follicles, left, top, size)
        if float(heaped.max()) > 0:
            haematoxylin = haematoxylin + heaped * (0.14 - haematoxylin)
            eosin = eosin + heaped * (0.42 - eosin)
        self._paint_vessels(haematoxylin, eosin, left, top, grain)
        for gland in self.glands:
            if (
                abs(gland.x - left - size / 2) < size / 2 + glands.REACH
                and abs(gland.y - top - size / 2) < size / 2 + glands.REACH
            ):
                gland.stain(haematoxylin, eosin, left, top, grain)
        self._stamp(haematoxylin, eosin, left, top, size)
        tissue = step(-3, 5, inside + 4 * self.textures.speckle[y[:, None], x[None, :]])
        surface = np.asarray(0.30 * np.exp(-((inside - 14) ** 2) / 120), np.float32)
        haematoxylin, eosin = (haematoxylin + surface) * tissue, (eosin + surface) * tissue
        cut = slice(_MARGIN, size - _MARGIN)
        return develop(self.palette, haematoxylin[cut, cut], eosin[cut, cut])

    def _lookup(self, plane: Plane, down: Plane, along: Plane, scale: float = 1.0) -> Plane:
        """A texture laid along the wall."""
        rows = (down * scale).astype(np.int32) & (_TEXTURE - 1)
        columns = (along * scale).astype(np.int32) & (_TEXTURE - 1)
        return np.asarray(np.take(plane, rows * _TEXTURE + columns))

    def _matrix(self, depth: Plane, along: Plane, grain: Plane, cloud: Plane) -> tuple[Plane, Plane]:
        """Haematoxylin and eosin of what lies between cells."""
        textures = self.textures
        speckle = self._lookup(textures.speckle, depth, along)
        edge = depth + 26 * cloud
        first, last = float(edge.min()) - _BLEND, float(edge.max()) + _BLEND
        bounds = (-np.inf, *_LAYER_STARTS, np.inf)
        eosin: Plane | None = None
        for i, stain in enumerate((self._stroma, self._muscle, self._loose, self._muscle, self._crosscut, self._fat)):
            if bounds[i] > last or bounds[i + 1] < first:
                continue
            layer = stain(depth, along, cloud, speckle)
            if eosin is None:
                eosin = layer
            else:
                eosin = eosin + step(bounds[i] - _BLEND, bounds[i] + _BLEND, edge) * (layer - eosin)
        assert eosin is not None
        eosin = eosin + 0.03 * grain * np.minimum(eosin, 1)
        haematoxylin = 0.055 + 0.02 * speckle + 0.015 * grain + 0.06 * (depth < layers.MUCOSA)
        # Sections are never of one thickness.
        thickness = 1 + 0.05 * self._lookup(textures.cloud, depth, along, 0.11)
        return haematoxylin * np.clip(eosin * 2.2, 0, 1) * thickness, eosin * thickness

    def _stroma(self, depth: Plane, along: Plane, cloud: Plane, speckle: Plane) -> Plane:
        collagen = self._collagen(depth, along, cloud)
        return np.asarray(0.50 + 0.10 * collagen + 0.06 * speckle - 0.35 * step(1.2, 2.0, collagen))

    def _muscle(self, depth: Plane, along: Plane, cloud: Plane, speckle: Plane) -> Plane:
        wavy = depth + 16 * cloud
        fibre, cleft = self.textures.fibre, self.textures.cleft
        fibres = 0.75 * self._lookup(fibre, wavy, along) + 0.6 * self._lookup(fibre, wavy, along, 0.61)
        clefts = 0.7 * self._lookup(cleft, wavy, along) + 0.7 * self._lookup(cleft, wavy, along, 0.37)
        return (0.92 + 0.10 * fibres) * (1 - 0.96 * step(1.25, 1.6, clefts))

    def _loose(self, depth: Plane, along: Plane, cloud: Plane, speckle: Plane) -> Plane:
        return np.maximum(0.40 + 0.27 * self._collagen(depth, along, cloud) + 0.03 * speckle, 0.02)

    def _crosscut(self, depth: Plane, along: Plane, cloud: Plane, speckle: Plane) -> Plane:
        bundle = self._lookup(self.textures.bundle, depth + 16 * cloud, along, 0.8)
        return (0.86 + 0.10 * speckle) * (1 - 0.75 * (1 - step(2.5, 9, bundle)))

    def _fat(self, depth: Plane, along: Plane, cloud: Plane, speckle: Plane) -> Plane:
        wall = self._lookup(self.textures.fat, depth + 9 * cloud, along) + 1.2 * speckle
        return 0.03 + 0.55 * (1 - step(2.0, 5.5, wall))

    def _collagen(self, depth: Plane, along: Plane, cloud: Plane) -> Plane:
        collagen = self.textures.collagen
        return 0.8 * self._lookup(collagen, depth + 34 * cloud, along) + 0.6 * self._lookup(
            collagen, depth - 20 * cloud, along, 0.43
        )

    def _paint_vessels(self, haematoxylin: Plane, eosin: Plane, left: int, top: int, grain: Plane) -> None:
        for vessel in self.vessels:
            reach = int(vessel.radius + vessel.wall) + 8
            x0, y0 = max(0, int(vessel.x) - reach - left), max(0, int(vessel.y) - reach - top)
            x1, y1 = int(vessel.x) + reach - left, int(vessel.y) + reach - top
            h, e = haematoxylin[y0:y1, x0:x1], eosin[y0:y1, x0:x1]
            if x1 <= 0 or y1 <= 0 or h.size == 0:
                continue
            y, x = np.mgrid[y0 : y0 + h.shape[0], x0 : x0 + h.shape[1]].astype(np.float32)
            away = np.hypot(x + (left - vessel.x), y + (top - vessel.y)) + 1.2 * grain[y0:y1, x0:x1]
            outer = vessel.radius + vessel.wall
            whole = 1 - step(outer - 3, outer + 3, away)
            lumen = 1 - step(vessel.radius - 2, vessel.radius + 2, away)
            wall = 0.85 + 0.12 * np.sin(away * 0.9) + 0.05 * grain[y0:y1, x0:x1]
            e += whole * (wall * (1 - lumen) + 0.05 * lumen - e)
            h += whole * (0.06 * (1 - lumen) - h)

    def _stamp(self, haematoxylin: Plane, eosin: Plane, left: int, top: int, size: int) -> None:
        half = SPRITE // 2
        placed = self.nuclei
        for i in placed.within(left + half, top + half, left + size - half, top + size - half):
            kind = placed.kind[i]
            x, y = placed.x[i] - left - half, placed.y[i] - top - half
            picture = self.sprites[kind, placed.turn[i], placed.variant[i]]
            if kind == _RED_CELL:
                plane = eosin
            elif eosin[y + half, x + half] < _EMPTY:
                continue
            else:
                plane = haematoxylin
            field = plane[y : y + SPRITE, x : x + SPRITE]
            np.maximum(field, picture, out=field)
