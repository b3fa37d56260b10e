"""What Prometheus' operator is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wsi_operator.spec.fields import Fields


@dataclass(frozen=True, slots=True)
class ServiceMonitorSpec:
    """How metrics are fetched."""

    labels: Mapping[str, str]
    interval_seconds: int


@dataclass(frozen=True, slots=True)
class PrometheusRuleSpec:
    """Alerts."""

    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Monitoring:
    """Both need the CRDs of Prometheus' operator."""

    service_monitor: ServiceMonitorSpec | None
    prometheus_rule: PrometheusRuleSpec | None

    @classmethod
    def of(cls, fields: Fields) -> Monitoring:
        """From ``spec.monitoring``."""
        monitor, rule = fields.object("serviceMonitor"), fields.object("prometheusRule")
        return cls(
            ServiceMonitorSpec(monitor.strings("labels"), monitor.integer("intervalSeconds"))
            if monitor.flag("enabled")
            else None,
            PrometheusRuleSpec(rule.strings("labels")) if rule.flag("enabled") else None,
        )
