"""Where a slide's page sends people who must sign in first: by the page of tiles/sign_in_page.py, or by a redirect."""

from __future__ import annotations

import html
import re

from wsi_streamer.tiles.sign_in_page import SCRIPT
from wsi_streamer.web.static_files import StaticFiles


def way_in(status: int, location: str | None, body: str) -> str:
    """The location, of an answer that is one of the two, as the viewer is built or not."""
    if StaticFiles.load().named(SCRIPT, ".js") is None:
        assert status == 303
        assert location is not None
        return location
    assert (status, location) == (401, None)
    (link,) = re.findall(r'<a [^>]*href="([^"]*)"', body)
    (script,) = re.findall(r'<script [^>]*src="/static/([^"]*)"></script>', body)
    assert script.startswith(f"{SCRIPT}-")
    return html.unescape(link)
