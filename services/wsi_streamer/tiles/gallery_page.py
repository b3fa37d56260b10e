"""GET /: all slides, a page at a time. What a slide is called is text, never markup."""

from __future__ import annotations

from collections.abc import Mapping

from wsi_streamer.access.caller import Caller
from wsi_streamer.access.key_names import may_know_keys
from wsi_streamer.catalog.slides import SlideRow
from wsi_streamer.slides.slide import SlideStatus
from wsi_streamer.tiles.confined import refuse_names, within
from wsi_streamer.tiles.page_deps import PageDeps, shown_name, sign_out, url
from wsi_streamer.web.html_page import HtmlPage, page, text

PAGE_SLIDES = 60
THUMBNAIL_SIZE = 256

_BADGES = {
    SlideStatus.PENDING: "not indexed yet",
    SlideStatus.FAILED: "damaged",
    SlideStatus.UNSUPPORTED: "not supported",
    SlideStatus.ARCHIVED: "archived",
}


async def render_gallery(
    deps: PageDeps, params: Mapping[str, str], caller: Caller, renew_after: int | None = None
) -> HtmlPage:
    """One page of the slides that ``caller`` may see. Links carry the caller's own right, until it ends and no longer.

    Raises:
        InvalidRequest: a cursor that this list did not give out.
        Forbidden: a search by one who is not to know names.
    """
    search = params.get("q", "")
    refuse_names(caller, search)
    found = await deps.catalog.listing.page(
        limit=PAGE_SLIDES,
        cursor=params.get("cursor") or None,
        search=search,
        within=within(caller),
        opaque=not may_know_keys(caller),
    )
    if found.rows:
        content = f'<ul class="gallery">{"".join(_card(deps, row, caller) for row in found.rows)}</ul>'
    else:
        content = await _nothing(deps, search, caller)
    if found.next_cursor is not None:
        query = {"cursor": found.next_cursor} | ({"q": search} if search else {})
        content += f'<p class="more"><a href="{text(deps.link("/", query, caller))}">More slides</a></p>'
    # A link's signature covers the query; and who is not to know names has nothing to search by.
    form = _search_form(search) if caller.kind != "link" and may_know_keys(caller) else ""
    body = f'<header class="bar"><h1>Slides</h1>{form}{sign_out(caller, deps.audience.language)}</header><main>{content}</main>'
    return page(deps.static, "Slides", body, script="gallery", renew_after=renew_after, audience=deps.audience)


def _search_form(search: str) -> str:
    clear = '<a href="/">All slides</a>' if search else ""
    return (
        f'<form method="get" action="/" role="search">{clear}<label for="q">Search</label>'
        f'<input id="q" name="q" type="search" autocomplete="off" value="{text(search)}"></form>'
    )


def _card(deps: PageDeps, row: SlideRow, caller: Caller) -> str:
    badge = _BADGES.get(row.status, "")
    facts = [
        row.key.rpartition("/")[0] if may_know_keys(caller) else "",
        row.format or "",
        f"{row.width} × {row.height} px" if row.width else "",
    ]
    facts += [_size(row.size), f"{row.mpp_x:.3g} µm/px" if row.mpp_x else ""]
    lines = "".join(f"<li>{text(fact)}</li>" for fact in facts if fact)
    what = f"<h2>{text(shown_name(caller, row.id, row.key, deps.audience.language))}</h2>"
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
        query = {"max_size": str(THUMBNAIL_SIZE), "v": row.version} | deps.viewer_params(row.key, caller)
        picture = f'<img class="thumbnail" src="{text(url(path, query))}" alt="" loading="lazy" decoding="async">'
    link = text(deps.link(f"/view/{row.id}", {}, caller))
    return f'<li class="card"><a href="{link}">{picture}{what}</a></li>'


async def _nothing(deps: PageDeps, search: str, caller: Caller) -> str:
    if search:
        return f'<p class="notice">No slide’s name holds “{text(search)}”.</p>'
    scan = await deps.catalog.scans.last()
    if scan is None or scan.finished_at is None:
        return '<p class="notice" data-waiting>No slides yet: the bucket is being scanned. They appear here by themselves.</p>'
    if within(caller) is not None:  # of the rest of the bucket nothing is told
        return '<p class="notice">There are no slides here that you may see.</p>'
    if scan.error is not None:
        return '<p class="notice">No slides: the last scan of the bucket failed. The server’s log says why.</p>'
    return '<p class="notice">There are no slides in this bucket.</p>'


def _size(size: int) -> str:
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} bytes"
