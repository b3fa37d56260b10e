"""What a request must carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from wsi_streamer.access.signatures import is_equal, read_expiry, read_signature, sign
from wsi_streamer.access.viewer_tokens import mint_viewer_token
from wsi_streamer.slides.errors import InvalidSignature, MissingExpiry, MissingSignature, SignatureExpired

_NO_SLIDE = "\0"
"""Stands for the key of a slide that does not exist: no key holds a NUL, and checking takes the same time."""


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """Open, or by signed URLs and viewer tokens made with ``secret``."""

    secret: bytes | None = field(default=None, repr=False)

    def is_open(self) -> bool:
        """Whether everyone may see everything."""
        return self.secret is None

    def needs_slide_key(self, params: Mapping[str, str]) -> bool:
        """Whether the slide's key must be known to check the request: a viewer token is made of it."""
        return self.secret is not None and "vt" in params

    def check_signed(self, raw_path: str, params: Mapping[str, str], now: float) -> int | None:
        """Check a signed URL; when the right ends, None while access is open.

        The signature is looked at before the expiry, so that a forged one learns nothing.

        Raises:
            MissingSignature, MissingExpiry: 401.
            InvalidSignatureFormat, InvalidExpiryFormat: 400.
            InvalidSignature, SignatureExpired: 401.
        """
        if self.secret is None:
            return None
        if "sig" not in params:
            raise MissingSignature("This needs a signed URL.")
        expires, given = _expiry(params), read_signature(params["sig"])
        if not is_equal(sign(self.secret, raw_path, params), given):
            raise InvalidSignature("The signature is not valid for this URL.")
        return _current(expires, now)

    def check_slide(self, raw_path: str, params: Mapping[str, str], slide_key: str | None, now: float) -> int | None:
        """The same for a URL about one slide, which a viewer token opens too; it wins over a signature.

        ``slide_key`` None: there is no such slide. Then no token is right.
        """
        if self.secret is None:
            return None
        if "vt" not in params:
            return self.check_signed(raw_path, params, now)
        expires, given = _expiry(params), read_signature(params["vt"])
        expected = mint_viewer_token(self.secret, _NO_SLIDE if slide_key is None else slide_key, expires)
        if not is_equal(expected, given) or slide_key is None:
            raise InvalidSignature("The viewer token is not valid for this slide.")
        return _current(expires, now)

    def sign_url(self, raw_path: str, params: Mapping[str, str], expires: int | None) -> str:
        """A path with its query, signed where access is on."""
        query = dict(params)
        if self.secret is not None and expires is not None:
            query["exp"] = str(expires)
            query["sig"] = sign(self.secret, raw_path, query)
        encoded = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in query.items())
        return f"{raw_path}?{encoded}" if encoded else raw_path

    def viewer_params(self, slide_key: str, expires: int | None) -> dict[str, str]:
        """The parameters that open a slide's routes until ``expires``; none while access is open."""
        if self.secret is None or expires is None:
            return {}
        return {"exp": str(expires), "vt": mint_viewer_token(self.secret, slide_key, expires)}


def _expiry(params: Mapping[str, str]) -> int:
    if "exp" not in params:
        raise MissingExpiry("The signed URL has no expiry.")
    return read_expiry(params["exp"])


def _current(expires: int, now: float) -> int:
    if expires < now:
        raise SignatureExpired("The signed URL has expired; ask for a new one.")
    return expires
