"""What is said of settings that can't be right."""

from __future__ import annotations

from wsi_streamer.slides.errors import WsiError


class InvalidSettings(WsiError):
    """A setting that can't be right; the message says which and what to do."""
