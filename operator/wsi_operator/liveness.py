"""Whether the operator still hears of changes: a watch that went silent looks just like a quiet cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from wsi_operator.work_queue import Key


@dataclass(slots=True)
class _Heard:
    """Of one object."""

    arrived: str | None = None
    """The newest version that a watch brought."""

    missing: str | None = None
    """A newer one, which our own request saw."""

    since: float = 0.0
    """When that was."""


class Liveness:
    """Compares what our own GETs and LISTs see with what the watches bring, and counts rounds of the resync.

    All by resourceVersion: of two of them the later is greater (whole numbers; anything else counts as later). A watch
    may skip versions, but the last one must come.
    """

    def __init__(self, clock: Callable[[], float], *, round_limit: float, lag_limit: float) -> None:
        self._clock = clock
        self._round_limit = round_limit
        self._lag_limit = lag_limit
        self._last_round = clock()
        self._rounds = 0
        self._heard: dict[Key, dict[str, _Heard]] = {}

    @property
    def rounds(self) -> int:
        """How many rounds were finished."""
        return self._rounds

    def round_done(self) -> None:
        """The resync has looked at all resources, or was told by the API server that it can't."""
        self._last_round = self._clock()
        self._rounds += 1

    def saw(self, owner: Key, versions: Mapping[str, str]) -> None:
        """Our own request saw these objects of a resource (itself and its children): uid -> resourceVersion.

        Objects that were there before and aren't now are forgotten.
        """
        heard = self._heard.setdefault(owner, {})
        for uid in [uid for uid in heard if uid not in versions]:
            del heard[uid]
        for uid, version in versions.items():
            entry = heard.setdefault(uid, _Heard())
            if not _covers(entry.arrived, version):
                if entry.missing is None:
                    entry.since = self._clock()
                if not _covers(entry.missing, version):
                    entry.missing = version

    def arrived(self, owner: Key, uid: str, version: str, *, deleted: bool = False) -> None:
        """A watch brought this version of an object."""
        heard = self._heard.setdefault(owner, {})
        if deleted:
            heard.pop(uid, None)
            return
        entry = heard.setdefault(uid, _Heard())
        entry.arrived = version
        if entry.missing is not None and _covers(version, entry.missing):
            entry.missing = None

    def forget(self, owner: Key) -> None:
        """The resource is gone."""
        self._heard.pop(owner, None)

    def known(self) -> frozenset[Key]:
        """Resources that anything was heard of."""
        return frozenset(self._heard)

    def lag(self) -> float:
        """For how many seconds the longest missing event has been missing; 0 when none is."""
        since = [entry.since for heard in self._heard.values() for entry in heard.values() if entry.missing is not None]
        return self._clock() - min(since) if since else 0.0

    def troubles(self) -> tuple[str, ...]:
        """Why the operator should be restarted; empty when it is well."""
        found = []
        stalled = self._clock() - self._last_round
        if stalled > self._round_limit:
            found.append(f"no round over all resources was finished for {stalled:.0f} s")
        lag = self.lag()
        if lag > self._lag_limit:
            found.append(f"a change has not come by its watch for {lag:.0f} s")
        return tuple(found)


def _covers(known: str | None, version: str) -> bool:
    """Whether who knows this version knows the other one, too."""
    if known is None:
        return False
    if known.isdigit() and version.isdigit():
        return int(known) >= int(version)
    return known == version
