"""Fixtures for all tests stand in tests/support, each in the file named after what it starts."""

from __future__ import annotations

import os

import pytest

pytest_plugins = [
    "tests.support.api_server",
    "tests.support.s3server",
    "tests.support.browser",
    "tests.support.fault_proxy",
    "tests.support.identity_provider",
    "tests.support.postgres",
    "tests.support.services",
    "tests.support.cluster",
    "tests.support.cluster_parts",
]


FIRST = "tests/cluster/test_story.py"
WAITING = ("tests/cluster/", "tests/integration/compose/")
"""They mostly wait for a cluster or for containers."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that wait stand between files that compute, the longest first, so that processes of a run seldom all wait or all
    compute (``--no-loadscope-reorder``: xdist keeps to this order)."""
    files: dict[str, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.nodeid.partition("::")[0], []).append(item)
    waiting = sorted((name for name in files if name.startswith(WAITING)), key=lambda name: name != FIRST)
    others = [name for name in files if name not in waiting]
    share = len(others) // max(len(waiting), 1)
    order = []
    for at, name in enumerate(waiting):
        order += [name, *others[at * share : (at + 1) * share]]
    order += others[len(waiting) * share :]
    items[:] = [item for name in order for item in files[name]]


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI nothing may be skipped: what is missing there is a fault of the set-up."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped") and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what is missing, each thing once, with the number of tests that wanted it."""
    wanted: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reason = reason.removeprefix("Skipped: ")
        wanted[reason] = wanted.get(reason, 0) + 1
    if not wanted:
        return
    in_ci = bool(os.environ.get("CI"))
    terminalreporter.section("skipped, and in CI that is a failure" if in_ci else "skipped", red=in_ci)
    for reason, count in sorted(wanted.items()):
        terminalreporter.write_line(f"{count} × {reason}")
