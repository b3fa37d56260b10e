"""Grants as the command line has them: straight from the catalog, by whoever may read its URL."""

from __future__ import annotations

import contextlib
import getpass
import os
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from wsi_streamer.access.caller import Caller
from wsi_streamer.access.grants.grants import Grants
from wsi_streamer.access.grants.recorded import Acts, RecordedGrants
from wsi_streamer.access.permissions import Role
from wsi_streamer.access.signing_keys import SigningKeys
from wsi_streamer.catalog.database import Database
from wsi_streamer.settings import Settings
from wsi_streamer.slides.errors import NotFound

DAY = 86_400


@dataclass(frozen=True, slots=True)
class GrantDesk:
    """Connected to the catalog."""

    grants: Grants
    recorded: RecordedGrants
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
        async with _acts(database, source_id) as acts:
            yield GrantDesk(grants, RecordedGrants(grants, acts), local_caller())


def local_caller() -> Caller:
    """Whoever runs this command: the audit log knows it by the name of its account on this machine."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):  # no name for the user id, in containers
        user = f"user {os.getuid()}" if hasattr(os, "getuid") else "someone"
    return Caller("local", f"command line|{user}", roles=frozenset({Role.ADMIN}), name=user)


@contextlib.asynccontextmanager
async def _acts(database: Database, source_id: int) -> AsyncIterator[Acts]:
    yield _Unrecorded()


class _Unrecorded:
    """No audit log."""

    async def act(
        self,
        action: str,
        caller: Caller,
        address: str,
        *,
        outcome: str = "success",
        slide_id: str | None = None,
        key: str | None = None,
        detail: Mapping[str, str] | None = None,
    ) -> None:
        pass

    def deny(
        self, caller: Caller | None, address: str, code: str, *, slide_id: str | None = None, route: str = ""
    ) -> None:
        pass
