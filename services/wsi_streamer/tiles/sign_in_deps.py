"""What signing in works with: who asks, the cookies, and how it answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from litestar import Request, Response
from litestar.datastructures import Cookie

from wsi_streamer.access.caller import Caller
from wsi_streamer.access.embedded import (
    ShownSession,
    embedded_cookie_header,
    is_framed,
    may_frame,
    purpose,
    shown_session,
)
from wsi_streamer.access.ended_sessions import EndedSessions
from wsi_streamer.access.oidc.identities import Identities
from wsi_streamer.access.query import parse_query
from wsi_streamer.access.session_cookie import (
    COOKIE,
    Session,
    cookie_header,
    cookie_name,
    grant_session,
    seal,
    unseal,
)
from wsi_streamer.access.signing_keys import SigningKeys
from wsi_streamer.slides.errors import Forbidden, NotSignedIn, Unauthorized, WsiError
from wsi_streamer.web.audience import Audience
from wsi_streamer.web.error_words import sentence
from wsi_streamer.web.errors import EXCEPTION_HANDLERS, error_headers, log_error
from wsi_streamer.web.html_page import html_response, notice_page, text
from wsi_streamer.web.languages import chosen
from wsi_streamer.web.static_files import StaticFiles
from wsi_streamer.web.words import words

AnyRequest = Request[Any, Any, Any]

CALLBACK_PATH = "/auth/callback"
LOGIN_PATH = "/auth/login"
NOT_KEPT = {"cache-control": "no-store", "referrer-policy": "no-referrer"}


async def _not_recorded(action: str, caller: Caller, address: str) -> None:
    pass


def _unchecked(request: AnyRequest) -> None:
    pass


def _as_it_is(error: WsiError, request: AnyRequest) -> WsiError:
    return error


@dataclass(frozen=True, slots=True)
class SignInDeps:
    """What signing in works with."""

    keys: SigningKeys
    public_url: str | None
    """Origin that users reach the service by; without it nobody can sign in."""

    session_seconds: float
    now: Callable[[], float]
    static: StaticFiles
    address_of: Callable[[AnyRequest], str]
    """The client's address."""

    renewed_grant: Callable[[str, str], Awaitable[Caller]]
    """From a grant's id and the client's address; raises Unauthorized or Forbidden where it lasts no longer."""

    ended: EndedSessions
    identities: Identities | None = None
    recorded: Callable[[str, Caller, str], Awaitable[None]] = _not_recorded
    """Told of "sign-in" and "sign-out", with the caller and the client's address, before the answer goes out."""

    denied: Callable[[WsiError, AnyRequest], WsiError] = _as_it_is
    """Told of what is refused; gives the error to answer with."""

    check_patience: Callable[[AnyRequest], None] = _unchecked
    """Asked before the provider is: raises TooManyFailures for an address of which too much was refused."""

    ancestors: tuple[str, ...] = ()
    """Origins whose pages may show ours in a frame."""

    @property
    def secure(self) -> bool:
        """Whether pages come by https."""
        return self.public_url is not None and self.public_url.lower().startswith("https:")

    def redirect_uri(self) -> str:
        """Where the provider sends people back to: never what a request says of itself."""
        return f"{(self.public_url or '').rstrip('/')}{CALLBACK_PATH}"

    def cookie(self, name: str, value: str, max_age: int) -> Cookie:
        """A Set-Cookie; ``max_age`` 0 deletes it."""
        return Cookie(
            key=cookie_name(name, secure=self.secure),
            value=value,
            max_age=max_age,
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )

    def session_cookie(self, session: Session) -> Cookie:
        """The Set-Cookie of a person's own session."""
        return self.cookie(COOKIE, seal(self.keys, session), self._seconds(session))

    def session_header(self, session: Session, *, framed: bool) -> str:
        """The Set-Cookie value of a session, of a person's own or of a frame's."""
        value = seal(self.keys, session, purpose(framed=framed))
        header = embedded_cookie_header if framed else cookie_header
        return header(value, secure=self.secure, max_age=self._seconds(session))

    def gone_header(self, *, framed: bool) -> str:
        """The Set-Cookie value that ends a session in its browser."""
        header = embedded_cookie_header if framed else cookie_header
        return header("", secure=self.secure, max_age=0)

    def cookie_of_grant(self, caller: Caller, *, framed: bool = False) -> str:
        """The Set-Cookie value for one who has shown a grant's token."""
        session = grant_session(caller.grant_id or caller.id, self.now(), caller.expires or int(self.now()))
        return self.session_header(session, framed=framed)

    def _seconds(self, session: Session) -> int:
        return max(0, session.renew_by - int(self.now()))

    def is_framed(self, request: AnyRequest) -> bool:
        """Whether a page is asked for that another site's page shows in a frame, and may."""
        return bool(self.ancestors) and is_framed(request.headers.get("sec-fetch-dest", ""))

    def audience(self, request: AnyRequest) -> Audience:
        """Whom the answer to a request is for."""
        try:
            shown = self.shown_session(request)
        except WsiError:
            shown = None
        language = chosen(request.headers.get("accept-language", ""))
        return Audience(language, self.ancestors, marked=shown is not None and shown.framed)

    def check_framing_page(self, request: AnyRequest) -> None:
        """For a page in a frame. Browsers refuse to show it where they must, but keep its cookie before they do.

        Raises:
            Forbidden: it is told that another page has begun it than those that may frame ours.
        """
        came_from = request.headers.get("referer", "")
        ours = self.public_url or f"{request.url.scheme}://{request.headers.get('host', '')}"
        if came_from and not may_frame(came_from, (*self.ancestors, ours)):
            raise Forbidden("The page that shows this one in a frame is not among those that may.")

    def renew_after(self, request: AnyRequest) -> int | None:
        """Seconds after which the page's script is to renew the session; None where there is none."""
        try:
            return self.session_of(request).renew_after(self.now())
        except Unauthorized:
            return None

    def session_of(self, request: AnyRequest) -> Session:
        """The session that a request shows.

        Raises:
            Unauthorized: none, or it has ended.
        """
        shown = self.shown_session(request)
        if shown is None:
            raise NotSignedIn("You are not signed in.")
        return unseal(self.keys, shown.value, self.now(), shown.purpose)

    def shown_session(self, request: AnyRequest) -> ShownSession | None:
        """The same, as it was sent.

        Raises:
            Unauthorized: there are several.
            InvalidRequest: the query can't be read.
        """
        return shown_session(
            request.headers.get("cookie", ""),
            secure=self.secure,
            embedding=bool(self.ancestors),
            fetch_dest=request.headers.get("sec-fetch-dest", ""),
            params=parse_query(request.scope["query_string"]),
        )

    def notice(
        self, audience: Audience, title: str, message: str, status: int, *, headers: dict[str, str] | None = None
    ) -> Response[bytes]:
        """A page that says something, and leads back to signing in."""
        more = f'<p><a href="{LOGIN_PATH}">{text(words(audience.language).sign_in)}</a></p>'
        said = notice_page(self.static, title, message, status, audience=audience.unframed(), more=more)
        return html_response(replace(said, headers={**said.headers, **(headers or {})}))

    def error_handlers(self) -> dict[int | type[Exception], Any]:
        """People read a sentence, scripts the API's JSON."""

        def refused(request: AnyRequest, error: WsiError) -> Response[Any]:
            error = self.denied(error, request)
            if not wants_page(request):
                answer: Response[Any] = EXCEPTION_HANDLERS[WsiError](request, error)
                return answer
            log_error(error, request_id=request.scope.get("request_id"))
            headers = error_headers(error)
            audience = self.audience(request)
            said = words(audience.language)
            title = said.not_signed_in if error.status == 401 else said.refused
            return self.notice(audience, title, sentence(error, audience.language), error.status, headers=headers)

        return {WsiError: refused}


def wants_page(request: AnyRequest) -> bool:
    """Whether a person asks, by a browser."""
    return "text/html" in request.headers.get("accept", "")


def see_other(location: str, cookies: list[Cookie] | None = None) -> Response[Any]:
    """Go there, by GET."""
    return Response(None, status_code=303, headers={"location": location, **NOT_KEPT}, cookies=cookies or [])
