"""What each service answers on its management port, which is never on the ingress: /health, /ready, /metrics."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from litestar import Response, get

from wsi_streamer import __version__


class Health(msgspec.Struct, frozen=True):
    """The process is alive."""

    status: str
    version: str


class Readiness(msgspec.Struct, frozen=True):
    """Whether requests may be sent here."""

    ready: bool


def health() -> Health:
    """The same answer on both ports."""
    return Health("healthy", __version__)


def management_handlers(
    render_metrics: Callable[[], Awaitable[tuple[bytes, str]]], ready: Callable[[], Awaitable[bool]]
) -> list[Any]:
    """Litestar handlers for a service's management port."""

    @get("/health", summary="Alive", tags=["management"], sync_to_thread=False)
    def health_route() -> Health:
        return health()

    @get("/ready", summary="Ready for requests", tags=["management"])
    async def ready_route() -> Response[Readiness]:
        state = await ready()
        return Response(Readiness(state), status_code=200 if state else 503, headers={"cache-control": "no-store"})

    @get("/metrics", summary="Prometheus metrics", tags=["management"])
    async def metrics_route() -> Response[bytes]:
        body, content_type = await render_metrics()
        return Response(body, headers={"content-type": content_type})

    return [health_route, ready_route, metrics_route]
