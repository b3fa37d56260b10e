"""A page of HTML: the frame around every page, and the headers that keep it on this origin."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field

from litestar import Response

from wsi_streamer.access.embedded import MARK
from wsi_streamer.web.audience import Audience
from wsi_streamer.web.static_files import StaticFiles
from wsi_streamer.web.words import words

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors"
)
_ENGLISH_FOR_ALL = Audience()


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """A page, ready to send."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: page_headers())


def html_response(page: HtmlPage) -> Response[bytes]:
    """The page as Litestar's answer."""
    return Response(page.body, status_code=page.status, headers=dict(page.headers))


def page_headers(ancestors: tuple[str, ...] = ()) -> dict[str, str]:
    """Of a page that these origins may hold in a frame, beside our own."""
    return {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "content-security-policy": " ".join((_POLICY, "'self'", *ancestors)),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
    }


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
    audience: Audience = _ENGLISH_FOR_ALL,
) -> HtmlPage:
    """The document around ``body``, which is markup; ``title`` is text. ``kind`` is a class for the stylesheet. ``library``
    names a script, with a stylesheet of its own, that ``script`` works with; ``renew_after`` tells the script after how many
    seconds to renew the session; ``audience`` is whom it is for.

    Without the viewer's build there is no script and no style: a sentence then says how to get them.
    """
    said = words(audience.language)
    style = static.named("style", ".css")
    styles = [style, static.named(library, ".css") if library else None]
    head = "".join(f'<link rel="stylesheet" href="/static/{text(name)}">' for name in styles if name)
    loaded = static.named(library, ".js") if library else None
    if loaded is not None:
        head += f'<script src="/static/{text(loaded)}"></script>'
    code = static.named(script, ".js") if script else None
    if code is not None:
        # Else the browser learns of them a round trip later, from the script.
        imported = (f'<link rel="modulepreload" href="/static/{text(name)}">' for name in static.imports.get(code, ()))
        head += "".join(imported)
        head += f'<script type="module" src="/static/{text(code)}"></script>'
    if style is None or (script is not None and code is None):
        body = f"<p>{text(said.not_built)}</p>{body}"
    if script is not None:
        body += f'<noscript><p class="notice">{text(said.no_script)}</p></noscript>'
    renew = "" if renew_after is None else f' data-renew-after="{renew_after}"'
    if audience.marked:
        renew += f' data-mark="{MARK}=1"'
    document = (
        f'<!doctype html><html lang="{audience.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f'<title>{text(title)}</title><link rel="icon" href="data:,">{head}</head>'
        f'<body class="{kind}"{renew}>{body}</body></html>'
    )
    return HtmlPage(document.encode("utf-8", "replace"), status, page_headers(audience.ancestors))


def notice_page(
    static: StaticFiles,
    title: str,
    message: str,
    status: int,
    *,
    audience: Audience = _ENGLISH_FOR_ALL,
    more: str = "",
    has_list: bool = False,
) -> HtmlPage:
    """A page that only says something, such as why a slide is not shown; ``more`` is markup. ``has_list`` leads back to the
    list of slides, for who may see it."""
    slides = text(words(audience.language).slides)
    bar = f'<header class="bar"><a class="back" href="/">{slides}</a></header>' if has_list else ""
    body = f'{bar}<main class="notice"><h1>{text(title)}</h1><p>{text(message)}</p>{more}</main>'
    return page(static, title, body, status=status, audience=audience)


def text(value: str) -> str:
    """Any text as markup, in an element or in a quoted attribute."""
    return html.escape(value, quote=True)
