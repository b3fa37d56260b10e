"""Pictures beside the slide: its label, its thumbnail as the scanner made it, the macro of its glass."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial

from wsi_streamer.catalog.slides import SlideQueries
from wsi_streamer.codecs.compose import Position, TileContent, render
from wsi_streamer.codecs.encode import encode_jpeg
from wsi_streamer.objectstore.errors import ObjectChanged
from wsi_streamer.slides.errors import DecodeError, NotFound, UnsupportedFormat
from wsi_streamer.slides.geometry import Field
from wsi_streamer.slides.level import Level
from wsi_streamer.slides.slide import Slide
from wsi_streamer.tiles.reading.tile_reader import TileReader
from wsi_streamer.tiles.thumbnails import fitted
from wsi_streamer.tiles.tile_cache import TileKey
from wsi_streamer.tiles.tile_maker import Picture, TileMaker
from wsi_streamer.tiles.transcoder import Transcoder

MAX_PIXELS = 1 << 25
"""Of a stored one, strips' padding included: a hundred megabytes decoded. Macros have one to four million."""

MAX_STORED_BYTES = 1 << 26
"""Of a stored one, as it is compressed."""

AT_ONCE = 2
"""Made at the same time: each stands in memory as a whole, up to `MAX_PIXELS`."""

_LEVELS = {"thumbnail": -2, "label": -3, "macro": -4}
"""What stands for a level in their cache keys; -1 is the thumbnail that is made of the slide."""

_OWNER = "associated images"
"""All of them take turns with the tiles."""


class AssociatedImages:
    """Makes JPEGs of them, each once."""

    def __init__(self, slides: SlideQueries, reader: TileReader, maker: TileMaker, transcoder: Transcoder) -> None:
        self._slides = slides
        self._reader = reader
        self._maker = maker
        self._transcoder = transcoder
        self._slots = asyncio.Semaphore(AT_ONCE)

    def ensure(self, slide: Slide, name: str) -> None:
        """See that a slide has such an image.

        Raises:
            NotFound: it hasn't.
        """
        if name not in _LEVELS or name not in slide.associated_images:
            raise NotFound("This slide has no such image.")

    async def get(self, slide: Slide, name: str, size: int, quality: int) -> Picture:
        """An image that the slide has, in at most ``size`` x ``size`` pixels, never enlarged; ``quality`` is 1 to 100.

        Raises:
            UnsupportedFormat: it is larger than any such image should be.
            Busy: too much is being decoded.
            DecodeError: nothing of it decodes.
            ObjectChanged, ObjectNotFound, StorageError, StorageUnreachable: as the object store says.
        """
        key = TileKey(slide.version_id, _LEVELS[name], size, 0, quality)
        return await self._maker.once(key, lambda: self._make(slide, name, size, quality))

    async def _make(self, slide: Slide, name: str, size: int, quality: int) -> bytes:
        self._transcoder.ensure_room()
        async with self._slots:
            image = await self._slides.associated_image(slide.version_id, name)
            if image is None:
                raise ObjectChanged("The slide was indexed anew while it was read.")
            level = image.level
            pixels = level.tiles_x * level.tile_width * level.tiles_y * level.tile_height
            if pixels > MAX_PIXELS or not image.table or image.table.stored_bytes() > MAX_STORED_BYTES:
                raise UnsupportedFormat(f"The slide's {name} is larger than such pictures are; it is not shown.")
            parts = await self._reader.whole(slide, level, image.table)
            return await self._transcoder.run(partial(_picture, level, parts, size, quality), _OWNER)


def _picture(level: Level, parts: Mapping[Position, TileContent], size: int, quality: int) -> bytes:
    """Runs in a thread."""
    width, height = fitted(level.width, level.height, size)
    damaged: list[Position] = []
    pixels = render(level, parts, Field(0, 0, level.width, level.height), width, height, damaged)
    if len(damaged) == len(parts):
        raise DecodeError("The picture's data is damaged.")
    return encode_jpeg(pixels, quality)
