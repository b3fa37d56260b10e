"""What happens when a request is refused: it is recorded, and who goes on guessing is told to stop."""

from __future__ import annotations

from wsi_streamer.access.asked import Asked
from wsi_streamer.access.audit.audit import Audit
from wsi_streamer.access.gate import Refused
from wsi_streamer.slides.errors import (
    Forbidden,
    InvalidExpiryFormat,
    InvalidSignature,
    InvalidSignatureFormat,
    MissingExpiry,
    MissingSignature,
    NotSignedIn,
    RightEnded,
    SignatureExpired,
    TooManyFailures,
    Unauthorized,
    WsiError,
)
from wsi_streamer.web.failures import Failures

_SHOWN_NOTHING = (MissingSignature, MissingExpiry, NotSignedIn)
_DENIED = (Unauthorized, Forbidden, InvalidSignature, InvalidSignatureFormat, InvalidExpiryFormat, SignatureExpired)

_WAIT = "Too many requests from your address were refused. Wait a minute."


class Denials:
    """Of one service."""

    def __init__(self, audit: Audit, failures: Failures) -> None:
        self._audit = audit
        self._failures = failures

    def check(self, asked: Asked, route: str) -> None:
        """Comes before what costs someone else: asking another server on behalf of who has shown nothing yet.

        Raises:
            TooManyFailures: too much from that address was refused.
        """
        if self._failures.is_over(asked.address):
            error = TooManyFailures(_WAIT)
            self._audit.deny(None, asked.address, error.code, route=route)
            raise error

    def of(
        self, error: WsiError, asked: Asked, slide_id: str | None = None, route: str = "", key: str | None = None
    ) -> WsiError:
        """The error to answer with. Never waits, and never turns away who shows what is right: a whole hospital may come
        from one address."""
        if not isinstance(error, _DENIED + _SHOWN_NOTHING):
            return error
        caller, wanted = (error.caller, error.wanted) if isinstance(error, Refused) else (None, "")
        self._audit.deny(caller, asked.address, error.code, slide_id=slide_id, key=key, route=route, wanted=wanted)
        # What has expired or been revoked was right once, and who shows nothing guesses nothing.
        if isinstance(error, (*_SHOWN_NOTHING, SignatureExpired, RightEnded)) or not self._failures.note(asked.address):
            return error
        return TooManyFailures(_WAIT)
