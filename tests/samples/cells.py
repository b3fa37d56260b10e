"""Which nuclei lie where, and the vessels between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from tests.samples import layout as layers
from tests.samples import nuclei
from tests.samples.glands import Gland
from tests.samples.layout import STEP, Layout
from tests.samples.noise import Plane
from tests.samples.nuclei import Nuclei

Placed = tuple[int, Plane, Plane, Plane]
_FINE = 8
"""Pixels between the points of the map of what is taken."""


@dataclass(frozen=True, slots=True)
class Vessel:
    """A small vein or artery, cut across. Pixels."""

    x: float
    y: float
    radius: float
    wall: float


def vessels(layout: Layout, rng: np.random.Generator) -> list[Vessel]:
    """Mostly in the submucosa."""
    pitch = 420
    y, x = _scattered(layout, rng, pitch)
    depth, inside = layout.at(layout.depth, x, y), layout.at(layout.inside, x, y)
    fits = (depth > layers.MUSCULARIS_MUCOSAE + 160) & (depth < layers.SUBMUCOSA - 150) & (inside > 220)
    found = []
    for i in np.flatnonzero(fits & (rng.random(len(x)) < 0.45)):
        radius = float(rng.choice((22.0, 34.0, 52.0, 96.0)) * rng.uniform(0.8, 1.25))
        found.append(Vessel(float(x[i]), float(y[i]), radius, float(radius * rng.uniform(0.16, 0.5) + 5)))
    return found


def place(layout: Layout, glands: list[Gland], found: list[Vessel], rng: np.random.Generator) -> Nuclei:
    """All nuclei of the picture."""
    free = _free(layout, glands, found)
    parts = [_of_stroma(layout, free, rng, *kind) for kind in _STROMA]
    parts += [_of_gland(gland, rng) for gland in glands]
    for vessel in found:
        parts += _of_vessel(vessel, rng)
    return Nuclei.join(rng, parts)


_EPITHELIAL, _LYMPHOCYTE, _PLASMA, _FIBROBLAST, _MUSCLE, _PALE, _RED_CELL = range(len(nuclei.KINDS))

_STROMA: tuple[tuple[int, float, tuple[float, float, float, float, float, float], float], ...] = (
    # kind, pitch in pixels, share kept in each layer from the mucosa outwards, share in follicles
    (_LYMPHOCYTE, 15.5, (0.10, 0.004, 0.004, 0.001, 0.002, 0.001), 0.92),
    (_PLASMA, 23.0, (0.42, 0.01, 0.012, 0.0, 0.002, 0.002), 0.05),
    (_FIBROBLAST, 34.0, (0.42, 0.1, 0.24, 0.02, 0.06, 0.4), 0.0),
    (_MUSCLE, 32.0, (0.0, 0.75, 0.02, 0.55, 0.0, 0.0), 0.0),
    (_PALE, 36.0, (0.20, 0.0, 0.03, 0.0, 0.30, 0.1), 0.28),
)


def _of_stroma(
    layout: Layout, free: npt.NDArray[np.bool_], rng: np.random.Generator, kind: int, pitch: float,
    shares: tuple[float, ...], follicle: float,
) -> Placed:  # fmt: skip
    y, x = _scattered(layout, rng, pitch)
    depth, inside = layout.at(layout.depth, x, y), layout.at(layout.inside, x, y)
    keep = free[(y / _FINE).astype(np.intp), (x / _FINE).astype(np.intp)] & (inside > 9)
    x, y, depth = x[keep], y[keep], depth[keep]
    ends = (layers.MUCOSA, layers.MUSCULARIS_MUCOSAE, layers.SUBMUCOSA, layers.INNER_MUSCLE, layers.OUTER_MUSCLE)
    share = np.array(shares)[np.searchsorted(ends, depth + rng.normal(0, 18, len(depth)))]
    heaped = layout.at(layout.follicles, x, y)
    share = share + heaped * (follicle - share)
    keep = rng.random(len(x)) < share
    x, y = x[keep], y[keep]
    # Along the wall, as muscle lies; other spindles stray more.
    angle = layout.at(layout.direction, x, y) + np.pi / 2 + rng.normal(0, 0.10 if kind == _MUSCLE else 0.7, len(x))
    return kind, x, y, angle.astype(np.float32)


def _of_gland(gland: Gland, rng: np.random.Generator) -> Placed:
    girth = np.pi * (
        3 * (gland.across + gland.along) - np.sqrt((3 * gland.across + gland.along) * (gland.across + 3 * gland.along))
    )
    count = int(girth * 0.9 / 10.5)
    around = ((np.arange(count) + rng.uniform(-0.3, 0.3, count)) * 2 * np.pi / count).astype(np.float32)
    depth = (0.86 + rng.normal(0, 0.03, count)).astype(np.float32)
    x, y = gland.point(around, depth)
    inner_x, inner_y = gland.point(around, depth - 0.1)
    angle = np.arctan2(y - inner_y, x - inner_x) + rng.normal(0, 0.15, count)
    return _EPITHELIAL, x, y, angle.astype(np.float32)


def _of_vessel(vessel: Vessel, rng: np.random.Generator) -> list[Placed]:
    count = int(2 * np.pi * vessel.radius / 40) + 2
    around = np.sort(rng.uniform(0, 2 * np.pi, count)).astype(np.float32)
    ring = vessel.radius + rng.uniform(-3, max(vessel.wall - 3, -2), count)
    wall = (vessel.x + ring * np.cos(around)).astype(np.float32), (vessel.y + ring * np.sin(around)).astype(np.float32)
    blood = int(vessel.radius**2 / 60 * rng.uniform(0.1, 1.0))
    angle, distance = rng.uniform(0, 2 * np.pi, blood), np.sqrt(rng.random(blood)) * (vessel.radius - 9)
    x = (vessel.x + distance * np.cos(angle)).astype(np.float32)
    y = (vessel.y + distance * np.sin(angle)).astype(np.float32)
    return [(_FIBROBLAST, *wall, around + np.float32(np.pi / 2)), (_RED_CELL, x, y, angle.astype(np.float32))]


def _scattered(layout: Layout, rng: np.random.Generator, pitch: float) -> tuple[Plane, Plane]:
    """Points (y, x) of a jittered grid: random, yet seldom on top of one another."""
    rows, columns = int(layout.cut.height / pitch), int(layout.cut.width / pitch)
    y, x = (np.mgrid[0:rows, 0:columns].reshape(2, -1) + rng.uniform(0.02, 0.98, (2, rows * columns))) * pitch
    return y.astype(np.float32), x.astype(np.float32)


def _free(layout: Layout, glands: list[Gland], found: list[Vessel]) -> npt.NDArray[np.bool_]:
    """What neither glands nor vessels take, a value every `_FINE` pixels."""
    size = (layout.cut.width // _FINE + STEP, layout.cut.height // _FINE + STEP)
    taken = Image.new("1", size)
    draw = ImageDraw.Draw(taken)
    around = np.linspace(0, 2 * np.pi, 28, dtype=np.float32)
    for gland in glands:
        x, y = gland.point(around, 1.06)
        draw.polygon(list(zip((x / _FINE).tolist(), (y / _FINE).tolist(), strict=True)), fill=1)
    for vessel in found:
        reach = vessel.radius + vessel.wall
        draw.ellipse(
            tuple(v / _FINE for v in (vessel.x - reach, vessel.y - reach, vessel.x + reach, vessel.y + reach)), fill=1
        )
    return ~np.asarray(taken)
