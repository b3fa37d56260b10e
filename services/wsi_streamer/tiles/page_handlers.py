"""GET / and /view/{id}: access is checked here; what is shown stands in gallery_page.py and view_page.py."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from litestar import Request, Response, get

from wsi_streamer.slides.errors import WsiError
from wsi_streamer.tiles.context import TileContext
from wsi_streamer.tiles.gallery_page import render_gallery
from wsi_streamer.tiles.page_deps import PageDeps
from wsi_streamer.tiles.parameters import decode_ref
from wsi_streamer.tiles.slide_handlers import raw_segments
from wsi_streamer.tiles.view_page import render_view
from wsi_streamer.web.errors import EXCEPTION_HANDLERS, error_headers, log_error
from wsi_streamer.web.html_page import HtmlPage, notice_page
from wsi_streamer.web.static_files import StaticFiles

AnyRequest = Request[Any, Any, Any]


def page_handlers(context: TileContext, static: StaticFiles) -> list[Any]:
    """The handlers, for one process's context."""
    deps = PageDeps(catalog=context.catalog, access=context.access, static=static)

    def refused(request: AnyRequest, error: WsiError) -> Response[Any]:
        """People read a sentence, scripts the API's JSON."""
        if "text/html" not in request.headers.get("accept", ""):
            answer: Response[Any] = EXCEPTION_HANDLERS[WsiError](request, error)
            return answer
        log_error(error, request_id=request.scope.get("request_id"))
        page = notice_page(static, "This page can’t be shown", error.message, error.status)
        return _html(replace(page, headers={**page.headers, **error_headers(error)}))

    handlers: dict[int | type[Exception], Any] = {WsiError: refused}

    @get("/", include_in_schema=False, exception_handlers=handlers)
    async def gallery(request: AnyRequest) -> Response[bytes]:
        admitted = context.admit(request.scope["raw_path"], request.scope["query_string"])
        return _html(await render_gallery(deps, admitted.params, admitted.expires))

    @get("/view/{slide_id:str}", include_in_schema=False, exception_handlers=handlers)
    async def view(request: AnyRequest) -> Response[bytes]:
        raw_path, query = request.scope["raw_path"], request.scope["query_string"]
        # A viewer token opens a slide's tiles, not the page that hands out such tokens.
        expires = context.admit(raw_path, query).expires
        ref = decode_ref(raw_segments(request)[2])
        return _html(await render_view(deps, ref, expires, context.registry.cached(ref)))

    return [gallery, view]


def _html(page: HtmlPage) -> Response[bytes]:
    return Response(page.body, status_code=page.status, headers=dict(page.headers))
