"""Whom a page is for: what they read, and where it may be shown."""

from __future__ import annotations

from dataclasses import dataclass, replace

from wsi_streamer.web.languages import Language


@dataclass(frozen=True, slots=True)
class Audience:
    """Of one page."""

    language: Language = "en"
    ancestors: tuple[str, ...] = ()
    """Origins whose pages may hold this one in a frame, beside our own."""

    marked: bool = False
    """Whether a frame's session opens it: all that the page asks for then says that it means that one (`access.embedded`)."""

    def unframed(self) -> Audience:
        """For a page with something to press: only our own pages may hold it in a frame."""
        return replace(self, ancestors=())
