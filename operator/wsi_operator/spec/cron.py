"""Schedules of five fields: minute, hour, day of the month, month, day of the week."""

from __future__ import annotations

import re

from wsi_operator.spec.invalid import InvalidSpec

_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day of the month", 1, 31), ("month", 1, 12), ("day of the week", 0, 7))
_ITEM = re.compile(r"(\*|[0-9]{1,2}(?:-[0-9]{1,2})?)(?:/([0-9]{1,2}))?")


def check_schedule(schedule: str, field: str) -> None:
    """Numbers, ``*``, ranges, lists and steps.

    Raises:
        InvalidSpec: it says which of the five can't be read.
    """
    parts = schedule.split()
    if len(parts) != len(_FIELDS):
        raise InvalidSpec(
            f"{field} must have five fields in UTC (minute hour day month weekday), such as '0 3 * * *' for three at night."
        )
    for text, (name, least, most) in zip(parts, _FIELDS, strict=True):
        if not all(_is_item(item, least, most) for item in text.split(",")):
            raise InvalidSpec(
                f"{field}: the {name} '{text}' can't be read; use numbers from {least} to {most}, *, 1-5, 1,3 or */2."
            )


def _is_item(text: str, least: int, most: int) -> bool:
    match = _ITEM.fullmatch(text)
    if match is None or (match[2] is not None and int(match[2]) == 0):
        return False
    if match[1] == "*":
        return True
    first, _, last = match[1].partition("-")
    return least <= int(first) <= int(last or first) <= most
