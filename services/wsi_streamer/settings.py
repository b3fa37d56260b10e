"""Every setting, checked once at the start. The command line makes one of these and hands it down; nothing reads the
environment behind its back."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

import platformdirs

from wsi_streamer.access.policy import AccessPolicy
from wsi_streamer.objectstore.config import Addressing, StoreConfig
from wsi_streamer.slides.errors import WsiError
from wsi_streamer.telemetry.logs import LogFormat

DEFAULT_DATA_DIR = Path(platformdirs.user_data_dir("wsi-streamer"))


class SettingError(WsiError):
    """A setting that can't be used; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All options of the services. Sizes are bytes, times seconds."""

    s3_bucket: str
    s3_prefix: str = ""
    s3_endpoint: str | None = None
    s3_region: str = "us-east-1"
    s3_addressing: Addressing = "auto"
    s3_ca_bundle: Path | None = None
    s3_timeout: float = 30.0
    s3_max_attempts: int = 4

    host: str = "0.0.0.0"  # noqa: S104 - the original's default; a warning says what it means
    port: int = 3000
    admin_host: str = "127.0.0.1"
    admin_port: int = 3001
    admin_token: str | None = field(default=None, repr=False)
    events_token: str | None = field(default=None, repr=False)

    access: str | None = None
    """``open`` or ``signed``; None follows ``auth_enabled``."""
    auth_enabled: bool = False
    auth_secret: str | None = field(default=None, repr=False)
    cors_origins: tuple[str, ...] | None = None

    cache_slides: int = 100
    cache_tiles: int = 100 * 1024 * 1024
    cache_blocks: int = 100
    """The original's; accepted, without effect."""
    block_size: int = 262_144
    cache_max_age: int = 3600
    jpeg_quality: int = 80
    transcode_threads: int = field(default_factory=lambda: os.cpu_count() or 1)

    database_url: str | None = field(default=None, repr=False)
    database_pool_size: int = 5
    database_pgbouncer: bool = False
    data_dir: Path = DEFAULT_DATA_DIR

    scan_interval: float = 300.0
    """0: only on request."""
    index_concurrency: int = 4
    parse_memory: int = 2 * 1024**3
    parse_seconds: float = 60.0

    verbose: bool = False
    no_tracing: bool = False
    log_format: LogFormat = "auto"

    def __post_init__(self) -> None:
        """Refuse what can't work.

        Raises:
            SettingError: with one sentence that says what to do.
        """
        for wrong, sentence in self._faults():
            if wrong:
                raise SettingError(sentence)

    @property
    def is_open(self) -> bool:
        """Whether everyone may see every slide."""
        return (self.access or ("signed" if self.auth_enabled else "open")) == "open"

    def access_policy(self) -> AccessPolicy:
        """What requests must carry."""
        return AccessPolicy(None if self.is_open else (self.auth_secret or "").encode())

    def store_config(self) -> StoreConfig:
        """Where the slides are."""
        return StoreConfig(
            bucket=self.s3_bucket,
            endpoint=self.s3_endpoint,
            region=self.s3_region,
            addressing=self.s3_addressing,
            ca_bundle=self.s3_ca_bundle,
            timeout=self.s3_timeout,
            max_attempts=self.s3_max_attempts,
        )

    def _faults(self) -> list[tuple[bool, str]]:
        signed = not self.is_open
        return [
            (not self.s3_bucket, "S3 bucket is required. Use: wsi-streamer s3://bucket-name or --s3-bucket=name"),
            (
                self.access not in (None, "open", "signed"),
                f"WSI_ACCESS={self.access} is not built yet: use open or signed.",
            ),
            (
                self.access == "open" and self.auth_enabled,
                "--auth-enabled and WSI_ACCESS=open contradict each other: leave one out.",
            ),
            (
                signed and not self.auth_secret,
                "Signed access needs a secret: set --auth-secret or WSI_AUTH_SECRET (openssl rand -hex 32).",
            ),
            (
                self.admin_token is None and not _is_loopback(self.admin_host),
                "The admin API needs a token to be reachable from other machines: set WSI_ADMIN_TOKEN.",
            ),
            (
                self.admin_token == "" or self.events_token == "",
                "An empty token protects nothing: set one or leave it out.",
            ),
            (not 1 <= self.jpeg_quality <= 100, "jpeg_quality must be between 1 and 100"),
            (not 1024 <= self.block_size <= 16 * 1024 * 1024, "block_size must be between 1KB and 16MB"),
            (self.cache_slides < 1, "cache_slides must be greater than 0"),
            (self.cache_blocks < 1, "cache_blocks must be greater than 0"),
            (self.cache_tiles < 1, "cache_tiles must be greater than 0"),
            (self.cache_max_age < 0, "cache_max_age must not be negative"),
            (not 0 <= self.port <= 65_535 or not 0 <= self.admin_port <= 65_535, "A port is a number up to 65535."),
            (self.transcode_threads < 1 or self.index_concurrency < 1, "Threads and concurrency must be at least 1."),
            (self.database_pool_size < 1, "The database pool needs at least one connection."),
            (self.s3_timeout <= 0 or self.s3_max_attempts < 1, "S3 needs a timeout above 0 and at least one attempt."),
            (
                self.parse_seconds <= 0 or self.parse_memory < 256 * 1024**2,
                "Parsing needs some time, and 256 MB of memory.",
            ),
            (self.s3_addressing not in get_args(Addressing), "S3 addressing is auto, path or virtual."),
        ]


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
