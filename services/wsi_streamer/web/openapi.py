"""The description of a service: at /schema/openapi.json for programs, at /schema for people.

Both are public whatever the access mode: they are the same for everyone, and tell nothing that the released package does
not. Litestar's own pages would load their scripts from the internet; hospitals' networks have none.
"""

from __future__ import annotations

from typing import Any

from litestar import MediaType, Request, Router
from litestar.datastructures import ResponseHeader
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin

from wsi_streamer import __version__
from wsi_streamer.web.html_page import HtmlPage, page
from wsi_streamer.web.static_files import StaticFiles

_PATH = "/schema"


class _Page(OpenAPIRenderPlugin):
    def __init__(self, shown: HtmlPage) -> None:
        super().__init__(path="/", media_type=MediaType.HTML)
        self._shown = shown

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """The same for everyone: its script asks for the document."""
        return self._shown.body


def openapi_config(title: str, static: StaticFiles) -> OpenAPIConfig:
    """For ``Litestar(openapi_config=…)``, beside `static_handler`."""
    shown = page(static, title, '<main id="schema"></main>', script="schema", library="swagger", kind="schema")
    headers = [
        ResponseHeader(name=name, value=value) for name, value in shown.headers.items() if name != "content-type"
    ]
    return OpenAPIConfig(
        title=title,
        version=__version__,
        path=_PATH,
        render_plugins=[JsonRenderPlugin(path="/openapi.json"), _Page(shown)],
        openapi_router=Router(_PATH, route_handlers=[], include_in_schema=False, response_headers=headers),
    )
