"""What can't be had on a machine makes its tests skip, visibly; in CI that counts as a failure (see conftest)."""

from __future__ import annotations

from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """Skip the test, with one line that names what is missing."""
    pytest.skip(f"missing: {what}")
