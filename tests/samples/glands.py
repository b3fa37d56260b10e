"""Crypts of the mucosa: rings of columnar epithelium with goblet cells around a lumen."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tests.samples.layout import MUCOSA, Layout
from tests.samples.noise import Plane, step

REACH = 230
"""No gland is larger, in pixels from its centre."""


@dataclass(frozen=True, slots=True)
class Gland:
    """One crypt, cut across or aslant."""

    x: float
    y: float
    across: float
    """Half axes, pixels."""

    along: float
    angle: float
    """Of its long axis, radians."""

    phases: tuple[float, float, float, float]

    def radius(self, x: Plane, y: Plane) -> tuple[Plane, Plane]:
        """Distance from the centre as a share of the outline's, and the direction; of points relative to the centre."""
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        p = x * cos + y * sin
        q = y * cos - x * sin
        around = np.arctan2(q / self.across, p / self.along)
        radius = np.hypot(p / self.along, q / self.across) / self._outline(around)
        return np.asarray(radius, np.float32), around

    def point(self, around: Plane, radius: Plane | float) -> tuple[Plane, Plane]:
        """The inverse of `radius`, in the picture's pixels."""
        reach = self._outline(around) * radius
        p, q = reach * self.along * np.cos(around), reach * self.across * np.sin(around)
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        return self.x + p * cos - q * sin, self.y + p * sin + q * cos

    def _outline(self, around: Plane) -> Plane:
        a, b, c, _ = self.phases
        wave = 0.05 * np.cos(2 * around + a) + 0.04 * np.cos(3 * around + b) + 0.025 * np.cos(7 * around + c)
        return np.asarray(1 + wave)

    def stain(self, haematoxylin: Plane, eosin: Plane, left: int, top: int, grain: Plane) -> None:
        """Paint its cytoplasm, mucus and lumen over a field that begins at (left, top)."""
        reach = int(max(self.across, self.along) * 1.15) + 2
        x0, y0 = max(0, int(self.x) - reach - left), max(0, int(self.y) - reach - top)
        x1, y1 = int(self.x) + reach - left, int(self.y) + reach - top
        h, e = haematoxylin[y0:y1, x0:x1], eosin[y0:y1, x0:x1]
        if h.size == 0:
            return
        y, x = np.mgrid[y0 : y0 + h.shape[0], x0 : x0 + h.shape[1]].astype(np.float32)
        radius, around = self.radius(x + (left - self.x), y + (top - self.y))
        noise = grain[y0:y1, x0:x1]
        radius = radius + 0.012 * noise
        inside = 1 - step(0.985, 1.015, radius)
        count = round(2 * np.pi * (self.across + self.along) / 2 * 0.62 / 15)
        sector = (around / (2 * np.pi) + self.phases[3]) * count
        cell = np.floor(sector)
        wall = np.exp(-((((sector - cell - 0.5) * 2) ** 8 - 1) ** 2) * 8) * step(0.3, 0.5, radius)
        goblet = np.sin(cell * 12.9898 + self.phases[0] * 78.233) > -0.25
        bulge = np.exp(-(((radius - 0.58) / 0.19) ** 4)) * goblet * (1 - 0.8 * np.abs(sector - cell - 0.5) * 2) ** 0.5
        lumen = 1 - step(0.20, 0.27, radius + 0.05 * np.cos(5 * around + self.phases[1]))
        border = np.exp(-(((radius - 0.28) / 0.03) ** 2))
        inner_h = 0.24 + 0.05 * noise + 0.07 * wall - 0.10 * bulge
        inner_e = 0.58 + 0.06 * noise + 0.12 * wall - 0.40 * bulge + 0.25 * border
        inner_h = inner_h * (1 - lumen) + 0.03 * lumen
        inner_e = inner_e * (1 - lumen) + 0.06 * lumen
        rim = np.exp(-(((radius - 1.02) / 0.022) ** 2))
        h += inside * (inner_h - h)
        e += inside * (inner_e - e) + 0.22 * rim


def place(layout: Layout, rng: np.random.Generator) -> list[Gland]:
    """Crypts wherever the mucosa has room for them, follicles left free."""
    cut = layout.cut
    pitch = 40.0
    rows, columns = int(cut.height / pitch), int(cut.width / pitch)
    y, x = (np.mgrid[0:rows, 0:columns].reshape(2, -1) + 0.5).astype(np.float32) * pitch
    x, y = x + rng.uniform(-19, 19, x.shape), y + rng.uniform(-19, 19, y.shape)
    depth, inside = layout.at(layout.depth, x, y), layout.at(layout.inside, x, y)
    fits = (depth > 120) & (depth < MUCOSA - 110) & (inside > 110) & (layout.at(layout.follicles, x, y) < 0.1)
    placed: dict[tuple[int, int], list[Gland]] = {}
    found: list[Gland] = []
    for i in rng.permutation(np.flatnonzero(fits)):
        across = float(rng.uniform(54, 84))
        phases = (rng.uniform(0, 6.28), rng.uniform(0, 6.28), rng.uniform(0, 6.28), rng.uniform(0, 1))
        angle = float(layout.at(layout.direction, x[i : i + 1], y[i : i + 1])[0]) + float(rng.normal(0, 0.12))
        gland = Gland(float(x[i]), float(y[i]), across, across * float(rng.uniform(1.05, 2.1)), angle, phases)
        slot = (int(gland.x) // REACH, int(gland.y) // REACH)
        near = [
            g for a in (-2, -1, 0, 1, 2) for b in (-2, -1, 0, 1, 2) for g in placed.get((slot[0] + a, slot[1] + b), ())
        ]
        if all(_apart(gland, other) for other in near):
            placed.setdefault(slot, []).append(gland)
            found.append(gland)
    return found


def _apart(one: Gland, other: Gland) -> bool:
    """Whether two outlines leave stroma between them, by circles strung along their long axes."""
    gap = one.across + other.across + 14
    for share in (-1, 0, 1):
        x, y = _on_axis(one, share)
        for shared in (-1, 0, 1):
            u, v = _on_axis(other, shared)
            if (x - u) ** 2 + (y - v) ** 2 < gap**2:
                return False
    return True


def _on_axis(gland: Gland, share: float) -> tuple[float, float]:
    reach = share * (gland.along - gland.across)
    return gland.x + reach * math.cos(gland.angle), gland.y + reach * math.sin(gland.angle)
