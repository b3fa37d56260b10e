"""The session of a browser: who it is, for a quarter of an hour, renewed while the right lasts.

``v1.<key id>.<payload>.<mac>``: signed, not encrypted; its own user may read what it holds. Nothing is kept on the server
but the ids of sessions that were ended before their time, so that every worker knows every session.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Literal, NoReturn, TypeVar

import msgspec

from wsi_streamer.access.caller import Caller
from wsi_streamer.access.permissions import Permission, Role
from wsi_streamer.access.scope import Scope
from wsi_streamer.access.signing_keys import SigningKeys
from wsi_streamer.slides.errors import Forbidden, RightEnded, Unauthorized

COOKIE = "wsi_session"
RENEW_SECONDS = 15 * 60
MAX_BYTES = 3800
"""Browsers keep 4096 bytes of a cookie, name and attributes included (RFC 6265, 6.1)."""

_VERSION = "v1"


class Session(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a session cookie holds: of an identity what its caller is made of, of a grant its id alone, so that a grant
    that ends takes its sessions along."""

    caller_kind: Literal["identity", "grant"]
    renew_by: int
    """Unix seconds until when it counts, `RENEW_SECONDS` ahead at most."""

    ends: int
    """Unix seconds after which it can't be renewed."""

    grant_id: str | None = None
    sid: str = ""
    """Of an identity's session: 128 bits of chance, kept as it is renewed, by which it can be ended."""

    id: str = ""
    name: str | None = None
    roles: tuple[Role, ...] = ()
    permissions: tuple[Permission, ...] = ()
    prefixes: tuple[str, ...] = ()
    rules: str = ""
    """`Identities.rules_version` of the rules that gave these rights."""

    def caller(self) -> Caller:
        """The identity whose session it is."""
        return Caller(
            kind="identity",
            id=self.id,
            permissions=frozenset(self.permissions),
            scope=Scope(self.prefixes),
            roles=frozenset(self.roles),
            name=self.name,
            expires=self.renew_by,
            revocable=True,
        )

    def renewed(self, now: float, ends: int | None = None) -> Session:
        """The same for another quarter of an hour; ``ends`` where that has changed.

        Raises:
            Unauthorized: it has come to its end.
        """
        until = self.ends if ends is None else ends
        if until <= now:
            refuse_ended()
        return msgspec.structs.replace(self, renew_by=min(until, int(now) + RENEW_SECONDS), ends=until)

    def renew_after(self, now: float) -> int:
        """Seconds after which to ask for another. Of the last one: when it has ended, so that who asks is told so."""
        left = max(0, self.renew_by - int(now))
        return left + 1 if self.renew_by >= self.ends else max(1, left * 2 // 3)


def identity_session(caller: Caller, rules: str, now: float, seconds: float) -> Session:
    """The first session of one who has just signed in; it ends after ``seconds``."""
    ends = int(now + seconds)
    return Session(
        caller_kind="identity",
        renew_by=min(ends, int(now) + RENEW_SECONDS),
        ends=ends,
        sid=secrets.token_urlsafe(16),
        id=caller.id,
        name=caller.name,
        roles=tuple(sorted(caller.roles)),
        permissions=tuple(sorted(caller.permissions)),
        prefixes=caller.scope.prefixes,
        rules=rules,
    )


def grant_session(grant_id: str, now: float, ends: int) -> Session:
    """The first session of one who has shown a grant's token."""
    return Session(caller_kind="grant", renew_by=min(ends, int(now) + RENEW_SECONDS), ends=ends, grant_id=grant_id)


def seal(keys: SigningKeys, session: Session, purpose: str = "session") -> str:
    """A cookie's value.

    Raises:
        Forbidden: it would be longer than browsers keep; the sentence says what to change.
    """
    text = seal_struct(keys, session, purpose)
    if len(text) > MAX_BYTES:
        raise Forbidden(
            "You have too many slide prefixes for a session: whoever runs this service must give fewer, shorter ones."
        )
    return text


def unseal(keys: SigningKeys, text: str, now: float, purpose: str = "session") -> Session:
    """The session of a cookie's value.

    Raises:
        Unauthorized: it is not ours, its key was retired, or it has ended.
    """
    session = unseal_struct(keys, text, Session, purpose)
    if session.renew_by <= now or session.ends <= now:
        refuse_ended()
    return session


S = TypeVar("S", bound=msgspec.Struct)


def seal_struct(keys: SigningKeys, value: msgspec.Struct, purpose: str) -> str:
    """Anything as a text that only who holds the keys could have made, for this purpose."""
    payload = urlsafe_b64encode(msgspec.json.encode(value)).rstrip(b"=").decode()
    signed = f"{_VERSION}.{keys.newest.id}.{payload}"
    return f"{signed}.{keys.newest.mac(purpose, signed.encode()).hex()}"


def unseal_struct(keys: SigningKeys, text: str, kind: type[S], purpose: str) -> S:
    """What was sealed.

    Raises:
        Unauthorized: it was not sealed by one of the keys, or not for this purpose.
    """
    signed, _, mac = text.rpartition(".")
    parts = signed.split(".")
    key = keys.named(parts[1]) if len(parts) == 3 and parts[0] == _VERSION else None
    if key is None or not text.isascii() or len(text) > 2 * MAX_BYTES:
        _refuse()
    if not hmac.compare_digest(mac, key.mac(purpose, signed.encode()).hex()):
        _refuse()
    try:
        return msgspec.json.decode(urlsafe_b64decode(parts[2] + "=" * (-len(parts[2]) % 4)), type=kind)
    except (ValueError, msgspec.MsgspecError):  # signed by another version of this program
        _refuse()


def cookie_name(name: str = COOKIE, *, secure: bool) -> str:
    """Where pages come by https, ``__Host-`` keeps other hosts of the same domain from planting one (RFC 6265bis, 4.1.3)."""
    return f"__Host-{name}" if secure else name


def cookie_header(value: str, *, secure: bool, max_age: int, name: str = COOKIE) -> str:
    """A Set-Cookie value; ``max_age`` 0 deletes it."""
    parts = [f"{cookie_name(name, secure=secure)}={value}", "Path=/", f"Max-Age={max_age}", "HttpOnly", "SameSite=Lax"]
    return "; ".join([*parts, "Secure"] if secure else parts)


def cookie_value(header: str, *, secure: bool, name: str = COOKIE) -> str | None:
    """The value in a Cookie header; where pages come by https only that of the guarded name.

    Raises:
        Unauthorized: there are several, of which each proxy and server might take another one.
    """
    wanted = cookie_name(name, secure=secure)
    if wanted not in header:
        return None
    pairs = [pair.strip().partition("=") for pair in header.split(";")]
    values = [value for found, equals, value in pairs if equals and found == wanted]
    if len(values) > 1:
        raise Unauthorized("There are two cookies of one name. Remove this site's cookies and sign in again.")
    return values[0] if values else None


def refuse_ended() -> NoReturn:
    """For a session that was right."""
    raise RightEnded("Your session has ended. Please sign in again.")


def _refuse() -> NoReturn:
    raise Unauthorized("You are not signed in, or your session is not valid.")
