from wsi_streamer.tiles.tile_cache import ENTRY_OVERHEAD, TileCache, TileKey


def key(x: int) -> TileKey:
    return TileKey(1, 0, x, 0, 0)


def test_it_never_holds_more_bytes_than_its_capacity() -> None:
    cache = TileCache(10 * (100 + ENTRY_OVERHEAD))
    for x in range(100):
        cache.put(key(x), bytes(100))
        assert cache.bytes <= cache.capacity
    assert len(cache) == 10


def test_the_least_recently_used_goes_first() -> None:
    cache = TileCache(2 * (100 + ENTRY_OVERHEAD))
    cache.put(key(0), bytes(100))
    cache.put(key(1), bytes(100))
    assert cache.get(key(0)) is not None
    cache.put(key(2), bytes(100))
    assert cache.get(key(1)) is None
    assert cache.get(key(0)) is not None


def test_putting_a_tile_again_does_not_count_it_twice() -> None:
    cache = TileCache(10_000)
    cache.put(key(0), bytes(100))
    cache.put(key(0), bytes(300))
    assert cache.bytes == 300 + ENTRY_OVERHEAD


def test_a_tile_larger_than_the_cache_empties_nothing() -> None:
    cache = TileCache(1_000)
    cache.put(key(0), bytes(100))
    cache.put(key(1), bytes(5_000))
    assert cache.get(key(0)) is not None
    assert cache.get(key(1)) is None
