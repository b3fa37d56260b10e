"""One sign-in under way: what must come back from the provider, kept in a cookie of the browser that began it."""

from __future__ import annotations

import hashlib
import secrets

import msgspec

from wsi_streamer.access.oidc.tokens import refuse
from wsi_streamer.access.session_cookie import seal_struct, unseal_struct
from wsi_streamer.access.signing_keys import SigningKeys

SECONDS = 600
"""How long signing in may take."""

COOKIE_PREFIX = "wsi_sign_in_"
MAX_AT_A_TIME = 3
"""Tabs that one browser may be signing in with: each has a cookie, and a request's headers have a limit."""

_PURPOSE = "sign-in"


class SignIn(msgspec.Struct, frozen=True):
    """``state`` ties the provider's answer to this browser (RFC 6749, 10.12), ``nonce`` the ID token (OpenID Connect Core,
    3.1.2.1), ``verifier`` the code (RFC 7636)."""

    state: str
    nonce: str
    verifier: str
    next: str
    """Local path to go to afterwards."""

    ends: int

    @classmethod
    def begin(cls, next_path: str, now: float) -> SignIn:
        """A new one: 256 bits of chance each."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(state, nonce, verifier, next_path, int(now) + SECONDS)

    @property
    def cookie(self) -> str:
        """The cookie's name: another tab has another."""
        return cookie_of(self.state)

    def seal(self, keys: SigningKeys) -> str:
        """The cookie's value."""
        return seal_struct(keys, self, _PURPOSE)


def cookie_of(state: str) -> str:
    """The name of the cookie that belongs to a state; any text will do."""
    return COOKIE_PREFIX + hashlib.sha256(state.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def resumed(keys: SigningKeys, text: str, state: str, now: float) -> SignIn:
    """The sign-in that a provider's answer belongs to.

    Raises:
        Unauthorized: it was begun elsewhere or too long ago.
    """
    sign_in = unseal_struct(keys, text, SignIn, _PURPOSE)
    if (
        not secrets.compare_digest(sign_in.state.encode(), state.encode("utf-8", "surrogatepass"))
        or sign_in.ends <= now
    ):
        refuse()
    return sign_in
