"""Where the command keeps its data, and a database nobody has migrated."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.postgres import execute, named


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder that isn't there yet. Not pytest's: each start of pytest closes its folder to other users, and as root the
    embedded Postgres runs as one."""
    with tempfile.TemporaryDirectory(prefix="wsi-test-") as folder:
        yield Path(folder) / "data"


@pytest.fixture
def empty_database_url(postgres_url: str) -> Iterator[str]:
    """A database without tables, for one test."""
    name = f"empty_{secrets.token_hex(6)}"
    asyncio.run(execute(postgres_url, f"CREATE DATABASE {name}"))
    yield named(postgres_url, name)
    asyncio.run(execute(postgres_url, f"DROP DATABASE {name} WITH (FORCE)"))
