"""Heads of chains that were kept elsewhere: in what `audit verify --json` has said earlier, and in the services' own logs.

What the database alone holds can't show that all chains were cut off at once, or that the log was emptied: nothing is left
that says so. Whoever keeps these files out of the reach of the database's owner can show it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from wsi_streamer.catalog.audit import Head
from wsi_streamer.slides.errors import InvalidRequest

HEAD_EVENT = "audit head"
"""The line in which a service says where its chain ends: with ``writer``, ``seq``, ``hash`` and nothing else."""

MAX_WHOLE = 64 * 1024 * 1024

_COLOR = re.compile(r"\x1b\[[0-9;]*m")
# As JSON, as JSON within a container's JSON, or as text for people: names and values are told apart by what isn't either.
_WRITER = re.compile(r"\bwriter\W+([0-9a-f]{16})\b")
_SEQ = re.compile(r"\bseq\W+([0-9]{1,18})\b")
_HASH = re.compile(r"\bhash\W+([0-9a-f]{64})\b")


def kept_heads(path: Path) -> list[Head]:
    """The heads in a file. Blocking: runs in a thread.

    Raises:
        InvalidRequest: it can't be read, or holds none.
    """
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            found = {head: None for line in lines for head in _of_line(line)}
        if not found and path.stat().st_size <= MAX_WHOLE:  # a report that somebody has made readable
            found = dict.fromkeys(_of_report(path.read_text(encoding="utf-8", errors="replace")))
    except OSError as error:
        raise InvalidRequest(f"{path} can't be read: {error.strerror or type(error).__name__}.") from None
    if not found:
        raise InvalidRequest(
            f"{path} holds no head of a chain. Give what 'wsi-streamer audit verify --json' has said, or a log with the "
            f"services' '{HEAD_EVENT}' lines."
        )
    return list(found)


def _of_line(line: str) -> Iterator[Head]:
    if HEAD_EVENT in line:
        plain = _COLOR.sub("", line)
        writer, seq, digest = _WRITER.search(plain), _SEQ.search(plain), _HASH.search(plain)
        if writer and seq and digest:
            yield Head(writer[1], int(seq[1]), bytes.fromhex(digest[1]))
    elif '"heads"' in line:
        yield from _of_report(line)


def _of_report(text: str) -> Iterator[Head]:
    try:
        report = json.loads(text)
        heads = dict(report["heads"]).items()
    except (ValueError, TypeError, KeyError, RecursionError):
        return
    for writer, head in heads:
        found = head_of(writer, *head) if isinstance(head, list) and len(head) == 2 else None
        if found is not None and found.seq:  # 0: there was nothing to hold on to
            yield found


def head_of(writer: object, seq: object, digest: object) -> Head | None:
    """A head, if it is one: a number from 0, and a hash in hex."""
    if not isinstance(writer, str) or type(seq) is not int or seq < 0 or not isinstance(digest, str):
        return None
    return Head(writer, seq, bytes.fromhex(digest)) if re.fullmatch("[0-9a-f]{64}", digest) else None
