"""GET / and /view/{id}: access is checked here, what is shown stands in pages.py. GET /static/…: the viewer's build."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get

from wsi_streamer.slides.errors import NotFound
from wsi_streamer.tiles.context import TileContext
from wsi_streamer.tiles.pages import HtmlPage, PageDeps, render_gallery, render_view
from wsi_streamer.tiles.parameters import decode_ref
from wsi_streamer.tiles.slide_handlers import raw_segments
from wsi_streamer.tiles.static_files import StaticFiles

AnyRequest = Request[Any, Any, Any]


def page_handlers(context: TileContext, static: StaticFiles) -> list[Any]:
    """The handlers, for one process's context."""
    deps = PageDeps(catalog=context.catalog, access=context.access, static=static)

    @get("/", include_in_schema=False)
    async def gallery(request: AnyRequest) -> Response[bytes]:
        admitted = context.admit(request.scope["raw_path"], request.scope["query_string"])
        return _html(await render_gallery(deps, admitted.params, admitted.expires))

    @get("/view/{slide_id:str}", include_in_schema=False)
    async def view(request: AnyRequest) -> Response[bytes]:
        raw_path, query = request.scope["raw_path"], request.scope["query_string"]
        # A viewer token opens a slide's tiles, not the page that hands out such tokens.
        expires = context.admit(raw_path, query).expires
        return _html(await render_view(deps, decode_ref(raw_segments(request)[2]), expires))

    @get("/static/{name:str}", include_in_schema=False, sync_to_thread=False)
    def static_file(request: AnyRequest) -> Response[bytes]:
        file = static.files.get(request.path_params["name"])
        if file is None:
            raise NotFound("There is nothing here.")
        return Response(file.data, headers=dict(file.headers))

    return [gallery, view, static_file]


def _html(page: HtmlPage) -> Response[bytes]:
    return Response(page.body, status_code=page.status, headers=dict(page.headers))
