"""Who may use the admin API, and as what."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from wsi_streamer.access.caller import Caller
from wsi_streamer.access.permissions import GRANTABLE, Permission, Role
from wsi_streamer.access.scope import Scope
from wsi_streamer.settings import is_loopback
from wsi_streamer.slides.errors import Forbidden, Unauthorized

_ALL = GRANTABLE | {Permission.GRANT}
"""What an admin may hand out; it sees nothing by that itself, since this port has no pictures."""


@dataclass(frozen=True, slots=True)
class AdminAuth:
    """The tokens; None where none is set. Where neither a token nor an identity provider is, this port listens on loopback
    only (see `Settings`), and whoever is on this machine may do everything."""

    admin_token: str | None = field(default=None, repr=False)
    auditor_token: str | None = field(default=None, repr=False)
    events_token: str | None = field(default=None, repr=False)
    identity: Callable[[str], Awaitable[Caller]] | None = field(default=None, repr=False)
    """Checks a token of the identity provider, where there is one."""

    async def caller(self, headers: Mapping[str, str]) -> Caller:
        """Who asks.

        Raises:
            Unauthorized: no token that counts.
            Forbidden: there is no token to ask for, and this may be a web page reaching for this machine's own ports.
            IdentityProviderUnavailable: an identity can't be checked now.
        """
        given = _bearer(headers.get("authorization"))
        if _equal(given, self.admin_token):
            return Caller("admin-token", "admin-token", _ALL, Scope.all(), frozenset({Role.ADMIN}))
        if _equal(given, self.auditor_token):
            return Caller("auditor-token", "auditor-token", roles=frozenset({Role.AUDITOR}))
        if self.admin_token is None and self.identity is None:
            _refuse_foreign(headers)
            # Where auditors have a token of their own nobody else reads the log.
            roles = {Role.ADMIN} if self.auditor_token is not None else {Role.ADMIN, Role.AUDITOR}
            return Caller("local", "local", _ALL, Scope.all(), frozenset(roles))
        if self.identity is None or not given:
            raise Unauthorized("This needs a token that is right here: Authorization: Bearer …")
        return await self.identity(given)

    def check_events(self, headers: Mapping[str, str], path_token: str | None) -> None:
        """Check the sender of an event: its own token in the path, as bearer or as basic auth's password; the admin token
        too.

        Raises:
            Unauthorized: none of these.
            Forbidden: as for `caller`.
        """
        if self.admin_token is None and self.events_token is None and path_token is None and self.identity is None:
            _refuse_foreign(headers)
            return
        authorization = headers.get("authorization")
        given = [path_token or "", _bearer(authorization), _basic_password(authorization)]
        matches = [_equal(one, token) for one in given for token in (self.events_token, self.admin_token)]
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


def _equal(given: str, expected: str | None) -> bool:
    return bool(given) and expected is not None and hmac.compare_digest(given.encode(), expected.encode())
