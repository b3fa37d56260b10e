"""Running several HTTP servers in one event loop, and stopping them without losing a request."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import uvicorn

from wsi_streamer.slides.errors import WsiError
from wsi_streamer.web.bounded import BoundedProtocol
from wsi_streamer.web.movable import MovableProtocol
from wsi_streamer.web.neighbours import Neighbours

GRACE_SECONDS = 20
"""How long requests under way may take once a stop was asked for."""


class AddressInUse(WsiError):
    """A port is taken, or an address is not this machine's."""


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: there are two servers in this loop, and one set of signals. With neighbours it
    takes connections from them too, and gives them theirs."""

    def __init__(self, config: uvicorn.Config, neighbours: Neighbours | None) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()
        self._neighbours = neighbours
        self._taking: set[asyncio.Task[None]] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._neighbours is not None:
            self._neighbours.start(functools.partial(self._take_over, self._neighbours))
        self.listening.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._neighbours is not None:
            self._neighbours.set_up(())
        await super().shutdown(sockets)
        if self._neighbours is not None:
            self._neighbours.stop()

    def _take_over(self, neighbours: Neighbours, sock: socket.socket, received: bytes) -> None:
        task = asyncio.get_running_loop().create_task(self._connect(neighbours, sock, received))
        self._taking.add(task)
        task.add_done_callback(self._taking.discard)

    async def _connect(self, neighbours: Neighbours, sock: socket.socket, received: bytes) -> None:
        def protocol() -> MovableProtocol:
            # As uvicorn's own startup() makes them.
            return MovableProtocol(
                config=self.config,
                server_state=self.server_state,
                app_state=self.lifespan.state,
                neighbours=neighbours,
                received=received,
                moved=True,
            )

        try:
            _, made = await asyncio.get_running_loop().connect_accepted_socket(protocol, sock)
        except OSError:  # gone meanwhile
            sock.close()
        else:
            if self.should_exit:  # what other workers sent before they knew is answered, and then closed
                made.shutdown()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bind(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        AddressInUse: with a sentence that says what to do.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named, because asyncio turns Nagle's algorithm off only for sockets that say so: else each body waits for an ACK.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except (OSError, OverflowError) as error:
        sock.close()
        raise AddressInUse(f"Cannot listen on {host}:{port} ({error}). Choose another address or port.") from error
    return sock


def _config(app: Any, neighbours: Neighbours | None) -> uvicorn.Config:
    http: Any = BoundedProtocol if neighbours is None else functools.partial(MovableProtocol, neighbours=neighbours)
    return uvicorn.Config(
        app,
        http=http,
        lifespan="off",
        ws="none",
        access_log=False,
        proxy_headers=False,  # what a client says of itself decides nothing; and it costs each request
        log_config=None,
        server_header=False,
        date_header=True,
        timeout_keep_alive=75,  # longer than an ingress keeps its own connections, so that it closes first
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


async def serve(
    apps: Sequence[tuple[Any, socket.socket]],
    *,
    stop: asyncio.Event,
    on_started: Callable[[], None],
    neighbours: Neighbours | None = None,
) -> None:
    """Serve ASGI applications on bound sockets until ``stop`` is set, then finish what is under way (at most
    `GRACE_SECONDS`). With ``neighbours`` connections move between this process and those."""
    servers = [_Server(_config(app, neighbours), neighbours) for app, _ in apps]
    tasks = [asyncio.create_task(server.serve(sockets=[sock])) for server, (_, sock) in zip(servers, apps, strict=True)]
    for server in servers:
        await server.listening.wait()
    on_started()
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
        for server in servers:
            server.should_exit = True
        await asyncio.gather(*tasks)


def stop_on_signals(stop: asyncio.Event) -> None:
    """Have SIGINT, SIGTERM and SIGHUP (a closed terminal) set ``stop``; a second one ends the process at once, as people
    expect of Ctrl-C."""
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def on_signal() -> None:
        if stop.is_set():
            for name in signals:
                loop.remove_signal_handler(name)
            signal.raise_signal(signal.SIGINT)
        stop.set()

    for name in signals:
        loop.add_signal_handler(name, on_signal)
