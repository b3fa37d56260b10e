"""Who may use the admin API: whoever has its token; without one it listens on loopback only (see `Settings`)."""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass, field

from wsi_streamer.slides.errors import Unauthorized


@dataclass(frozen=True, slots=True)
class AdminAuth:
    """The tokens; None where none is set."""

    admin_token: str | None = field(default=None, repr=False)
    events_token: str | None = field(default=None, repr=False)

    def check_admin(self, authorization: str | None) -> None:
        """Check an Authorization header.

        Raises:
            Unauthorized: not the admin token.
        """
        if self.admin_token is not None and not _equal(_bearer(authorization), self.admin_token):
            raise Unauthorized("This needs the admin token: Authorization: Bearer …")

    def check_events(self, authorization: str | None, path_token: str | None) -> None:
        """Check the sender of an event: its own token in the path, as bearer or as basic auth's password; the admin token
        too.

        Raises:
            Unauthorized: none of these.
        """
        if self.admin_token is None and self.events_token is None and path_token is None:
            return
        given = [path_token or "", _bearer(authorization), _basic_password(authorization)]
        known = [token for token in (self.events_token, self.admin_token) if token is not None]
        matches = [_equal(one, token) for one in given for token in known]
        if not any(matches):
            raise Unauthorized("This needs the events token, in the path or as basic auth's password.")


def _bearer(authorization: str | None) -> str:
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _basic_password(authorization: str | None) -> str:
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _equal(given: str, expected: str) -> bool:
    return bool(given) and hmac.compare_digest(given.encode(), expected.encode())
