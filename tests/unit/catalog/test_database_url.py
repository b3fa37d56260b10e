"""What becomes of a database URL."""

from __future__ import annotations

import pytest

from wsi_streamer.catalog.database import connect_arguments
from wsi_streamer.slides.errors import CatalogUnavailable


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_every_usual_scheme_is_read_and_odd_passwords_survive(scheme: str) -> None:
    arguments = connect_arguments(f"{scheme}://u:p%40%2F%3A%25@h:5433/d?sslmode=require")
    assert arguments["dsn"] == "postgresql://u:p%40%2F%3A%25@h:5433/d?sslmode=require"


def test_parameters_that_asyncpg_would_send_to_the_server_are_left_out() -> None:
    arguments = connect_arguments("postgresql://h/d?channel_binding=require&connect_timeout=3&application_name=x")
    assert arguments["dsn"] == "postgresql://h/d?application_name=x"


@pytest.mark.parametrize(
    "url", ["", "not a url", "mysql://u:secret@h/d", "postgresql://u:secret@h:port/d", "sqlite:///x"]
)
def test_anything_else_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(CatalogUnavailable, match="postgresql://user:password@host/database") as caught:
        connect_arguments(url)
    assert "secret" not in caught.value.message


def test_behind_pgbouncer_no_statement_is_kept() -> None:
    assert connect_arguments("postgresql://h/d", pgbouncer=True)["statement_cache_size"] == 0
    assert "statement_cache_size" not in connect_arguments("postgresql://h/d")
