"""GET /folders and /progress: how the slides are laid out in folders, and how far indexing is."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, get
from litestar.params import Parameter

from wsi_streamer.access.key_names import may_know_keys
from wsi_streamer.slides.errors import Forbidden
from wsi_streamer.tiles.confined import NO_NAMES, within
from wsi_streamer.tiles.context import TileContext

AnyRequest = Request[Any, Any, Any]

MAX_FOLDERS = 1000


class Folder(msgspec.Struct, frozen=True):
    """All slides whose keys begin with ``prefix``, which ends with a slash."""

    prefix: str
    name: str
    """The last part of it; empty where a key has two slashes side by side, or begins with one."""


class FolderList(msgspec.Struct, frozen=True):
    """The folders of one level, in the order of their names' bytes."""

    folders: list[Folder]
    more: bool
    """Whether there are more than these."""


class Progress(msgspec.Struct, frozen=True):
    """How far indexing is."""

    scanning: bool
    """Whether a scan of the bucket is under way, or the first one still to come."""

    counts: dict[str, int] | None
    """Slides by status; null for those who may not see all slides, and for links: one is for its own list alone."""


def list_handlers(context: TileContext) -> list[Any]:
    """The handlers, for one process's context."""

    @get("/folders", summary="List folders", tags=["slides"], operation_id="listFolders")
    async def folders(
        request: AnyRequest,
        prefix: str = Parameter(default="", description="Of keys, mostly a folder's; empty: the top level."),
    ) -> FolderList:
        admitted = await context.admit(context.asked(request.scope))
        if not may_know_keys(admitted.caller):
            raise Forbidden(NO_NAMES)
        found = await context.catalog.folders.under(prefix, limit=MAX_FOLDERS + 1, within=within(admitted.caller))
        await context.record_list(admitted, prefix=prefix)
        shown = [Folder(folder, folder[len(prefix) : -1]) for folder in found[:MAX_FOLDERS]]
        return FolderList(shown, len(found) > MAX_FOLDERS)

    @get("/progress", summary="How far indexing is", tags=["slides"], operation_id="getProgress")
    async def progress(request: AnyRequest) -> Progress:
        admitted = await context.admit(context.asked(request.scope))
        scan = await context.catalog.scans.last()
        counts = None
        if within(admitted.caller) is None and admitted.caller.kind != "link":
            counts = {str(status): n for status, n in (await context.catalog.listing.counts(lately=True)).items()}
        return Progress(scan is None or scan.finished_at is None, counts)

    return [folders, progress]
