"""Who may use the admin API: whoever has its token; without one it listens on loopback only (see `Settings`)."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from wsi_streamer.settings import is_loopback
from wsi_streamer.slides.errors import Forbidden, Unauthorized


@dataclass(frozen=True, slots=True)
class AdminAuth:
    """The tokens; None where none is set."""

    admin_token: str | None = field(default=None, repr=False)
    events_token: str | None = field(default=None, repr=False)

    def check_admin(self, headers: Mapping[str, str]) -> None:
        """Check a request.

        Raises:
            Unauthorized: not the admin token.
            Forbidden: there is no token, and this may be a web page reaching for this machine's own ports.
        """
        if self.admin_token is None:
            _refuse_foreign(headers)
        elif not _equal(_bearer(headers.get("authorization")), self.admin_token):
            raise Unauthorized("This needs the admin token: Authorization: Bearer …")

    def check_events(self, headers: Mapping[str, str], path_token: str | None) -> None:
        """Check the sender of an event: its own token in the path, as bearer or as basic auth's password; the admin token
        too.

        Raises:
            Unauthorized: none of these.
            Forbidden: as for `check_admin`.
        """
        if self.admin_token is None and self.events_token is None and path_token is None:
            _refuse_foreign(headers)
            return
        authorization = headers.get("authorization")
        given = [path_token or "", _bearer(authorization), _basic_password(authorization)]
        known = [token for token in (self.events_token, self.admin_token) if token is not None]
        matches = [_equal(one, token) for one in given for token in known]
        if not any(matches):
            raise Unauthorized("This needs the events token, in the path or as basic auth's password.")


def _refuse_foreign(headers: Mapping[str, str]) -> None:
    """Without a token only this machine reaches the port, and so does every page in a browser on it: those send an origin
    of their own, or (DNS rebinding) a host name of their own."""
    origin = headers.get("origin")
    hosts = [headers.get("host", "")] + ([] if origin is None else [origin.partition("://")[2]])
    for host in hosts:
        if not is_loopback(_name(host)):
            raise Forbidden("Without an admin token this answers requests to localhost only. Set WSI_ADMIN_TOKEN.")


def _name(host: str) -> str:
    """Host and port without the port."""
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


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
