"""GET /: all slides, a page at a time. The server gives data, the page's script shows it; so no name can become markup."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from wsi_streamer.access.caller import Caller
from wsi_streamer.access.key_names import may_know_keys
from wsi_streamer.catalog.slides import SlideRow
from wsi_streamer.slides.slide import SlideStatus
from wsi_streamer.tiles.confined import refuse_names, within
from wsi_streamer.tiles.page_deps import PageDeps, island, shown_name, signed_in, url
from wsi_streamer.tiles.parameters import parse_sort, parse_status, parse_whole
from wsi_streamer.web.html_page import HtmlPage, page
from wsi_streamer.web.words import words

PAGE_SLIDES = 100
FURTHER_SLIDES = 250
"""On each page behind the first: who scrolls on scrolls far."""

MAX_PAGE_SLIDES = 1000
THUMBNAIL_SIZE = 256

_ASKED = ("q", "prefix", "sort", "status", "limit")

Nothing = Literal["unmatched", "scanning", "none-yours", "scan-failed", "none"]
"""Why a list is empty: nothing fits; the bucket is being scanned; none that the caller may see; the last scan failed; there
are no slides."""


class GallerySlide(msgspec.Struct, frozen=True):
    """One slide as the gallery shows it."""

    id: str
    name: str
    folder: str | None
    """The key up to its last slash, with it; None for those who are not to know names."""

    status: str
    error: str | None
    format: str | None
    width: int | None
    height: int | None
    size: int
    """Bytes."""

    modified: str | None
    mpp: float | None
    objective: float | None
    link: str | None
    """Its page; None where it is not served."""

    thumbnail: str | None
    """None until it is indexed."""

    access: dict[str, str]
    """Parameters that open its routes; none where a cookie does it, or while access is open."""


class Gallery(msgspec.Struct, frozen=True):
    """One page of the list."""

    slides: list[GallerySlide]
    next: str | None
    """The URL of the next page, with the caller's own right."""

    nothing: Nothing | None
    """Why there are none at all."""


class GalleryPage(msgspec.Struct, frozen=True):
    """What the page hands to its script."""

    list: Gallery
    names: bool
    """Whether the caller may know what slides are called: search, folders and the order of names are for those alone."""

    controls: bool
    """Whether the caller may ask for other lists than this one: a signed link is for this one alone."""

    progress: str
    """Where to ask how far indexing is, with the caller's own right."""

    user: str | None
    """Who is signed in."""


async def gallery_list(deps: PageDeps, params: Mapping[str, str], caller: Caller) -> Gallery:
    """One page of the slides that ``caller`` may see. Links carry the caller's own right, until it ends and no longer.

    Args:
        params: ``q`` (part of a name), ``prefix`` (of keys), ``sort``, ``status``, ``cursor``, ``limit``.

    Raises:
        InvalidRequest: an unknown sort or status, or a cursor that this list did not give out.
        Forbidden: a search by one who is not to know names.
    """
    search, prefix, cursor = params.get("q", ""), params.get("prefix", ""), params.get("cursor") or None
    refuse_names(caller, search, prefix)
    status = parse_status(params.get("status") or None)
    found = await deps.catalog.listing.page(
        limit=min(MAX_PAGE_SLIDES, max(1, parse_whole("limit", params.get("limit"), PAGE_SLIDES))),
        cursor=cursor,
        prefix=prefix,
        search=search,
        status=status,
        sort=parse_sort(params.get("sort") or "key"),
        within=within(caller),
        opaque=not may_know_keys(caller),
    )
    following = None
    if found.next_cursor is not None:
        asked = {"limit": str(FURTHER_SLIDES)} | {name: params[name] for name in _ASKED if params.get(name)}
        following = deps.link("/", {"cursor": found.next_cursor} | asked, caller)
    nothing: Nothing | None = None
    if not found.rows and cursor is None:
        nothing = "unmatched" if search or prefix or status is not None else await _why_none(deps, caller)
    return Gallery([_slide(deps, row, caller) for row in found.rows], following, nothing)


async def render_gallery(
    deps: PageDeps, params: Mapping[str, str], caller: Caller, renew_after: int | None = None
) -> HtmlPage:
    """The page, with the first slides in it.

    Raises:
        InvalidRequest, Forbidden: as `gallery_list` does.
    """
    data = GalleryPage(
        list=await gallery_list(deps, params, caller),
        names=may_know_keys(caller),
        controls=caller.kind != "link",
        progress=deps.link("/progress", {}, caller),
        user=signed_in(caller),
    )
    return page(
        deps.static,
        words(deps.audience.language).slides,
        island("gallery", data),
        script="gallery",
        renew_after=renew_after,
        audience=deps.audience,
    )


def _slide(deps: PageDeps, row: SlideRow, caller: Caller) -> GallerySlide:
    # A slide of which an older version is served while the new one waits is shown; one that was never indexed is so
    # when it is opened.
    served = row.status in (SlideStatus.INDEXED, SlideStatus.PENDING)
    access = deps.viewer_params(row.key, caller) if served else {}
    thumbnail = None
    if served and row.version is not None:
        query = {"max_size": str(THUMBNAIL_SIZE), "v": row.version} | access
        thumbnail = url(f"/slides/{row.id}/thumbnail", query)
    knows = may_know_keys(caller)
    return GallerySlide(
        id=row.id,
        name=shown_name(caller, row.id, row.key, deps.audience.language),
        folder=row.key[: row.key.rfind("/") + 1] if knows else None,
        status=str(row.status),
        error=row.error,
        format=row.format,
        width=row.width,
        height=row.height,
        size=row.size,
        modified=row.last_modified.isoformat() if row.last_modified is not None and knows else None,
        mpp=row.mpp_x,
        objective=row.objective,
        link=deps.link(f"/view/{row.id}", {}, caller) if served else None,
        thumbnail=thumbnail,
        access=access,
    )


async def _why_none(deps: PageDeps, caller: Caller) -> Nothing:
    scan = await deps.catalog.scans.last()
    if scan is None or scan.finished_at is None:
        return "scanning"
    if within(caller) is not None:  # of the rest of the bucket nothing is told
        return "none-yours"
    return "scan-failed" if scan.error is not None else "none"
