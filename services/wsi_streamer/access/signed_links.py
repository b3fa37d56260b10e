"""Signed URLs and viewer tokens: WSIStreamer's own, verified by every key there is and made with the newest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from wsi_streamer.access import signatures, viewer_tokens
from wsi_streamer.access.expiry import parse_expiry
from wsi_streamer.slides.errors import MissingExpiry, MissingSignature, SignatureExpired


@dataclass(frozen=True, slots=True)
class SignedLinks:
    """That something has expired is said only once its signature proved right: a forged link learns nothing."""

    secrets: tuple[bytes, ...] = field(repr=False)
    """Shared with whoever signs, newest first."""

    def __post_init__(self) -> None:
        if not self.secrets or not all(self.secrets):
            raise ValueError("an empty secret would let anyone sign")

    def check_url(self, raw_path: str, params: Mapping[str, str], now: float) -> int:
        """Check a signed URL; returns when it expires (unix seconds).

        Raises:
            MissingSignature, MissingExpiry, InvalidExpiryFormat, InvalidSignatureFormat, InvalidSignature,
            SignatureExpired: as the parameters are.
        """
        exp = _expiry(params)
        signature = params.get("sig")
        if signature is None:
            raise MissingSignature("This address needs a signed link: the signature (sig) is missing.")
        if exp is None:
            raise MissingExpiry("The signed link is incomplete: its expiry (exp) is missing.")
        signatures.check(self.secrets, raw_path, params, signature)
        return _unless_expired(exp, now)

    def check_viewer_token(self, params: Mapping[str, str], slide_key: str | None, now: float) -> int:
        """Check the viewer token of a request about one slide; ``slide_key`` None is a slide that is not known. Returns and
        raises as `check_url`."""
        exp = _expiry(params)
        if exp is None:
            raise MissingExpiry("The viewer token is incomplete: its expiry (exp) is missing.")
        viewer_tokens.check(self.secrets, slide_key, exp, params.get("vt", ""))
        return _unless_expired(exp, now)

    def sign_url(self, raw_path: str, params: Mapping[str, str], exp: int) -> str:
        """``raw_path?query`` with ``exp`` and ``sig``."""
        query = [f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in params.items()]
        query += [f"exp={exp}", f"sig={signatures.sign(self.secrets[0], raw_path, params, exp)}"]
        return f"{raw_path}?{'&'.join(query)}"

    def viewer_token(self, slide_key: str, exp: int) -> str:
        """The ``vt`` of a slide until ``exp``."""
        return viewer_tokens.mint(self.secrets[0], slide_key, exp)


def _expiry(params: Mapping[str, str]) -> int | None:
    text = params.get("exp")
    return None if text is None else parse_expiry(text)


def _unless_expired(exp: int, now: float) -> int:
    if int(now) > exp:
        raise SignatureExpired("The link has expired. Ask for a new one.")
    return exp
