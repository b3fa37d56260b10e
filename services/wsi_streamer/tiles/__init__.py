"""The tile service: from a request to a picture with one catalog query and one range GET, and caches in front.

Law of this layer: it parses no slide file. It reads bytes at offsets that the catalog gives it, and may import
neither `wsi_streamer.formats` nor a TIFF library. It keeps no state that it can't lose.

Where a tile is looked for, in this order: `warm_tiles` (answers by URL), `tile_cache` (pictures, and bytes read ahead), `reading/flights`
(bytes on their way); then it is read, with its neighbours (`reading/tile_fetcher`). Hints come in by `prefetch_handlers`.
"""
