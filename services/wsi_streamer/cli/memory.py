"""Memory of processes that serve tiles for long."""

from __future__ import annotations

import ctypes
import gc

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""mallopt(3)."""

KEPT_BYTES = 256 * 1024 * 1024
LARGEST_MMAP_THRESHOLD = 32 * 1024 * 1024
"""More is refused."""


def settle() -> None:
    """To be called once a process has started and is about to serve."""
    spare_the_collector()
    keep_freed_memory()


def spare_the_collector() -> None:
    """What was made while starting stays for good: Python need not look through it again and again (a sixth of a cold
    tile's CPU, and 80 ms without an answer now and then)."""
    gc.collect()
    gc.freeze()


def keep_freed_memory() -> None:
    """Have glibc reuse what a decoder frees. OpenJPEG takes and frees some 10 MB a tile: fetched anew from the system each
    time, that is 500 page faults and a fifth of the tile's CPU (measured: 97 tiles/s without, 122 with). Other C libraries
    have no such knob."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return
    mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
    mallopt(M_MMAP_THRESHOLD, LARGEST_MMAP_THRESHOLD)
