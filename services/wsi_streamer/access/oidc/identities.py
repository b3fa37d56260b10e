"""Who has signed in with the identity provider, and what the rules let them do."""

from __future__ import annotations

import hashlib
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from wsi_streamer.access.caller import Caller
from wsi_streamer.access.oidc.config import OidcConfig
from wsi_streamer.access.oidc.issuer import Issuer
from wsi_streamer.access.oidc.recent_callers import RecentCallers
from wsi_streamer.access.oidc.rules import digest_of, rights_of
from wsi_streamer.access.oidc.tokens import Tokens, refuse
from wsi_streamer.access.session_cookie import Session
from wsi_streamer.slides.errors import Forbidden

_NAME_CHARACTERS = 100


class Identities:
    """One for each process. The provider is first asked when someone comes, so that a server starts without it."""

    def __init__(
        self, config: OidcConfig, now: Callable[[], float], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``now`` is unix time, by which tokens expire; ``clock`` runs evenly, by it things are kept."""
        self._config = config
        self._now = now
        self._issuer = Issuer(config, clock)
        self._tokens = Tokens(config, self._issuer, now)
        self._recent = RecentCallers(clock)
        self._rules_version = digest_of(config.rules)

    @property
    def issuer(self) -> str:
        """The provider's name."""
        return self._config.issuer

    @property
    def rules_version(self) -> str:
        """Changes with the rules: a session carries it, so that none outlives the rules that gave its rights."""
        return self._rules_version

    def can_sign_in(self) -> bool:
        """Whether people sign in here; else only bearer tokens count."""
        return self._config.client_id is not None

    async def caller(self, bearer: str) -> Caller:
        """Who a bearer token is of.

        Raises:
            Unauthorized: the token is not right, or has expired.
            Forbidden: no rule gives its bearer anything.
            IdentityProviderUnavailable: its signature can't be checked now.
        """
        caller = self._recent.get(bearer, self._now())
        if caller is None:
            caller = self._allowed(await self._tokens.bearer(bearer))
            self._recent.put(bearer, caller)
        return caller

    def caller_of_session(self, session: Session) -> Caller:
        """Who signed in, from a session that was unsealed.

        Raises:
            Unauthorized: it is no identity's, or was begun under other rules.
        """
        if session.caller_kind != "identity" or not session.sid or session.rules != self._rules_version:
            refuse()
        return session.caller()

    async def login_url(self, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Where to send someone to sign in. ``verifier`` is of PKCE (RFC 7636), 43 to 128 characters.

        Raises:
            IdentityProviderUnavailable: it can't be asked where that is.
        """
        endpoint = (await self._issuer.endpoints()).authorization
        challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = urlencode(
            {
                "response_type": "code",
                "client_id": self._config.client_id or "",
                "redirect_uri": redirect_uri,
                "scope": " ".join(self._config.scopes),
                "state": state,
                "nonce": nonce,
                "code_challenge": challenge,
                "code_challenge_method": "S256",
            }
        )
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{query}"

    async def caller_of_code(
        self, code: str, redirect_uri: str, nonce: str, verifier: str, *, issuer: str | None = None
    ) -> Caller:
        """Who comes back from the provider with a code; ``issuer`` is what the answer says of its sender (RFC 9207).

        Raises:
            Unauthorized: the provider does not take the code, or the ID token is not right or not for this sign-in.
            Forbidden: no rule gives them anything.
            IdentityProviderUnavailable: it can't be asked.
        """
        if issuer != self.issuer and (issuer is not None or (await self._issuer.endpoints()).names_itself):
            refuse()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        answer = await self._issuer.exchange(form)
        return self._allowed(await self._tokens.id_token(answer.get("id_token"), nonce))

    async def aclose(self) -> None:
        """Close connections to the provider."""
        await self._issuer.aclose()

    def _allowed(self, claims: Mapping[str, Any]) -> Caller:
        rights = rights_of(self._config.rules, claims)
        if not rights.roles:
            raise Forbidden("You are signed in, but nothing here is open to you. Ask whoever runs this service.")
        return Caller(
            kind="identity",
            id=f"{self.issuer}|{claims['sub']}",
            permissions=rights.permissions,
            scope=rights.scope,
            roles=rights.roles,
            name=_name(claims),
            expires=int(claims["exp"]),
            revocable=True,
        )


def _name(claims: Mapping[str, Any]) -> str | None:
    for claim in ("name", "preferred_username", "email"):
        value = claims.get(claim)
        if isinstance(value, str) and value.strip():
            return "".join(c for c in value.strip() if c.isprintable())[:_NAME_CHARACTERS] or None
    return None
