"""Heads of chains that somebody has seen: other writers, or whoever kept them elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from wsi_streamer.access.audit.records import PRUNE
from wsi_streamer.access.audit.witnesses import head_of
from wsi_streamer.catalog.audit import Head
from wsi_streamer.catalog.audit_reads import Said

CLOCK_BACK = timedelta(seconds=60)
"""Postgres' clock may be set back by so much (another server takes over) without anything being wrong."""


@dataclass(frozen=True, slots=True)
class Claim:
    """That a chain had a record with this hash."""

    hash: bytes
    by: tuple[str, int] | None = None
    """The writer and the number of the record that says so; None: it was kept elsewhere, and is right."""
    stored_at: datetime | None = None
    """When Postgres has taken that record: the claim is older."""

    @property
    def who(self) -> str:
        """For a sentence."""
        return "a head that was kept elsewhere" if self.by is None else f"record {self.by[1]} of {self.by[0]}"

    def is_older_than(self, stored_at: datetime) -> bool:
        """Whether it was made before Postgres took a row, so that nobody can have seen that one."""
        return self.stored_at is not None and stored_at > self.stored_at + CLOCK_BACK


@dataclass(slots=True)
class Claims:
    """All of them. Filled before the chains are walked."""

    by_writer: dict[str, dict[int, dict[bytes, Claim]]] = field(default_factory=dict)
    pruned: str | None = None
    """The digest of all anchors, by the latest drop."""

    def keep(self, heads: Iterable[Head]) -> None:
        """Heads that were kept elsewhere."""
        for head in heads:
            self.by_writer.setdefault(head.writer, {}).setdefault(head.seq, {})[head.hash] = Claim(head.hash)

    def read(self, said: Said) -> None:
        """What a record says of other chains, and of drops. One that can't be read says nothing: its chain tells of it."""
        try:
            content = json.loads(said.record)
            detail = content.get("detail") or {}
            if said.action == PRUNE:
                self.pruned = str(detail["anchors_digest"])
            found = [head_of(*head) for head in detail.get("heads", ())]
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return
        for head in found:
            if head is not None:
                self._add(head, Claim(head.hash, (said.writer, said.seq), said.stored_at))

    def of(self, writer: str) -> Mapping[int, Mapping[bytes, Claim]]:
        """What is claimed of a chain: by number, by hash."""
        return self.by_writer.get(writer, {})

    def _add(self, head: Head, claim: Claim) -> None:
        known = self.by_writer.setdefault(head.writer, {}).setdefault(head.seq, {})
        other = known.get(head.hash)
        # Of those that say the same the latest is kept: where that one can't be true, none can.
        if other is None or (other.stored_at and claim.stored_at and other.stored_at < claim.stored_at):
            known[head.hash] = claim
