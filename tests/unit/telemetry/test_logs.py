from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from wsi_streamer.telemetry.logs import configure_logs


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Logging is global to the process: put back what other tests expect."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in ("wsi_streamer", "wsi_streamer.web", "uvicorn", "httpx"):
        logging.getLogger(name).setLevel(logging.NOTSET)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, str]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_json_lines_hold_event_level_logger_and_fields() -> None:
    stream = io.StringIO()
    configure_logs("json", stream=stream)
    structlog.get_logger("wsi_streamer.tiles").warning("slow", slide="s-1")
    (line,) = lines(stream)
    assert line["event"] == "slow"
    assert (line["level"], line["logger"], line["slide"]) == ("warning", "wsi_streamer.tiles", "s-1")
    assert line["timestamp"].endswith("Z")


def test_auto_is_json_where_there_is_no_terminal() -> None:
    stream = io.StringIO()
    configure_logs("auto", stream=stream)
    structlog.get_logger("wsi_streamer.x").info("hello")
    assert lines(stream)[0]["event"] == "hello"


def test_text_is_one_readable_line() -> None:
    stream = io.StringIO()
    configure_logs("text", stream=stream)
    structlog.get_logger("wsi_streamer.x").info("scan done", slides=3)
    assert "scan done" in stream.getvalue()
    assert "slides=3" in stream.getvalue()
    assert stream.getvalue().count("\n") == 1


def test_libraries_come_by_the_same_way_and_quietly() -> None:
    stream = io.StringIO()
    configure_logs("json", verbose=True, stream=stream)
    logging.getLogger("uvicorn.error").info("noise")
    logging.getLogger("botocore.auth").debug("a credential")
    logging.getLogger("httpx").info("GET a key")
    logging.getLogger("uvicorn.error").error("bad request line")
    assert [(line["logger"], line["event"]) for line in lines(stream)] == [("uvicorn.error", "bad request line")]


def test_verbose_adds_our_debug_lines_and_no_tracing_takes_those_of_requests_out() -> None:
    for verbose, request_lines, expected in ((False, True, []), (True, True, ["a", "b"]), (True, False, ["a"])):
        stream = io.StringIO()
        configure_logs("json", verbose=verbose, request_lines=request_lines, stream=stream)
        structlog.get_logger("wsi_streamer.indexer").debug("a")
        structlog.get_logger("wsi_streamer.web").debug("b")
        assert [line["event"] for line in lines(stream)] == expected


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_a_traceback_shows_no_local_variables(log_format: str) -> None:
    stream = io.StringIO()
    configure_logs(log_format, stream=stream)  # type: ignore[arg-type]
    patient = "Yamada" + "-Taro"
    try:
        raise ValueError(len(patient))
    except ValueError:
        structlog.get_logger("wsi_streamer.x").exception("unexpected")
    assert "ValueError" in stream.getvalue()
    assert "Yamada-Taro" not in stream.getvalue()
