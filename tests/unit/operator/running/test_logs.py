from __future__ import annotations

import json
import logging

from wsi_operator.logs import JsonFormatter


def record(name: str, message: str, **extra: object) -> logging.LogRecord:
    found = logging.LogRecord(name, logging.WARNING, __file__, 1, message, (), None)
    vars(found).update(extra)
    return found


def test_a_line_is_one_json_object_with_what_the_caller_gave() -> None:
    line = JsonFormatter().format(record("wsi_operator.a", "two\nlines", namespace="n"))
    assert "\n" not in line
    told = json.loads(line)
    assert (told["level"], told["event"], told["namespace"]) == ("warning", "two\nlines", "n")


def test_objects_that_kopf_hands_along_stay_out() -> None:
    line = JsonFormatter().format(record("kopf.objects", "a", settings={"token": "secret"}))
    assert "secret" not in line
