"""Logs, metrics and request ids.

Law of this layer: no slide key and no secret gets here. Slides go by their opaque ids.
"""
