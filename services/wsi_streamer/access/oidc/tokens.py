"""Tokens of the provider: whether one is right, and what it claims."""

from __future__ import annotations

import hmac
import math
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import jwt
from jwt.types import Options

from wsi_streamer.access.expiry import MAX_EXPIRY
from wsi_streamer.access.oidc.config import OidcConfig
from wsi_streamer.access.oidc.issuer import Issuer
from wsi_streamer.access.oidc.keys import ALGORITHMS
from wsi_streamer.slides.errors import Unauthorized

MAX_TOKEN_BYTES = 16 * 1024
MAX_SUBJECT_CHARACTERS = 255
"""OpenID Connect Core, 2."""

_BEARER_TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})
_ID_TYPES = frozenset({"jwt"})
"""Types in the header, in lower case. One that says it is something else (a logout token, a proof of possession) is no
right, though the same key signed it (RFC 8725, 3.11); most providers say JWT of all of theirs, or nothing."""

_OPTIONS: Options = {
    "require": ["iss", "aud", "sub", "exp", "iat"],
    # Times are checked here: PyJWT looks at a clock of its own, and stops at the first thing that is wrong.
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_jti": False,
}


class Tokens:
    """Checks them against one issuer's keys."""

    def __init__(self, config: OidcConfig, issuer: Issuer, now: Callable[[], float]) -> None:
        self._config = config
        self._issuer = issuer
        self._now = now

    async def bearer(self, token: str) -> dict[str, Any]:
        """The claims of a token that a request carries (RFC 9068; ID tokens too, where the client id is an audience).

        Raises:
            Unauthorized: it is not right; that it has expired is said only where all else is right.
            IdentityProviderUnavailable: its signature can't be checked now.
        """
        claims = await self._claims(token, self._config.accepted_audiences, _BEARER_TYPES)
        self._check_times(claims)
        return claims

    async def id_token(self, token: Any, nonce: str) -> dict[str, Any]:
        """The claims of the ID token that a code was exchanged for (OpenID Connect Core, 3.1.3.7).

        Raises:
            as `bearer`.
        """
        client = self._config.client_id or ""
        claims = await self._claims(token, (client,), _ID_TYPES)
        given, party = claims.get("nonce"), claims.get("azp")
        if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
            refuse()
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if party != client and (several or party is not None):
            refuse()
        self._check_times(claims)
        return claims

    async def _claims(self, token: Any, audiences: tuple[str, ...], types: frozenset[str]) -> dict[str, Any]:
        """Of a token that is right but for its times."""
        if not isinstance(token, str) or not token.isascii() or len(token) > MAX_TOKEN_BYTES or token.count(".") != 2:
            refuse()
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError, RecursionError):
            refuse()
        algorithm, kid, kind = header.get("alg"), header.get("kid"), header.get("typ", "JWT")
        if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
            refuse()
        if not isinstance(kind, str) or kind.lower() not in types:
            refuse()
        if "crit" in header or "b64" in header or not isinstance(kid, str | None):
            refuse()
        key = await self._issuer.key(kid, algorithm)
        if key is None:
            refuse()
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[algorithm],  # which is on our list, and which this very key is for
                audience=audiences,
                issuer=self._config.issuer,
                options=_OPTIONS,
            )
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            refuse()
        if "events" in claims:  # a logout or security event token
            refuse()
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT_CHARACTERS or not subject.isprintable():
            refuse()
        return claims

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        leeway, now = self._config.leeway, self._now()
        if _seconds(claims["iat"]) > now + leeway or _seconds(claims.get("nbf", 0)) > now + leeway:
            refuse()
        if _seconds(claims["exp"]) + leeway <= now:
            raise Unauthorized("Your sign-in has expired. Please sign in again.")


def refuse() -> NoReturn:
    """The one sentence for all that can be wrong with a token: it teaches a forger nothing."""
    raise Unauthorized("You are not signed in, or your sign-in is not valid.")


def _seconds(value: Any) -> float:
    """A NumericDate (RFC 7519, 2)."""
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not 0 <= value <= MAX_EXPIRY
        or math.isnan(value)
    ):
        refuse()
    return float(value)
