"""What is left of months that were dropped, and how one sees that it is what the drop left."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from wsi_streamer.access.audit.chain import canonical
from wsi_streamer.catalog.audit_reads import Anchor


def digest(anchors: Iterable[Anchor]) -> str:
    """Hex SHA-256 of all anchors there are, in the order of months and writers. Each drop records it."""
    found = sha256()
    for anchor in anchors:
        line = {
            "month": anchor.month.isoformat(),
            "writer": anchor.writer,
            "seq": anchor.seq,
            "hash": anchor.hash.hex(),
            "records": anchor.records,
        }
        found.update(canonical(line).encode() + b"\n")
    return found.hexdigest()
