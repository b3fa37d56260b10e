import math
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsi_streamer.slides.errors import InvalidLevel, TileOutOfBounds
from wsi_streamer.slides.geometry import PixelRect
from wsi_streamer.tiles.deep_zoom import DeepZoom

SIZES = st.integers(1, 200_000)


@given(SIZES, SIZES, st.sampled_from([240, 254, 256, 512]))
def test_levels_halve_from_the_slide_to_one_pixel(width: int, height: int, tile: int) -> None:
    zoom = DeepZoom(width, height, tile)
    assert zoom.level_size(zoom.max_level) == (width, height)
    assert zoom.level_size(0) == (1, 1)
    for level in range(1, zoom.max_level + 1):
        finer, coarser = zoom.level_size(level), zoom.level_size(level - 1)
        assert coarser == (math.ceil(finer[0] / 2), math.ceil(finer[1] / 2))


@given(st.integers(1, 3_000), st.integers(1, 3_000), st.sampled_from([64, 256]), st.data())
def test_tiles_cover_a_level_exactly(width: int, height: int, tile: int, data: st.DataObject) -> None:
    zoom = DeepZoom(width, height, tile)
    level = data.draw(st.integers(0, zoom.max_level))
    level_width, level_height = zoom.level_size(level)
    columns, rows = math.ceil(level_width / tile), math.ceil(level_height / tile)
    area = sum(
        rect.width * rect.height for rect in (zoom.tile_rect(level, x, y) for x in range(columns) for y in range(rows))
    )
    assert area == level_width * level_height
    with pytest.raises(TileOutOfBounds):
        zoom.tile_rect(level, columns, 0)


def test_edge_tiles_are_cropped() -> None:
    zoom = DeepZoom(2220, 2967, 240)
    assert zoom.max_level == 12
    assert zoom.tile_rect(12, 9, 12) == PixelRect(2160, 2880, 60, 87)


def test_a_level_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InvalidLevel, match="0 to 12"):
        DeepZoom(2220, 2967, 240).tile_rect(13, 0, 0)


def test_descriptor_is_what_deep_zoom_readers_read() -> None:
    root = ET.fromstring(DeepZoom(2220, 2967, 240).descriptor())
    namespace = "{http://schemas.microsoft.com/deepzoom/2008}"
    assert root.tag == namespace + "Image"
    assert root.attrib == {"TileSize": "240", "Overlap": "0", "Format": "jpg"}
    size = root.find(namespace + "Size")
    assert size is not None
    assert size.attrib == {"Width": "2220", "Height": "2967"}
