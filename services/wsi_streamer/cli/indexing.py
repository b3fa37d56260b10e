"""Starting the indexer, for the commands that run it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from wsi_streamer.cli.runtime import Parts, in_background
from wsi_streamer.indexer.service import Indexer
from wsi_streamer.slides.errors import WsiError


class NotStarted(WsiError):
    """A part of a service does not come up."""


@asynccontextmanager
async def running_indexer(parts: Parts) -> AsyncIterator[Indexer]:
    """An indexer that scans and indexes meanwhile.

    Raises:
        NotStarted: a parser process can't be started.
    """
    try:
        indexer = await Indexer.start(*parts)
    except RuntimeError as error:
        raise NotStarted(
            f"{error} This machine may be out of memory or processes; --parse-memory lowers what one may take."
        ) from error
    try:
        async with in_background("indexer", indexer.run):
            yield indexer
    finally:
        await indexer.aclose()
