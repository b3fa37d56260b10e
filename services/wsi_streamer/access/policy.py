"""What a deployment asks of a request before anything is looked up or served."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from wsi_streamer.access import signatures, viewer_tokens
from wsi_streamer.access.expiry import parse_expiry
from wsi_streamer.slides.errors import MissingExpiry, MissingSignature, SignatureExpired


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """Open to everyone, or only to who holds a signed URL or a viewer token.

    That something has expired is said only once its signature proved right: a forged link learns nothing.
    """

    secret: bytes | None = field(default=None, repr=False)
    """Shared with whoever signs; None while access is open."""

    def __post_init__(self) -> None:
        if self.secret is not None and not self.secret:
            raise ValueError("an empty secret would let anyone sign")

    def is_open(self) -> bool:
        """Whether nothing is asked."""
        return self.secret is None

    def check_signed(self, raw_path: str, params: Mapping[str, str], now: float) -> int | None:
        """Check a signed URL; returns when it expires (unix seconds), or None while access is open.

        Raises:
            MissingSignature, MissingExpiry, InvalidExpiryFormat, InvalidSignatureFormat, InvalidSignature,
            SignatureExpired: as the parameters are.
        """
        if self.secret is None:
            return None
        exp = _expiry(params)
        signature = params.get("sig")
        if signature is None:
            raise MissingSignature("This address needs a signed link: the signature (sig) is missing.")
        if exp is None:
            raise MissingExpiry("The signed link is incomplete: its expiry (exp) is missing.")
        signatures.check(self.secret, raw_path, params, signature)
        return _unless_expired(exp, now)

    def check_slide(self, raw_path: str, params: Mapping[str, str], slide_key: str | None, now: float) -> int | None:
        """Check a request about one slide: its viewer token, or where none is sent its signature. ``slide_key`` None
        is a slide that is not known. Returns and raises as `check_signed`."""
        if self.secret is None:
            return None
        token = params.get("vt")
        if token is None:
            return self.check_signed(raw_path, params, now)
        exp = _expiry(params)
        if exp is None:
            raise MissingExpiry("The viewer token is incomplete: its expiry (exp) is missing.")
        viewer_tokens.check(self.secret, slide_key, exp, token)
        return _unless_expired(exp, now)

    def needs_slide_key(self, params: Mapping[str, str]) -> bool:
        """Whether `check_slide` needs the slide's key: a viewer token is made for a key, and the URL may name the slide
        by its opaque id."""
        return self.secret is not None and "vt" in params

    def sign_url(self, raw_path: str, params: Mapping[str, str], exp: int) -> str:
        """``raw_path?query`` with ``exp`` and ``sig``, for links in pages; without them while access is open."""
        query = [f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in params.items()]
        if self.secret is not None:
            query += [f"exp={exp}", f"sig={signatures.sign(self.secret, raw_path, params, exp)}"]
        return f"{raw_path}?{'&'.join(query)}" if query else raw_path

    def viewer_token(self, slide_key: str, exp: int) -> str:
        """The ``vt`` of a slide until ``exp``; empty while access is open."""
        return "" if self.secret is None else viewer_tokens.mint(self.secret, slide_key, exp)


def _expiry(params: Mapping[str, str]) -> int | None:
    text = params.get("exp")
    return None if text is None else parse_expiry(text)


def _unless_expired(exp: int, now: float) -> int:
    if int(now) > exp:
        raise SignatureExpired("The link has expired. Ask for a new one.")
    return exp
