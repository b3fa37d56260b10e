"""Tokens that someone made who is no identity provider, or made it for something else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, cast

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from wsi_streamer.access.oidc.config import OidcConfig
from wsi_streamer.access.oidc.issuer import Issuer
from wsi_streamer.access.oidc.keys import ProviderKeys
from wsi_streamer.access.oidc.tokens import MAX_TOKEN_BYTES, Tokens
from wsi_streamer.slides.errors import Unauthorized

ISSUER = "https://login.test/realms/a"
NOW = 1_795_230_667
LEEWAY = 30
CONFIG = OidcConfig(ISSUER, client_id="viewer", audiences=("https://api.test", "viewer"), leeway=LEEWAY)
NOT_VALID = "^You are not signed in, or your sign-in is not valid.$"

RSA_KEY = rsa.generate_private_key(65537, 2048)
OTHER_RSA_KEY = rsa.generate_private_key(65537, 2048)
WEAK_KEY = rsa.generate_private_key(65537, 1024)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
ED_KEY = ed25519.Ed25519PrivateKey.generate()
PUBLIC_PEM = RSA_KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)


def jwk(key: Any, kid: str, **fields: str) -> dict[str, Any]:
    kinds = ((rsa.RSAPrivateKey, "RS256"), (ec.EllipticCurvePrivateKey, "ES256"), (ed25519.Ed25519PrivateKey, "EdDSA"))
    name = next(name for kind, name in kinds if isinstance(key, kind))
    algorithm = jwt.get_algorithm_by_name(name)
    return {**cast("Any", algorithm).to_jwk(key.public_key(), as_dict=True), "kid": kid, **fields}


SECRET = "a shared secret that is long enough"
JWKS: dict[str, Any] = {
    "keys": [
        jwk(RSA_KEY, "rsa"),
        jwk(EC_KEY, "ec", alg="ES256", use="sig"),
        jwk(ED_KEY, "ed"),
        jwk(WEAK_KEY, "weak"),
        jwk(OTHER_RSA_KEY, "encryption", use="enc"),
        jwk(OTHER_RSA_KEY, "pinned", alg="PS256"),
        {"kty": "oct", "kid": "oct", "k": base64.urlsafe_b64encode(SECRET.encode()).decode(), "alg": "HS256"},
        {"kty": "RSA", "kid": "broken", "n": "!", "e": "AQAB"},
        "no object",
    ]
}


class KnownIssuer:
    """Of which the keys are there."""

    keys = ProviderKeys.of(JWKS)

    async def key(self, kid: str | None, algorithm: str) -> Any:
        return self.keys.find(kid, algorithm)


TOKENS = Tokens(CONFIG, cast("Issuer", KnownIssuer()), lambda: NOW)


def claims(**changes: Any) -> dict[str, Any]:
    given = {"iss": ISSUER, "aud": "viewer", "sub": "ada", "exp": NOW + 300, "iat": NOW - 5, "nonce": "n"} | changes
    return {name: value for name, value in given.items() if value is not ...}


def signed(payload: Mapping[str, Any] | None = None, *, key: Any = RSA_KEY, alg: str = "RS256", **header: Any) -> str:
    headers = {"kid": "rsa", **header}
    return jwt.encode(dict(payload or claims()), key, alg, headers={k: v for k, v in headers.items() if v is not ...})


def by_hand(header: Any, payload: Any, signature: bytes = b"") -> str:
    parts = [json.dumps(header).encode(), json.dumps(payload).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def resigned(header: dict[str, Any], payload: Any, key: Any = RSA_KEY) -> str:
    """With the right signature over whatever is in it, which PyJWT would not make."""
    unsigned = by_hand(header, payload).rpartition(".")[0]
    signature = jwt.get_algorithm_by_name("RS256").sign(unsigned.encode(), key)
    return f"{unsigned}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


@pytest.mark.parametrize(
    ("key", "alg", "kid"),
    [
        (RSA_KEY, "RS256", "rsa"), (RSA_KEY, "RS512", "rsa"), (RSA_KEY, "PS256", "rsa"), (EC_KEY, "ES256", "ec"),
        (ED_KEY, "EdDSA", "ed"), (OTHER_RSA_KEY, "PS256", "pinned"), (EC_KEY, "ES256", ...),
    ],
)  # fmt: skip
async def test_right_tokens(key: Any, alg: str, kid: Any) -> None:
    assert (await TOKENS.bearer(signed(key=key, alg=alg, kid=kid)))["sub"] == "ada"
    assert (await TOKENS.id_token(signed(key=key, alg=alg, kid=kid), "n"))["sub"] == "ada"


@pytest.mark.parametrize("kind", ["JWT", "jwt", "at+jwt", "application/at+jwt", "AT+JWT", ...])
async def test_types_of_bearer_tokens(kind: Any) -> None:
    assert (await TOKENS.bearer(signed(typ=kind)))["sub"] == "ada"


def hs256(payload: Any, secret: bytes, kid: str) -> str:
    unsigned = by_hand({"alg": "HS256", "typ": "JWT", "kid": kid}, payload).rpartition(".")[0]
    mac = hmac.digest(secret, unsigned.encode(), hashlib.sha256)
    return f"{unsigned}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


FORGED = {
    "alg none": by_hand({"alg": "none", "typ": "JWT", "kid": "rsa"}, claims()),
    "alg None": by_hand({"alg": "None", "typ": "JWT", "kid": "rsa"}, claims()),
    "no alg": by_hand({"typ": "JWT", "kid": "rsa"}, claims()),
    "alg a list": by_hand({"alg": ["RS256"], "kid": "rsa"}, claims(), b"x"),
    "HS256 with the public key as secret": hs256(claims(), PUBLIC_PEM, "rsa"),
    "HS256 with a symmetric key of the provider": hs256(claims(), SECRET.encode(), "oct"),
    "signed by another key": signed(key=OTHER_RSA_KEY),
    "unknown key": signed(kid="gone"),
    "a key's name that is no text": by_hand({"alg": "RS256", "kid": {"a": 1}}, claims(), b"x"),
    "no key's name where there are several": signed(key=RSA_KEY, alg="PS256", kid=...),
    "an encryption key": signed(key=OTHER_RSA_KEY, kid="encryption"),
    "another algorithm than the key's": signed(key=OTHER_RSA_KEY, alg="RS256", kid="pinned"),
    "another kind of key": signed(key=EC_KEY, alg="ES256", kid="rsa"),
    "a key of 1024 bits": resigned({"alg": "RS256", "kid": "weak"}, claims(), WEAK_KEY),
    "a broken key": signed(kid="broken"),
    "the signature left out": signed().rpartition(".")[0] + ".",
    "the claims changed": ".".join([signed().split(".")[0], by_hand({}, claims(sub="root")).split(".")[1], "AAAA"]),
    "an embedded key": resigned({"alg": "RS256", "jwk": jwk(OTHER_RSA_KEY, "x"), "kid": "x"}, claims(), OTHER_RSA_KEY),
    "a critical extension": resigned({"alg": "RS256", "kid": "rsa", "crit": ["b64"], "b64": True}, claims()),
    "b64": resigned({"alg": "RS256", "kid": "rsa", "b64": False}, claims()),
    "a logout token": signed(typ="logout+jwt"),
    "a type that is no text": resigned({"alg": "RS256", "kid": "rsa", "typ": 3}, claims()),
    "a logout event": signed(claims(events={"http://schemas.openid.net/event/backchannel-logout": {}})),
    "another audience": signed(claims(aud="other")),
    "no audience": signed(claims(aud=...)),
    "an audience that begins alike": signed(claims(aud="viewers")),
    "an audience that is no text": signed(claims(aud=["viewer", 3])),
    "another issuer": signed(claims(iss="https://evil.test")),
    "the issuer with a slash": signed(claims(iss=ISSUER + "/")),
    "no issuer": signed(claims(iss=...)),
    "no subject": signed(claims(sub=...)),
    "an empty subject": signed(claims(sub="")),
    "a subject that is a number": resigned({"alg": "RS256", "kid": "rsa"}, claims(sub=3)),
    "a subject with a line end": signed(claims(sub="a\nb")),
    "a long subject": signed(claims(sub="a" * 256)),
    "no end": signed(claims(exp=...)),
    "an end that is text": resigned({"alg": "RS256", "kid": "rsa"}, claims(exp=str(NOW + 300))),
    "an end that is true": resigned({"alg": "RS256", "kid": "rsa"}, claims(exp=True)),
    "an endless end": resigned({"alg": "RS256", "kid": "rsa"}, claims(exp=float("inf"))),
    "an end that is no number": resigned({"alg": "RS256", "kid": "rsa"}, claims(exp=float("nan"))),
    "a huge end": resigned({"alg": "RS256", "kid": "rsa"}, claims(exp=10**400)),
    "not yet": signed(claims(nbf=NOW + LEEWAY + 1)),
    "issued in the future": signed(claims(iat=NOW + LEEWAY + 1)),
    "never issued": signed(claims(iat=...)),
    "expired and for someone else": signed(claims(exp=NOW - 999, aud="other")),
    "expired and of another issuer": signed(claims(exp=NOW - 999, iss="https://evil.test")),
    "expired and forged": signed(claims(exp=NOW - 999), key=OTHER_RSA_KEY),
    "claims that are a list": resigned({"alg": "RS256", "kid": "rsa"}, [claims()]),
    "huge": signed(claims(pad="a" * MAX_TOKEN_BYTES)),
    "four parts": signed() + ".x",
    "no token": "hello",
    "empty": "",
    "not ASCII": "é.é.é",
    "white space": " " + signed(),
}


@pytest.mark.parametrize("token", FORGED.values(), ids=FORGED.keys())
async def test_forged_tokens_are_refused_with_one_sentence(token: str) -> None:
    with pytest.raises(Unauthorized, match=NOT_VALID):
        await TOKENS.bearer(token)
    with pytest.raises(Unauthorized, match=NOT_VALID):
        await TOKENS.id_token(token, "n")


async def test_a_deep_token() -> None:
    deep = base64.urlsafe_b64encode(b"[" * 6000).rstrip(b"=").decode()
    with pytest.raises(Unauthorized):
        await TOKENS.bearer(f"{deep}.{deep}.AAAA")


async def test_clocks_may_differ_by_the_leeway() -> None:
    late = claims(exp=NOW - LEEWAY + 1, nbf=NOW + LEEWAY, iat=NOW + LEEWAY)
    assert (await TOKENS.bearer(signed(late)))["sub"] == "ada"
    with pytest.raises(Unauthorized, match="has expired"):
        await TOKENS.bearer(signed(claims(exp=NOW - LEEWAY)))
    with pytest.raises(Unauthorized, match="has expired"):
        await TOKENS.id_token(signed(claims(exp=NOW - 9999)), "n")


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "other"},
        {"nonce": ...},
        {"nonce": 3},
        {"nonce": "é"},
        {"azp": "another"},
        {"azp": 3},
        {"aud": ["viewer", "https://api.test"]},
        {"aud": "https://api.test"},
        {"aud": ["viewer", "x"], "azp": "x"},
    ],
)
async def test_an_id_token_that_is_not_for_this_sign_in(changes: dict[str, Any]) -> None:
    with pytest.raises(Unauthorized, match=NOT_VALID):
        await TOKENS.id_token(signed(claims(**changes)), "n")


async def test_an_id_token_for_several_says_who_asked() -> None:
    assert await TOKENS.id_token(signed(claims(aud=["viewer", "x"], azp="viewer")), "n")
    assert await TOKENS.id_token(signed(claims(aud=["viewer"])), "n")


async def test_an_access_token_is_no_id_token() -> None:
    with pytest.raises(Unauthorized, match=NOT_VALID):
        await TOKENS.id_token(signed(typ="at+jwt"), "n")
    for nothing in (None, 3, {}):
        with pytest.raises(Unauthorized, match=NOT_VALID):
            await TOKENS.id_token(nothing, "n")


@settings(max_examples=200, deadline=None)
@given(st.text() | st.from_regex(r"[A-Za-z0-9_=-]{0,40}\.[A-Za-z0-9_=-]{0,40}\.[A-Za-z0-9_=-]{0,40}", fullmatch=True))
async def test_nothing_but_a_refusal_comes_of_junk(token: str) -> None:
    with pytest.raises(Unauthorized):
        await TOKENS.bearer(token)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["kid", "typ", "crit", "b64", "jku", "x5u"]), JSON, max_size=2),
    st.dictionaries(
        st.sampled_from(["iss", "aud", "sub", "exp", "nbf", "iat", "jti", "events"]), JSON, min_size=1, max_size=3
    ),
)
async def test_whatever_a_provider_signs_nothing_breaks(header: dict[str, Any], changes: dict[str, Any]) -> None:
    token = resigned({"alg": "RS256", "kid": "rsa", **header}, claims(**changes))
    try:
        found = await TOKENS.bearer(token)
    except Unauthorized:
        return
    assert found["iss"] == ISSUER
    assert {"viewer", "https://api.test"} & set([found["aud"]] if isinstance(found["aud"], str) else found["aud"])
    assert found["exp"] + LEEWAY > NOW
