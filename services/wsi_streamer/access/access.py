"""All that decides who may see a slide and records who did, put together for one process."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import structlog

from wsi_streamer.access.audit.audit import Audit
from wsi_streamer.access.audit.config import AuditConfig
from wsi_streamer.access.config import AccessConfig
from wsi_streamer.access.ended_sessions import EndedSessions
from wsi_streamer.access.gate import Gate
from wsi_streamer.access.grants.grants import Grants
from wsi_streamer.access.oidc.identities import Identities
from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.ended_sessions import EndedSessionQueries
from wsi_streamer.catalog.grants import GrantQueries
from wsi_streamer.catalog.notifications import GRANTS_CHANNEL, SESSIONS_CHANNEL, Listener
from wsi_streamer.telemetry.metrics import Metrics

GOOD_SECRET_BYTES = 16

_log = structlog.get_logger("wsi_streamer.access")


@dataclass(frozen=True, slots=True)
class Access:
    """Shared by the services of a process."""

    config: AccessConfig
    gate: Gate
    grants: Grants
    identities: Identities | None
    ended: EndedSessions
    audit: Audit
    listener: Listener

    def on_revoked(self, forget: Callable[[], None]) -> Callable[[], None]:
        """Have ``forget`` called whenever some grant changed or some session was ended; returns what ends that."""
        channels = (GRANTS_CHANNEL, SESSIONS_CHANNEL)
        ends = [self.listener.subscribe(channel, lambda _: forget()) for channel in channels]

        def unsubscribe() -> None:
            for end in ends:
                end()

        return unsubscribe


@contextlib.asynccontextmanager
async def opened_access(
    config: AccessConfig,
    audit_config: AuditConfig,
    database: Database,
    source_id: int,
    listener: Listener,
    metrics: Metrics,
    *,
    service: str,
    now: Callable[[], float] = time.time,
) -> AsyncIterator[Access]:
    """Everything open; ``service`` is what the audit log calls this process.

    Raises:
        CatalogUnavailable: Postgres can't be reached.
    """
    if any(len(secret) < GOOD_SECRET_BYTES for secret in config.secrets):
        _log.warning("the signing secret is short enough to be guessed: make one with 'openssl rand -hex 32'")
    async with contextlib.AsyncExitStack() as stack:
        audit = await Audit.start(audit_config, database, source_id, metrics, service=service, now=now)
        stack.push_async_callback(audit.aclose)
        grants = Grants(GrantQueries(database, source_id), config.keys, config.max_grant_seconds, now)
        stack.push_async_callback(grants.aclose)
        stack.callback(grants.listen(listener))
        identities = None if config.oidc is None else Identities(config.oidc, now)
        if identities is not None:
            stack.push_async_callback(identities.aclose)
        ended = EndedSessions(EndedSessionQueries(database))
        stack.callback(ended.listen(listener))
        gate = Gate(config, grants, identities, now, ended)
        yield Access(config, gate, grants, identities, ended, audit, listener)
