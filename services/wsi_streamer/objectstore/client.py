"""One signed request and its answer, tried again where that can help."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Protocol

import httpx

from wsi_streamer.objectstore.config import Address, StoreConfig
from wsi_streamer.objectstore.credentials import CredentialSource
from wsi_streamer.objectstore.errors import StoreRefused, StoreUnreachable, detailed
from wsi_streamer.objectstore.observer import Observer
from wsi_streamer.objectstore.retry import Attempts
from wsi_streamer.objectstore.signing import S3Auth
from wsi_streamer.objectstore.transport import ExactTransport, UntrustedCertificate

CONNECT_SECONDS = 5.0

SLOWEST_BYTES_PER_SECOND = 100_000
"""A body that comes slower may be taken for one that has stopped."""

MAX_SKEW_SECONDS = 600.0
"""Where a refusal gives no reason (HEAD has no body), a clock that is off by more is taken for it. AWS allows 900."""

MAX_ERROR_BYTES = 65_536

_RETRIED = frozenset({408, 429, 500, 502, 503, 504})
_RETRIED_CODES = frozenset({"SlowDown", "RequestTimeout", "InternalError", "Throttling", "ThrottlingException"})


class UnusableAnswer(Exception):
    """An answer that another attempt may better: a short body, say."""


class Sink(Protocol):
    """Takes a body while it arrives."""

    def begin(self, status: int, headers: httpx.Headers) -> bool:
        """An answer has come (again, where an earlier one broke off); False: its body is collected as usual."""

    def feed(self, chunk: bytes) -> None:
        """The next bytes of the body."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    status: int
    headers: httpx.Headers
    body: bytes
    """Empty where a sink took it."""

    received: int
    """Bytes of the body."""

    def error_code(self) -> str:
        """S3's code in an error body; empty where there is none."""
        _, _, rest = self.body.partition(b"<Code>")
        return rest.partition(b"</Code>")[0].decode("ascii", "replace")[:64]


class S3Client:
    """Sends signed requests without a body, and tries again where that can help.

    The transport is called directly: `httpx.AsyncClient` would cost a fifth more, and follow rules of its own.
    """

    def __init__(self, config: StoreConfig, credentials: CredentialSource, observer: Observer) -> None:
        self._config = config
        self._credentials = credentials
        self._observer = observer
        self._address = Address.of(config)
        self._skew = 0.0
        self._auth = S3Auth(self._address.host, config.region, lambda: time.time() + self._skew)
        origin = f"{self._address.scheme}://{self._address.host}"
        self._url = httpx.URL(origin)
        self._transport = ExactTransport(origin, _tls(config, self._address.scheme), config.max_connections)

    async def send(
        self,
        operation: str,
        target: str,
        *,
        headers: Mapping[str, str] | None = None,
        method: str = "GET",
        max_bytes: int,
        check: Callable[[Answer], None] | None = None,
        sink: Sink | None = None,
    ) -> Answer:
        """The answer to ``METHOD {bucket}{target}``; ``target`` is encoded as it is to be sent.

        Args:
            operation: what metrics call it.
            max_bytes: a longer body is refused while it arrives.
            check: looks at an answer that is no error; raises `UnusableAnswer` where another attempt may help.
            sink: gets the body of an answer that it agrees to.

        Raises:
            StoreUnreachable: no usable answer within the deadline and the attempts.
        """
        attempts = Attempts(self._config.max_attempts, time.monotonic() + self._config.timeout)
        corrected = False
        while True:
            try:
                answer = await self._attempt(operation, target, headers or {}, method, max_bytes, attempts, sink)
                if answer.status < 400:
                    if check is not None:
                        check(answer)
                    return answer
                if answer.status == 403 and not corrected and self._correct_clock(answer):
                    corrected = True
                    continue
                code = answer.error_code()
                if answer.status not in _RETRIED and code not in _RETRIED_CODES:
                    return answer
                reason = f"HTTP {answer.status} {code}"
            except UntrustedCertificate as error:
                message = "The object store's certificate is not trusted. Name its authority by --s3-ca-bundle."
                raise detailed(StoreUnreachable(message), f"{operation}: {error}") from None
            except (httpx.TransportError, TimeoutError, UnusableAnswer, OSError) as error:
                reason = f"{type(error).__name__}: {error}"
            if not await attempts.pause():
                message = "The object store can't be reached or gives no usable answer."
                raise detailed(StoreUnreachable(message, retry_after=2), f"{operation}: {reason}") from None

    async def _attempt(
        self,
        operation: str,
        target: str,
        headers: Mapping[str, str],
        method: str,
        max_bytes: int,
        attempts: Attempts,
        sink: Sink | None,
    ) -> Answer:
        began = time.monotonic()
        status, received = None, 0
        # A connection that has silently died must leave time for another attempt; one that is merely slow must not. One
        # limit for the whole, and no timer that is set anew with each chunk.
        seconds = min(attempts.seconds_left, self._config.timeout / 3 + max_bytes / SLOWEST_BYTES_PER_SECOND)
        request = httpx.Request(
            method,
            self._url,
            headers={"accept": "*/*", "accept-encoding": "identity", "user-agent": "wsi-streamer", **headers},
            extensions={
                "target": (self._address.base_path + target).encode("ascii"),
                "credentials": self._credentials.current,
                "timeout": {"connect": min(CONNECT_SECONDS, seconds)},
            },
        )
        try:
            async with asyncio.timeout(seconds):
                response = await self._transport.handle_async_request(next(self._auth.auth_flow(request)))
                try:
                    status = response.status_code
                    if status == 200 and "range" in headers:
                        # The whole object: don't read a gigabyte to say no.
                        return Answer(status, response.headers, b"", 0)
                    chunks: list[bytes] = []
                    take = chunks.append if sink is None or not sink.begin(status, response.headers) else sink.feed
                    async for chunk in response.stream:  # type: ignore[union-attr]
                        received += len(chunk)
                        if received > max_bytes:
                            raise UnusableAnswer("the body is longer than what was asked for")
                        take(chunk)
                finally:
                    await response.aclose()
            body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
            return Answer(status, response.headers, body, received)
        finally:
            self._observer.s3_request(operation, status, received, time.monotonic() - began)

    def _correct_clock(self, answer: Answer) -> bool:
        """Follow the server's clock where it says that ours is wrong; True where that may help."""
        code = answer.error_code()
        if code not in ("RequestTimeTooSkewed", ""):
            return False
        try:
            skew = parsedate_to_datetime(answer.headers["date"]).timestamp() - time.time()
        except (KeyError, ValueError):
            return False
        if not code and abs(skew - self._skew) < MAX_SKEW_SECONDS:
            return False
        self._skew = skew
        return True

    async def aclose(self) -> None:
        """Close all connections."""
        await self._transport.aclose()


def _tls(config: StoreConfig, scheme: str) -> ssl.SSLContext:
    if scheme == "http":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used; loading authorities takes 90 ms
    if config.ca_bundle is None:
        # Those that Python brings, for images without a store of their own, and those of this machine.
        context = httpx.create_ssl_context()
        context.load_default_certs()
        return context
    try:
        return ssl.create_default_context(cafile=str(config.ca_bundle))
    except OSError as error:
        raise StoreRefused(f"The CA bundle can't be read: {error.strerror or error}.") from None
