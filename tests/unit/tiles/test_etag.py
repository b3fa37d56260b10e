import pytest

from wsi_streamer.tiles.etag import etag_matches


@pytest.mark.parametrize("header", ['"a"', 'W/"a"', '"b", "a"', '"b",W/"a"', "*", ' "a" '])
def test_matches(header: str) -> None:
    assert etag_matches(header, '"a"')


@pytest.mark.parametrize("header", ["", '"b"', "a", '"ab"', '"b", "c"'])
def test_does_not_match(header: str) -> None:
    assert not etag_matches(header, '"a"')
