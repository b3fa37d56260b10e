"""A grant's token: ``wsg1.<key id>.<grant id>.<expiry>.<MAC>``, where the MAC is over all that stands before it."""

from __future__ import annotations

import base64
import hmac
import re
import secrets

from wsi_streamer.access.expiry import MAX_EXPIRY
from wsi_streamer.access.signing_keys import SigningKey, SigningKeys
from wsi_streamer.slides.errors import RightEnded, Unauthorized

PREFIX = "wsg1."
"""What a grant's token begins with, and no other bearer token does."""

_PURPOSE = "grant"
# One spelling for each: what differs in a character is another token.
_TOKEN = re.compile(
    r"wsg1\.(?P<key>[0-9a-f]{8})\.(?P<grant>g-[a-z2-7]{24})\.(?P<exp>[1-9][0-9]{0,15})\.(?P<mac>[0-9a-f]{64})"
)


def new_grant_id() -> str:
    """A random id of 120 bits, ``g-`` and 24 letters or digits."""
    return "g-" + base64.b32encode(secrets.token_bytes(15)).decode().lower()


def mint(keys: SigningKeys, grant_id: str, exp: int) -> str:
    """The token of a grant that ends at ``exp`` (unix seconds), signed by the newest key."""
    key = keys.newest
    said = f"{PREFIX}{key.id}.{grant_id}.{exp}"
    return f"{said}.{_mac(key, said)}"


def read(keys: SigningKeys, token: str, now: float) -> tuple[str, int]:
    """The grant's id and its expiry, once the MAC proved right. That the token has expired is said only then.

    Raises:
        Unauthorized: not a token of ours, or of a key that has been retired since, or expired.
    """
    match = _TOKEN.fullmatch(token)
    key = None if match is None else keys.named(match["key"])
    if match is None or key is None or not hmac.compare_digest(match["mac"], _mac(key, token.rpartition(".")[0])):
        raise Unauthorized("This is not a valid grant. Ask for a new link.")
    exp = int(match["exp"])
    if exp > MAX_EXPIRY:
        raise Unauthorized("This is not a valid grant. Ask for a new link.")
    if now >= exp:
        raise RightEnded("The grant has expired. Ask for a new link.")
    return match["grant"], exp


def _mac(key: SigningKey, said: str) -> str:
    return key.mac(_PURPOSE, said.encode()).hex()
