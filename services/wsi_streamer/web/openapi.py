"""The OpenAPI document of a service, at /schema/openapi.json."""

from __future__ import annotations

from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from wsi_streamer import __version__


def openapi_config(title: str) -> OpenAPIConfig:
    """JSON only: the HTML pages that Litestar would add load their scripts from the internet."""
    plugins = [JsonRenderPlugin(path="/openapi.json")]
    return OpenAPIConfig(title=title, version=__version__, path="/schema", render_plugins=plugins)
