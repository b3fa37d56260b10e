"""Which slides a list is confined to."""

from __future__ import annotations

from dataclasses import dataclass

from wsi_streamer.catalog.stored_text import is_clean


@dataclass(frozen=True, slots=True)
class Within:
    """Slides by what their keys begin with, and slides by opaque id. Empty: none."""

    prefixes: tuple[str, ...] = ()
    slide_ids: frozenset[str] = frozenset()

    def under(self, asked: str) -> Within:
        """What of it lies under the prefix ``asked``, with no prefix that another one covers, and none that no key can have. Whether a slide of
        ``slide_ids`` does is not known here: those stay."""
        narrowed = {_longer(prefix, asked) for prefix in self.prefixes}
        found = sorted(prefix for prefix in narrowed if prefix is not None and is_clean(prefix))
        kept: list[str] = []
        for prefix in found:  # in order, what covers a prefix stands before it
            if not kept or not prefix.startswith(kept[-1]):
                kept.append(prefix)
        return Within(tuple(kept), self.slide_ids)


def _longer(one: str, other: str) -> str | None:
    """The prefix that both of two have; None where no key has both."""
    if one.startswith(other):
        return one
    return other if other.startswith(one) else None
