"""What pages are made from, and the rights that their links carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

import msgspec

from wsi_streamer.access.caller import Caller
from wsi_streamer.access.embedded import MARK
from wsi_streamer.access.key_names import may_know_keys
from wsi_streamer.access.signed_links import SignedLinks
from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.web.audience import Audience
from wsi_streamer.web.languages import Language
from wsi_streamer.web.static_files import StaticFiles
from wsi_streamer.web.words import words


@dataclass(frozen=True, slots=True)
class PageDeps:
    """Who came by a signed link is led on by signed links and viewer tokens, which end when the caller's own right does.
    All others bring their right with each request: a cookie, or none while access is open."""

    catalog: Catalog
    links: SignedLinks | None
    static: StaticFiles
    audience: Audience = field(default_factory=Audience)
    """Of the page that is made now."""

    def link(self, path: str, query: Mapping[str, str], caller: Caller) -> str:
        """A page's URL, or that of more of its list."""
        if self.audience.marked:
            query = {**query, MARK: "1"}
        if self.links is None or caller.kind != "link" or caller.expires is None:
            return url(path, query)
        return self.links.sign_url(path, query, caller.expires)

    def viewer_params(self, key: str, caller: Caller) -> dict[str, str]:
        """Parameters that open the tiles, thumbnail and metadata of one slide."""
        if self.links is None or caller.kind != "link" or caller.expires is None:
            return {}
        return {"exp": str(caller.expires), "vt": self.links.viewer_token(key, caller.expires)}


def url(path: str, query: Mapping[str, str]) -> str:
    """A path that is encoded already, with a query that is not."""
    pairs = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in query.items())
    return f"{path}?{pairs}" if pairs else path


def island(ident: str, data: msgspec.Struct) -> str:
    """Markup: what the page hands to its script, as JSON that can't end the element it stands in."""
    return f'<script type="application/json" id="{ident}">{_no_markup(data)}</script>'


def _no_markup(data: msgspec.Struct) -> str:
    return msgspec.json.encode(data).decode().replace("<", "\\u003c")


def signed_in(caller: Caller) -> str | None:
    """What to call the one who is signed in; None where nobody is."""
    return (caller.name or caller.id.rpartition("|")[2]) if caller.kind == "identity" else None


def slide_name(key: str) -> str:
    """What people call a slide: the last part of its key."""
    return key.rpartition("/")[2] or key


def shown_name(caller: Caller, ident: str, key: str, language: Language = "en") -> str:
    """What a page calls a slide before ``caller``; ``ident`` is its opaque id."""
    return slide_name(key) if may_know_keys(caller) else words(language).slide_by_id.format(ident)
