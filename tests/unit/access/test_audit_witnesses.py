"""Heads that were kept elsewhere are found in whatever an operator has kept."""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path

import pytest
import structlog

from wsi_streamer.access.audit.witnesses import HEAD_EVENT, kept_heads
from wsi_streamer.catalog.audit import Head
from wsi_streamer.slides.errors import InvalidRequest
from wsi_streamer.telemetry.logs import LogFormat, configure_logs

HEAD = Head("0123456789abcdef", 12, bytes(range(32)))
LINE = json.dumps({"event": HEAD_EVENT, "writer": HEAD.writer, "seq": 12, "hash": HEAD.hash.hex(), "level": "info"})
REPORT = {"ok": True, "heads": {HEAD.writer: [12, HEAD.hash.hex()], "f" * 16: [0, "0" * 64]}}


@pytest.mark.parametrize(
    "text",
    [
        LINE,
        f"tiles-1  | {LINE}\n" * 3,
        json.dumps({"log": LINE + "\n", "stream": "stderr"}),
        json.dumps(REPORT),
        f"{json.dumps(REPORT)}\nnoise\n{{broken\n",
        json.dumps(REPORT, indent=2),
        (
            f"\x1b[2m12:00:00\x1b[0m [info] {HEAD_EVENT} \x1b[36mhash\x1b[0m=\x1b[35m{HEAD.hash.hex()}\x1b[0m "
            f"\x1b[36mseq\x1b[0m=\x1b[35m12\x1b[0m \x1b[36mwriter\x1b[0m=\x1b[35m{HEAD.writer}\x1b[0m"
        ),
    ],
)
def test_heads_are_found_in_reports_and_logs(tmp_path: Path, text: str) -> None:
    (tmp_path / "kept").write_text(text)
    assert kept_heads(tmp_path / "kept") == [HEAD]


@pytest.mark.parametrize("form", ["json", "text"])
def test_what_services_print_is_read(tmp_path: Path, form: LogFormat) -> None:
    stream = io.StringIO()
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        configure_logs(form, stream=stream)
        structlog.get_logger("wsi_streamer.audit").info(
            HEAD_EVENT, writer=HEAD.writer, seq=HEAD.seq, hash=HEAD.hash.hex()
        )
    finally:
        logging.getLogger().handlers[:] = handlers
        logging.getLogger().setLevel(level)
        structlog.reset_defaults()
    (tmp_path / "log").write_text(stream.getvalue())
    assert kept_heads(tmp_path / "log") == [HEAD]


@pytest.mark.parametrize(
    "text", ["", "nothing", "[" * 100_000, '"heads"', '{"heads": [1, 2]}', f"{HEAD_EVENT} writer=x seq=1 hash=y"]
)
def test_a_file_without_any_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "kept").write_text(text)
    with pytest.raises(InvalidRequest, match="no head"):
        kept_heads(tmp_path / "kept")
    with pytest.raises(InvalidRequest, match="can't be read"):
        kept_heads(tmp_path / "missing")
