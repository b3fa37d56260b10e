"""``python -m tests.benchmarks.codecs_bench``: what a tile costs to decode, whole and small, and how threads scale.

Everything in one run, so that the ratios hold on a shared machine. The tissue is painted (tests.samples). On one core:
``taskset -c 1 python -m tests.benchmarks.codecs_bench``.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import imagecodecs
import numpy as np
import tifffile
from PIL import Image

from tests.samples import ensure_samples
from tests.unit.codecs.streams import Pixels, difference
from wsi_streamer.codecs.decode import decode
from wsi_streamer.codecs.encode import encode_jpeg
from wsi_streamer.codecs.reduced import decode_reduced
from wsi_streamer.codecs.resize import shrink
from wsi_streamer.slides.recipe import Recipe

QUALITY = 80
SECONDS = 0.15


@dataclass(frozen=True, slots=True)
class Sample:
    """A tile under one codec."""

    name: str
    recipe: Recipe
    stored: bytes
    size: int


def main() -> None:
    """Measure and print."""
    tissue = _tissue()
    print(
        f"{len(os.sched_getaffinity(0))} core(s); milliseconds, least of 5 rounds; error: mean levels off the average"
    )
    for sample in _samples(tissue):
        _print_tile(sample)
        _print_reduced(sample)
    _print_threads(next(s for s in _samples(tissue) if s.name.startswith("jpeg2k rgb") and s.size == 512))


def _tissue() -> Pixels:
    """The busiest 512 x 512 pixels of the middle of the painted section."""
    path = max(ensure_samples().glob("*.svs"), key=lambda p: p.stat().st_size)
    with tifffile.TiffFile(path) as tif:
        page = tif.pages[0]
        at = max(range(len(page.databytecounts)), key=lambda i: page.databytecounts[i])
        across = -(-page.imagewidth // page.tilewidth)
        x, y = min(at % across, across - 2), min(at // across, -(-page.imagelength // page.tilelength) - 2)
        tiles = []
        for index in (y * across + x, y * across + x + 1, (y + 1) * across + x, (y + 1) * across + x + 1):
            tif.filehandle.seek(page.dataoffsets[index])
            data = tif.filehandle.read(page.databytecounts[index])
            tiles.append(page.decode(data, index, jpegtables=page.jpegtables)[0].reshape(256, 256, 3))
    return np.ascontiguousarray(np.vstack([np.hstack(tiles[:2]), np.hstack(tiles[2:])]))


def _samples(tissue: Pixels) -> Iterator[Sample]:
    for size in (256, 512):
        pixels = np.ascontiguousarray(tissue[:size, :size])
        ycbcr = np.asarray(Image.fromarray(pixels).convert("YCbCr"))
        yield Sample("jpeg2k rgb (33005)", Recipe("jpeg2k", "rgb", 3), _j2k(pixels, 1), size)
        yield Sample("jpeg2k ycbcr (33003)", Recipe("jpeg2k", "ycbcr", 3), _j2k(ycbcr, 0), size)
        for subsampling in ("444", "422"):
            stream = bytes(imagecodecs.jpeg8_encode(pixels, level=85, subsampling=subsampling))
            yield Sample(f"jpeg {subsampling}", Recipe("jpeg", "ycbcr", 3), stream, size)
        lzw = bytes(imagecodecs.lzw_encode(imagecodecs.delta_encode(pixels, axis=1).tobytes()))
        yield Sample("lzw", Recipe("lzw", "rgb", 3, predictor=2), lzw, size)


def _j2k(pixels: Pixels, mct: int) -> bytes:
    """About 2 bits a pixel, as scanners write them."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(
        out, "JPEG2000", no_jp2=True, irreversible=True, mct=mct, quality_mode="rates", quality_layers=[13]
    )
    return out.getvalue()


def _print_tile(sample: Sample) -> None:
    ranges, size = [sample.stored], sample.size
    pixels = decode(sample.recipe, ranges, size, size)
    decoding = _milliseconds(lambda: decode(sample.recipe, ranges, size, size))
    encoding = _milliseconds(lambda: encode_jpeg(pixels, QUALITY))
    rate = 1000 / (decoding + encoding)
    print(
        f"\n{sample.name} {size} px, {len(sample.stored)} B: decode {decoding:.2f}, encode q{QUALITY} {encoding:.2f}: "
        f"{rate:.0f} tiles/s a core"
    )


def _print_reduced(sample: Sample) -> None:
    ranges, size = [sample.stored], sample.size
    for halvings in (1, 2, 3, 4):
        small = size >> halvings

        def whole(small: int = small) -> Pixels:
            return shrink(decode(sample.recipe, ranges, size, size), small, small)

        def reduced(halvings: int = halvings) -> Pixels:
            return decode_reduced(sample.recipe, ranges, size, size, halvings)

        before, after = _milliseconds(whole), _milliseconds(reduced)
        off = difference(reduced(), whole())
        print(f"  1/{2**halvings:<2}: {before:.2f} -> {after:.2f}, {before / after:.2f} x, error {off:.2f}")


def _print_threads(sample: Sample) -> None:
    ranges, size, count = [sample.stored], sample.size, 40

    def rate(threads: int, work: Callable[[], object]) -> float:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(lambda _: work(), range(4)))
            start = time.perf_counter()
            list(pool.map(lambda _: work(), range(count)))
            return count / (time.perf_counter() - start)

    def whole() -> object:
        return decode(sample.recipe, ranges, size, size)

    def small() -> object:
        return decode_reduced(sample.recipe, ranges, size, size, 3)

    def by_pillow() -> object:
        with Image.open(io.BytesIO(sample.stored)) as image:
            image.reduce = 2  # type: ignore[method-assign, assignment]
            return np.asarray(image)

    cores = len(os.sched_getaffinity(0))
    print(f"\nthreads, {sample.name} {size} px: rate with {cores} over rate with 1")
    for name, work in (("whole", whole), ("reduced", small), ("reduced by Pillow", by_pillow)):
        print(f"  {name}: {rate(cores, work) / rate(1, work):.2f}")
    inside = rate(1, lambda: imagecodecs.jpeg2k_decode(sample.stored, numthreads=cores))
    print(f"  one tile at a time, openjpeg's own {cores} threads: {inside / rate(1, whole):.2f}")


def _milliseconds(work: Callable[[], object]) -> float:
    """Of this thread's own CPU time, so that others on the machine count for little."""
    work()
    best, spent = float("inf"), 0.0
    while spent < SECONDS:
        start = time.thread_time()
        for _ in range(3):
            work()
        took = time.thread_time() - start
        best, spent = min(best, took / 3), spent + took
    return best * 1000


if __name__ == "__main__":
    main()
