"""Logs: a JSON object a line on stderr. Names of Kubernetes objects may stand there; secrets and slides never do."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

_RESERVED = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """One line a record; what a caller gave as ``extra`` becomes keys of it."""

    def format(self, record: logging.LogRecord) -> str:
        """See ``logging.Formatter``."""
        line: dict[str, object] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        if record.name.startswith("wsi_operator"):  # kopf's extras hold whole objects
            line |= {key: value for key, value in vars(record).items() if key not in _RESERVED}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


def configure_logs(level: int) -> None:
    """Set up logging for this process; called once, by the command."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("wsi_operator").setLevel(level)
    # It warns that it doesn't handle signals in a thread of its own. They are handled here.
    logging.getLogger("kopf._core.reactor.running").setLevel(logging.ERROR)
