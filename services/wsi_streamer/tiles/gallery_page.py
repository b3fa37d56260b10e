"""GET /: all slides, a page at a time. What a slide is called is text, never markup."""

from __future__ import annotations

from collections.abc import Mapping

from wsi_streamer.catalog.slides import SlideRow
from wsi_streamer.slides.slide import SlideStatus
from wsi_streamer.tiles.page_deps import PageDeps, slide_name, url
from wsi_streamer.web.html_page import HtmlPage, page, text

PAGE_SLIDES = 60
THUMBNAIL_SIZE = 256

_BADGES = {
    SlideStatus.PENDING: "not indexed yet",
    SlideStatus.FAILED: "damaged",
    SlideStatus.UNSUPPORTED: "not supported",
    SlideStatus.ARCHIVED: "archived",
}


async def render_gallery(deps: PageDeps, params: Mapping[str, str], expires: int | None) -> HtmlPage:
    """One page of slides. Links carry the caller's own right, until it ends and no longer.

    Raises:
        InvalidRequest: a cursor that this list did not give out.
    """
    search = params.get("q", "")
    found = await deps.catalog.listing.page(limit=PAGE_SLIDES, cursor=params.get("cursor") or None, search=search)
    if found.rows:
        content = f'<ul class="gallery">{"".join(_card(deps, row, expires) for row in found.rows)}</ul>'
    else:
        content = await _nothing(deps, search)
    if found.next_cursor is not None:
        query = {"cursor": found.next_cursor} | ({"q": search} if search else {})
        content += f'<p class="more"><a href="{text(deps.link("/", query, expires))}">More slides</a></p>'
    form = _search_form(search) if expires is None else ""  # with access on, a signature covers the query
    body = f'<header class="bar"><h1>Slides</h1>{form}</header><main>{content}</main>'
    return page(deps.static, "Slides", body, script="gallery")


def _search_form(search: str) -> str:
    clear = '<a href="/">All slides</a>' if search else ""
    return (
        f'<form method="get" action="/" role="search">{clear}<label for="q">Search</label>'
        f'<input id="q" name="q" type="search" autocomplete="off" value="{text(search)}"></form>'
    )


def _card(deps: PageDeps, row: SlideRow, expires: int | None) -> str:
    badge = _BADGES.get(row.status, "")
    facts = [row.key.rpartition("/")[0], row.format or "", f"{row.width} × {row.height} px" if row.width else ""]
    facts += [_size(row.size), f"{row.mpp_x:.3g} µm/px" if row.mpp_x else ""]
    lines = "".join(f"<li>{text(fact)}</li>" for fact in facts if fact)
    what = f"<h2>{text(slide_name(row.key))}</h2>"
    if badge:
        what += f'<p class="badge">{badge}</p>'
    if row.error:
        what += f"<p>{text(row.error)}</p>"
    what += f'<ul class="facts">{lines}</ul>'
    # A slide of which an older version is served while the new one waits is shown; one that was never indexed is so
    # when it is opened.
    if row.status not in (SlideStatus.INDEXED, SlideStatus.PENDING):
        return f'<li class="card off">{what}</li>'
    path = f"/slides/{row.id}/thumbnail"
    if row.version is None:
        picture = '<span class="thumbnail"></span>'
    else:
        query = {"max_size": str(THUMBNAIL_SIZE), "v": row.version} | deps.viewer_params(row.key, expires)
        picture = f'<img class="thumbnail" src="{text(url(path, query))}" alt="" loading="lazy" decoding="async">'
    link = text(deps.link(f"/view/{row.id}", {}, expires))
    return f'<li class="card"><a href="{link}">{picture}{what}</a></li>'


async def _nothing(deps: PageDeps, search: str) -> str:
    if search:
        return f'<p class="notice">No slide’s name holds “{text(search)}”.</p>'
    scan = await deps.catalog.scans.last()
    if scan is None or scan.finished_at is None:
        return '<p class="notice" data-waiting>No slides yet: the bucket is being scanned. They appear here by themselves.</p>'
    if scan.error is not None:
        return '<p class="notice">No slides: the last scan of the bucket failed. The server’s log says why.</p>'
    return '<p class="notice">There are no slides in this bucket.</p>'


def _size(size: int) -> str:
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} bytes"
