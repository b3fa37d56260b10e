"""The painted tissue."""

from __future__ import annotations

import numpy as np
import pytest

from tests.samples.jpeg_segments import encode_rgb, shared_tables
from tests.samples.layout import Cut
from tests.samples.scene import Scene

CUT = Cut(1600, 1200, 7, (800.0, -4000.0), 4200.0, 1.2, 1.95)


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene.of(CUT)


def test_a_cut_always_looks_the_same(scene: Scene) -> None:
    assert np.array_equal(Scene.of(CUT).paint(512, 512, 256), scene.paint(512, 512, 256))


def test_blocks_join_without_a_seam(scene: Scene) -> None:
    whole = scene.paint(400, 400, 512).astype(int)
    quarter = scene.paint(400 + 256, 400 + 256, 256).astype(int)
    assert whole.std() > 15, "there is tissue here"
    assert np.abs(whole[256:, 256:] - quarter).mean() < 0.5


def test_beyond_the_tissue_is_glass() -> None:
    corner = Scene.of(Cut(512, 512, 7, (9000.0, 9000.0), 4600.0, 1.2, 1.95)).paint(0, 0, 256)
    assert corner.min() > 235
    assert corner.std() < 2


def test_a_tile_carries_no_marker_and_no_table() -> None:
    tile = encode_rgb(np.full((256, 256, 3), 200, np.uint8))
    assert tile[:2] == b"\xff\xd8"
    assert tile[2:4] == b"\xff\xc0"
    assert [tile[12 + 3 * i] for i in range(3)] == [0, 1, 2]
    assert shared_tables().startswith(b"\xff\xd8\xff\xdb")
