"""Every setting, once: its name, environment variable, default and meaning. Its check stands in `checks`.

The command line is made from this table (`cli.options`), and so is what the operator may set. Names, variables and
defaults of WSIStreamer 0.4.0 are kept; those of ours are named alike.
"""

# ruff: noqa: RUF009 - setting() returns dataclasses.field(), which is what the rule asks for
from __future__ import annotations

from dataclasses import Field, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from wsi_streamer.access.audit.config import AuditConfig
from wsi_streamer.access.client_address import TrustedProxies
from wsi_streamer.access.config import AccessConfig
from wsi_streamer.access.oidc.config import OidcConfig
from wsi_streamer.access.oidc.rules import read_rules
from wsi_streamer.access.permissions import Permission
from wsi_streamer.objectstore.config import Addressing, StoreConfig
from wsi_streamer.settings.addresses import is_loopback
from wsi_streamer.settings.checks import check
from wsi_streamer.settings.invalid import InvalidSettings
from wsi_streamer.settings.setting import (
    ACCESS,
    ADDRESS,
    ADMIN,
    AUDIT,
    CATALOG,
    IDENTITIES,
    INDEXING,
    LOGS,
    MB,
    SERVING,
    SLIDES,
    default_data_dir,
    default_threads,
    setting,
)
from wsi_streamer.telemetry.logs import LogFormat

SECRET_SHOWN_AS = "***"  # noqa: S105 - it hides one


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of a process; one that exists is valid.

    Raises:
        InvalidSettings: on construction, with one sentence for the operator.
    """

    s3_bucket: str = setting(SLIDES, "WSI_S3_BUCKET", "Bucket that holds the slides (or give s3://bucket).", "")
    s3_prefix: str = setting(
        SLIDES, "WSI_S3_PREFIX", "Serve only keys that begin so; end it with / to mean a folder.", ""
    )
    s3_endpoint: str | None = setting(
        SLIDES, "WSI_S3_ENDPOINT", "URL of the object store: https://host[:port]. Without it: AWS.", None
    )
    s3_region: str = setting(SLIDES, "WSI_S3_REGION", "Region of the bucket.", "us-east-1")
    s3_addressing: Addressing = setting(
        SLIDES,
        "WSI_S3_ADDRESSING",
        "Whether the bucket stands in the path or in the host name of requests (auto: AWS virtual, others path).",
        "auto",
    )
    s3_ca_bundle: Path | None = setting(
        SLIDES, "WSI_S3_CA_BUNDLE", "PEM file of your own certificate authority, for the object store's https.", None
    )
    s3_timeout: float = setting(SLIDES, "WSI_S3_TIMEOUT", "Seconds one read may take, repeats included.", 30.0)
    s3_max_attempts: int = setting(SLIDES, "WSI_S3_MAX_ATTEMPTS", "How often one read is tried.", 4)

    host: str = setting(ADDRESS, "WSI_HOST", "Address to listen on; 127.0.0.1 is this machine alone.", "0.0.0.0")  # noqa: S104
    port: int = setting(ADDRESS, "WSI_PORT", "Port for viewers.", 3000)

    access: Literal["open", "signed", "oidc"] | None = setting(
        ACCESS,
        "WSI_ACCESS",
        "Who may see slides. open: whoever reaches the port. signed: who holds a signed link or a grant (as "
        "--auth-enabled). oidc: who signs in with your identity provider, or holds a grant.",
        None,
        shown="open",
    )
    auth_enabled: bool = setting(ACCESS, "WSI_AUTH_ENABLED", "Serve only signed links; needs --auth-secret.", False)
    auth_secret: str | None = setting(
        ACCESS,
        "WSI_AUTH_SECRET",
        "Secret that signs links: a long random one ('openssl rand -hex 32'). Prefer the variable: others on this "
        "machine can read command lines.",
        None,
        secret=True,
    )
    signing_keys: tuple[str, ...] = setting(
        ACCESS,
        "WSI_SIGNING_KEYS",
        "Several secrets, comma-separated, newest first: the newest signs, all are accepted, WSI_AUTH_SECRET last.",
        (),
        secret=True,
    )
    public_url: str | None = setting(
        ACCESS,
        "WSI_PUBLIC_URL",
        "What users reach the viewer by: https://slides.example.org. Needed to sign in, and for whole links in grants.",
        None,
    )
    frame_ancestors: tuple[str, ...] = setting(
        ACCESS,
        "WSI_FRAME_ANCESTORS",
        "Origins whose pages may show slides in an <iframe>, comma-separated (https://portal.example.org): README, Embedding.",
        (),
        shown="none",
    )
    trusted_proxies: tuple[str, ...] = setting(
        ACCESS,
        "WSI_TRUSTED_PROXIES",
        "Addresses or networks of your proxies, comma-separated (10.0.0.0/8): their X-Forwarded-For is believed.",
        (),
    )
    expose_label: bool = setting(
        ACCESS, "WSI_EXPOSE_LABEL", "Who may see a slide may see its label too. Labels name patients.", False
    )
    expose_macro: bool = setting(
        ACCESS, "WSI_EXPOSE_MACRO", "Who may see a slide may see the macro picture of its glass too.", False
    )
    max_grant_days: float = setting(ACCESS, "WSI_MAX_GRANT_DAYS", "Days that a grant may last at most.", 90.0)
    failure_burst: int = setting(
        ACCESS,
        "WSI_FAILURE_BURST",
        "Wrong credentials that one address may show at once, and one more each two seconds, before it is told to wait; "
        "who shows right ones never is.",
        30,
    )
    cors_origins: tuple[str, ...] | None = setting(
        ACCESS,
        "WSI_CORS_ORIGINS",
        "Web sites whose pages may read slides, comma-separated (https://pacs.example.org); * for any.",
        None,
        shown="any while access is open, else none",
    )

    oidc_issuer: str | None = setting(
        IDENTITIES, "WSI_OIDC_ISSUER", "URL of your identity provider: https://login.example.org/realms/hospital.", None
    )
    oidc_client_id: str | None = setting(
        IDENTITIES, "WSI_OIDC_CLIENT_ID", "What the identity provider knows this service by.", None
    )
    oidc_client_secret: str | None = setting(
        IDENTITIES, "WSI_OIDC_CLIENT_SECRET", "The client's secret, where it has one.", None, secret=True
    )
    oidc_audience: tuple[str, ...] = setting(
        IDENTITIES,
        "WSI_OIDC_AUDIENCE",
        "Audiences that bearer tokens may be for, comma-separated.",
        (),
        shown="the client id",
    )
    oidc_scopes: tuple[str, ...] = setting(
        IDENTITIES,
        "WSI_OIDC_SCOPES",
        "Scopes asked for at sign-in, comma-separated.",
        ("openid", "profile", "email"),
        shown="openid,profile,email",
    )
    oidc_rules: str | None = setting(
        IDENTITIES,
        "WSI_OIDC_RULES",
        "Who may do what, as JSON, or @file with it (README, Identities). Without a rule nobody may do anything.",
        None,
    )
    oidc_leeway: float = setting(
        IDENTITIES, "WSI_OIDC_LEEWAY", "Seconds that the identity provider's clock may be off.", 30.0
    )
    oidc_ca_bundle: Path | None = setting(
        IDENTITIES, "WSI_OIDC_CA_BUNDLE", "PEM file of your own certificate authority, for the identity provider.", None
    )
    session_hours: float = setting(
        IDENTITIES, "WSI_SESSION_HOURS", "Hours until one who signed in must do so again.", 12.0
    )

    audit_required: bool = setting(
        AUDIT,
        "WSI_AUDIT_REQUIRED",
        "While neither Postgres nor the spool can take records, let nobody see further slides.",
        True,
    )
    audit_spool: Path | None = setting(
        AUDIT,
        "WSI_AUDIT_SPOOL",
        "Folder for records while Postgres is away; must outlive the process, and each has its own files in it.",
        None,
        shown="audit in --data-dir",
    )
    audit_spool_bytes: int = setting(AUDIT, "WSI_AUDIT_SPOOL_BYTES", "Bytes of it at most.", 64 * MB)
    audit_retention_months: int = setting(
        AUDIT, "WSI_AUDIT_RETENTION_MONTHS", "Whole months that 'audit prune' keeps; 0: all.", 72
    )

    admin_host: str = setting(
        ADMIN,
        "WSI_ADMIN_HOST",
        "Address of the admin API and /metrics. Any but this machine's own needs --admin-token. Never expose it.",
        "127.0.0.1",
    )
    admin_port: int = setting(ADMIN, "WSI_ADMIN_PORT", "Port of the admin API and /metrics.", 3001)
    admin_token: str | None = setting(ADMIN, "WSI_ADMIN_TOKEN", "Token that the admin API asks for.", None, secret=True)
    auditor_token: str | None = setting(
        ADMIN, "WSI_AUDITOR_TOKEN", "Token that reads the audit log, and does nothing else.", None, secret=True
    )
    events_token: str | None = setting(
        ADMIN,
        "WSI_EVENTS_TOKEN",
        "Token for the object store's notifications to /admin/events.",
        None,
        secret=True,
    )

    database_url: str | None = setting(
        CATALOG,
        "WSI_DATABASE_URL",
        "Postgres for the catalog: postgresql://user:password@host/database.",
        None,
        secret=True,
        shown="a Postgres of its own in --data-dir",
    )
    database_owner_url: str | None = setting(
        CATALOG,
        "WSI_DATABASE_OWNER_URL",
        "The same database by the user that owns its tables: 'migrate' and 'audit prune' use it, so that the services' "
        "own user can't change what the audit log holds.",
        None,
        secret=True,
    )
    database_pool_size: int = setting(CATALOG, "WSI_DATABASE_POOL_SIZE", "Connections kept to Postgres.", 5)
    database_pgbouncer: bool = setting(
        CATALOG, "WSI_DATABASE_PGBOUNCER", "The database URL is a pgbouncer in transaction mode.", False
    )
    database_wait: float = setting(
        CATALOG, "WSI_DATABASE_WAIT", "Seconds that a start waits for a database that can't be reached yet.", 0.0
    )
    data_dir: Path = setting(
        CATALOG,
        "WSI_DATA_DIR",
        "Where the built-in Postgres keeps its data.",
        factory=default_data_dir,
        shown="~/.local/share/wsi-streamer",
    )

    scan_interval: float = setting(
        INDEXING, "WSI_SCAN_INTERVAL", "Seconds between looks for new slides in the bucket; 0: only on request.", 300.0
    )
    scan_schedule: str | None = setting(
        INDEXING,
        "WSI_SCAN_SCHEDULE",
        "Times of these looks instead, as five cron fields in UTC ('0 3 * * *': each day at 3:00); missed ones are made up for "
        "by one.",
        None,
    )
    deletion_grace_scans: int = setting(
        INDEXING,
        "WSI_DELETION_GRACE_SCANS",
        "Looks in a row that must miss a slide before it is taken off the list.",
        2,
    )
    index_concurrency: int = setting(INDEXING, "WSI_INDEX_CONCURRENCY", "Slides indexed at a time.", 4)
    parse_memory: int = setting(
        INDEXING, "WSI_PARSE_MEMORY", "Bytes of memory that reading one slide may take.", 2048 * MB
    )
    parse_seconds: float = setting(INDEXING, "WSI_PARSE_SECONDS", "Seconds that reading one slide may take.", 60.0)

    cache_tiles: int = setting(SERVING, "WSI_CACHE_TILES", "Bytes of tiles kept in memory.", 100 * MB)
    cache_slides: int = setting(SERVING, "WSI_CACHE_SLIDES", "Slides whose layout is kept in memory.", 100)
    cache_blocks: int = setting(
        SERVING, "WSI_CACHE_BLOCKS", "Accepted for WSIStreamer's sake; what is read is kept as tiles.", 100
    )
    block_size: int = setting(
        SERVING, "WSI_BLOCK_SIZE", "Bytes at most that tiles side by side are read in one request for.", 256 * 1024
    )
    jpeg_quality: int = setting(SERVING, "WSI_JPEG_QUALITY", "JPEG quality of tiles that must be re-encoded.", 80)
    cache_max_age: int = setting(
        SERVING, "WSI_CACHE_MAX_AGE", "Seconds a browser may keep a tile (with access on at most 240).", 3600
    )
    edge_cache: bool = setting(
        SERVING,
        "WSI_EDGE_CACHE",
        "An nginx in front keeps tiles and asks /access before it hands one out (README, Behind nginx or HAProxy).",
        False,
    )
    transcode_threads: int = setting(
        SERVING, "WSI_TRANSCODE_THREADS", "Threads that re-encode tiles.", factory=default_threads, shown="cores"
    )

    workers: int = setting(
        SERVING,
        "WSI_WORKERS",
        "Processes that serve tiles; one for each core is enough. They share --cache-tiles, --cache-slides and "
        "--transcode-threads between them; each has --database-pool-size connections of its own. Needs Linux.",
        1,
    )

    log_format: LogFormat = setting(LOGS, "WSI_LOG_FORMAT", "auto is text on a terminal and JSON elsewhere.", "auto")
    verbose: bool = setting(LOGS, None, "Log in detail.", False)
    no_tracing: bool = setting(LOGS, None, "Leave lines about single requests out of a detailed log.", False)

    def __post_init__(self) -> None:
        check(self)

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
            frame_ancestors=self.frame_ancestors,
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


def setting_fields() -> dict[str, Field[Any]]:
    """The table: fields by name, with group, env, help, secret and shown in their metadata."""
    return {item.name: item for item in fields(Settings)}
