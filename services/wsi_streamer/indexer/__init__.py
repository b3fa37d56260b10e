"""The indexer service: scan the bucket, queue what is new or changed, parse each slide once, store its tile tables.

Law of this layer: all work is a job in the catalog, so that a kill loses nothing and several indexers share it. Slide files
are parsed in child processes only. It knows nothing of the tile service.
"""
