"""A provider's public keys: which of them may have signed what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

_FAMILIES: Mapping[tuple[str, str | None], frozenset[str]] = {
    ("RSA", None): frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}),
    ("EC", "P-256"): frozenset({"ES256"}),
    ("EC", "P-384"): frozenset({"ES384"}),
    ("EC", "P-521"): frozenset({"ES512"}),
    ("OKP", "Ed25519"): frozenset({"EdDSA"}),
}
"""By a key's kty and crv (RFC 7518, 3.1; RFC 8037). There is no symmetric one: whoever can check could sign."""

ALGORITHMS = frozenset().union(*_FAMILIES.values())
"""What a token may be signed with."""

MIN_RSA_BITS = 2048
MAX_RSA_BITS = 8192
"""Checking takes longer with the key's length."""

MAX_KEYS = 100


@dataclass(frozen=True, slots=True)
class _Key:
    kid: str | None
    algorithms: frozenset[str]
    public: Any


@dataclass(frozen=True, slots=True)
class ProviderKeys:
    """The keys of one JWKS that can check signatures of ours; all others in it are passed over."""

    keys: tuple[_Key, ...]

    @classmethod
    def of(cls, jwks: Mapping[str, Any]) -> ProviderKeys:
        """From a JSON Web Key Set (RFC 7517, 5)."""
        found = jwks.get("keys")
        items = found[:MAX_KEYS] if isinstance(found, list) else []
        return cls(tuple(key for item in items if isinstance(item, dict) and (key := _key(item)) is not None))

    def find(self, kid: str | None, algorithm: str) -> Any:
        """The key of a name, for an algorithm. A token without a name is checked only where there is no choice."""
        fitting = [key for key in self.keys if algorithm in key.algorithms and kid in (None, key.kid)]
        return fitting[0].public if len(fitting) == 1 else None


def _key(item: Mapping[str, Any]) -> _Key | None:
    kid, operations = item.get("kid"), item.get("key_ops")
    if item.get("use", "sig") != "sig" or not isinstance(kid, str | None):
        return None
    if operations is not None and not (isinstance(operations, list) and "verify" in operations):
        return None
    kty, crv = item.get("kty"), item.get("crv")
    family = _FAMILIES.get((kty, None if kty == "RSA" else crv)) if isinstance(kty, str) else None
    named = item.get("alg")
    algorithms = (family or frozenset()) & ({named} if isinstance(named, str) else family or frozenset())
    if not algorithms:
        return None
    try:
        # "d" and its kind are left out: a provider that publishes a private key by mistake gets no help from us.
        public = jwt.PyJWK({k: v for k, v in item.items() if k in _PUBLIC}, min(algorithms)).key
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    if isinstance(public, RSAPublicKey) and not MIN_RSA_BITS <= public.key_size <= MAX_RSA_BITS:
        return None
    return _Key(kid, frozenset(algorithms), public)


_PUBLIC = frozenset({"kty", "crv", "n", "e", "x", "y"})
