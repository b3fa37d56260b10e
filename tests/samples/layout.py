"""Where the layers of the gut wall run through a picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tests.samples.noise import Plane, enlarge, smooth_field

STEP = 16
"""Pixels between the points of the coarse maps."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A piece of a ring of gut wall, its lumen towards the centre. Pixels of half a micrometre, angles in radians."""

    width: int
    height: int
    seed: int
    centre: tuple[float, float]
    radius: float
    """From the centre to the mucosa's surface."""

    start: float
    """The ring is open between ``end`` and ``start``."""

    end: float


MUCOSA, MUSCULARIS_MUCOSAE, SUBMUCOSA, INNER_MUSCLE, OUTER_MUSCLE, SEROSA = 1300, 1410, 2500, 3300, 3850, 4500
"""Depth at which each layer ends, pixels from the surface."""

_BRANCH = 0.5
"""Share of the ring's opening at which angles wrap around, so that none does within tissue."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Maps over the whole picture, one value every `STEP` pixels."""

    cut: Cut
    depth: Plane
    """Pixels below the mucosa's surface."""

    along: Plane
    """Pixels along the wall."""

    inside: Plane
    """Pixels from the tissue's outline, negative outside."""

    direction: Plane
    """Which way depth grows, radians."""

    follicles: Plane
    """1 within lymph follicles."""

    @classmethod
    def of(cls, cut: Cut) -> Layout:
        """The same for the same cut."""
        rng = np.random.default_rng(cut.seed)
        shape = (cut.height // STEP + 4, cut.width // STEP + 4)
        y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32) * STEP
        for scale, amount in ((220.0, 420.0), (60.0, 120.0)):
            x = x + amount * smooth_field(rng, shape, scale)
            y = y + amount * smooth_field(rng, shape, scale)
        x, y = x - cut.centre[0], y - cut.centre[1]
        distance = np.hypot(x, y)
        open_at = cut.end + (2 * np.pi - (cut.end - cut.start)) * _BRANCH
        angle = (np.arctan2(y, x) - open_at) % (2 * np.pi) + open_at - 2 * np.pi
        folds = 260 * smooth_field(rng, shape, 46) + 90 * smooth_field(rng, shape, 14)
        deep = distance - cut.radius
        depth = deep + folds * np.clip(1 - deep / 2600, 0, 1)
        along = (angle - cut.start) * (cut.radius + 2000)
        rough = 26 * smooth_field(rng, shape, 5) + 60 * smooth_field(rng, shape, 18)
        ends = np.minimum((angle - cut.start) * distance, (cut.end - angle) * distance)
        inside = np.minimum(np.minimum(depth, SEROSA - depth + 2.5 * rough), ends + 3 * rough) + 0.3 * rough
        return cls(
            cut,
            depth.astype(np.float32),
            along.astype(np.float32),
            inside.astype(np.float32),
            np.arctan2(*np.gradient(deep)).astype(np.float32),
            _follicles(rng, along, depth).astype(np.float32),
        )

    def at(self, plane: Plane, x: Plane, y: Plane) -> Plane:
        """A map's values near the given pixels."""
        return plane[(y / STEP + 0.5).astype(np.intp), (x / STEP + 0.5).astype(np.intp)]

    def block(self, plane: Plane, left: int, top: int, size: int) -> Plane:
        """A map at full resolution over a square field, which may begin a little outside the picture."""
        margin = 2
        shifted = np.pad(plane, margin, mode="edge")
        first = (left / STEP + margin + 0.5 - 0.5 / STEP, top / STEP + margin + 0.5 - 0.5 / STEP)
        last = (min(first[0] + size / STEP, shifted.shape[1]), min(first[1] + size / STEP, shifted.shape[0]))
        return enlarge(shifted, size, size, (*first, *last))


def _follicles(rng: np.random.Generator, along: Plane, depth: Plane) -> npt.NDArray[np.float32]:
    """Round heaps of lymphocytes at the mucosa's bottom, one every few millimetres."""
    found = np.zeros(along.shape, np.float32)
    at = rng.uniform(900, 2600)
    while at < float(along.max()):
        bottom, width, height = rng.uniform(950, 1350), rng.uniform(300, 460), rng.uniform(260, 420)
        away = np.hypot((along - at) / width, (depth - bottom) / height)
        found = np.maximum(found, np.clip((1.12 - away) / 0.24, 0, 1))
        at += rng.uniform(2600, 5200)
    return found
