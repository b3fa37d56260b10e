"""What a deployment asks of those who want to see its slides."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from wsi_streamer.access.client_address import TrustedProxies
from wsi_streamer.access.oidc.config import OidcConfig
from wsi_streamer.access.permissions import Permission
from wsi_streamer.access.signing_keys import SigningKeys

Mode = Literal["open", "signed", "oidc"]


@dataclass(frozen=True, slots=True)
class AccessConfig:
    """The same in every process of a deployment."""

    mode: Mode
    secrets: tuple[bytes, ...] = field(default=(), repr=False)
    """That sign, newest first."""

    proxies: TrustedProxies = field(default_factory=TrustedProxies)
    exposed: frozenset[Permission] = frozenset()
    """What everyone may do who may see a slide: LABEL, MACRO."""

    public_url: str | None = None
    max_grant_seconds: int = 90 * 86_400
    session_seconds: int = 12 * 3600
    oidc: OidcConfig | None = None
    frame_ancestors: tuple[str, ...] = ()
    """Origins whose pages may show ours in a frame, beside our own."""

    @property
    def secure(self) -> bool:
        """Whether users come by https, so that their cookies may ask for it."""
        return self.public_url is not None and self.public_url.startswith("https://")

    @property
    def keys(self) -> SigningKeys:
        """For grants and sessions."""
        return SigningKeys.of(self.secrets)
