"""GET /slides and /slides/{id}: the list, and what a slide is."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, get
from litestar.params import Parameter

from wsi_streamer.access.caller import Caller
from wsi_streamer.access.key_names import may_know_keys
from wsi_streamer.access.permissions import Permission
from wsi_streamer.catalog.slides import SlideRow
from wsi_streamer.tiles.confined import refuse_names, within
from wsi_streamer.tiles.context import TileContext
from wsi_streamer.tiles.metadata import SlideMetadata, slide_metadata
from wsi_streamer.tiles.parameters import parse_sort, parse_status, parse_whole

AnyRequest = Request[Any, Any, Any]

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000


class SlideSummary(msgspec.Struct, frozen=True, omit_defaults=True):
    """One slide of a list, with ``details=1``."""

    id: str
    key: str | None
    """Null for holders of a grant that shows no metadata."""
    status: str
    size: int
    """Bytes."""
    modified: str | None = None
    format: str | None = None
    width: int | None = None
    height: int | None = None
    mpp: float | None = None
    version: str | None = None
    error: str | None = None


class SlideList(msgspec.Struct, frozen=True, omit_defaults=True):
    """One page of slides."""

    slides: list[str]
    """Keys; opaque ids for holders of a grant that shows no metadata."""
    next_cursor: str | None = None
    details: list[SlideSummary] | None = None


def summary(row: SlideRow, caller: Caller) -> SlideSummary:
    """A row of the catalog as the API shows it to ``caller``."""
    return SlideSummary(
        id=row.id,
        key=row.key if may_know_keys(caller) else None,
        status=str(row.status),
        size=row.size,
        modified=row.last_modified.isoformat() if row.last_modified is not None and may_know_keys(caller) else None,
        format=row.format,
        width=row.width,
        height=row.height,
        mpp=row.mpp_x,
        version=row.version,
        error=row.error,
    )


def raw_segments(request: AnyRequest) -> list[bytes]:
    """The path as it was sent, split and still percent-encoded."""
    return request.scope["raw_path"].split(b"/")


def slide_handlers(context: TileContext) -> list[Any]:
    """The handlers, for one process's context."""

    @get("/slides", summary="List slides", tags=["slides"], operation_id="listSlides")
    async def list_slides(
        request: AnyRequest,
        limit: str | None = Parameter(default=None, description="1 to 1000, clamped; 100 unless told."),
        cursor: str | None = Parameter(default=None, description="``next_cursor`` of the page before."),
        prefix: str = Parameter(default="", description="Only keys that begin so."),
        search: str = Parameter(default="", description="Only keys that hold this, in any case; all pages."),
        status: str | None = Parameter(default=None, description="pending, indexed, failed, unsupported, archived."),
        sort: str = Parameter(default="key", description="key, modified or size; with - in front: descending."),
        details: str = Parameter(default="", description="1: a ``details`` list beside the keys."),
    ) -> SlideList:
        admitted = await context.admit(context.asked(request.scope))
        caller = admitted.caller
        refuse_names(caller, prefix, search)
        page = await context.catalog.listing.page(
            limit=min(MAX_LIMIT, max(1, parse_whole("limit", limit, DEFAULT_LIMIT))),
            cursor=cursor or None,
            prefix=prefix,
            search=search,
            status=parse_status(status),
            sort=parse_sort(sort),
            within=within(caller),
            opaque=not may_know_keys(caller),
        )
        await context.record_list(admitted, prefix=prefix, search=search)
        return SlideList(
            slides=[row.key if may_know_keys(caller) else row.id for row in page.rows],
            next_cursor=page.next_cursor,
            details=[summary(row, caller) for row in page.rows] if details in ("1", "true") else None,
        )

    @get("/slides/{slide_id:str}", summary="A slide's metadata", tags=["slides"], operation_id="getSlide")
    async def get_slide(request: AnyRequest) -> SlideMetadata:
        admitted = await context.admit_to_slide(context.asked(request.scope), raw_segments(request)[2])
        slide = await context.registry.get(admitted.ref)
        if admitted.caller.may(Permission.METADATA):  # it may name the patient
            (await context.begin_view(admitted, slide)).picture("metadata", context.now())
        return slide_metadata(slide, admitted.ref, admitted.caller)

    return [list_slides, get_slide]
