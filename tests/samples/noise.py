"""Seamless textures and smooth fields, the raw stuff of tissue."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

Plane = npt.NDArray[np.float32]


def texture(rng: np.random.Generator, size: int, across: float, along: float) -> Plane:
    """(size, size) noise that tiles without a seam, mean 0, standard deviation 1.

    ``across`` and ``along`` are the lengths in pixels over which it stays alike, down the rows and along them.
    """
    frequency_y = np.fft.fftfreq(size)[:, None] * across
    frequency_x = np.fft.rfftfreq(size)[None, :] * along
    spectrum = np.fft.rfft2(rng.standard_normal((size, size)))
    plane = np.fft.irfft2(spectrum * np.exp(-10.0 * (frequency_y**2 + frequency_x**2)), s=(size, size))
    plane -= plane.mean()
    return np.asarray(plane / plane.std(), np.float32)


def smooth_field(rng: np.random.Generator, shape: tuple[int, int], scale: float) -> Plane:
    """Noise of ``shape`` that changes over some ``scale`` elements, roughly -1 to 1."""
    rows, columns = int(shape[0] / scale) + 4, int(shape[1] / scale) + 4
    coarse = Image.fromarray(rng.uniform(-1, 1, (rows, columns)).astype(np.float32))
    box = (1.0, 1.0, 1.0 + shape[1] / scale, 1.0 + shape[0] / scale)
    return np.asarray(coarse.resize((shape[1], shape[0]), Image.Resampling.BICUBIC, box=box))


def enlarge(plane: Plane, width: int, height: int, box: tuple[float, float, float, float]) -> Plane:
    """The part ``box`` (left, top, right, bottom) of a plane at another size."""
    return np.asarray(Image.fromarray(plane).resize((width, height), Image.Resampling.BILINEAR, box=box))


def step(low: float, high: float, values: Plane) -> Plane:
    """0 below ``low``, 1 above ``high``, smooth between."""
    x = np.clip((values - low) / (high - low), 0, 1)
    return np.asarray(x * x * (3 - 2 * x))


def cells(rng: np.random.Generator, size: int, pitch: int) -> Plane:
    """(size, size) seamless foam: distance in pixels to the wall between irregular cells of some ``pitch``."""
    count = size // pitch
    points = np.stack(np.meshgrid(np.arange(count), np.arange(count), indexing="ij"), -1).astype(np.float32)
    points += rng.uniform(0.12, 0.88, points.shape).astype(np.float32)
    y, x = np.meshgrid(*[np.arange(size, dtype=np.float32) / size * count] * 2, indexing="ij")
    row, column = y.astype(np.int32), x.astype(np.int32)
    nearest = np.full((size, size), 9.0, np.float32)
    second = nearest.copy()
    for down in range(-2, 3):
        for right in range(-2, 3):
            point = points[(row + down) % count, (column + right) % count]
            away_y = point[..., 0] + (row + down) - (row + down) % count - y
            away_x = point[..., 1] + (column + right) - (column + right) % count - x
            distance = np.hypot(away_y, away_x)
            second = np.minimum(second, np.maximum(nearest, distance))
            nearest = np.minimum(nearest, distance)
    return (second - nearest) * (pitch / 2)
