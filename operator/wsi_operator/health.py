"""What kubelet and Prometheus ask: /healthz, /readyz, /metrics."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable

from aiohttp import web

from wsi_operator.liveness import Liveness
from wsi_operator.metrics import Metrics


@contextlib.asynccontextmanager
async def serve_health(
    port: int, liveness: Liveness, metrics: Metrics, *, ready: Callable[[], bool], refresh: Callable[[], None]
) -> AsyncIterator[int]:
    """Serve on all addresses; gives the port, which is a free one for 0.

    Raises:
        OSError: the port is taken.
    """

    async def healthz(_: web.Request) -> web.Response:
        troubles = liveness.troubles()
        return web.Response(status=503 if troubles else 200, text="; ".join(troubles) or "ok")

    async def readyz(_: web.Request) -> web.Response:
        up = ready()
        return web.Response(status=200 if up else 503, text="ok" if up else "the first round is not finished yet")

    async def rendered(_: web.Request) -> web.Response:
        refresh()
        return web.Response(body=metrics.render(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    app = web.Application(client_max_size=1024)
    app.add_routes([web.get("/healthz", healthz), web.get("/readyz", readyz), web.get("/metrics", rendered)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, None, port)
        await site.start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
