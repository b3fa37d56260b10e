"""Ports, and what manifests call them."""

from __future__ import annotations

from typing import Any

HTTP, HTTP_PORT = "http", 3000
"""For viewers."""

ADMIN, ADMIN_PORT = "admin", 3001
"""Metrics and probes; the indexer's admin API. Never outside of the cluster."""

SERVICE_PORT = 80


def container_port(name: str, port: int) -> dict[str, Any]:
    """Of a container."""
    return {"name": name, "containerPort": port, "protocol": "TCP"}


def service_port(name: str, port: int, target: str) -> dict[str, Any]:
    """Of a Service; ``target`` is a container port's name."""
    return {"name": name, "port": port, "targetPort": target, "protocol": "TCP"}
