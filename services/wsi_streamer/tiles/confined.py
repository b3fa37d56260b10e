"""What a caller's scope and permissions leave of a list."""

from __future__ import annotations

from wsi_streamer.access.caller import Caller
from wsi_streamer.access.key_names import may_know_keys
from wsi_streamer.catalog.within import Within
from wsi_streamer.slides.errors import Forbidden

NO_NAMES = "You may see these slides, but not their names: there is nothing to search by."


def within(caller: Caller) -> Within | None:
    """The slides that a list shows to a caller; None: all."""
    return None if caller.scope.is_all() else Within(caller.scope.prefixes, caller.scope.slide_ids)


def refuse_names(caller: Caller, *asked: str) -> None:
    """See that who is not to know keys doesn't find them out by looking for parts of them.

    Raises:
        Forbidden: something is looked for by name that the caller may not know.
    """
    if any(asked) and not may_know_keys(caller):
        raise Forbidden(NO_NAMES)
