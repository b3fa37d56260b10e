"""A grant's link that another site sent someone to who has signed in here: nobody's session is replaced unasked.

Else a page could have people see slides, and the audit log call them, by a grant that is someone else's.
"""

from __future__ import annotations

from litestar import Response

from wsi_streamer.slides.errors import WsiError
from wsi_streamer.tiles.sign_in_deps import AnyRequest, SignInDeps
from wsi_streamer.web.html_page import page, text
from wsi_streamer.web.words import words

_ELSEWHERE = frozenset({b"cross-site", b"same-site"})
"""Sec-Fetch-Site (W3C Fetch Metadata, 2.3) of what another origin's page has begun. ``none`` is an address typed in, a bookmark, or
a mail program; older browsers, and those that come by plain http, say nothing."""


def question(sign_in: SignInDeps, request: AnyRequest, without: str) -> Response[bytes] | None:
    """The page that asks whether to go on by the link; None where nobody would lose their session, or where they have come
    from a page of ours, such as this one.

    Args:
        sign_in: knows sessions.
        request: for a page with a grant's token that is right, in a target of harmless characters.
        without: the same target without the token.
    """
    if not any(name == b"sec-fetch-site" and value in _ELSEWHERE for name, value in request.scope["headers"]):
        return None
    who = _signed_in(sign_in, request)
    if who is None:
        return None
    target = request.scope["raw_path"] + b"?" + request.scope["query_string"]
    audience = sign_in.audience(request).unframed()
    said = words(audience.language)
    body = (
        f'<main class="notice"><h1>{text(said.link_question)}</h1><p>{text(said.link_explained.format(who))}</p>'
        f'<p><a href="{text(without)}">{text(said.stay)}</a></p>'
        f'<p><a href="{text(target.decode("latin-1"))}">{text(said.open_link)}</a></p></main>'
    )
    asked = page(sign_in.static, said.link_question, body, audience=audience)
    return Response(asked.body, status_code=200, headers=dict(asked.headers))


def _signed_in(sign_in: SignInDeps, request: AnyRequest) -> str | None:
    """What to call the one whose session it is; None where it is no identity's, or counts no more."""
    if sign_in.identities is None:
        return None
    try:
        session = sign_in.session_of(request)
        if session.sid in sign_in.ended:
            return None
        caller = sign_in.identities.caller_of_session(session)
    except WsiError:
        return None
    return caller.name or caller.id.rpartition("|")[2]
