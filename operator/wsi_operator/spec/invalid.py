"""What can't be right in a spec, though the API server accepted it."""

from __future__ import annotations


class InvalidSpec(Exception):
    """The message is one sentence for who wrote the spec: which field, and what to change. It holds no secret, since a
    spec holds none."""
