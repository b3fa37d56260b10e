from __future__ import annotations

import socket

import pytest

from wsi_streamer.web import neighbours
from wsi_streamer.web.neighbours import NoWorkers, mailbox, receive, send


def test_a_connection_goes_over_with_what_was_read_of_it() -> None:
    inbox, outbox = mailbox()
    client, server = socket.socketpair()
    with inbox, outbox, client:
        assert receive(inbox) is None
        with server:
            assert send(outbox, b"GET / ", server.fileno())
            assert send(outbox, b"", server.fileno())
        for data in (b"GET / ", b""):
            message = receive(inbox)
            assert message is not None
            assert message[0] == data
            assert message[1] is not None
            with socket.socket(fileno=message[1]) as taken:
                assert not taken.get_inheritable()
                taken.sendall(b"x")
        assert client.recv(10) == b"xx"
        assert client.recv(10) == b""  # all of its descriptors are closed by now


def test_nothing_is_sent_to_nobody() -> None:
    inbox, outbox = mailbox()
    inbox.close()
    with outbox:
        assert not send(outbox, b"x", outbox.fileno())


def test_a_system_that_cannot_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "send_fds")
    with pytest.raises(NoWorkers, match="Linux"):
        mailbox()
    monkeypatch.undo()

    def refuse(*_: object) -> None:
        raise OSError(43, "Protocol not supported")

    monkeypatch.setattr(neighbours.socket, "socketpair", refuse)
    with pytest.raises(NoWorkers, match="SEQPACKET"):
        mailbox()
