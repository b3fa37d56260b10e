"""Alerts, for Prometheus' operator."""

from __future__ import annotations

from typing import Any

from wsi_operator.resources.alerts import Alert, alerts
from wsi_operator.resources.kinds import PROMETHEUS_RULE
from wsi_operator.resources.labels import Manifest, child
from wsi_operator.spec.streamer import WSIStreamer


def prometheus_rule(streamer: WSIStreamer) -> Manifest | None:
    """None where it isn't asked for, and while a resource is suspended: nobody should be told that it is down."""
    asked = streamer.spec.monitoring.prometheus_rule
    if asked is None or streamer.spec.suspend:
        return None
    rules = [_rule(streamer, alert) for alert in alerts(streamer)]
    group = {"name": f"{streamer.namespace}.{streamer.name}", "rules": rules}
    return child(streamer, PROMETHEUS_RULE, streamer.name, more_labels=asked.labels, spec={"groups": [group]})


def _rule(streamer: WSIStreamer, alert: Alert) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "alert": alert.name,
        "expr": alert.expression,
        "labels": {"severity": alert.severity, "namespace": streamer.namespace, "wsistreamer": streamer.name},
        "annotations": {"summary": alert.summary, "description": alert.description},
    }
    if alert.minutes:
        rule["for"] = f"{alert.minutes}m"
    return rule
