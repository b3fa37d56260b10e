"""POST /auth/renew and /auth/logout: the session of a browser. Sent by our own pages alone."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import MediaType, Response, post

from wsi_streamer.access.session_cookie import Session
from wsi_streamer.slides.errors import CatalogUnavailable, Unauthorized
from wsi_streamer.tiles.sign_in_deps import NOT_KEPT, AnyRequest, SignInDeps, wants_page
from wsi_streamer.web.errors import error_body, error_headers, log_error
from wsi_streamer.web.same_origin import require_same_origin
from wsi_streamer.web.words import words

_FORGET = {"clear-site-data": '"cache"'}
"""What was seen stays in the browser's cache for minutes: not beyond signing out, where pages come by https."""


class Renewed(msgspec.Struct, frozen=True):
    """The session's cookie comes with it."""

    renew_after: int
    """Seconds after which to ask again."""


def session_handlers(deps: SignInDeps) -> list[Any]:
    """The handlers, for one process."""

    async def renewed(session: Session, request: AnyRequest) -> Session:
        if session.caller_kind == "grant":
            granted = await deps.renewed_grant(session.grant_id or "", deps.address_of(request))
            return session.renewed(deps.now(), granted.expires)
        if deps.identities is None:
            raise Unauthorized("You are not signed in.")
        deps.identities.caller_of_session(session)
        await deps.ended.check(session)
        return session.renewed(deps.now())

    @post(
        "/auth/renew",
        status_code=200,
        summary="Renew the session",
        tags=["sign-in"],
        operation_id="renewSession",
        exception_handlers=deps.error_handlers(),
    )
    async def renew(request: AnyRequest) -> Response[Renewed]:
        require_same_origin(request, deps.public_url)
        session = await renewed(deps.session_of(request), request)
        shown = deps.shown_session(request)
        cookie = deps.session_header(session, framed=shown is not None and shown.framed)
        return Response(Renewed(session.renew_after(deps.now())), headers={**NOT_KEPT, "set-cookie": cookie})

    @post(
        "/auth/logout",
        status_code=200,  # 204 for scripts
        summary="End the session of this browser",
        tags=["sign-in"],
        operation_id="endSession",
        exception_handlers=deps.error_handlers(),
    )
    async def logout(request: AnyRequest) -> Response[Any]:
        require_same_origin(request, deps.public_url)
        try:
            shown = deps.shown_session(request)
            session: Session | None = deps.session_of(request)
        except Unauthorized:
            shown = session = None
        gone = {"set-cookie": deps.gone_header(framed=shown is not None and shown.framed)}
        if session is not None and session.caller_kind == "identity" and session.sid not in deps.ended:
            try:
                await deps.ended.end(session)
            except CatalogUnavailable as error:
                # This browser's copy goes in any case: who signs out may be about to leave the machine to others.
                return _here_alone(deps, request, error, gone)
            await deps.recorded("sign-out", session.caller(), deps.address_of(request))
        if wants_page(request):
            audience = deps.audience(request)
            said = words(audience.language)
            return deps.notice(audience, said.signed_out, said.session_ended, 200, headers={**_FORGET, **gone})
        return Response(None, status_code=204, headers={**NOT_KEPT, **_FORGET, **gone})

    return [renew, logout]


def _here_alone(
    deps: SignInDeps, request: AnyRequest, error: CatalogUnavailable, gone: dict[str, str]
) -> Response[Any]:
    log_error(error, request_id=request.scope.get("request_id"))
    headers = {**error_headers(error), **gone}
    if wants_page(request):
        audience = deps.audience(request)
        said = words(audience.language)
        return deps.notice(audience, said.signed_out_here, said.ended_here_alone, error.status, headers=headers)
    body = error_body(error.code, words("en").ended_here_alone, error.status)
    return Response(body, status_code=error.status, media_type=MediaType.JSON, headers=headers)
