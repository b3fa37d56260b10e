"""GET / (for the page's script as JSON) and /view/{id}: access is checked here; what is shown stands in gallery_page.py and view_page.py."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from litestar import Request, Response, get

from wsi_streamer.access.embedded import is_framed
from wsi_streamer.access.gate import GRANT_PARAM
from wsi_streamer.access.grants.grants import Grants
from wsi_streamer.access.local_path import local_path
from wsi_streamer.access.permissions import Permission
from wsi_streamer.slides.errors import RightEnded, Unauthorized, WsiError
from wsi_streamer.tiles.context import TileContext
from wsi_streamer.tiles.gallery_page import gallery_list, render_gallery
from wsi_streamer.tiles.grant_links import in_window, redirect_to_cookie
from wsi_streamer.tiles.link_question import question
from wsi_streamer.tiles.page_deps import PageDeps
from wsi_streamer.tiles.sign_in_deps import NOT_KEPT, SignInDeps, wants_page
from wsi_streamer.tiles.sign_in_handlers import sent_to_sign_in
from wsi_streamer.tiles.sign_in_page import sign_in_page
from wsi_streamer.tiles.slide_handlers import raw_segments
from wsi_streamer.tiles.view_page import render_view
from wsi_streamer.web.error_words import sentence
from wsi_streamer.web.errors import EXCEPTION_HANDLERS, error_headers, log_error
from wsi_streamer.web.html_page import HtmlPage, html_response, notice_page, text
from wsi_streamer.web.words import words

AnyRequest = Request[Any, Any, Any]

_VARIES = {"vary": "Accept"}
_SLIDE = b"/view/"


def page_handlers(context: TileContext, sign_in: SignInDeps, grants: Grants) -> list[Any]:
    """The handlers, for one process's context."""
    static = sign_in.static
    deps = PageDeps(catalog=context.catalog, links=context.gate.links, static=static)

    async def by_link(request: AnyRequest) -> Response[Any] | None:
        return await _by_link(context, sign_in, grants, request)

    handlers: dict[int | type[Exception], Any] = {WsiError: lambda request, error: _refused(sign_in, request, error)}

    @get("/", include_in_schema=False, exception_handlers=handlers)
    async def gallery(request: AnyRequest) -> Response[Any]:
        redirected = await by_link(request)
        if redirected is not None:
            return redirected
        admitted = await context.admit(context.asked(request.scope), page=True)
        params = admitted.params
        await context.record_list(admitted, search=params.get("q", ""), prefix=params.get("prefix", ""))
        shown_to = replace(deps, audience=sign_in.audience(request))
        if wants_data(request):
            listed = await gallery_list(shown_to, params, admitted.caller)
            return Response(listed, media_type="application/json", headers=_VARIES | NOT_KEPT)
        page = await render_gallery(shown_to, params, admitted.caller, sign_in.renew_after(request))
        return html_response(replace(page, headers={**page.headers, **_VARIES}))

    @get("/view/{slide_id:str}", include_in_schema=False, exception_handlers=handlers)
    async def view(request: AnyRequest) -> Response[Any]:
        redirected = await by_link(request)
        if redirected is not None:
            return redirected
        # A viewer token opens a slide's tiles, not the page that hands out such tokens.
        admitted = await context.admit_to_slide(context.asked(request.scope), raw_segments(request)[2], page=True)
        if admitted.caller.may(Permission.METADATA):  # the page holds it
            await context.record_view(admitted, "metadata")
        cached, renew_after = context.registry.cached(admitted.ref), sign_in.renew_after(request)
        shown_to = replace(deps, audience=sign_in.audience(request))
        return html_response(await render_view(shown_to, admitted.ref, admitted.caller, cached, renew_after))

    return [gallery, view]


async def _by_link(
    context: TileContext, sign_in: SignInDeps, grants: Grants, request: AnyRequest
) -> Response[Any] | None:
    """A grant's link becomes a cookie, and the same page without the token in its address; or the question whether it
    should."""
    asked = context.asked(request.scope)
    if context.gate.is_open() or GRANT_PARAM.encode() not in asked.query:
        by_itself = wants_page(request) and not is_framed(request.headers.get("sec-fetch-dest", ""))
        return in_window(asked.raw_path, asked.query) if by_itself else None
    framed = sign_in.is_framed(request)
    cookie_of = partial(sign_in.cookie_of_grant, framed=framed)
    try:
        if framed:
            sign_in.check_framing_page(request)
        moved = await redirect_to_cookie(
            asked.raw_path, asked.query, asked.address, grants=grants, cookie_of=cookie_of, framed=framed
        )
    except WsiError as error:
        raise context.denials.of(error, asked, route="page") from None
    if moved is None:
        return None
    if framed:  # its cookie takes nobody's place
        return moved
    return question(sign_in, request, moved.headers["location"]) or moved


def wants_data(request: AnyRequest) -> bool:
    """Whether the page's script asks, for more of the list."""
    return "application/json" in request.headers.get("accept", "") and not wants_page(request)


def _refused(sign_in: SignInDeps, request: AnyRequest, error: WsiError) -> Response[Any]:
    """People are led to sign in, or read a sentence; scripts get the API's JSON."""
    if isinstance(error, Unauthorized) and GRANT_PARAM.encode() not in request.scope["query_string"]:
        there = sent_to_sign_in(request, sign_in.identities)
        if there is not None:
            return _to_sign_in(sign_in, request, error, there)
    if not wants_page(request):
        answer: Response[Any] = EXCEPTION_HANDLERS[WsiError](request, error)
        return answer
    log_error(error, request_id=request.scope.get("request_id"))
    audience = sign_in.audience(request)
    title, message = words(audience.language).refused, sentence(error, audience.language)
    page = notice_page(sign_in.static, title, message, error.status, audience=audience)
    return html_response(replace(page, headers={**page.headers, **error_headers(error)}))


def _to_sign_in(sign_in: SignInDeps, request: AnyRequest, error: Unauthorized, there: Response[Any]) -> Response[Any]:
    """From a slide's page by way of one that keeps its address's fragment; the list's has none."""
    if sign_in.is_framed(request):
        return html_response(_sign_in_apart(sign_in, request, error))
    if not request.scope["raw_path"].startswith(_SLIDE) or is_framed(request.headers.get("sec-fetch-dest", "")):
        return there
    page = sign_in_page(sign_in.static, sign_in.audience(request), there.headers["location"], error)
    return there if page is None else html_response(page)


def _sign_in_apart(sign_in: SignInDeps, request: AnyRequest, error: WsiError) -> HtmlPage:
    """In a frame nobody signs in: providers' pages don't go into frames, and nobody should type a password into one."""
    audience = sign_in.audience(request)
    said = words(audience.language)
    here = text(local_path(request.scope["raw_path"].decode("latin-1")))
    more = f'<p><a href="{here}" target="_blank" rel="noopener">{text(said.open_apart)}</a></p>'
    why = said.sign_in_apart_why
    if isinstance(error, RightEnded):
        why = sentence(error, audience.language)
    return notice_page(sign_in.static, said.not_signed_in, why, error.status, audience=audience, more=more)
