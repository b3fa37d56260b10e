"""Which slides there are, and the folder that keeps them."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.samples.aperio import write_jpeg, write_jpeg2000
from tests.samples.layout import Cut
from tests.samples.plain_tiff import write_lzw
from tests.samples.pyramid import Progress
from tests.support.tools import cache_dir

SAMPLES_VERSION = 1
"""Raised when any sample changes, so that kept ones are made anew."""

Writer = Callable[[Path, Cut, tuple[int, ...], Progress], None]

SAMPLES: dict[str, tuple[Writer, Cut, tuple[int, ...]]] = {
    # name: writer, what to paint, downsamples of the coarser levels
    "synthetic-he.svs": (
        write_jpeg,
        Cut(20992, 20224, 20261, (10500.0, 10400.0), 4600.0, -2.4, 3.0),
        (4, 16, 32),
    ),
    "synthetic-jpeg2000.svs": (
        write_jpeg2000,
        Cut(6000, 5000, 33005, (3000.0, -3900.0), 4500.0, 1.28, 1.87),
        (4, 16),
    ),
    "synthetic-lzw.tif": (
        write_lzw,
        Cut(4000, 3000, 5005, (2000.0, 6600.0), 4000.0, -1.87, -1.27),
        (4, 8),
    ),
}


def ensure_samples(folder: Path | None = None) -> Path:
    """The folder with all samples and nothing else, by default in the user's cache; what is missing is painted.

    That takes most of a minute on two cores, said on stderr.
    """
    folder = folder or cache_dir() / f"samples-v{SAMPLES_VERSION}"
    missing = [name for name in SAMPLES if not (folder / name).exists()]
    if missing:
        _say(f"Painting sample slides into {folder} (once, about a minute)")
        folder.mkdir(parents=True, exist_ok=True)
    for name in missing:
        _make(folder / name)
    return folder


def _make(path: Path) -> None:
    write, cut, downsamples = SAMPLES[path.name]
    begun = time.monotonic()
    # Beside the folder: whoever lists it sees whole slides only, and of two who paint the same one the last wins.
    with tempfile.TemporaryDirectory(dir=path.parent.parent, prefix=".samples-") as scratch:
        partial = Path(scratch) / path.name
        write(partial, cut, downsamples, lambda share: _show(path.name, share))
        partial.replace(path)
    took = time.monotonic() - begun
    _say(f"  {path.name}: {cut.width:,} x {cut.height:,} pixels, {path.stat().st_size / 1e6:.0f} MB, {took:.0f} s")


def _show(name: str, share: float) -> None:
    if sys.stderr.isatty():
        print(f"  {name} {share:4.0%}", end="\r", file=sys.stderr, flush=True)


def _say(line: str) -> None:
    print(f"{line:60}", file=sys.stderr, flush=True)
