"""Nuclei: small pictures of them, and where they lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tests.samples.noise import Plane, smooth_field, step

SPRITE = 40
"""Pixels a side of a nucleus's picture; half of it is the margin that a block needs."""

TURNS = 24
"""Directions, over half a circle."""

_VARIANTS = 6


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of nucleus at half a micrometre a pixel."""

    along: float
    """Half axis, pixels."""

    across: float
    stain: float
    """Units of haematoxylin."""

    clumps: float
    """How uneven its chromatin is."""

    nucleoli: int = 0


EPITHELIAL = Kind(10.0, 6.0, 1.0, 0.30, 1)
LYMPHOCYTE = Kind(6.4, 6.0, 1.45, 0.30)
PLASMA = Kind(7.6, 6.2, 1.2, 0.40)
FIBROBLAST = Kind(13.5, 3.1, 0.95, 0.22)
MUSCLE = Kind(16.0, 2.9, 0.85, 0.18)
PALE = Kind(9.5, 7.2, 0.66, 0.40, 2)
RED_CELL = Kind(6.6, 6.0, 1.0, 0.08)
KINDS = (EPITHELIAL, LYMPHOCYTE, PLASMA, FIBROBLAST, MUSCLE, PALE, RED_CELL)


@dataclass(frozen=True, slots=True)
class Nuclei:
    """Many of them, sorted by their rows."""

    x: npt.NDArray[np.int32]
    y: npt.NDArray[np.int32]
    kind: npt.NDArray[np.uint8]
    """Index into `KINDS`."""

    turn: npt.NDArray[np.uint8]
    variant: npt.NDArray[np.uint8]

    @classmethod
    def join(cls, rng: np.random.Generator, parts: list[tuple[int, Plane, Plane, Plane]]) -> Nuclei:
        """From (kind, x, y, angle in radians)."""
        x, y, angle = (np.concatenate([part[i] for part in parts]) for i in (1, 2, 3))
        kind = np.concatenate([np.full(len(part[1]), part[0], np.uint8) for part in parts])
        order = np.argsort(y, kind="stable")
        turn = np.round(angle / np.pi * TURNS).astype(np.int64) % TURNS
        return cls(
            x[order].astype(np.int32),
            y[order].astype(np.int32),
            kind[order],
            turn[order].astype(np.uint8),
            rng.integers(0, _VARIANTS, len(x)).astype(np.uint8),
        )

    def within(self, left: int, top: int, right: int, bottom: int) -> npt.NDArray[np.intp]:
        """Indices of those whose centres lie there."""
        first, last = np.searchsorted(self.y, (top, bottom))
        columns = self.x[first:last]
        return np.asarray(np.flatnonzero((columns >= left) & (columns < right)) + first)


def sprites(rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """(kinds, turns, variants, SPRITE, SPRITE) amounts of stain."""
    made = np.zeros((len(KINDS), TURNS, _VARIANTS, SPRITE, SPRITE), np.float32)
    for k, kind in enumerate(KINDS):
        for turn in range(TURNS):
            for variant in range(_VARIANTS):
                made[k, turn, variant] = _sprite(rng, kind, turn * np.pi / TURNS)
    return made


def _sprite(rng: np.random.Generator, kind: Kind, angle: float) -> Plane:
    y, x = np.mgrid[0:SPRITE, 0:SPRITE].astype(np.float32) - SPRITE / 2 + 0.5
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    size = rng.uniform(0.86, 1.14)
    round_ = np.arctan2(across, along)
    bent = 1 + sum(rng.uniform(-0.07, 0.07) * np.cos(n * round_ + rng.uniform(0, 6.3)) for n in (2, 3, 4))
    across = across + rng.uniform(-0.008, 0.008) * along**2
    radius = np.hypot(along / kind.along, across / kind.across) / (size * bent)
    edge = 0.9 / kind.across
    inside = 1 - step(1 - edge, 1 + edge, radius)
    rim = np.exp(-(((radius - 0.9) / 0.12) ** 2))
    chromatin = 1 + kind.clumps * (smooth_field(rng, (SPRITE, SPRITE), 2.6) + 0.5 * rim - 0.15)
    for _ in range(kind.nucleoli):
        spot_x, spot_y = rng.normal(0, kind.along * 0.3), rng.normal(0, kind.across * 0.3)
        chromatin += 0.7 * np.exp(-((along - spot_x) ** 2 + (across - spot_y) ** 2) / 2.4)
    return np.asarray(inside * chromatin * kind.stain * rng.uniform(0.8, 1.15), np.float32)
