"""GET /view/{id}: the viewer on one slide."""

from __future__ import annotations

import msgspec

from wsi_streamer.access.caller import Caller
from wsi_streamer.slides.ids import is_slide_id
from wsi_streamer.slides.slide import Slide, SlideStatus
from wsi_streamer.tiles.metadata import SlideMetadata, slide_metadata
from wsi_streamer.tiles.page_deps import PageDeps, island, shown_name, signed_in
from wsi_streamer.web.html_page import HtmlPage, notice_page, page, text
from wsi_streamer.web.words import words


class PageData(msgspec.Struct, frozen=True):
    """What the page hands to its script."""

    id: str
    name: str
    access: dict[str, str]
    """Parameters that each request about the slide carries."""

    metadata: SlideMetadata | None
    """None while the slide is not indexed: asking for it indexes it."""

    has_list: bool
    """Whether there is a list of slides that the caller may see."""

    user: str | None
    """Who is signed in."""


async def render_view(
    deps: PageDeps, ref: str, caller: Caller, cached: Slide | None = None, renew_after: int | None = None
) -> HtmlPage:
    """The viewer; a slide that is not indexed yet is indexed when the page asks for its metadata. One that the worker has
    open (``cached``) needs no catalog: it is shown while Postgres is down, too."""
    if cached is not None:
        return _viewer(deps, cached.id, cached.key, cached, caller, renew_after)
    opened = await deps.catalog.slides.open(ref)
    said, has_list = words(deps.audience.language), _has_list(caller)
    if opened is None and is_slide_id(ref):
        return notice_page(
            deps.static, said.no_such_slide, said.may_be_removed, 404, audience=deps.audience, has_list=has_list
        )
    key = ref if opened is None else opened.row.key
    slide = None if opened is None else opened.slide
    if opened is not None and slide is None and opened.row.status is not SlideStatus.PENDING:
        name = shown_name(caller, opened.row.id, key, deps.audience.language)
        why = opened.row.error
        if deps.audience.language == "en" or why is None:
            sentence = why or said.cannot_be_served
            return notice_page(deps.static, name, sentence, 415, audience=deps.audience, has_list=has_list)
        # What was found in the file is told in English alone: it is for who looks into it.
        more = f'<p lang="en">{text(why)}</p>'
        return notice_page(
            deps.static, name, said.cannot_be_served, 415, audience=deps.audience, more=more, has_list=has_list
        )
    # The opaque id, not the key: a key may hold a patient's name, and its %2F dies in some proxies.
    return _viewer(deps, ref if opened is None else opened.row.id, key, slide, caller, renew_after)


def _viewer(
    deps: PageDeps, ident: str, key: str, slide: Slide | None, caller: Caller, renew_after: int | None
) -> HtmlPage:
    name = shown_name(caller, ident, key, deps.audience.language)
    metadata = None if slide is None else slide_metadata(slide, ident, caller)
    access = deps.viewer_params(key, caller)
    data = PageData(ident, name, access, metadata, _has_list(caller), signed_in(caller))
    body = island("slide", data)
    return page(
        deps.static, name, body, script="viewer", kind="viewer", renew_after=renew_after, audience=deps.audience
    )


def _has_list(caller: Caller) -> bool:
    # A right to one slide is none to the list, and a link's is to this page alone.
    return caller.kind != "link" and bool(caller.scope.prefixes)
