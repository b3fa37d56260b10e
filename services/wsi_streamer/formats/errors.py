"""The two ways in which an object is not a slide that can be served."""

from __future__ import annotations

from wsi_streamer.slides.errors import UnsupportedFormat


class Unsupported(UnsupportedFormat):
    """The file is sound, as far as one can tell, but of a kind that is not served; the reason names it."""

    @property
    def reason(self) -> str:
        """For the catalog and the user."""
        return self.message


class Broken(UnsupportedFormat):
    """The file is truncated or damaged, or its parser had to be stopped; the reason says what was found."""

    @property
    def reason(self) -> str:
        """For the catalog and the user."""
        return self.message
