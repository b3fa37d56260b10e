"""The secrets that sign, newest first: the newest signs, all verify."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A secret, and the name it goes by in tokens."""

    id: str
    """8 hex digits, worked out from the secret: tells nothing of it, and nobody has to choose it."""

    secret: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: bytes) -> SigningKey:
        """The key of a secret.

        Raises:
            ValueError: it is empty.
        """
        if not secret:
            raise ValueError("an empty secret would let anyone sign")
        return cls(hmac.digest(secret, b"wsi-streamer key id", "sha256").hex()[:8], secret)

    def mac(self, purpose: str, message: bytes) -> bytes:
        """32 bytes: HMAC-SHA256 of a message, for one purpose alone. What is signed for one never serves another, and
        none is a signed URL or a viewer token."""
        derived = hmac.digest(self.secret, f"wsi-streamer {purpose}".encode(), "sha256")
        return hmac.digest(derived, message, "sha256")


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """All keys of a deployment; every worker has the same."""

    keys: tuple[SigningKey, ...] = ()

    @classmethod
    def of(cls, secrets: Sequence[bytes]) -> SigningKeys:
        """From secrets, newest first; one that is given twice counts once."""
        return cls(tuple({key.id: key for key in map(SigningKey.of, secrets)}.values()))

    def __bool__(self) -> bool:
        return bool(self.keys)

    @property
    def newest(self) -> SigningKey:
        """The one that signs."""
        return self.keys[0]

    def named(self, key_id: str) -> SigningKey | None:
        """The key of a token; None where it has been retired."""
        return next((key for key in self.keys if key.id == key_id), None)
