"""What can't be right is refused before anything starts, each with one sentence for the operator."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from wsi_streamer.access.client_address import TrustedProxies
from wsi_streamer.access.oidc.config import is_safe_url
from wsi_streamer.objectstore.config import Address
from wsi_streamer.settings.invalid import InvalidSettings
from wsi_streamer.settings.setting import MB, flag
from wsi_streamer.slides.errors import StorageError

if TYPE_CHECKING:
    from wsi_streamer.settings.settings import Settings

_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}\Z")
_ANCESTOR = re.compile(
    r"https?://(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
    r"(?::(?P<port>[0-9]{1,5}))?"
)
"""It becomes part of a header as it is: nothing that could end a directive of it."""


def check(settings: Settings) -> None:
    """All of it.

    Raises:
        InvalidSettings: the first fault.
    """
    for check_part in (
        _check_slides,
        _check_ports,
        _check_access,
        _check_database,
        _check_database_owner,
        _check_ranges,
    ):
        check_part(settings)


def _check_slides(settings: Settings) -> None:
    if not settings.s3_bucket:
        return
    if _BUCKET.match(settings.s3_bucket) is None:
        raise InvalidSettings(
            "That is not a bucket's name. Use s3://bucket or s3://bucket/prefix, and --s3-endpoint for the store's URL."
        )
    if settings.s3_ca_bundle is not None and not settings.s3_ca_bundle.is_file():
        raise InvalidSettings(f"The CA bundle {settings.s3_ca_bundle} is not a file.")
    try:
        Address.of(settings.store_config())
    except StorageError as error:
        raise InvalidSettings(error.message) from None


def _check_ports(settings: Settings) -> None:
    for name, port in (("--port", settings.port), ("--admin-port", settings.admin_port)):
        if not 0 <= port <= 65_535:
            raise InvalidSettings(f"{name} must be from 1 to 65535.")
    if settings.port == settings.admin_port != 0:
        raise InvalidSettings("--port and --admin-port must differ: the admin port must never be public.")


def _check_access(settings: Settings) -> None:
    if settings.access not in (None, "open", "signed", "oidc"):
        raise InvalidSettings(f"There is no access mode '{settings.access}'. WSI_ACCESS is open, signed or oidc.")
    if settings.access in ("open", "oidc") and settings.auth_enabled:
        raise InvalidSettings(f"WSI_ACCESS={settings.access} and --auth-enabled contradict each other. Choose one.")
    if not settings.is_open() and not settings.secrets():
        raise InvalidSettings(
            "Access is limited, but there is no secret to sign with. Set WSI_AUTH_SECRET or WSI_SIGNING_KEYS "
            "(for instance to the output of 'openssl rand -hex 32')."
        )
    for name, token in (
        ("WSI_ADMIN_TOKEN", settings.admin_token),
        ("WSI_AUDITOR_TOKEN", settings.auditor_token),
        ("WSI_EVENTS_TOKEN", settings.events_token),
    ):
        if token is not None and (not token.strip() or not token.isascii()):
            raise InvalidSettings(f"{name} must be plain letters and digits, not blank.")
    try:
        TrustedProxies.of(settings.trusted_proxies)
    except ValueError as error:
        raise InvalidSettings(f"--trusted-proxies: {error}. Use addresses or networks: 10.0.0.0/8.") from None
    for origin in settings.frame_ancestors:
        if "[" in origin:
            raise InvalidSettings(
                f"'{origin}' in --frame-ancestors names an IPv6 address, which browsers ignore there. Use a host's name."
            )
        if not is_ancestor(origin):
            raise InvalidSettings(
                f"'{origin}' is not an origin that could show slides in a frame. Use --frame-ancestors https://host[:port], or "
                "https://*.example.org for all hosts of a domain, in lower case; neither a path nor * alone."
            )
    for origin in settings.cors_origins or ():
        if origin != "*" and re.fullmatch(r"https?://[^/\s]+", origin) is None:
            raise InvalidSettings(f"'{origin}' is not an origin. Use --cors-origins https://host[:port], or *.")

    _check_identities(settings)


def is_ancestor(origin: str) -> bool:
    """Whether a text names one origin, or all of a domain's with two labels at least, for frame-ancestors."""
    found = _ANCESTOR.fullmatch(origin)
    if found is None or re.match(r"https?://\*\.[^.]*\Z", origin) is not None:
        return False
    return 1 <= int(found["port"] or 443) <= 65_535


def _check_identities(settings: Settings) -> None:
    if settings.access_mode() != "oidc":
        return
    config = settings.oidc_config()
    if config is None or config.client_id is None:
        return
    if settings.public_url is None:
        raise InvalidSettings(
            "To sign in, users must come back to this service: set WSI_PUBLIC_URL (https://slides.example.org). "
            "Where only bearer tokens count, set WSI_OIDC_AUDIENCE and leave WSI_OIDC_CLIENT_ID out."
        )
    if (
        not is_safe_url(settings.public_url, loopback=True)
        or re.fullmatch(r"https?://[^/?]+/?", settings.public_url) is None
    ):
        raise InvalidSettings(
            "WSI_PUBLIC_URL must be https://host[:port], without a path: sessions must not travel in the clear "
            "(http only for this machine)."
        )


def _check_database(settings: Settings) -> None:
    if settings.database_url is not None and not _is_postgres(settings.database_url):
        raise InvalidSettings("WSI_DATABASE_URL must be postgresql://user:password@host/database.")


def _check_database_owner(settings: Settings) -> None:
    if settings.database_owner_url is None:
        return
    if not _is_postgres(settings.database_owner_url) or settings.database_url is None:
        raise InvalidSettings(
            "WSI_DATABASE_OWNER_URL must be postgresql://owner:password@host/database, beside WSI_DATABASE_URL."
        )


def _is_postgres(url: str) -> bool:
    try:
        return make_url(url).get_backend_name() in ("postgresql", "postgres")
    except (ArgumentError, ValueError):
        return False


def _check_ranges(settings: Settings) -> None:
    for name, least in _LEAST.items():
        if not getattr(settings, name) >= least:
            raise InvalidSettings(f"{flag(name)} must be at least {least}.")
    if not 1 <= settings.jpeg_quality <= 100:
        raise InvalidSettings("--jpeg-quality must be from 1 to 100.")
    if not 1024 <= settings.block_size <= 16 * MB:
        raise InvalidSettings("--block-size must be from 1024 to 16777216 bytes (1 KB to 16 MB).")


_LEAST: dict[str, float] = {
    "cache_slides": 1, "cache_blocks": 1, "cache_tiles": 1, "cache_max_age": 0, "s3_timeout": 1, "s3_max_attempts": 1,
    "database_pool_size": 1, "database_wait": 0, "scan_interval": 0, "index_concurrency": 1, "parse_memory": 256 * MB, "parse_seconds": 1,
    "transcode_threads": 1, "workers": 1, "max_grant_days": 0.001, "session_hours": 0.01, "oidc_leeway": 0, "failure_burst": 1,
    "audit_spool_bytes": 0, "audit_retention_months": 0, "deletion_grace_scans": 1,
}  # fmt: skip
