from __future__ import annotations

import socket
from pathlib import Path

import pytest

from wsi_streamer.cli.worker_messages import (
    Answer,
    Ask,
    Channel,
    FromWorker,
    Listening,
    Start,
    Stopping,
    ToWorker,
    Up,
    frame,
    receive_start,
)
from wsi_streamer.settings import Settings
from wsi_streamer.telemetry.metrics import Metrics


def test_settings_arrive_as_they_were(tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.touch()
    settings = Settings(
        s3_bucket="b",
        s3_ca_bundle=bundle,
        auth_enabled=True,
        auth_secret="s" * 20,
        cors_origins=("https://a.org",),
        database_url="postgresql://u:p@/d?host=%2Ftmp",
        data_dir=tmp_path,
        workers=2,
    )
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(frame(Start(1, 2, settings)))
        assert receive_start(theirs) == Start(1, 2, settings)


def test_a_command_that_is_gone_before_it_has_said_anything() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        ours.sendall(frame(Start(0, 2, Settings()))[:20])
        ours.close()
        with pytest.raises(EOFError):
            receive_start(theirs)


async def test_messages_both_ways_and_the_end() -> None:
    ours, theirs = socket.socketpair()
    command, worker = await Channel.over(ours), await Channel.over(theirs)
    said: list[ToWorker] = [Up([True, False]), Ask(7, "metrics"), Ask(8, "ready")]
    told: list[FromWorker] = [Listening(), Answer(7, families=Metrics().families()), Answer(8, ready=True), Stopping()]
    for message in said:
        command.send(message)
    assert [await worker.to_worker() for _ in said] == said
    for answer in told:
        worker.send(answer)
    received = [await command.from_worker() for _ in told]
    assert [type(message) for message in received] == [type(message) for message in told]
    assert received[2:] == told[2:]
    command.end()
    assert await worker.to_worker() is None
    worker.send(Stopping())  # it may still say so
    assert await command.from_worker() == Stopping()
    worker.close()
    assert await command.from_worker() is None
    command.send(Up([]))  # to nobody: no error
    command.close()
