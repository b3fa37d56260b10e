"""How the kubelet sees whether a container lives and may be asked."""

from __future__ import annotations

from typing import Any

from wsi_operator.resources.ports import ADMIN


def probes(*, ready_path: str) -> dict[str, Any]:
    """Of a service. A start may wait for Postgres; a busy worker answers late and is no dead one; one that isn't ready is
    left out soon."""
    return {
        "startupProbe": _probe("/health", period=2, timeout=5, failures=60),
        "livenessProbe": _probe("/health", period=10, timeout=5, failures=6),
        "readinessProbe": _probe(ready_path, period=5, timeout=5, failures=2),
    }


def _probe(path: str, *, period: int, timeout: int, failures: int) -> dict[str, Any]:
    return {
        "httpGet": {"path": path, "port": ADMIN, "scheme": "HTTP"},
        "periodSeconds": period,
        "timeoutSeconds": timeout,
        "failureThreshold": failures,
    }
