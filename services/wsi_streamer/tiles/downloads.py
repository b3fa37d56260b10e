"""Slides as they are in the bucket, a piece at a time."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator

from wsi_streamer.objectstore.store import ObjectStore
from wsi_streamer.slides.errors import Busy
from wsi_streamer.slides.slide import StoredObject

PIECE = 8 << 20
"""Bytes of one read. Two pieces are in memory for each download: one on its way to the client, one from the store."""

AT_ONCE = 4
"""Downloads that a worker serves at the same time: 64 MB, and a part of its connections to the store."""


class Downloads:
    """Reads them; every read carries the etag that the slide was indexed with, so that no two versions are mixed."""

    def __init__(self, store: ObjectStore, at_once: int = AT_ONCE) -> None:
        self._store = store
        self._at_once = at_once
        self._running = 0

    def __len__(self) -> int:
        """Downloads under way."""
        return self._running

    @contextlib.contextmanager
    def slot(self) -> Iterator[None]:
        """Counted as a download.

        Raises:
            Busy: there are too many.
        """
        if self._running >= self._at_once:
            raise Busy("The server is sending as many files as it can; try again in a minute.", retry_after=60)
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1

    async def pieces(self, stored: StoredObject, wanted: range) -> AsyncIterator[bytes]:
        """Some bytes of an object, in order. The next piece is read when it is asked for and not before.

        Raises:
            ObjectChanged, ObjectNotFound: it is another one by now.
            StorageError, StorageUnreachable: as the object store says.
        """
        for start in range(wanted.start, wanted.stop, PIECE):
            length = min(PIECE, wanted.stop - start)
            yield await self._store.get_range(stored.key, start, length, etag=stored.etag)
