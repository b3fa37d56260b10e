"""The two pages: the gallery and the viewer. What they show are values; what a slide is called is never markup."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from wsi_streamer.access.policy import AccessPolicy
from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.slides import SlideRow
from wsi_streamer.slides.slide import SlideStatus
from wsi_streamer.tiles.static_files import StaticFiles

PAGE_SLIDES = 60
THUMBNAIL_SIZE = 256

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

_TOOLS = "".join(
    ['<div class="tools" role="toolbar" aria-label="View">']
    + [
        f'<button type="button" id="{ident}" title="{title}" aria-label="{title}">{sign}</button>'
        for ident, title, sign in (
            ("zoom-in", "Zoom in", "+"),
            ("zoom-out", "Zoom out", "−"),
            ("home", "Whole slide", "⌂"),
            ("full-screen", "Full screen", "⛶"),
        )
    ]
    + ["</div>"]
)


@dataclass(frozen=True, slots=True)
class PageDeps:
    """What pages are made from."""

    catalog: Catalog
    access: AccessPolicy
    static: StaticFiles


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """A page, ready to send."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: _HEADERS)


async def render_gallery(deps: PageDeps, params: Mapping[str, str], expires: int | None) -> HtmlPage:
    """All slides, a page at a time. Links carry the caller's own right, until it ends and no longer."""
    search = params.get("q", "")
    page = await deps.catalog.listing.page(limit=PAGE_SLIDES, cursor=params.get("cursor") or None, search=search)
    cards = "".join(_card(deps, row, expires) for row in page.rows)
    if not cards:
        cards = _empty(search)
    more = ""
    if page.next_cursor is not None:
        query = {"cursor": page.next_cursor} | ({"q": search} if search else {})
        more = f'<p class="more"><a href="{_attr(_signed(deps, "/", query, expires))}">More slides</a></p>'
    form = ""
    if expires is None:  # with access on, the signature covers the query: a search needs a link of its own
        form = (
            '<form method="get" action="/"><label for="q">Search</label>'
            f'<input id="q" name="q" type="search" value="{_attr(search)}"></form>'
        )
    body = f'<header class="bar"><h1>Slides</h1>{form}</header><main class="gallery">{cards}</main>{more}'
    return _page(deps, "Slides", body, None)


async def render_view(deps: PageDeps, ref: str, expires: int | None) -> HtmlPage:
    """The viewer on one slide; one that is not in the catalog yet is indexed when the page asks for its metadata."""
    opened = await deps.catalog.slides.open(ref)
    key = ref if opened is None else opened.row.key
    ident = ref if opened is None else opened.row.id
    if opened is not None and opened.slide is None and opened.row.status is not SlideStatus.PENDING:
        message = html.escape(opened.row.error or "This file can't be served.")
        return _page(
            deps, "Slide", f'<main class="notice"><h1>{html.escape(_name(key))}</h1><p>{message}</p></main>', None, 415
        )
    data = {"id": ident, "name": _name(key), "access": _viewer_params(deps, key, expires)}
    island = json.dumps(data).replace("<", "\\u003c")
    back = '<a href="/">Slides</a>' if expires is None else ""  # a right to one slide is none to the list
    body = (
        f'<script type="application/json" id="slide">{island}</script>'
        f'<header class="bar">{back}<h1>{html.escape(_name(key))}</h1>{_TOOLS}</header>'
        '<main id="viewer"></main><div id="scale" hidden></div><div id="notice" role="status" hidden></div>'
    )
    return _page(deps, _name(key), body, "viewer")


def _card(deps: PageDeps, row: SlideRow, expires: int | None) -> str:
    name, folder = html.escape(_name(row.key)), html.escape(row.key.rpartition("/")[0])
    facts = [folder, row.format or "", f"{row.width} × {row.height}" if row.width else "", _size(row.size)]
    if row.mpp_x:
        facts.append(f"{row.mpp_x:.3g} µm/px")
    lines = "".join(f"<li>{fact}</li>" for fact in facts if fact)
    if row.status is SlideStatus.INDEXED and row.version is not None:
        path = f"/slides/{quote(row.id, safe='')}/thumbnail"
        query = {"max_size": str(THUMBNAIL_SIZE), "v": row.version} | _viewer_params(deps, row.key, expires)
        picture = f'<img src="{_attr(_url(path, query))}" alt="" loading="lazy" width="{THUMBNAIL_SIZE}">'
        link = _attr(_signed(deps, f"/view/{quote(row.id, safe='')}", {}, expires))
        return f'<a class="card" href="{link}">{picture}<h2>{name}</h2><ul>{lines}</ul></a>'
    reason = html.escape(row.error or "Waiting to be indexed.")
    status = html.escape(str(row.status))
    return f'<div class="card off"><h2>{name}</h2><p class="badge">{status}</p><p>{reason}</p><ul>{lines}</ul></div>'


def _empty(search: str) -> str:
    if search:
        return f"<p>No slide's name holds “{html.escape(search)}”.</p>"
    return "<p>No slides yet. While the bucket is being scanned they appear here: reload in a moment.</p>"


def _page(deps: PageDeps, title: str, body: str, script: str | None, status: int = 200) -> HtmlPage:
    style = deps.static.named("style", ".css")
    name = None if script is None else deps.static.named(script, ".js")
    head = "" if style is None else f'<link rel="stylesheet" href="/static/{_attr(style)}">'
    if name is not None:
        head += f'<script type="module" src="/static/{_attr(name)}"></script>'
    elif script == "viewer":
        body = '<main class="notice"><p>The viewer is not built: run <code>make viewer</code>.</p></main>'
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title>{head}</head><body>{body}</body></html>"
    )
    return HtmlPage(text.encode("utf-8", "replace"), status)


def _viewer_params(deps: PageDeps, key: str, expires: int | None) -> dict[str, str]:
    if expires is None:
        return {}
    return {"exp": str(expires), "vt": deps.access.viewer_token(key, expires)}


def _signed(deps: PageDeps, path: str, query: Mapping[str, str], expires: int | None) -> str:
    return _url(path, query) if expires is None else deps.access.sign_url(path, query, expires)


def _url(path: str, query: Mapping[str, str]) -> str:
    text = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in query.items())
    return f"{path}?{text}" if text else path


def _name(key: str) -> str:
    return key.rpartition("/")[2] or key


def _attr(text: str) -> str:
    return html.escape(text, quote=True)


def _size(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"
