"""How a test ended, for those that build on it."""

from __future__ import annotations

from collections.abc import Generator

import pytest

FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Notes it in the item's stash."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report
