"""GET /embed/tile-source.js: the module that pages of other origins import, public in every access mode. It is code alone: what
it may ask for, CORS and access decide."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get

from wsi_streamer.slides.errors import NotFound
from wsi_streamer.tiles.etag import etag_matches
from wsi_streamer.web.static_files import StaticFiles

_HEADERS = {
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "cache-control": "public, max-age=300",  # its name stays while releases come and go
}


def embed_handler(static: StaticFiles) -> Any:
    """The handler."""
    name = static.named("embed", ".js")

    @get("/embed/tile-source.js", include_in_schema=False, sync_to_thread=False)
    def embed_module(request: Request[Any, Any, Any]) -> Response[bytes]:
        if name is None:
            raise NotFound("The viewer is not built.")
        etag = f'"{name}"'  # which holds a hash of what is in it
        body, headers = static.files[name].encoded_for(request.headers.get("accept-encoding", ""))
        headers |= {**_HEADERS, "etag": f"W/{etag}"}  # of two encodings
        if etag_matches(request.headers.get("if-none-match", ""), etag):
            kept = {key: value for key, value in headers.items() if key not in ("content-type", "content-encoding")}
            return Response(b"", status_code=304, headers=kept)
        return Response(body, headers=headers)

    return embed_module
