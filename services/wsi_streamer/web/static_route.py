"""GET /static/…: what pages are built from, on both ports, public in every access mode: it is the released package's own."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get

from wsi_streamer.slides.errors import NotFound
from wsi_streamer.web.static_files import StaticFiles


def static_handler(static: StaticFiles) -> Any:
    """The handler."""

    @get("/static/{name:str}", include_in_schema=False, sync_to_thread=False)
    def static_file(request: Request[Any, Any, Any]) -> Response[bytes]:
        file = static.files.get(request.path_params["name"])
        if file is None:
            raise NotFound("There is nothing here.")
        body, headers = file.encoded_for(request.headers.get("accept-encoding", ""))
        return Response(body, headers=headers)

    return static_file
