"""GET /view/{id}: the viewer on one slide."""

from __future__ import annotations

import msgspec

from wsi_streamer.access.caller import Caller
from wsi_streamer.slides.ids import is_slide_id
from wsi_streamer.slides.slide import Slide, SlideStatus
from wsi_streamer.tiles.metadata import SlideMetadata, slide_metadata
from wsi_streamer.tiles.page_deps import PageDeps, shown_name, sign_out
from wsi_streamer.web.html_page import HtmlPage, notice_page, page, text

# Drawn, since not every machine has a font with such signs.
_ICONS = (
    ("zoom-in", "Zoom in", "M12 5v14M5 12h14"),
    ("zoom-out", "Zoom out", "M5 12h14"),
    ("home", "Whole slide", "M4 11l8-7 8 7M6 10v9h12v-9"),
    ("full-screen", "Full screen", "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"),
)
_TOOLS = "".join(
    f'<button type="button" id="{ident}" title="{title}" aria-label="{title}">'
    f'<svg viewBox="0 0 24 24" aria-hidden="true"><path d="{path}"/></svg></button>'
    for ident, title, path in _ICONS
)


class PageData(msgspec.Struct, frozen=True):
    """What the page hands to its script."""

    id: str
    name: str
    access: dict[str, str]
    """Parameters that each request about the slide carries."""

    metadata: SlideMetadata | None
    """None while the slide is not indexed: asking for it indexes it."""


async def render_view(
    deps: PageDeps, ref: str, caller: Caller, cached: Slide | None = None, renew_after: int | None = None
) -> HtmlPage:
    """The viewer; a slide that is not indexed yet is indexed when the page asks for its metadata. One that the worker has
    open (``cached``) needs no catalog: it is shown while Postgres is down, too."""
    if cached is not None:
        return _viewer(deps, cached.id, cached.key, cached, caller, renew_after)
    opened = await deps.catalog.slides.open(ref)
    if opened is None and is_slide_id(ref):
        return notice_page(deps.static, "No such slide", "It may have been removed from the bucket.", 404)
    key = ref if opened is None else opened.row.key
    slide = None if opened is None else opened.slide
    if opened is not None and slide is None and opened.row.status is not SlideStatus.PENDING:
        return notice_page(
            deps.static, shown_name(caller, opened.row.id, key), opened.row.error or "This file can't be served.", 415
        )
    # The opaque id, not the key: a key may hold a patient's name, and its %2F dies in some proxies.
    return _viewer(deps, ref if opened is None else opened.row.id, key, slide, caller, renew_after)


def _viewer(
    deps: PageDeps, ident: str, key: str, slide: Slide | None, caller: Caller, renew_after: int | None
) -> HtmlPage:
    name = shown_name(caller, ident, key)
    metadata = None if slide is None else slide_metadata(slide, ident, caller)
    data = PageData(ident, name, deps.viewer_params(key, caller), metadata)
    # A right to one slide is none to the list, and a link's is to this page alone.
    back = '<a href="/">Slides</a>' if caller.kind != "link" and caller.scope.prefixes else ""
    body = (
        f'<script type="application/json" id="slide">{_island(data)}</script>'
        f'<header class="bar">{back}<h1>{text(name)}</h1>{sign_out(caller)}'
        f'<div class="tools" role="toolbar" aria-label="View">{_TOOLS}</div></header>'
        '<main id="viewer"></main><div id="scale" hidden></div><div id="notice" role="status" hidden></div>'
    )
    return page(deps.static, name, body, script="viewer", kind="viewer", renew_after=renew_after)


def _island(data: PageData) -> str:
    """JSON that can't end the element it stands in."""
    return msgspec.json.encode(data).decode().replace("<", "\\u003c")
