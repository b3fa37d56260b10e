"""Every setting, once: its name, environment variable, default, meaning and check.

The command line is made from this table (`cli.options`), and so is what the operator may set. Names, variables and
defaults of WSIStreamer 0.4.0 are kept; those of ours are named alike.
"""

# ruff: noqa: RUF009 - _setting() returns dataclasses.field(), which is what the rule asks for
from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

import platformdirs
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from wsi_streamer.access.audit.config import AuditConfig
from wsi_streamer.access.client_address import TrustedProxies
from wsi_streamer.access.config import AccessConfig
from wsi_streamer.access.oidc.config import OidcConfig, is_safe_url
from wsi_streamer.access.oidc.rules import read_rules
from wsi_streamer.access.permissions import Permission
from wsi_streamer.objectstore.config import Address, Addressing, StoreConfig
from wsi_streamer.slides.errors import StorageError, WsiError
from wsi_streamer.telemetry.logs import LogFormat

MB = 1024 * 1024
SECRET_SHOWN_AS = "***"  # noqa: S105 - it hides one

_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}\Z")


class InvalidSettings(WsiError):
    """A setting that can't be right; the message says which and what to do."""


def default_data_dir() -> Path:
    """``$XDG_DATA_HOME/wsi-streamer``, by default ``~/.local/share/wsi-streamer``."""
    return Path(platformdirs.user_data_dir("wsi-streamer"))


def default_threads() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _setting(
    group: str,
    env: str | None,
    help_text: str,
    default: Any = MISSING,
    *,
    factory: Callable[[], Any] | None = None,
    secret: bool = False,
    shown: str | None = None,
) -> Any:
    """A field with what the command line needs to know; ``shown`` stands for the default in the help."""
    metadata = {"group": group, "env": env, "help": help_text, "secret": secret, "shown": shown}
    if factory is not None:
        return field(default_factory=factory, repr=not secret, metadata=metadata)
    return field(default=default, repr=not secret, metadata=metadata)


SLIDES, ADDRESS, ACCESS, ADMIN = "Where the slides are", "Address", "Access", "Administration"
IDENTITIES, AUDIT = "Identities (OpenID Connect)", "Audit log"
CATALOG, INDEXING, SERVING, LOGS = "Catalog", "Indexing", "Serving", "Logs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of a process; one that exists is valid.

    Raises:
        InvalidSettings: on construction, with one sentence for the operator.
    """

    s3_bucket: str = _setting(SLIDES, "WSI_S3_BUCKET", "Bucket that holds the slides (or give s3://bucket).", "")
    s3_prefix: str = _setting(
        SLIDES, "WSI_S3_PREFIX", "Serve only keys that begin so; end it with / to mean a folder.", ""
    )
    s3_endpoint: str | None = _setting(
        SLIDES, "WSI_S3_ENDPOINT", "URL of the object store: https://host[:port]. Without it: AWS.", None
    )
    s3_region: str = _setting(SLIDES, "WSI_S3_REGION", "Region of the bucket.", "us-east-1")
    s3_addressing: Addressing = _setting(
        SLIDES,
        "WSI_S3_ADDRESSING",
        "Whether the bucket stands in the path or in the host name of requests (auto: AWS virtual, others path).",
        "auto",
    )
    s3_ca_bundle: Path | None = _setting(
        SLIDES, "WSI_S3_CA_BUNDLE", "PEM file of your own certificate authority, for the object store's https.", None
    )
    s3_timeout: float = _setting(SLIDES, "WSI_S3_TIMEOUT", "Seconds one read may take, repeats included.", 30.0)
    s3_max_attempts: int = _setting(SLIDES, "WSI_S3_MAX_ATTEMPTS", "How often one read is tried.", 4)

    host: str = _setting(ADDRESS, "WSI_HOST", "Address to listen on; 127.0.0.1 is this machine alone.", "0.0.0.0")  # noqa: S104
    port: int = _setting(ADDRESS, "WSI_PORT", "Port for viewers.", 3000)

    access: Literal["open", "signed", "oidc"] | None = _setting(
        ACCESS,
        "WSI_ACCESS",
        "Who may see slides. open: whoever reaches the port. signed: who holds a signed link or a grant (as "
        "--auth-enabled). oidc: who signs in with your identity provider, or holds a grant.",
        None,
        shown="open",
    )
    auth_enabled: bool = _setting(ACCESS, "WSI_AUTH_ENABLED", "Serve only signed links; needs --auth-secret.", False)
    auth_secret: str | None = _setting(
        ACCESS,
        "WSI_AUTH_SECRET",
        "Secret that signs links: a long random one ('openssl rand -hex 32'). Prefer the variable: others on this "
        "machine can read command lines.",
        None,
        secret=True,
    )
    signing_keys: tuple[str, ...] = _setting(
        ACCESS,
        "WSI_SIGNING_KEYS",
        "Several secrets, comma-separated, newest first: the newest signs, all are accepted, WSI_AUTH_SECRET last.",
        (),
        secret=True,
    )
    public_url: str | None = _setting(
        ACCESS,
        "WSI_PUBLIC_URL",
        "What users reach the viewer by: https://slides.example.org. Needed to sign in, and for whole links in grants.",
        None,
    )
    trusted_proxies: tuple[str, ...] = _setting(
        ACCESS,
        "WSI_TRUSTED_PROXIES",
        "Addresses or networks of your proxies, comma-separated (10.0.0.0/8): their X-Forwarded-For is believed.",
        (),
    )
    expose_label: bool = _setting(
        ACCESS, "WSI_EXPOSE_LABEL", "Who may see a slide may see its label too. Labels name patients.", False
    )
    expose_macro: bool = _setting(
        ACCESS, "WSI_EXPOSE_MACRO", "Who may see a slide may see the macro picture of its glass too.", False
    )
    max_grant_days: float = _setting(ACCESS, "WSI_MAX_GRANT_DAYS", "Days that a grant may last at most.", 90.0)
    failure_burst: int = _setting(
        ACCESS,
        "WSI_FAILURE_BURST",
        "Wrong credentials that one address may show at once, and one more each two seconds, before it is told to wait; "
        "who shows right ones never is.",
        30,
    )
    cors_origins: tuple[str, ...] | None = _setting(
        ACCESS,
        "WSI_CORS_ORIGINS",
        "Web sites whose pages may read slides, comma-separated (https://pacs.example.org); * for any.",
        None,
        shown="any while access is open, else none",
    )

    oidc_issuer: str | None = _setting(
        IDENTITIES, "WSI_OIDC_ISSUER", "URL of your identity provider: https://login.example.org/realms/hospital.", None
    )
    oidc_client_id: str | None = _setting(
        IDENTITIES, "WSI_OIDC_CLIENT_ID", "What the identity provider knows this service by.", None
    )
    oidc_client_secret: str | None = _setting(
        IDENTITIES, "WSI_OIDC_CLIENT_SECRET", "The client's secret, where it has one.", None, secret=True
    )
    oidc_audience: tuple[str, ...] = _setting(
        IDENTITIES,
        "WSI_OIDC_AUDIENCE",
        "Audiences that bearer tokens may be for, comma-separated.",
        (),
        shown="the client id",
    )
    oidc_scopes: tuple[str, ...] = _setting(
        IDENTITIES,
        "WSI_OIDC_SCOPES",
        "Scopes asked for at sign-in, comma-separated.",
        ("openid", "profile", "email"),
        shown="openid,profile,email",
    )
    oidc_rules: str | None = _setting(
        IDENTITIES,
        "WSI_OIDC_RULES",
        "Who may do what, as JSON, or @file with it (README, Identities). Without a rule nobody may do anything.",
        None,
    )
    oidc_leeway: float = _setting(
        IDENTITIES, "WSI_OIDC_LEEWAY", "Seconds that the identity provider's clock may be off.", 30.0
    )
    oidc_ca_bundle: Path | None = _setting(
        IDENTITIES, "WSI_OIDC_CA_BUNDLE", "PEM file of your own certificate authority, for the identity provider.", None
    )
    session_hours: float = _setting(
        IDENTITIES, "WSI_SESSION_HOURS", "Hours until one who signed in must do so again.", 12.0
    )

    audit_required: bool = _setting(
        AUDIT,
        "WSI_AUDIT_REQUIRED",
        "While neither Postgres nor the spool can take records, let nobody see further slides.",
        True,
    )
    audit_spool: Path | None = _setting(
        AUDIT,
        "WSI_AUDIT_SPOOL",
        "Folder for records while Postgres is away; must outlive the process, and each has its own files in it.",
        None,
        shown="audit in --data-dir",
    )
    audit_spool_bytes: int = _setting(AUDIT, "WSI_AUDIT_SPOOL_BYTES", "Bytes of it at most.", 64 * MB)
    audit_retention_months: int = _setting(
        AUDIT, "WSI_AUDIT_RETENTION_MONTHS", "Whole months that 'audit prune' keeps; 0: all.", 72
    )

    admin_host: str = _setting(
        ADMIN,
        "WSI_ADMIN_HOST",
        "Address of the admin API and /metrics. Any but this machine's own needs --admin-token. Never expose it.",
        "127.0.0.1",
    )
    admin_port: int = _setting(ADMIN, "WSI_ADMIN_PORT", "Port of the admin API and /metrics.", 3001)
    admin_token: str | None = _setting(
        ADMIN, "WSI_ADMIN_TOKEN", "Token that the admin API asks for.", None, secret=True
    )
    auditor_token: str | None = _setting(
        ADMIN, "WSI_AUDITOR_TOKEN", "Token that reads the audit log, and does nothing else.", None, secret=True
    )
    events_token: str | None = _setting(
        ADMIN,
        "WSI_EVENTS_TOKEN",
        "Token for the object store's notifications to /admin/events.",
        None,
        secret=True,
    )

    database_url: str | None = _setting(
        CATALOG,
        "WSI_DATABASE_URL",
        "Postgres for the catalog: postgresql://user:password@host/database.",
        None,
        secret=True,
        shown="a Postgres of its own in --data-dir",
    )
    database_owner_url: str | None = _setting(
        CATALOG,
        "WSI_DATABASE_OWNER_URL",
        "The same database by the user that owns its tables: 'migrate' and 'audit prune' use it, so that the services' "
        "own user can't change what the audit log holds.",
        None,
        secret=True,
    )
    database_pool_size: int = _setting(CATALOG, "WSI_DATABASE_POOL_SIZE", "Connections kept to Postgres.", 5)
    database_pgbouncer: bool = _setting(
        CATALOG, "WSI_DATABASE_PGBOUNCER", "The database URL is a pgbouncer in transaction mode.", False
    )
    data_dir: Path = _setting(
        CATALOG,
        "WSI_DATA_DIR",
        "Where the built-in Postgres keeps its data.",
        factory=default_data_dir,
        shown="~/.local/share/wsi-streamer",
    )

    scan_interval: float = _setting(
        INDEXING, "WSI_SCAN_INTERVAL", "Seconds between looks for new slides in the bucket; 0: only on request.", 300.0
    )
    index_concurrency: int = _setting(INDEXING, "WSI_INDEX_CONCURRENCY", "Slides indexed at a time.", 4)
    parse_memory: int = _setting(
        INDEXING, "WSI_PARSE_MEMORY", "Bytes of memory that reading one slide may take.", 2048 * MB
    )
    parse_seconds: float = _setting(INDEXING, "WSI_PARSE_SECONDS", "Seconds that reading one slide may take.", 60.0)

    cache_tiles: int = _setting(SERVING, "WSI_CACHE_TILES", "Bytes of tiles kept in memory.", 100 * MB)
    cache_slides: int = _setting(SERVING, "WSI_CACHE_SLIDES", "Slides whose layout is kept in memory.", 100)
    cache_blocks: int = _setting(
        SERVING, "WSI_CACHE_BLOCKS", "Accepted for WSIStreamer's sake; what is read is kept as tiles.", 100
    )
    block_size: int = _setting(
        SERVING, "WSI_BLOCK_SIZE", "Bytes at most that tiles side by side are read in one request for.", 256 * 1024
    )
    jpeg_quality: int = _setting(SERVING, "WSI_JPEG_QUALITY", "JPEG quality of tiles that must be re-encoded.", 80)
    cache_max_age: int = _setting(
        SERVING, "WSI_CACHE_MAX_AGE", "Seconds a browser may keep a tile (with access on at most 240).", 3600
    )
    edge_cache: bool = _setting(
        SERVING,
        "WSI_EDGE_CACHE",
        "An nginx in front keeps tiles and asks /access before it hands one out (README, Behind nginx or HAProxy).",
        False,
    )
    transcode_threads: int = _setting(
        SERVING, "WSI_TRANSCODE_THREADS", "Threads that re-encode tiles.", factory=default_threads, shown="cores"
    )

    workers: int = _setting(
        SERVING,
        "WSI_WORKERS",
        "Processes that serve tiles; one for each core is enough. They share --cache-tiles, --cache-slides and "
        "--transcode-threads between them; each has --database-pool-size connections of its own. Needs Linux.",
        1,
    )

    log_format: LogFormat = _setting(LOGS, "WSI_LOG_FORMAT", "auto is text on a terminal and JSON elsewhere.", "auto")
    verbose: bool = _setting(LOGS, None, "Log in detail.", False)
    no_tracing: bool = _setting(LOGS, None, "Leave lines about single requests out of a detailed log.", False)

    def __post_init__(self) -> None:
        for check in (
            self._check_slides,
            self._check_ports,
            self._check_access,
            self._check_database,
            self._check_database_owner,
            self._check_ranges,
        ):
            check()

    # -- what the services ask for ----------------------------------------------------------------------------------

    def store_config(self) -> StoreConfig:
        """Where the slides are.

        Raises:
            InvalidSettings: no bucket is named.
        """
        if not self.s3_bucket:
            raise InvalidSettings(
                "No bucket is given. Use: wsi-streamer s3://bucket, or --s3-bucket, or WSI_S3_BUCKET."
            )
        return StoreConfig(
            bucket=self.s3_bucket,
            endpoint=self.s3_endpoint,
            region=self.s3_region,
            addressing=self.s3_addressing,
            ca_bundle=self.s3_ca_bundle,
            timeout=self.s3_timeout,
            max_attempts=self.s3_max_attempts,
        )

    def access_mode(self) -> Literal["open", "signed", "oidc"]:
        """What is asked of a request; ``--auth-enabled`` means signed."""
        return "signed" if self.auth_enabled and self.access is None else self.access or "open"

    def is_open(self) -> bool:
        """Whether everyone who reaches the port sees every slide."""
        return self.access_mode() == "open"

    def secrets(self) -> tuple[bytes, ...]:
        """What signs, newest first."""
        given = (*self.signing_keys, self.auth_secret or "")
        return tuple(secret.encode() for secret in given if secret.strip())

    def access_config(self) -> AccessConfig:
        """Who may see slides."""
        exposed = {Permission.LABEL: self.expose_label, Permission.MACRO: self.expose_macro}
        return AccessConfig(
            mode=self.access_mode(),
            secrets=self.secrets(),
            proxies=TrustedProxies.of(self.trusted_proxies),
            exposed=frozenset(permission for permission, is_exposed in exposed.items() if is_exposed),
            public_url=None if self.public_url is None else self.public_url.rstrip("/"),
            max_grant_seconds=int(self.max_grant_days * 86_400),
            session_seconds=int(self.session_hours * 3600),
            oidc=self.oidc_config(),
        )

    def oidc_config(self) -> OidcConfig | None:
        """What identities need; None in other modes.

        Raises:
            InvalidSettings: with one sentence for the operator.
        """
        if self.access_mode() != "oidc":
            return None
        if not self.oidc_issuer:
            raise InvalidSettings("WSI_ACCESS=oidc needs WSI_OIDC_ISSUER: the URL of your identity provider.")
        if self.oidc_ca_bundle is not None and not self.oidc_ca_bundle.is_file():
            raise InvalidSettings(f"The CA bundle {self.oidc_ca_bundle} is not a file.")
        try:
            rules = read_rules(self.oidc_rules) if self.oidc_rules else ()
        except ValueError as error:
            raise InvalidSettings(f"WSI_OIDC_RULES: {error}.") from None
        try:
            return OidcConfig(
                issuer=self.oidc_issuer,
                client_id=self.oidc_client_id or None,
                client_secret=self.oidc_client_secret or None,
                audiences=self.oidc_audience,
                scopes=self.oidc_scopes,
                rules=rules,
                leeway=self.oidc_leeway,
                ca_bundle=self.oidc_ca_bundle,
            )
        except ValueError as error:
            raise InvalidSettings(f"OpenID Connect: {error}.") from None

    def audit_config(self) -> AuditConfig:
        """How the audit log is kept."""
        return AuditConfig(
            views=not self.is_open(),
            required=self.audit_required,
            spool=self.audit_spool or self.data_dir / "audit",
            spool_bytes=self.audit_spool_bytes,
        )

    def check_admin(self) -> None:
        """For processes that serve the admin API.

        Raises:
            InvalidSettings: it would be open to the network.
        """
        if self.admin_token is None and self.access_mode() != "oidc" and not is_loopback(self.admin_host):
            raise InvalidSettings(
                f"The admin API would listen on {self.admin_host} without a token. "
                "Set WSI_ADMIN_TOKEN, or leave --admin-host at 127.0.0.1."
            )

    def redacted(self) -> dict[str, str]:
        """All settings as text, without secrets, for the log."""
        shown = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if item.metadata["secret"] and value:
                value = SECRET_SHOWN_AS
            shown[item.name] = str(value)
        return shown

    # -- checks -------------------------------------------------------------------------------------------------------

    def _check_slides(self) -> None:
        if not self.s3_bucket:
            return
        if _BUCKET.match(self.s3_bucket) is None:
            raise InvalidSettings(
                "That is not a bucket's name. Use s3://bucket or s3://bucket/prefix, and --s3-endpoint for the store's URL."
            )
        if self.s3_ca_bundle is not None and not self.s3_ca_bundle.is_file():
            raise InvalidSettings(f"The CA bundle {self.s3_ca_bundle} is not a file.")
        try:
            Address.of(self.store_config())
        except StorageError as error:
            raise InvalidSettings(error.message) from None

    def _check_ports(self) -> None:
        for name, port in (("--port", self.port), ("--admin-port", self.admin_port)):
            if not 0 <= port <= 65_535:
                raise InvalidSettings(f"{name} must be from 1 to 65535.")
        if self.port == self.admin_port != 0:
            raise InvalidSettings("--port and --admin-port must differ: the admin port must never be public.")

    def _check_access(self) -> None:
        if self.access not in (None, "open", "signed", "oidc"):
            raise InvalidSettings(f"There is no access mode '{self.access}'. WSI_ACCESS is open, signed or oidc.")
        if self.access in ("open", "oidc") and self.auth_enabled:
            raise InvalidSettings(f"WSI_ACCESS={self.access} and --auth-enabled contradict each other. Choose one.")
        if not self.is_open() and not self.secrets():
            raise InvalidSettings(
                "Access is limited, but there is no secret to sign with. Set WSI_AUTH_SECRET or WSI_SIGNING_KEYS "
                "(for instance to the output of 'openssl rand -hex 32')."
            )
        for name, token in (
            ("WSI_ADMIN_TOKEN", self.admin_token),
            ("WSI_AUDITOR_TOKEN", self.auditor_token),
            ("WSI_EVENTS_TOKEN", self.events_token),
        ):
            if token is not None and (not token.strip() or not token.isascii()):
                raise InvalidSettings(f"{name} must be plain letters and digits, not blank.")
        try:
            TrustedProxies.of(self.trusted_proxies)
        except ValueError as error:
            raise InvalidSettings(f"--trusted-proxies: {error}. Use addresses or networks: 10.0.0.0/8.") from None
        for origin in self.cors_origins or ():
            if origin != "*" and re.fullmatch(r"https?://[^/\s]+", origin) is None:
                raise InvalidSettings(f"'{origin}' is not an origin. Use --cors-origins https://host[:port], or *.")

        self._check_identities()

    def _check_identities(self) -> None:
        if self.access_mode() != "oidc":
            return
        config = self.oidc_config()
        if config is None or config.client_id is None:
            return
        if self.public_url is None:
            raise InvalidSettings(
                "To sign in, users must come back to this service: set WSI_PUBLIC_URL (https://slides.example.org). "
                "Where only bearer tokens count, set WSI_OIDC_AUDIENCE and leave WSI_OIDC_CLIENT_ID out."
            )
        if (
            not is_safe_url(self.public_url, loopback=True)
            or re.fullmatch(r"https?://[^/?]+/?", self.public_url) is None
        ):
            raise InvalidSettings(
                "WSI_PUBLIC_URL must be https://host[:port], without a path: sessions must not travel in the clear "
                "(http only for this machine)."
            )

    def _check_database(self) -> None:
        if self.database_url is None:
            return
        try:
            backend = make_url(self.database_url).get_backend_name()
        except (ArgumentError, ValueError):
            backend = ""
        if backend not in ("postgresql", "postgres"):
            raise InvalidSettings("WSI_DATABASE_URL must be postgresql://user:password@host/database.")

    def _check_database_owner(self) -> None:
        if self.database_owner_url is None:
            return
        try:
            backend = make_url(self.database_owner_url).get_backend_name()
        except (ArgumentError, ValueError):
            backend = ""
        if backend not in ("postgresql", "postgres") or self.database_url is None:
            raise InvalidSettings(
                "WSI_DATABASE_OWNER_URL must be postgresql://owner:password@host/database, beside WSI_DATABASE_URL."
            )

    def _check_ranges(self) -> None:
        for name, least in _LEAST.items():
            if not getattr(self, name) >= least:
                raise InvalidSettings(f"{flag(name)} must be at least {least}.")
        if not 1 <= self.jpeg_quality <= 100:
            raise InvalidSettings("--jpeg-quality must be from 1 to 100.")
        if not 1024 <= self.block_size <= 16 * MB:
            raise InvalidSettings("--block-size must be from 1024 to 16777216 bytes (1 KB to 16 MB).")


_LEAST: dict[str, float] = {
    "cache_slides": 1, "cache_blocks": 1, "cache_tiles": 1, "cache_max_age": 0, "s3_timeout": 1, "s3_max_attempts": 1,
    "database_pool_size": 1, "scan_interval": 0, "index_concurrency": 1, "parse_memory": 256 * MB, "parse_seconds": 1,
    "transcode_threads": 1, "workers": 1, "max_grant_days": 0.001, "session_hours": 0.01, "oidc_leeway": 0, "failure_burst": 1,
    "audit_spool_bytes": 0, "audit_retention_months": 0,
}  # fmt: skip


def flag(name: str) -> str:
    """The option of a setting."""
    return "--" + name.replace("_", "-")


def setting_fields() -> dict[str, Field[Any]]:
    """The table: fields by name, with group, env, help, secret and shown in their metadata."""
    return {item.name: item for item in fields(Settings)}


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def parse_s3_uri(uri: str) -> tuple[str, str]:
    """Bucket and prefix of ``s3://bucket[/prefix]`` or of a bare bucket name.

    Raises:
        InvalidSettings: neither.
    """
    uri = uri.strip()
    scheme, separator, rest = uri.partition("://")
    if not separator:
        bucket, _, prefix = uri.partition("/")
    elif scheme == "s3":
        bucket, _, prefix = rest.partition("/")
    else:
        raise InvalidSettings(
            "The bucket must be s3://bucket[/prefix] or a bare name; a store's URL goes to --s3-endpoint."
        )
    if not bucket:
        raise InvalidSettings("The bucket's name is missing. Use s3://bucket[/prefix].")
    return bucket, prefix
