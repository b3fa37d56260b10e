"""What identities need to be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from wsi_streamer.access.oidc.rules import Rule


@dataclass(frozen=True, slots=True)
class OidcConfig:
    """An identity provider, what we are to it, and who may do what.

    Raises:
        ValueError: a sentence for the operator.
    """

    issuer: str
    """Exactly as the provider writes it into its tokens."""

    client_id: str | None = None
    """Without it nobody signs in here: only bearer tokens count."""

    client_secret: str | None = field(default=None, repr=False)
    audiences: tuple[str, ...] = ()
    """Whom bearer tokens must be for, one of them; empty: the client id."""

    scopes: tuple[str, ...] = ("openid", "profile", "email")
    rules: tuple[Rule, ...] = ()
    leeway: float = 30.0
    """Seconds that the provider's clock and ours may differ."""

    ca_bundle: Path | None = None

    def __post_init__(self) -> None:
        if not is_safe_url(self.issuer, loopback=True) or urlsplit(self.issuer).query:
            raise ValueError(
                "the issuer must be an https URL without query, as your identity provider's discovery document names it "
                "(http only for one on this machine)"
            )
        if not self.client_id and not self.accepted_audiences:
            raise ValueError("the client id is missing, and no audience is given: then no token could ever be for us")
        if self.client_secret and not self.client_id:
            raise ValueError("there is a client secret without a client id")
        if self.client_id and "openid" not in self.scopes:
            raise ValueError("the scopes must hold 'openid': without it there is no ID token")
        if not 0 <= self.leeway <= 300:
            raise ValueError("the leeway must be from 0 to 300 seconds")

    @property
    def accepted_audiences(self) -> tuple[str, ...]:
        """For whom a bearer token may be."""
        return self.audiences or ((self.client_id,) if self.client_id else ())


def is_safe_url(url: str, *, loopback: bool) -> bool:
    """Whether tokens and keys may travel to and from a URL: https, or where ``loopback`` is allowed http to this machine.
    Nothing with a user name or a fragment in it."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if (
        not host
        or parts.username is not None
        or parts.fragment
        or not url.isascii()
        or not url.isprintable()
        or " " in url
    ):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and loopback and is_this_machine(host))


def is_this_machine(host: str) -> bool:
    """Whether a host of a URL is the machine itself."""
    return host in ("localhost", "::1") or (host.startswith("127.") and host.replace(".", "").isdigit())
