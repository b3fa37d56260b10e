"""A worker of ``--workers``: ``python -m wsi_streamer.cli.tile_worker CONTROL LISTENING INBOX OUTBOX…``, file descriptors that
it inherits (its own outbox is -1). Settings come over CONTROL. It ends when CONTROL does, so it never outlives the
command that started it by more than the requests under way.
"""

from __future__ import annotations

import asyncio
import sys
import warnings
from socket import socket

import structlog

from wsi_streamer.cli.memory import settle
from wsi_streamer.cli.root import explained
from wsi_streamer.cli.runtime import Stop, opened, run_service
from wsi_streamer.cli.worker_messages import Answer, Ask, Channel, Listening, Start, Stopping, Up, receive_start
from wsi_streamer.settings import Settings
from wsi_streamer.slides.errors import WsiError
from wsi_streamer.telemetry.metrics import Metrics
from wsi_streamer.tiles.service import TileService
from wsi_streamer.web.affinity import Affinity
from wsi_streamer.web.neighbours import Neighbours
from wsi_streamer.web.server import serve

SLIDE_ROUTES = ("tiles", "slides", "view")
SLIDE_SUFFIXES = (".dzi", "_files")

_log = structlog.get_logger("wsi_streamer.cli")


class _Worker:
    """One tile service, and its lines to the command and to the other workers."""

    def __init__(self, start: Start, control: socket, listening: socket, inbox: socket, outboxes: list[int]) -> None:
        self._start = start
        self._control = control
        self._listening = listening
        self._inbox = inbox
        self._outboxes = {index: socket(fileno=fd) for index, fd in enumerate(outboxes) if fd >= 0}

    async def run(self, settings: Settings, stop: Stop) -> None:
        """Serve until told to stop, or left alone."""
        structlog.contextvars.bind_contextvars(worker=self._start.index)
        channel = await Channel.over(self._control)
        services: asyncio.Future[tuple[TileService, Metrics, Neighbours]] = asyncio.get_running_loop().create_future()
        listening_to_command = asyncio.create_task(_obey(channel, services, stop.asked))
        try:
            async with opened(settings, "tiles", migrated=False, checked=False) as parts:
                tiles = await TileService.start(*parts)
                try:
                    neighbours = Neighbours(
                        self._start.index,
                        self._inbox,
                        self._outboxes,
                        Affinity(SLIDE_ROUTES, SLIDE_SUFFIXES),
                        parts.metrics.connections_moved.inc,
                    )
                    services.set_result((tiles, parts.metrics, neighbours))

                    def on_started() -> None:
                        stop.serving()
                        settle()
                        channel.send(Listening())

                    telling = asyncio.create_task(_tell_when_asked_to_stop(channel, stop.asked))
                    app = (tiles.app, self._listening)
                    await serve([app], stop=stop.asked, on_started=on_started, neighbours=neighbours)
                    telling.cancel()
                finally:
                    await tiles.aclose()
        finally:
            listening_to_command.cancel()
            await asyncio.gather(listening_to_command, return_exceptions=True)
            channel.close()


async def _tell_when_asked_to_stop(channel: Channel, asked: asyncio.Event) -> None:
    await asked.wait()
    channel.send(Stopping())


async def _obey(
    channel: Channel, services: asyncio.Future[tuple[TileService, Metrics, Neighbours]], stop: asyncio.Event
) -> None:
    answering: set[asyncio.Task[None]] = set()
    try:
        # Until it serves nothing is said but that it must stop, and that must be heard.
        message = await channel.to_worker()
        while message is not None:
            tiles, metrics, neighbours = await services
            if isinstance(message, Up):
                neighbours.set_up([] if stop.is_set() else message.workers)
            elif isinstance(message, Ask) and message.what == "metrics":
                channel.send(Answer(message.number, families=metrics.families()))
            else:
                # Not waited for: while Postgres hangs, orders must still be heard.
                task = asyncio.create_task(_tell_whether_ready(channel, message.number, tiles))
                answering.add(task)
                task.add_done_callback(answering.discard)
            message = await channel.to_worker()
    finally:
        for task in answering:
            task.cancel()
        stop.set()


async def _tell_whether_ready(channel: Channel, number: int, tiles: TileService) -> None:
    channel.send(Answer(number, ready=await tiles.ready()))


def main(descriptors: list[int]) -> int:
    """Run one; its exit code."""
    warnings.simplefilter("ignore")  # as the command does
    control, listening, inbox = (socket(fileno=fd) for fd in descriptors[:3])
    try:
        start = receive_start(control)
    except EOFError:
        return 0
    worker = _Worker(start, control, listening, inbox, descriptors[3:])
    try:
        run_service(start.settings, worker.run)
    except WsiError as error:
        _log.error("a tile worker can't serve", worker=start.index, reason=explained(error))
        return 1
    except KeyboardInterrupt:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main([int(word) for word in sys.argv[1:]]))
