"""The bucket that is measured on: a real S3 server whose objects are made once and kept in the user's cache."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import tifffile

from tests.benchmarks.slide_writer import write_jpeg, write_jpeg2000
from tests.support.s3server import Bucket, S3Server
from tests.support.tools import cache_dir

VERSION = 3
"""Raised when any slide changes, so that kept ones are made anew."""

BUCKET = "bench"
MAIN, COPIES = "main/", "copies/"
"""Prefixes: few slides to look at, many to go through; a third has fresh ones for servers that can't be restarted."""

SLIDE = "main/slide-0.tif"
JPEG2000 = "main/jpeg2000.svs"
SLIDES = [f"main/slide-{number}.tif" for number in range(5)]
"""The first is `SLIDE`, the others hold the same."""

MANY = [f"copies/slide-{number:03}.tif" for number in range(200)]
SPARE = [f"spare/slide-{number:02}.tif" for number in range(60)]
_WRITERS: dict[str, Callable[[Path], None]] = {SLIDE: write_jpeg, JPEG2000: write_jpeg2000}


@dataclass(frozen=True, slots=True)
class Storage:
    """A running server with the slides in it."""

    server: S3Server
    objects: Path

    @classmethod
    def start(cls, port: int = 0) -> Storage:
        """Start it, and bring in what is missing (half a minute the first time).

        Credentials are those of the environment (AWS_ACCESS_KEY_ID, ...) where there are any, so that a peer that was
        started before can read the bucket.
        """
        folder = cache_dir() / f"bench-v{VERSION}"
        access_key, secret_key = (os.environ.get(f"AWS_{name}", "") for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"))
        given = {"access_key": access_key, "secret_key": secret_key} if access_key and secret_key else {}
        server = S3Server.start(folder, port=port, **given)
        storage = cls(server, folder)
        try:
            storage._fill()
        except BaseException:
            server.stop()
            raise
        return storage

    def _fill(self) -> None:
        client = self.server.client()
        if not (self.objects / BUCKET).exists():
            client.create_bucket(Bucket=BUCKET)
        for key, write in _WRITERS.items():
            if not self.file(key).exists():
                began = time.monotonic()
                print(f"Writing {key} (once) ...", file=sys.stderr, flush=True)
                with tempfile.TemporaryDirectory(prefix="wsi-bench-") as scratch:
                    path = Path(scratch) / Path(key).name
                    write(path)
                    Bucket(self.server, BUCKET).put(key, path)
                took, size = time.monotonic() - began, self.file(key).stat().st_size
                print(f"  {size / 1e6:.0f} MB in {took:.0f} s", file=sys.stderr, flush=True)
        for key in [*SLIDES[1:], *MANY, *SPARE]:
            copy = self.file(key)
            copy.parent.mkdir(exist_ok=True)
            if not copy.exists():
                # all slides in the room of one: the server keeps an object's ETag with the file, for all names of it.
                copy.hardlink_to(self.file(SLIDE))

    def file(self, key: str) -> Path:
        """Where the server keeps an object."""
        return self.objects / BUCKET / key

    def stop(self) -> None:
        """End it; the objects stay."""
        self.server.stop()


@dataclass(frozen=True, slots=True)
class StoredLevel:
    """Where a level's tiles lie in the file."""

    level: int
    tiles_x: int
    tiles_y: int
    offsets: tuple[int, ...]
    counts: tuple[int, ...]

    def bytes_of(self, tiles: list[tuple[int, int]]) -> int:
        """Stored bytes of some tiles (x, y)."""
        return sum(self.counts[y * self.tiles_x + x] for x, y in tiles)


def stored_levels(path: Path) -> list[StoredLevel]:
    """Of a pyramid that was written here."""
    levels = []
    with tifffile.TiffFile(path) as tiff:
        for index, page in enumerate(tiff.pages):
            assert isinstance(page, tifffile.TiffPage)
            across, down = -(-page.imagewidth // page.tilewidth), -(-page.imagelength // page.tilelength)
            levels.append(StoredLevel(index, across, down, tuple(page.dataoffsets), tuple(page.databytecounts)))
    return levels
