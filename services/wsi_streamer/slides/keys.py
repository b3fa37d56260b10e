"""Which keys of a bucket are slides."""

from __future__ import annotations

import re

# Formats that are refused by name are listed too: a user who looks for such a slide finds it, with the reason.
SLIDE_EXTENSIONS = (".svs", ".tif", ".tiff", ".btf", ".tf2", ".tf8", ".ndpi", ".scn", ".bif", ".qptiff")


def is_slide_key(key: str) -> bool:
    """Whether ``key`` ends as a slide's name does, in any case."""
    return key.lower().endswith(SLIDE_EXTENSIONS)


_DOTS = re.compile(r"(?:^|[/\\])\.{1,2}(?:[/\\]|$)")


def is_plain_key(key: str) -> bool:
    """Whether ``key`` can mean no other object than its own. S3 takes keys as they are, but a store on a file system may
    hand out ``b/2.svs`` for ``a/../b/2.svs``, ``b//2.svs`` and ``./b/2.svs``, which no right to ``a/`` must open. Such a
    key counts only where the store itself lists it.
    """
    return "//" not in key and not key.startswith("/") and _DOTS.search(key) is None
