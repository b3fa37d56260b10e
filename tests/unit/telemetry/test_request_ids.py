from __future__ import annotations

import re

import pytest

from wsi_streamer.telemetry.request_ids import request_id


@pytest.mark.parametrize("header", [b"a", b"4bf92f35-77b3.x_Y", b"x" * 64])
def test_a_sane_id_is_kept(header: bytes) -> None:
    assert request_id(header) == header.decode()


@pytest.mark.parametrize("header", [None, b"", b"x" * 65, b"a b", b"a\n", b"a\nb", b'a"', b"\xc3\xa9", b"a/b"])
def test_anything_else_is_replaced(header: bytes | None) -> None:
    assert re.fullmatch("[0-9a-f]{16}", request_id(header))
    assert request_id(header) != request_id(header)
