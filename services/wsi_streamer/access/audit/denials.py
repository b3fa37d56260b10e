"""Refusals, counted: a flood of them must fill neither the log nor memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wsi_streamer.access.client_address import counted_as

UNKNOWN = "unknown:"
"""What the label of one begins with who has shown nothing that is right."""

WINDOW_SECONDS = 60.0
MAX_OF_ADDRESS = 20
"""Different refusals of an address (or of one who is known) that are told apart in a window; the rest are a number."""

MAX_IN_ALL = 2000
"""Different refusals of all addresses: many addresses are cheap to have."""


@dataclass(frozen=True, slots=True)
class Denied:
    """What is the same in refusals that are counted as one."""

    address: str
    code: str
    agent: str
    slide_id: str | None
    key: str | None = None
    """What was asked for, where it was no opaque id."""

    route: str = ""
    wanted: str = ""
    """The permission or role that was missing."""

    @property
    def share(self) -> str:
        """In whose share it counts: of one who is known in its own, else in that of its network. So nobody's refusals get
        lost among those of strangers at the same address."""
        return counted_as(self.address) if self.agent.startswith(UNKNOWN) else self.agent


@dataclass(frozen=True, slots=True)
class Repeated:
    """Refusals that came after the first, or beyond those that are told apart."""

    what: Denied | None
    """None: beyond `MAX_IN_ALL`."""
    count: int
    first: float
    """Unix seconds."""
    last: float


class Denials:
    """What was refused in the last minute. Not frozen: it is a counter."""

    def __init__(self) -> None:
        self._seen: dict[Denied, list[float]] = {}  # when the window began; further ones; the first and last of those
        self._of_address: dict[str, int] = {}

    def is_first(self, denied: Denied, now: float) -> bool:
        """Whether a refusal is to be recorded at once; else it is counted."""
        kept = self._seen.get(denied)
        if kept is None:
            share = denied.share
            known = self._of_address.get(share, 0)
            if known < MAX_OF_ADDRESS and len(self._seen) < MAX_IN_ALL:
                self._of_address[share] = known + 1
                self._seen[denied] = [now, 0, now, now]
                return True
            # Beyond an address' share its refusals are one number; beyond all shares those of everybody are.
            if not known:
                rest = Denied("", "various", "various", None)
            elif denied.agent.startswith(UNKNOWN):
                rest = Denied(share, "various", "various", None)
            else:
                rest = Denied(denied.address, "various", denied.agent, None)
            kept = self._seen.setdefault(rest, [now, 0, now, now])
        if not kept[1]:
            kept[2] = now
        kept[1] += 1
        kept[3] = now
        return False

    def over(self, now: float, *, all_of_them: bool = False) -> Mapping[Denied, Repeated]:
        """What was counted in windows that are over, and is now forgotten."""
        found = {}
        for denied, (began, count, first, last) in list(self._seen.items()):
            if now - began < WINDOW_SECONDS and not all_of_them:
                continue
            del self._seen[denied]
            if denied.code != "various":
                left = self._of_address.get(denied.share, 1) - 1
                if left > 0:
                    self._of_address[denied.share] = left
                else:
                    self._of_address.pop(denied.share, None)
            if count:
                found[denied] = Repeated(denied if denied.address else None, int(count), first, last)
        return found
