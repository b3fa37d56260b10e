"""Which slides a right is about."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Scope:
    """Slides by what their keys begin with, and slides by opaque id. Empty: none."""

    prefixes: tuple[str, ...] = ()
    """The empty prefix is every slide."""

    slide_ids: frozenset[str] = frozenset()
    slide_keys: frozenset[str] = field(default=frozenset(), compare=False)
    """What those are called, as far as it is known: a slide that a request names by its key needn't be looked up then, and
    how long a refusal takes tells nothing of it."""

    @classmethod
    def all(cls) -> Scope:
        """Every slide."""
        return cls(("",))

    def is_all(self) -> bool:
        """Whether every slide is in it, those that come later too."""
        return "" in self.prefixes

    def holds(self, slide_id: str | None, key: str | None) -> bool:
        """Whether a slide is in it. None is what is not known of the slide: of an id that the catalog doesn't have there
        is no key, and no prefix holds it."""
        if self.is_all():
            return True
        if slide_id is not None and slide_id in self.slide_ids:
            return True
        return key is not None and (key in self.slide_keys or key.startswith(self.prefixes))

    def covers(self, other: Scope) -> bool:
        """Whether all that is in ``other`` is in this one too."""
        return all(prefix.startswith(self.prefixes) for prefix in other.prefixes) and (
            self.is_all() or other.slide_ids <= self.slide_ids
        )


@dataclass(frozen=True, slots=True)
class SlideNames:
    """What a slide goes by, as far as it is known: an id that the catalog doesn't have has no key, and a key that it
    doesn't have no id."""

    id: str | None
    key: str | None
