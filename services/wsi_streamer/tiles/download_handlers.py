"""GET /slides/{id}/download: the object as it is in the bucket, label and all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog
from litestar import Request, Response, get

from wsi_streamer.access.permissions import Permission
from wsi_streamer.objectstore.errors import ObjectChanged, ObjectNotFound
from wsi_streamer.slides.errors import NotFound, WsiError
from wsi_streamer.slides.slide import Slide
from wsi_streamer.tiles.byte_range import asked_range
from wsi_streamer.tiles.client_gone import ClientGone, Receive, unless_gone
from wsi_streamer.tiles.context import Admitted, TileContext
from wsi_streamer.tiles.disposition import attachment
from wsi_streamer.tiles.etag import etag_matches
from wsi_streamer.tiles.page_deps import slide_name
from wsi_streamer.tiles.slide_handlers import raw_segments

Send = Callable[[Any], Awaitable[None]]

PIECE_SECONDS = 300
"""How long a client may take for one piece (8 MB): one that takes nothing at all must not keep its place."""

_log = structlog.get_logger("wsi_streamer.tiles")


@dataclass(frozen=True, slots=True)
class _Begun:
    """The head of an answer, and its body, whose first piece is there already."""

    status: int
    headers: dict[str, str]
    first: bytes = b""
    rest: AsyncIterator[bytes] | None = None


class _Sent(Response[bytes]):
    """An answer that sends itself: Litestar's own streams can't end one that fails midway but by a traceback."""

    def __init__(self, run: Callable[[Any, Receive, Send], Awaitable[None]]) -> None:
        super().__init__(b"")
        self._run = run

    def to_asgi_response(self, *_: Any, **__: Any) -> Any:
        return self._run


def download_handlers(context: TileContext) -> list[Any]:
    """The handler, for one process's context."""

    @get(
        "/slides/{slide_id:str}/download",
        summary="The slide's file",
        tags=["slides"],
        media_type="application/octet-stream",
    )
    async def get_file(request: Request[Any, Any, Any]) -> Response[bytes]:
        asked = context.asked(request.scope)
        admitted = await context.admit_to_slide(asked, raw_segments(request)[2], Permission.DOWNLOAD)

        async def run(scope: Any, receive: Receive, send: Send) -> None:
            with context.downloads.slot():
                try:
                    await unless_gone(receive, _serve(context, admitted, request, send))
                except ClientGone:
                    return

        return _Sent(run)

    return [get_file]


async def _serve(context: TileContext, admitted: Admitted, request: Request[Any, Any, Any], send: Send) -> None:
    slide, _, begun = await context.with_slide(admitted, lambda slide: _begin(context, admitted, request, slide))
    headers = [(name.encode(), value.encode("latin-1")) for name, value in begun.headers.items()]
    await send({"type": "http.response.start", "status": begun.status, "headers": headers})
    if begun.rest is None:
        await send({"type": "http.response.body", "body": b""})
        return
    piece = begun.first
    try:
        while piece:
            # It returns when the piece before has left, so no more than two are ever held.
            async with asyncio.timeout(PIECE_SECONDS):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            piece = await anext(begun.rest, b"")
    except (WsiError, ObjectChanged, ObjectNotFound, TimeoutError) as error:
        # Without an end of the body the server closes the connection: the client sees that something is missing.
        _log.warning("download cut off", slide=slide.id, error=getattr(error, "code", "timeout"))
        return
    await send({"type": "http.response.body", "body": b""})


async def _begin(context: TileContext, admitted: Admitted, request: Request[Any, Any, Any], slide: Slide) -> _Begun:
    """Read the first piece, for as long as an error can still be told.

    Raises:
        NotFound: the slide consists of several objects.
        ObjectChanged, ObjectNotFound, StorageError, StorageUnreachable: as the object store says.
    """
    if len(slide.objects) != 1:
        raise NotFound("This slide consists of several files, which can't be downloaded as one.")
    [stored] = slide.objects
    etag = f'"{slide.version}-file"'
    headers = {
        "etag": etag,
        "accept-ranges": "bytes",
        "cache-control": "private, no-store",
        "x-accel-buffering": "no",  # else an nginx reads ahead of its client, up to a gigabyte
    }
    if etag_matches(request.headers.get("if-none-match", ""), etag):
        return _Begun(304, headers)
    wanted = None
    is_head = request.scope.get("wsi_head", False)
    if not is_head and request.headers.get("if-range", etag) == etag:
        wanted = asked_range(request.headers.get("range", ""), stored.size)
    if wanted is not None and not wanted:
        return _Begun(416, headers | {"content-range": f"bytes */{stored.size}", "content-length": "0"})
    part = range(stored.size) if wanted is None else wanted
    headers |= {
        "content-type": "application/octet-stream",
        "content-disposition": attachment(slide_name(stored.key)),
        "content-length": str(len(part)),
        "x-content-type-options": "nosniff",
    }
    if wanted is not None:
        headers["content-range"] = f"bytes {part.start}-{part.stop - 1}/{stored.size}"
    if is_head:
        return _Begun(200, headers)
    await context.audit.act(
        "download",
        admitted.caller,
        admitted.asked.address,
        slide_id=slide.id,
        key=slide.key,
        detail={"first_byte": str(part.start), "bytes": str(len(part))},
    )
    rest = context.downloads.pieces(stored, part)
    return _Begun(200 if wanted is None else 206, headers, await anext(rest, b""), rest)
