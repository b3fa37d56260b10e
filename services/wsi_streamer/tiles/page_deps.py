"""What pages are made from, and the rights that their links carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from wsi_streamer.access.policy import AccessPolicy
from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.web.static_files import StaticFiles


@dataclass(frozen=True, slots=True)
class PageDeps:
    """``expires`` below is when the caller's own right ends: nothing in a page outlives it. While access is open it is
    None, and then nothing is signed."""

    catalog: Catalog
    access: AccessPolicy
    static: StaticFiles

    def link(self, path: str, query: Mapping[str, str], expires: int | None) -> str:
        """A page's URL, signed."""
        return url(path, query) if expires is None else self.access.sign_url(path, query, expires)

    def viewer_params(self, key: str, expires: int | None) -> dict[str, str]:
        """Parameters that open the tiles, thumbnail and metadata of one slide."""
        if expires is None:
            return {}
        return {"exp": str(expires), "vt": self.access.viewer_token(key, expires)}


def url(path: str, query: Mapping[str, str]) -> str:
    """A path that is encoded already, with a query that is not."""
    pairs = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in query.items())
    return f"{path}?{pairs}" if pairs else path


def slide_name(key: str) -> str:
    """What people call a slide: the last part of its key."""
    return key.rpartition("/")[2] or key
