"""WSI Streamer: whole slide images out of S3-compatible storage, tile by tile.

Which service runs what is in ARCHITECTURE.md. The folders are layers; import-linter holds their directions.
"""

__version__ = "0.1.0"
