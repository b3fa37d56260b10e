"""AWS Signature Version 4 for S3, as an httpx auth on top of aws-requests-auth.

aws-requests-auth 0.4.3 derives the signing key rightly, and that is used. Its canonical request is not S3's: it signs
neither x-amz-content-sha256 nor x-amz-security-token as strict servers want, encodes paths twice and cuts keys at ``#``
and ``?``. So the canonical request is built here; it is compared byte for byte with botocore's in the tests.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
from aws_requests_auth.aws_auth import AWSRequestsAuth, getSignatureKey

from wsi_streamer.objectstore.credentials import Credentials

EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
"""The hash of the body that GET and HEAD have."""

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A day's key for one set of credentials."""

    date: str
    secret: str
    key: bytes


class S3Auth(AWSRequestsAuth, httpx.Auth):
    """Signs requests without a body. Range and If-Match need no signature, so all reads of one object within a second
    share theirs."""

    def __init__(self, host: str, region: str, clock: Callable[[], float]) -> None:
        super().__init__("", "", host, region, "s3")  # type: ignore[no-untyped-call]
        self._clock = clock
        self._key: SigningKey | None = None
        self._second = 0
        self._signed: dict[tuple[str, str, str, Credentials], Headers] = {}
        """What was signed within this second: many reads of one object are."""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """For use as ``auth=``: the credentials travel in the request's extensions."""
        path, _, query = request.extensions["target"].decode("ascii").partition("?")
        credentials: Credentials = request.extensions["credentials"]
        for name, value in self.get_aws_request_headers(request.method, path, query, credentials):
            request.headers[name.decode()] = value.decode()
        yield request

    def get_aws_request_headers(self, method: str, path: str, query: str, credentials: Credentials) -> Headers:
        """The headers that make a request of ``method`` to ``path?query`` (both encoded as sent) an authorised one."""
        second = int(self._clock())
        if second != self._second:
            self._second = second
            self._signed.clear()
        asked = (method, path, query, credentials)
        headers = self._signed.get(asked)
        if headers is None:
            headers = self._signed[asked] = self._sign(second, method, path, query, credentials)
        return headers

    def _sign(self, second: int, method: str, path: str, query: str, credentials: Credentials) -> Headers:
        now = datetime.fromtimestamp(second, UTC)
        amz_date, date = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
        signed = [("host", self.aws_host), ("x-amz-content-sha256", EMPTY_SHA256), ("x-amz-date", amz_date)]
        if credentials.token:
            signed.append(("x-amz-security-token", credentials.token))
        names = ";".join(name for name, _ in signed)
        canonical = "\n".join(
            [method, path, query, *(f"{name}:{value}" for name, value in signed), "", names, EMPTY_SHA256]
        )
        scope = f"{date}/{self.aws_region}/s3/aws4_request"
        to_sign = f"AWS4-HMAC-SHA256\n{amz_date}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        signature = hmac.new(self._signing_key(credentials.secret_key, date), to_sign.encode(), hashlib.sha256)
        authorization = (
            f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, "
            f"SignedHeaders={names}, Signature={signature.hexdigest()}"
        )
        headers = [(b"authorization", authorization.encode())]
        headers += [(name.encode(), value.encode()) for name, value in signed if name != "host"]
        return headers

    def _signing_key(self, secret: str, date: str) -> bytes:
        known = self._key
        if known is None or known.date != date or known.secret != secret:
            known = SigningKey(date, secret, getSignatureKey(secret, date, self.aws_region, "s3"))
            self._key = known
        return known.key
