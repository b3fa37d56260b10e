"""Every kind that a child may be of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """How the API server knows it."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool = True
    optional: bool = False
    """Whether a cluster may not know it."""

    @property
    def group(self) -> str:
        """Empty for the core group."""
        return self.api_version.rpartition("/")[0]


SERVICE_ACCOUNT = Kind("v1", "ServiceAccount", "serviceaccounts")
SECRET = Kind("v1", "Secret", "secrets")
CONFIG_MAP = Kind("v1", "ConfigMap", "configmaps")
NETWORK_POLICY = Kind("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies")
JOB = Kind("batch/v1", "Job", "jobs")
DEPLOYMENT = Kind("apps/v1", "Deployment", "deployments")
SERVICE = Kind("v1", "Service", "services")
POD_DISRUPTION_BUDGET = Kind("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets")
AUTOSCALER = Kind("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers")
INGRESS = Kind("networking.k8s.io/v1", "Ingress", "ingresses")
HTTP_ROUTE = Kind("gateway.networking.k8s.io/v1", "HTTPRoute", "httproutes", optional=True)
ROUTE = Kind("route.openshift.io/v1", "Route", "routes", optional=True)
CRON_JOB = Kind("batch/v1", "CronJob", "cronjobs")
SERVICE_MONITOR = Kind("monitoring.coreos.com/v1", "ServiceMonitor", "servicemonitors", optional=True)
PROMETHEUS_RULE = Kind("monitoring.coreos.com/v1", "PrometheusRule", "prometheusrules", optional=True)

KINDS = (
    SERVICE_ACCOUNT,
    SECRET,
    CONFIG_MAP,
    NETWORK_POLICY,
    JOB,
    DEPLOYMENT,
    SERVICE,
    POD_DISRUPTION_BUDGET,
    AUTOSCALER,
    INGRESS,
    HTTP_ROUTE,
    ROUTE,
    CRON_JOB,
    SERVICE_MONITOR,
    PROMETHEUS_RULE,
)
"""Secrets among them, though the operator may not list those: it asks for its own by name."""
