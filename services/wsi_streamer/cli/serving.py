"""How the commands that serve go on once their ports are bound and their parts are open."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from socket import socket
from typing import Any

from wsi_streamer.cli.announce import announce
from wsi_streamer.cli.runtime import Parts, RenderMetrics, Stop, spare_the_collector
from wsi_streamer.cli.workers import Workers
from wsi_streamer.settings import Settings
from wsi_streamer.tiles.service import TileService
from wsi_streamer.web.server import serve


@dataclass(frozen=True, slots=True)
class Tiles:
    """The tile service, wherever it runs."""

    app: Any | None
    """What this process has to serve on the public port; None where workers do."""

    render_metrics: RenderMetrics
    ready: Callable[[], Awaitable[bool]]


@contextlib.asynccontextmanager
async def running_tiles(parts: Parts, public: socket) -> AsyncIterator[Tiles]:
    """The tile service: in this process, or in as many workers as the settings say.

    Raises:
        WorkerNotStarted, NoWorkers: with one sentence for the operator.
    """
    if parts.settings.workers > 1:
        async with Workers.started(parts.settings, public, parts.metrics) as workers:
            yield Tiles(None, workers.render_metrics, workers.ready)
        return
    service = await TileService.start(*parts)
    try:
        yield Tiles(service.app, parts.render_metrics, service.ready)
    finally:
        await service.aclose()


async def serve_until_stopped(
    settings: Settings, stop: Stop, *, public: tuple[Any | None, socket] | None, admin: tuple[Any, socket]
) -> None:
    """Serve the applications there are on their sockets, say where, and end once a stop is asked for."""

    def on_started() -> None:
        stop.serving()
        spare_the_collector()
        announce(settings, public=None if public is None else public[1], admin=admin[1])

    apps = [pair for pair in (public, admin) if pair is not None and pair[0] is not None]
    await serve(apps, stop=stop.asked, on_started=on_started)
