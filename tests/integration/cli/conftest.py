"""A database nobody has migrated."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator

import pytest

from tests.support.postgres import execute, named


@pytest.fixture
def empty_database_url(postgres_url: str) -> Iterator[str]:
    """A database without tables, for one test."""
    name = f"empty_{secrets.token_hex(6)}"
    asyncio.run(execute(postgres_url, f"CREATE DATABASE {name}"))
    yield named(postgres_url, name)
    asyncio.run(execute(postgres_url, f"DROP DATABASE {name} WITH (FORCE)"))
