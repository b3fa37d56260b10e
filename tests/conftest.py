"""Fixtures for all tests stand in tests/support, each in the file named after what it starts."""

from __future__ import annotations

import os

import pytest

pytest_plugins = [
    "tests.support.s3server",
    "tests.support.fault_proxy",
    "tests.support.postgres",
]


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI nothing may be skipped: what is missing there is a fault of the set-up."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped") and exitstatus == 0:
        reporter.write_line("Tests were skipped, and in CI none may be.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
