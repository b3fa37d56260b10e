"""The cluster's fixtures stand in tests/support/cluster.py and cluster_parts.py."""

from __future__ import annotations

from tests.cluster.outcome import pytest_runtest_makereport as pytest_runtest_makereport
