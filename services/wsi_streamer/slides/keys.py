"""Which keys of a bucket are slides."""

from __future__ import annotations

# Formats that are refused by name are listed too: a user who looks for such a slide finds it, with the reason.
SLIDE_EXTENSIONS = (".svs", ".tif", ".tiff", ".btf", ".tf2", ".tf8", ".ndpi", ".scn", ".bif", ".qptiff")


def is_slide_key(key: str) -> bool:
    """Whether ``key`` ends as a slide's name does, in any case."""
    return key.lower().endswith(SLIDE_EXTENSIONS)
