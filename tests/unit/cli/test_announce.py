from __future__ import annotations

import socket
from typing import Literal

import pytest
import structlog
import structlog.testing

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
    behind = Settings(s3_bucket="b", auth_enabled=True, auth_secret="s", public_url="https://slides.example.org/")
    assert listening_line(behind, public=3000, admin=3001).endswith("--base-url https://slides.example.org")


@pytest.mark.parametrize(
    ("public_url", "access", "warned"),
    [
        ("http://slides.example.org", "signed", True),
        ("https://slides.example.org", "signed", False),
        ("http://localhost:3000", "signed", False),
        ("http://slides.example.org", "open", False),
        (None, "signed", False),
    ],
)
def test_frames_without_https_are_warned_of(
    public_url: str | None, access: Literal["open", "signed"], warned: bool
) -> None:
    settings = Settings(
        s3_bucket="b",
        access=access,
        auth_secret="s",
        public_url=public_url,
        frame_ancestors=("https://portal.example.org",),
        log_format="json",
        host="127.0.0.1",
    )
    with structlog.testing.capture_logs() as lines:
        announced(settings)
    assert any("WSI_FRAME_ANCESTORS" in line["event"] for line in lines) is warned


def announced(settings: Settings) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        announce(settings, public=sock, admin=sock)


@pytest.mark.parametrize(
    ("settings", "warned"),
    [
        (Settings(s3_bucket="b", log_format="text"), True),
        (Settings(s3_bucket="b", log_format="text", host="127.0.0.1"), False),
        (Settings(s3_bucket="b", log_format="text", auth_enabled=True, auth_secret="s"), False),
    ],
)
def test_open_access_to_the_network_is_warned_of(
    settings: Settings, warned: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    announced(settings)
    captured = capsys.readouterr()
    assert ("!! WARNING: ACCESS IS OPEN" in captured.err) is warned
    assert captured.out.count("\n") == 1


def test_where_machines_read_the_log_the_warning_is_one_of_its_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with structlog.testing.capture_logs() as lines:
        announced(Settings(s3_bucket="b", log_format="json"))
    assert [(line["log_level"], "ACCESS IS OPEN" in line["event"]) for line in lines] == [("warning", True)]
    assert capsys.readouterr().err == ""
