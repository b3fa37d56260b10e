"""The identity provider: where its endpoints are, which keys it signs with, and the exchange of a code."""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlsplit

import httpx
import msgspec
import structlog

from wsi_streamer.access.oidc.config import OidcConfig, is_safe_url
from wsi_streamer.access.oidc.keys import ProviderKeys
from wsi_streamer.slides.errors import IdentityProviderUnavailable, Unauthorized

KEYS_SECONDS = 600.0
"""How long keys count without asking again: as long may a withdrawn key be accepted."""

STALE_SECONDS = 4 * 3600.0
"""And how long while the provider can't be asked."""

COOLDOWN_SECONDS = 10.0
"""Between two requests that strangers can cause by naming keys that don't exist, and after a failure."""

REQUEST_SECONDS = 5.0
MAX_ANSWER_BYTES = 512 * 1024
UNAVAILABLE = "The identity provider can't be reached. Please try again in a moment."
_DISCOVERY = "/.well-known/openid-configuration"

_log = structlog.get_logger("wsi_streamer.access")


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What the discovery document says (OpenID Connect Discovery 1.0, 3)."""

    authorization: str
    token: str
    keys: str
    posts_secret: bool
    """Whether the client's secret goes into the form, where the provider takes no Basic authentication."""

    names_itself: bool
    """Whether its answers to a sign-in carry ``iss`` (RFC 9207)."""


@dataclass(frozen=True, slots=True)
class _Known:
    endpoints: Endpoints
    keys: ProviderKeys
    fetched: float


class Issuer:
    """One provider. Nothing is asked before something is needed; what is asked is shared by all who wait for it."""

    def __init__(self, config: OidcConfig, clock: Callable[[], float]) -> None:
        self._config = config
        self._clock = clock
        self._http: httpx.AsyncClient | None = None
        self._known: _Known | None = None
        self._fetching: asyncio.Task[None] | None = None
        self._failed_at: float | None = None
        self._searched_at: float | None = None

    async def endpoints(self) -> Endpoints:
        """Where to send people and codes.

        Raises:
            IdentityProviderUnavailable: it can't be asked.
        """
        return (await self._current()).endpoints

    async def key(self, kid: str | None, algorithm: str) -> Any:
        """The public key that a token names; None where the provider has no such key, or has it for something else.

        Raises:
            IdentityProviderUnavailable: it can't be asked, and was not for so long that its old keys count no more.
        """
        known = await self._current()
        key = known.keys.find(kid, algorithm)
        if key is not None:
            return key
        under_way = self._fetching is not None and not self._fetching.done()
        if under_way or self._searched_at is None or self._clock() - self._searched_at >= COOLDOWN_SECONDS:
            self._searched_at = self._clock()
            await self._fetched()
            key = (self._known or known).keys.find(kid, algorithm)
        if key is None and self._failed_at is not None:
            raise IdentityProviderUnavailable(UNAVAILABLE)  # it may have new keys
        return key

    async def exchange(self, form: Mapping[str, str]) -> dict[str, Any]:
        """The token endpoint's answer.

        Raises:
            Unauthorized: the provider does not take the code.
            IdentityProviderUnavailable: it can't be asked, or answers nonsense.
        """
        endpoints = await self.endpoints()
        config = self._config
        fields, headers = {**form, "client_id": config.client_id or ""}, {}
        if config.client_secret and endpoints.posts_secret:
            fields["client_secret"] = config.client_secret
        elif config.client_secret:  # RFC 6749, 2.3.1: both are form-encoded first
            del fields["client_id"]
            pair = f"{quote_plus(config.client_id or '')}:{quote_plus(config.client_secret)}"
            headers["authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        status, answer = await self._ask("POST", endpoints.token, fields, headers)
        if status in (400, 401, 403):
            _log.warning("the identity provider refused a code", status=status, error=_word(answer.get("error")))
            raise Unauthorized("You could not be signed in. Please try again.")
        if status != 200:
            raise _unavailable(f"status {status}")
        return answer

    async def aclose(self) -> None:
        """Stop what is under way."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.gather(self._fetching, return_exceptions=True)
        if self._http is not None:
            await self._http.aclose()

    async def _current(self) -> _Known:
        known, now = self._known, self._clock()
        if known is not None and now - known.fetched <= KEYS_SECONDS:
            return known
        if self._failed_at is None:
            await self._fetched()
        elif now - self._failed_at >= COOLDOWN_SECONDS:
            # Whoever has old keys need not wait for a provider that may be hanging.
            if known is None or now - known.fetched > STALE_SECONDS:
                await self._fetched()
            else:
                self._begin()
        known = self._known
        if known is None or self._clock() - known.fetched > STALE_SECONDS:
            raise IdentityProviderUnavailable(UNAVAILABLE)
        return known

    async def _fetched(self) -> None:
        await asyncio.shield(self._begin())

    def _begin(self) -> asyncio.Task[None]:
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.create_task(self._fetch())
        return self._fetching

    async def _fetch(self) -> None:
        """Never raises: what is known stays known."""
        try:
            endpoints = await self._discover()
            status, found = await self._ask("GET", endpoints.keys)
            if status != 200:
                raise _unavailable(f"status {status} for its keys")
            keys = ProviderKeys.of(found)
        except IdentityProviderUnavailable:
            self._failed_at = self._clock()
            return
        self._failed_at = None
        self._known = _Known(endpoints, keys, self._clock())

    async def _discover(self) -> Endpoints:
        status, found = await self._ask("GET", self._config.issuer.rstrip("/") + _DISCOVERY)
        if status != 200:
            raise _unavailable(f"status {status} for its discovery document")
        if found.get("issuer") != self._config.issuer:
            raise _unavailable("its discovery document names another issuer than WSI_OIDC_ISSUER")
        # A provider elsewhere has no business on this machine.
        loopback = urlsplit(self._config.issuer).scheme == "http"
        named = [found.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
        urls = [url if isinstance(url, str) and is_safe_url(url, loopback=loopback) else None for url in named]
        authorization, token, keys = urls
        if authorization is None or token is None or keys is None:
            raise _unavailable("an endpoint in its discovery document is missing or not https")
        methods = found.get("token_endpoint_auth_methods_supported")
        posts = isinstance(methods, list) and "client_secret_basic" not in methods and "client_secret_post" in methods
        names_itself = found.get("authorization_response_iss_parameter_supported") is True
        return Endpoints(authorization, token, keys, posts, names_itself)

    async def _ask(
        self, method: str, url: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Status and JSON object of an answer; redirects are not followed, and answers are of limited size."""
        try:
            if self._http is None:
                tls = await asyncio.to_thread(_tls, self._config.ca_bundle)  # up to 90 ms
                self._http = httpx.AsyncClient(verify=tls, timeout=REQUEST_SECONDS)
            async with asyncio.timeout(REQUEST_SECONDS):
                accept = {"accept": "application/json", "accept-encoding": "identity", **(headers or {})}
                async with self._http.stream(method, url, data=dict(form) if form else None, headers=accept) as answer:
                    body = b""
                    async for part in answer.aiter_raw():
                        body += part
                        if len(body) > MAX_ANSWER_BYTES:
                            raise _unavailable("its answer is too long")
                    status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
            raise _unavailable(type(error).__name__) from None
        try:
            return status, msgspec.json.decode(body, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            if 400 <= status < 600:
                return status, {}
            raise _unavailable("its answer is no JSON object") from None


def _tls(ca_bundle: Path | None) -> ssl.SSLContext:
    if ca_bundle is not None:
        return ssl.create_default_context(cafile=str(ca_bundle))
    # Those that Python brings, for images without a store of their own, and those of this machine.
    context = httpx.create_ssl_context()
    context.load_default_certs()
    return context


def _unavailable(why: str) -> IdentityProviderUnavailable:
    _log.warning("the identity provider can't be asked", reason=why)
    return IdentityProviderUnavailable(UNAVAILABLE)


def _word(value: Any) -> str:
    """An error code of OAuth, and nothing else that a provider may have put there."""
    return value if isinstance(value, str) and value.isascii() and value.replace("_", "").isalnum() else "unknown"
