"""A page of HTML: the frame around every page, and the headers that keep it on this origin."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field

from wsi_streamer.web.static_files import StaticFiles

_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """A page, ready to send."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: _HEADERS)


def page(
    static: StaticFiles,
    title: str,
    body: str,
    *,
    script: str | None = None,
    library: str | None = None,
    status: int = 200,
    kind: str = "list",
    renew_after: int | None = None,
) -> HtmlPage:
    """The document around ``body``, which is markup; ``title`` is text. ``kind`` is a class for the stylesheet. ``library``
    names a script, with a stylesheet of its own, that ``script`` works with; ``renew_after`` tells the script after how many
    seconds to renew the session.

    Without the viewer's build there is no script and no style: a sentence then says how to get them.
    """
    style = static.named("style", ".css")
    styles = [style, static.named(library, ".css") if library else None]
    head = "".join(f'<link rel="stylesheet" href="/static/{text(name)}">' for name in styles if name)
    loaded = static.named(library, ".js") if library else None
    if loaded is not None:
        head += f'<script src="/static/{text(loaded)}"></script>'
    code = static.named(script, ".js") if script else None
    if code is not None:
        head += f'<script type="module" src="/static/{text(code)}"></script>'
    if style is None or (script is not None and code is None):
        body = "<p>The viewer is not built: run <code>make viewer</code>.</p>" + body
    renew = "" if renew_after is None else f' data-renew-after="{renew_after}"'
    document = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f'<title>{text(title)}</title><link rel="icon" href="data:,">{head}</head>'
        f'<body class="{kind}"{renew}>{body}</body></html>'
    )
    return HtmlPage(document.encode("utf-8", "replace"), status)


def notice_page(static: StaticFiles, title: str, message: str, status: int) -> HtmlPage:
    """A page that only says something, such as why a slide is not shown."""
    body = f'<main class="notice"><h1>{text(title)}</h1><p>{text(message)}</p></main>'
    return page(static, title, body, status=status)


def text(value: str) -> str:
    """Any text as markup, in an element or in a quoted attribute."""
    return html.escape(value, quote=True)
