"""A finished tile: from the cache, else as stored, else decoded and encoded anew."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from wsi_streamer.codecs.blank import blank_jpeg
from wsi_streamer.codecs.compose import padded, without_padding
from wsi_streamer.codecs.decode import decode
from wsi_streamer.codecs.encode import encode_jpeg
from wsi_streamer.codecs.splice import splice
from wsi_streamer.slides.geometry import Field, PixelRect
from wsi_streamer.slides.level import Level
from wsi_streamer.slides.slide import Slide
from wsi_streamer.telemetry.metrics import Metrics
from wsi_streamer.tiles.composer import Composer
from wsi_streamer.tiles.deep_zoom import DeepZoom, matches
from wsi_streamer.tiles.open_slide import stored_level
from wsi_streamer.tiles.reading.tile_reader import TileReader
from wsi_streamer.tiles.reading.viewers import Who
from wsi_streamer.tiles.single_flight import SingleFlight
from wsi_streamer.tiles.tile_cache import AS_STORED, RAW, TileCache, TileKey, finished_quality
from wsi_streamer.tiles.transcoder import Transcoder

DZI_LEVELS = 1_000
"""Where Deep Zoom levels begin in a cache key; no slide stores as many levels."""

EDGE_QUALITY = 90
"""Least JPEG quality of a tile that was only cropped, so that edges look like their neighbours."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture, and what the headers say of it."""

    data: bytes
    cache_hit: bool
    quality: int
    """1 to 100, or `AS_STORED`."""


class TileMaker:
    """Makes tiles; each once, however many ask."""

    def __init__(
        self,
        reader: TileReader,
        composer: Composer,
        transcoder: Transcoder,
        cache: TileCache,
        metrics: Metrics,
        *,
        default_quality: int,
    ) -> None:
        self._reader = reader
        self._composer = composer
        self._transcoder = transcoder
        self.cache = cache
        self._metrics = metrics
        self.default_quality = default_quality
        # Bytes that are on their way are kept whoever leaves (the reader's); what is made of them is not.
        self._flights: SingleFlight[TileKey, bytes] = SingleFlight(kept=False)
        self._hits = metrics.tile_cache.labels("hit")
        self._misses = metrics.tile_cache.labels("miss")
        self._joined = metrics.tile_cache.labels("joined")

    def quality_of(self, level: Level, asked: int | None) -> int:
        """The quality a tile of a level goes out with."""
        return finished_quality(level, asked, self.default_quality)

    async def stored(
        self, slide: Slide, level: Level, x: int, y: int, quality: int | None = None, who: Who = None
    ) -> Picture:
        """Tile (x, y) of a stored level, full size at the edges too. By ``who`` asks it is guessed what will be
        asked for next.

        Raises:
            TileOutOfBounds: the level has no such tile.
            Busy: too much is being decoded.
            DecodeError: its bytes don't decode.
        """
        actual = self.quality_of(level, quality)
        key = TileKey(slide.version_id, level.index, x, y, actual)
        cached = self.cache.get(key)
        if cached is not None:
            self._hits.inc()
            return Picture(cached, True, actual)
        level.entry(x, y)
        return await self.once(key, lambda: self._make(slide, level, x, y, actual, who))

    async def deep_zoom(
        self, slide: Slide, zoom: DeepZoom, level: int, column: int, row: int, quality: int | None = None
    ) -> Picture:
        """A Deep Zoom tile: a stored one where the levels match, else made from the next finer level.

        Raises:
            InvalidLevel, TileOutOfBounds: there is no such tile.
            Busy: too much is being decoded, or the slide's overview is not made yet.
        """
        rect = zoom.tile_rect(level, column, row)
        width, height = zoom.level_size(level)
        same = next((s for s in slide.levels if matches(s, width, height)), None)
        cropped = False
        if same is not None and (same.tile_width, same.tile_height) == (zoom.tile_size, zoom.tile_size):
            if (rect.width, rect.height) == (zoom.tile_size, zoom.tile_size) and _inside(same, column, row):
                return await self.stored(slide, same, column, row, quality)
            cropped = same.recipe.passthrough
        if quality is None:
            quality = max(self.default_quality, EDGE_QUALITY) if cropped else self.default_quality
        key = TileKey(slide.version_id, DZI_LEVELS + level, column, row, quality)
        return await self.once(key, lambda: self._compose(slide, width, height, rect, quality))

    async def once(self, key: TileKey, work: Callable[[], Coroutine[Any, Any, bytes]]) -> Picture:
        """From the cache, else from the work under way for ``key``, else from ``work``; then cached."""
        cached = self.cache.get(key)
        if cached is not None:
            self._hits.inc()
            return Picture(cached, True, key.quality)
        (self._joined if self._flights.joinable(key) else self._misses).inc()
        return Picture(await self._flights.run(key, lambda: self._fill(key, work)), False, key.quality)

    async def aclose(self) -> None:
        """Stop what is under way."""
        await self._flights.aclose()

    async def _fill(self, key: TileKey, work: Callable[[], Coroutine[Any, Any, bytes]]) -> bytes:
        data = await work()
        self.cache.put(key, data)
        self.cache.drop(key._replace(quality=RAW))  # the picture has taken its place
        self._metrics.tile_cache_bytes.set(self.cache.bytes)
        return data

    async def _make(self, slide: Slide, level: Level, x: int, y: int, quality: int, who: Who) -> bytes:
        if quality != AS_STORED:
            self._transcoder.ensure_room()
        parts = await self._reader.tile(slide, stored_level(slide, level.index), x, y, who)
        if parts is None:
            return await self._make_sparse(slide, level, x, y, quality)
        if quality == AS_STORED:
            return splice(level.recipe, parts[0])
        return await self._transcoder.run(lambda: _transcoded(level, x, y, parts, quality), slide.id)

    async def _make_sparse(self, slide: Slide, level: Level, x: int, y: int, quality: int) -> bytes:
        if level.sparse == "background" or level.index == 0:
            return blank_jpeg(level.tile_width, level.tile_height)
        left, top = x * level.tile_width, y * level.tile_height
        width, height = min(level.tile_width, level.width - left), min(level.tile_height, level.height - top)
        field = Field(left, top, left + width, top + height)
        render = await self._composer.field_of(slide, stored_level(slide, level.index), field, width, height)
        return await self._transcoder.run(
            lambda: encode_jpeg(padded(render(), level.tile_width, level.tile_height), quality or EDGE_QUALITY),
            slide.id,
        )

    async def _compose(self, slide: Slide, width: int, height: int, rect: PixelRect, quality: int) -> bytes:
        self._transcoder.ensure_room()
        render = await self._composer.field(slide, width, height, rect)
        return await self._transcoder.run(lambda: encode_jpeg(render(), quality), slide.id)


def _transcoded(level: Level, x: int, y: int, parts: Sequence[bytes], quality: int) -> bytes:
    pixels = decode(level.recipe, parts, level.tile_width, level.tile_height)
    return encode_jpeg(without_padding(level, x, y, pixels), quality)


def _inside(level: Level, column: int, row: int) -> bool:
    """Whether a stored tile holds no padding. A stored level may be a pixel smaller than the Deep Zoom one."""
    return (column + 1) * level.tile_width <= level.width and (row + 1) * level.tile_height <= level.height
