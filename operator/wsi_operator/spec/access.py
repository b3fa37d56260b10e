"""Who may see slides."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal

from wsi_operator.spec.audit import Audit
from wsi_operator.spec.fields import Fields
from wsi_operator.spec.invalid import InvalidSpec
from wsi_operator.spec.oidc import Oidc
from wsi_operator.spec.reference import Key

Mode = Literal["open", "signed", "oidc"]
_LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_ANCESTOR = re.compile(rf"https?://(\*\.{_LABEL}\.)?{_LABEL}(\.{_LABEL})*(?::(?P<port>[0-9]{{1,5}}))?")
_MODES: dict[str, Mode] = {"open": "open", "signed": "signed", "oidc": "oidc"}


@dataclass(frozen=True, slots=True)
class Access:
    """What is asked of who wants to see a slide, and what is recorded."""

    mode: Mode
    signing_keys: Key | None
    max_ttl_seconds: int
    """Longest that a grant may last."""

    oidc: Oidc | None
    """Given in the mode of that name alone."""

    trusted_proxies: tuple[str, ...]
    frame_ancestors: tuple[str, ...]
    """Origins whose pages may show slides in a frame."""

    audit: Audit

    @classmethod
    def of(cls, fields: Fields) -> Access:
        """From ``spec.access``."""
        mode = _MODES.get(fields.text("mode"))
        if mode is None:
            raise InvalidSpec("spec.access.mode must be open, signed or oidc.")
        if mode != "open" and not fields.has("signingKeysSecretRef"):
            raise InvalidSpec(
                f"spec.access.mode {mode} needs spec.access.signingKeysSecretRef: a Secret whose value signs links and sessions."
            )
        if (mode == "oidc") != fields.has("oidc"):
            raise InvalidSpec("spec.access.oidc goes with spec.access.mode oidc: set both, or neither.")
        keys = fields.object("signingKeysSecretRef")
        return cls(
            mode=mode,
            signing_keys=Key.of_secret(keys) if mode != "open" else None,
            max_ttl_seconds=fields.integer("maxTtlSeconds"),
            oidc=Oidc.of(fields.object("oidc")) if mode == "oidc" else None,
            trusted_proxies=tuple(_network(text) for text in fields.texts("trustedProxies")),
            frame_ancestors=tuple(_ancestor(text) for text in fields.texts("frameAncestors")),
            audit=Audit.of(fields.object("audit")),
        )


def _ancestor(text: str) -> str:
    found = _ANCESTOR.fullmatch(text)
    if found is None or not 1 <= int(found["port"] or 443) <= 65_535:
        raise InvalidSpec(
            f"spec.access.frameAncestors: '{text}' is no origin: write https://portal.example.org, or https://*.example.org."
        )
    return text


def _network(text: str) -> str:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise InvalidSpec(f"spec.access.trustedProxies: '{text}' is no address or network: write 10.0.0.0/8.") from None
    return text
