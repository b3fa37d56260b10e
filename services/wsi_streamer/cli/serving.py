"""How the commands that serve go on once their ports are bound and their parts are open."""

from __future__ import annotations

import gc
from socket import socket
from typing import Any

from wsi_streamer.cli.announce import announce
from wsi_streamer.cli.runtime import Stop
from wsi_streamer.settings import Settings
from wsi_streamer.web.server import serve

App = tuple[Any, socket]
"""An ASGI application and the socket it answers on."""


async def serve_until_stopped(settings: Settings, stop: Stop, *, public: App | None, admin: App) -> None:
    """Serve, say where, and end once a stop is asked for."""

    def on_started() -> None:
        stop.serving()
        # What was made while starting stays for good: not looked at again and again (a sixth of a cold tile's CPU).
        gc.collect()
        gc.freeze()
        announce(settings, public=None if public is None else public[1], admin=admin[1])

    await serve([app for app in (public, admin) if app is not None], stop=stop.asked, on_started=on_started)
