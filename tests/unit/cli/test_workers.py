from __future__ import annotations

from wsi_streamer.cli.workers import shared_out
from wsi_streamer.settings import Settings


def test_what_is_per_machine_is_divided() -> None:
    settings = Settings(
        s3_bucket="b", workers=3, cache_tiles=100, cache_slides=2, transcode_threads=4, database_pool_size=5
    )
    one = shared_out(settings)
    assert (one.cache_tiles, one.cache_slides, one.transcode_threads, one.database_pool_size) == (34, 1, 2, 5)
