"""Grants as the command line has them: straight from the catalog, by whoever may read its URL."""

from __future__ import annotations

import contextlib
import getpass
import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

from wsi_streamer.access.audit.audit import Audit
from wsi_streamer.access.caller import Caller
from wsi_streamer.access.grants.grants import Grants
from wsi_streamer.access.grants.recorded import RecordedGrants
from wsi_streamer.access.permissions import Role
from wsi_streamer.access.signing_keys import SigningKeys
from wsi_streamer.settings import Settings
from wsi_streamer.slides.errors import NotFound
from wsi_streamer.telemetry.metrics import Metrics

DAY = 86_400


@dataclass(frozen=True, slots=True)
class GrantDesk:
    """Connected to the catalog."""

    grants: Grants
    recorded: RecordedGrants
    audit: Audit
    caller: Caller


@contextlib.asynccontextmanager
async def grant_desk(settings: Settings) -> AsyncIterator[GrantDesk]:
    """Connect.

    Raises:
        InvalidSettings: no bucket is named.
        NotFound: nothing of it was ever indexed.
        CatalogUnavailable: Postgres can't be reached.
    """
    from wsi_streamer.catalog.grants import GrantQueries
    from wsi_streamer.catalog.sources import find_source
    from wsi_streamer.cli.runtime import catalog_url, connected

    settings.store_config()
    own = settings.database_url is None
    async with catalog_url(settings) as url, connected(settings, url, migrated=own) as database:
        source_id = await find_source(database, settings.s3_endpoint, settings.s3_bucket, settings.s3_prefix)
        if source_id is None:
            raise NotFound(
                "The catalog knows nothing of this bucket. --s3-endpoint, --s3-bucket and --s3-prefix must be those of the "
                "indexer."
            )
        grants = Grants(
            GrantQueries(database, source_id),
            SigningKeys.of(settings.secrets()),
            settings.max_grant_days * DAY,
            time.time,
        )
        audit = await Audit.start(
            settings.audit_config(), database, source_id, Metrics(), service="command", now=time.time
        )
        try:
            yield GrantDesk(grants, RecordedGrants(grants, audit), audit, local_caller())
        finally:
            await audit.aclose()


def local_caller() -> Caller:
    """Whoever runs this command: the audit log knows it by the name of its account on this machine."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):  # no name for the user id, in containers
        user = f"user {os.getuid()}" if hasattr(os, "getuid") else "someone"
    return Caller("local", f"command line|{user}", roles=frozenset({Role.ADMIN}), name=user)
