"""Every environment variable that the operator sets: which pods get it, and what it says. There is no other place.

Each pod gets what its command reads and no more: the owner's URL goes to the jobs alone, the tokens of the admin API to the
indexer alone, the client secret to the tile workers alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wsi_operator.resources.labels import Component
from wsi_operator.resources.names import admin_secret_name
from wsi_operator.resources.paths import (
    ACCESS_DIR,
    AUDIT_SPOOL,
    DATA_DIR,
    DATABASE,
    OIDC,
    RULES_FILE,
    STORAGE,
    ca_bundle,
    ca_file,
)
from wsi_operator.resources.ports import ADMIN_PORT, HTTP_PORT
from wsi_operator.spec.extra_env import ExtraVariable
from wsi_operator.spec.oidc import Oidc
from wsi_operator.spec.reference import Key
from wsi_operator.spec.streamer import WSIStreamer

Value = str | Key | None
"""Text, the key that holds it, or nothing to say."""

_TILES, _INDEXER = Component.TILES, Component.INDEXER
_SERVICES = frozenset({_TILES, _INDEXER})
_JOBS = frozenset({Component.MIGRATE, Component.AUDIT})
_ALL = _SERVICES | _JOBS


@dataclass(frozen=True, slots=True)
class Variable:
    """A row of the table."""

    name: str
    components: frozenset[Component]
    value: Callable[[WSIStreamer], Value]
    yields: bool = False
    """Whether ``spec.extraEnv`` may say otherwise."""


def _on(flag: bool) -> str:
    return "true" if flag else "false"


def _credentials(part: str) -> Callable[[WSIStreamer], Value]:
    def value(streamer: WSIStreamer) -> Value:
        credentials = streamer.spec.storage.credentials
        found: Key | None = None if credentials is None else getattr(credentials, part)
        return found

    return value


def _oidc(value: Callable[[Oidc], Value]) -> Callable[[WSIStreamer], Value]:
    def found(streamer: WSIStreamer) -> Value:
        oidc = streamer.spec.access.oidc
        return None if oidc is None else value(oidc)

    return found


def _ca(peer: str) -> Callable[[WSIStreamer], Value]:
    return lambda streamer: None if ca_bundle(streamer, peer) is None else ca_file(peer)


def _admin(key: str) -> Callable[[WSIStreamer], Value]:
    return lambda streamer: Key("Secret", admin_secret_name(streamer.name), key)


def _days(seconds: int) -> str:
    """So that the services, who count seconds down from days, come to the same number."""
    return str(seconds // 86_400) if seconds % 86_400 == 0 else repr((seconds + 0.5) / 86_400)


def _threads(streamer: WSIStreamer) -> str:
    """Threads that re-encode tiles. By default there would be one for each of the node's cores, however few of them the
    pod may use, each with memory of its own."""
    resources = streamer.spec.tiles.resources
    cores = resources.limit("cpu") or (resources.requested("cpu") or 1) * 2
    return str(max(2, math.ceil(cores)))


def _interval(streamer: WSIStreamer) -> Value:
    indexer = streamer.spec.indexer
    return None if indexer.schedule or indexer.interval_seconds is None else str(indexer.interval_seconds)


def _v(
    name: str, components: frozenset[Component], value: Callable[[WSIStreamer], Value], *, yields: bool = False
) -> Variable:
    return Variable(name, components, value, yields)


_ONLY_TILES, _ONLY_INDEXER, _ONLY_AUDIT = frozenset({_TILES}), frozenset({_INDEXER}), frozenset({Component.AUDIT})

VARIABLES: tuple[Variable, ...] = (
    _v("WSI_S3_BUCKET", _SERVICES, lambda s: s.spec.storage.bucket),
    _v("WSI_S3_PREFIX", _SERVICES, lambda s: s.spec.storage.prefix),
    _v("WSI_S3_ENDPOINT", _SERVICES, lambda s: s.spec.storage.endpoint),
    _v("WSI_S3_REGION", _SERVICES, lambda s: s.spec.storage.region),
    _v("WSI_S3_ADDRESSING", _SERVICES, lambda s: s.spec.storage.addressing),
    _v("WSI_S3_CA_BUNDLE", _SERVICES, _ca(STORAGE)),
    _v("WSI_S3_TIMEOUT", _SERVICES, lambda s: str(s.spec.storage.timeout_seconds)),
    _v("WSI_S3_MAX_ATTEMPTS", _SERVICES, lambda s: str(s.spec.storage.max_attempts)),
    _v("AWS_ACCESS_KEY_ID", _SERVICES, _credentials("access_key_id")),
    _v("AWS_SECRET_ACCESS_KEY", _SERVICES, _credentials("secret_access_key")),
    _v("AWS_SESSION_TOKEN", _SERVICES, _credentials("session_token")),
    _v("WSI_DATABASE_URL", _ALL, lambda s: s.spec.database.url),
    _v("WSI_DATABASE_OWNER_URL", _JOBS, lambda s: s.spec.database.owner_url),
    _v("WSI_DATABASE_POOL_SIZE", _SERVICES, lambda s: str(s.spec.database.pool_size)),
    _v("WSI_DATABASE_PGBOUNCER", _ALL, lambda s: _on(s.spec.database.pgbouncer)),
    # In place of the cluster's own back-off, which grows to 5 minutes: after an outage pods and database start together.
    _v("WSI_DATABASE_WAIT", _ALL, lambda _: "60", yields=True),
    # The driver's own (libpq's names). What the URL says of sslmode and sslrootcert counts more.
    _v("PGSSLROOTCERT", _ALL, _ca(DATABASE)),
    _v("PGSSLMODE", _ALL, lambda s: None if s.spec.database.ca_bundle is None else "verify-full", yields=True),
    _v("WSI_SCAN_SCHEDULE", _ONLY_INDEXER, lambda s: s.spec.indexer.schedule),
    _v("WSI_SCAN_INTERVAL", _ONLY_INDEXER, _interval),
    _v("WSI_INDEX_CONCURRENCY", _ONLY_INDEXER, lambda s: str(s.spec.indexer.concurrency)),
    _v("WSI_DELETION_GRACE_SCANS", _ONLY_INDEXER, lambda s: str(s.spec.indexer.deletion_grace_scans)),
    _v("WSI_CACHE_TILES", _ONLY_TILES, lambda s: str(s.spec.tiles.cache_bytes)),
    _v("WSI_TRANSCODE_THREADS", _ONLY_TILES, _threads, yields=True),
    # The indexer's admin port makes grants too, and knows identities: auditors read the log there.
    _v("WSI_ACCESS", _SERVICES, lambda s: s.spec.access.mode),
    _v("WSI_SIGNING_KEYS", _SERVICES, lambda s: s.spec.access.signing_keys),
    _v("WSI_MAX_GRANT_DAYS", _SERVICES, lambda s: _days(s.spec.access.max_ttl_seconds)),
    _v("WSI_PUBLIC_URL", _SERVICES, lambda s: s.spec.exposure.url()),
    _v("WSI_TRUSTED_PROXIES", _ONLY_TILES, lambda s: ",".join(s.spec.access.trusted_proxies)),
    _v("WSI_FRAME_ANCESTORS", _ONLY_TILES, lambda s: ",".join(s.spec.access.frame_ancestors)),
    _v("WSI_EXPOSE_LABEL", _ONLY_TILES, lambda s: _on(s.spec.expose_label)),
    _v("WSI_EXPOSE_MACRO", _ONLY_TILES, lambda s: _on(s.spec.expose_macro)),
    _v("WSI_OIDC_ISSUER", _SERVICES, _oidc(lambda oidc: oidc.issuer)),
    # The indexer signs nobody in: whom bearer tokens are for is all it needs to know.
    _v("WSI_OIDC_CLIENT_ID", _ONLY_TILES, _oidc(lambda oidc: oidc.client_id)),
    _v("WSI_OIDC_CLIENT_SECRET", _ONLY_TILES, _oidc(lambda oidc: oidc.client_secret)),
    _v("WSI_OIDC_AUDIENCE", _SERVICES, _oidc(lambda oidc: ",".join(oidc.accepted_audiences()))),
    _v("WSI_OIDC_SCOPES", _ONLY_TILES, _oidc(lambda oidc: ",".join(oidc.scopes))),
    _v("WSI_OIDC_RULES", _SERVICES, _oidc(lambda oidc: f"@{ACCESS_DIR}/{RULES_FILE}" if oidc.rules else None)),
    _v("WSI_OIDC_LEEWAY", _SERVICES, _oidc(lambda oidc: str(oidc.leeway_seconds))),
    _v("WSI_OIDC_CA_BUNDLE", _SERVICES, _ca(OIDC)),
    _v("WSI_SESSION_HOURS", _ONLY_TILES, _oidc(lambda oidc: str(oidc.session_hours))),
    _v("WSI_AUDIT_REQUIRED", _SERVICES, lambda s: _on(s.spec.access.audit.required)),
    _v("WSI_AUDIT_SPOOL", _SERVICES, lambda _: AUDIT_SPOOL),
    _v("WSI_AUDIT_SPOOL_BYTES", _SERVICES, lambda s: str(s.spec.access.audit.spool_bytes())),
    _v("WSI_AUDIT_RETENTION_MONTHS", _ONLY_AUDIT, lambda s: str(s.spec.access.audit.retention_months)),
    _v("WSI_DATA_DIR", _SERVICES, lambda _: DATA_DIR),
    _v("WSI_PORT", _ONLY_TILES, lambda _: str(HTTP_PORT)),
    _v("WSI_ADMIN_HOST", _SERVICES, lambda _: "0.0.0.0"),  # noqa: S104 - the pod's: a NetworkPolicy says who gets there
    _v("WSI_ADMIN_PORT", _SERVICES, lambda _: str(ADMIN_PORT)),
    _v("WSI_ADMIN_TOKEN", _ONLY_INDEXER, _admin("admin-token")),
    _v("WSI_AUDITOR_TOKEN", _ONLY_INDEXER, _admin("auditor-token")),
    _v("WSI_EVENTS_TOKEN", _ONLY_INDEXER, _admin("events-token")),
    _v("WSI_LOG_FORMAT", _ALL, lambda _: "json"),
)


def environment(streamer: WSIStreamer, component: Component) -> list[dict[str, Any]]:
    """The ``env`` of a component's container; names are unique. The user's own go to the services and the jobs alike."""
    own = {variable.name for variable in streamer.spec.extra_env}
    found = []
    for variable in VARIABLES:
        if component not in variable.components or (variable.yields and variable.name in own):
            continue
        value = variable.value(streamer)
        if value:  # an empty value is the same as none, and the API server would leave it out
            found.append(_entry(variable.name, value))
    taken = reserved_names()  # the CRD refuses those; one stored under an older CRD doesn't count
    return found + [_extra(variable) for variable in streamer.spec.extra_env if variable.name not in taken]


def reserved_names() -> frozenset[str]:
    """Names that ``spec.extraEnv`` can't have."""
    return frozenset(variable.name for variable in VARIABLES if not variable.yields)


def _entry(name: str, value: str | Key) -> dict[str, Any]:
    if isinstance(value, str):
        # A prefix or URL with $(NAME) in it means just that: Kubernetes would put a variable there.
        return {"name": name, "value": value.replace("$", "$$")}
    return {"name": name, "valueFrom": {_ref_field(value): {"name": value.name, "key": value.key}}}


def _extra(variable: ExtraVariable) -> dict[str, Any]:
    if variable.source is None:
        return {"name": variable.name} | ({"value": variable.value} if variable.value else {})
    ref: dict[str, Any] = {"name": variable.source.name, "key": variable.source.key}
    if variable.optional:
        ref["optional"] = True
    return {"name": variable.name, "valueFrom": {_ref_field(variable.source): ref}}


def _ref_field(key: Key) -> str:
    return "secretKeyRef" if key.kind == "Secret" else "configMapKeyRef"
