"""A tile's stored bytes -> a picture a browser shows.

Law of this layer: pure functions on bytes and arrays, driven by a `Recipe`; bounded in memory whatever the bytes say; all
of it may run in threads. Errors are `DecodeError` and `EncodeError`.
"""
