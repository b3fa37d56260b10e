"""GET /auth/login and /auth/callback: the way to the identity provider and back (authorization code with PKCE)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from litestar import Response, get

from wsi_streamer.access.embedded import MARK
from wsi_streamer.access.local_path import local_path
from wsi_streamer.access.oidc.identities import Identities
from wsi_streamer.access.oidc.sign_in import COOKIE_PREFIX, MAX_AT_A_TIME, SECONDS, SignIn, cookie_of, resumed
from wsi_streamer.access.oidc.used_states import UsedStates
from wsi_streamer.access.query import parse_query
from wsi_streamer.access.session_cookie import cookie_name, cookie_value, identity_session
from wsi_streamer.slides.errors import Unauthorized
from wsi_streamer.tiles.session_handlers import session_handlers
from wsi_streamer.tiles.sign_in_deps import CALLBACK_PATH, LOGIN_PATH, AnyRequest, SignInDeps, see_other, wants_page

_LEFT_OUT = frozenset({"grant", "vt", "sig", "exp", MARK})


def sign_in_location(raw_path: bytes, query: bytes) -> str:
    """Where to send someone who must sign in before a page. What the query shows in rights is left out (it was not enough,
    and must not get into further cookies and logs), and the mark of a frame, where nobody signs in."""
    kept = b"&".join(pair for pair in query.split(b"&") if pair.partition(b"=")[0].decode("latin-1") not in _LEFT_OUT)
    path = raw_path.decode("latin-1") + (f"?{kept.decode('latin-1')}" if kept else "")
    return f"{LOGIN_PATH}?next={quote(local_path(path), safe='/')}"


def sent_to_sign_in(request: AnyRequest, identities: Identities | None) -> Response[Any] | None:
    """For a page that was refused (401): people are sent to sign in. None where the refusal itself is the answer: to
    scripts, and where nobody can sign in."""
    if identities is None or not identities.can_sign_in() or request.method not in ("GET", "HEAD"):
        return None
    if not wants_page(request):
        return None
    return see_other(sign_in_location(request.scope["raw_path"], request.scope["query_string"]))


def sign_in_handlers(deps: SignInDeps) -> list[Any]:
    """All handlers of /auth; those of the provider only where people sign in with one."""
    identities = deps.identities
    if identities is None or not identities.can_sign_in() or deps.public_url is None:
        return session_handlers(deps)
    return [*session_handlers(deps), *_provider_handlers(deps, identities)]


def _provider_handlers(deps: SignInDeps, identities: Identities) -> list[Any]:
    used = UsedStates(deps.now)

    @get(LOGIN_PATH, include_in_schema=False, exception_handlers=deps.error_handlers())
    async def login(request: AnyRequest) -> Response[Any]:
        asked = parse_query(request.scope["query_string"])
        sign_in = SignIn.begin(local_path(asked.get("next")), deps.now())
        there = await identities.login_url(deps.redirect_uri(), sign_in.state, sign_in.nonce, sign_in.verifier)
        cookies = [deps.cookie(sign_in.cookie, sign_in.seal(deps.keys), SECONDS)]
        started = _started(request.headers.get("cookie", ""), secure=deps.secure)
        cookies += [deps.cookie(name, "", 0) for name in started[: -(MAX_AT_A_TIME - 1)]]
        return see_other(there, cookies)

    @get(CALLBACK_PATH, include_in_schema=False, exception_handlers=deps.error_handlers())
    async def callback(request: AnyRequest) -> Response[Any]:
        asked = parse_query(request.scope["query_string"])
        state, code = asked.get("state", ""), asked.get("code")
        name = cookie_of(state)
        sealed = cookie_value(request.headers.get("cookie", ""), secure=deps.secure, name=name)
        if not state or sealed is None:
            raise Unauthorized("This sign-in took too long, or was begun in another browser. Please try again.")
        sign_in = resumed(deps.keys, sealed, state, deps.now())
        if code is None:
            raise Unauthorized("The identity provider did not let you in. Please try again.")
        # Nobody has signed in yet, and the provider is asked for them: once for each sign-in that was begun here, and not
        # for one who was refused again and again.
        deps.check_patience(request)
        used.check(state)
        caller = await identities.caller_of_code(
            code, deps.redirect_uri(), sign_in.nonce, sign_in.verifier, issuer=asked.get("iss")
        )
        session = identity_session(caller, identities.rules_version, deps.now(), deps.session_seconds)
        cookie = deps.session_cookie(session)
        await deps.recorded("sign-in", caller, deps.address_of(request))
        return see_other(sign_in.next, [cookie, deps.cookie(name, "", 0)])

    return [login, callback]


def _started(header: str, *, secure: bool) -> list[str]:
    """Names of the cookies of sign-ins under way, without the guard's prefix."""
    prefix = cookie_name(COOKIE_PREFIX, secure=secure)
    names = [pair.strip().partition("=")[0] for pair in header.split(";")]
    return [COOKIE_PREFIX + name.removeprefix(prefix) for name in names if name.startswith(prefix)]
