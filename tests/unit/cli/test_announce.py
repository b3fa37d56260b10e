from __future__ import annotations

import socket

import pytest

from wsi_streamer.cli.announce import announce, listening_line, url
from wsi_streamer.settings import Settings


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("0.0.0.0", "http://localhost:80/"),
        ("::", "http://localhost:80/"),
        ("::1", "http://[::1]:80/"),
        ("10.0.0.1", "http://10.0.0.1:80/"),
    ],
)
def test_a_url_that_opens(host: str, expected: str) -> None:
    assert url(host, 80) == expected


def test_the_line_says_what_to_open_or_how_to_sign() -> None:
    line = listening_line(Settings(s3_bucket="b"), public=3000, admin=3001)
    assert "Open http://localhost:3000/ " in line
    assert "http://127.0.0.1:3001/" in line
    signed = Settings(s3_bucket="b", auth_enabled=True, auth_secret="hunter2")
    line = listening_line(signed, public=3000, admin=3001)
    assert "wsi-streamer sign" in line
    assert "hunter2" not in line


@pytest.mark.parametrize(
    ("settings", "warned"),
    [
        (Settings(s3_bucket="b"), True),
        (Settings(s3_bucket="b", host="127.0.0.1"), False),
        (Settings(s3_bucket="b", auth_enabled=True, auth_secret="s"), False),
    ],
)
def test_open_access_to_the_network_is_warned_of(
    settings: Settings, warned: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        announce(settings, public=sock, admin=sock)
    captured = capsys.readouterr()
    assert ("ACCESS IS OPEN" in captured.err) is warned
    assert captured.out.count("\n") == 1
