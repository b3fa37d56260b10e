from __future__ import annotations

from typing import Any

from tests.unit.operator.samples import MINIMAL, situation, streamer_of
from wsi_operator.resources.alerts import CRITICAL, alerts
from wsi_operator.resources.children import desired

RULE = {"prometheusRule": {"enabled": True}}
MONITORED = {**MINIMAL, "monitoring": {**RULE, "serviceMonitor": {"enabled": True}}}


def test_with_our_monitor_they_are_about_this_resource() -> None:
    found = alerts(streamer_of(MONITORED))
    assert all('job="slides-' in alert.expression or 'job=~"slides-' in alert.expression for alert in found)
    assert [alert.name for alert in found if alert.severity == CRITICAL] == [
        "WSIStreamerDown",
        "WSIStreamerErrors",
        "WSIStreamerAuditLost",
    ]


def test_without_it_no_job_is_known_and_missing_metrics_mean_nothing() -> None:
    found = alerts(streamer_of({**MINIMAL, "monitoring": RULE}))
    assert found
    assert not [alert for alert in found if "job=" in alert.expression or "absent" in alert.expression]


def _rules(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [item for item in desired(streamer_of(spec), situation()) if item["kind"] == "PrometheusRule"]


def test_nobody_is_told_that_a_suspended_service_is_down() -> None:
    assert len(_rules(MONITORED)) == 1
    assert _rules({**MONITORED, "suspend": True}) == []
