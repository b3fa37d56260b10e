"""Schedules of five fields: minute, hour, day of the month, month, day of the week."""

from __future__ import annotations

import re

from wsi_operator.spec.invalid import InvalidSpec

_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day of the month", 1, 31), ("month", 1, 12), ("day of the week", 0, 7))
_DAY, _MONTH, _WEEKDAY = 2, 3, 4
_DAYS_IN_MONTH = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_ITEM = re.compile(r"(\*|[0-9]{1,2}(?:-[0-9]{1,2})?)(?:/([0-9]{1,2}))?")


def check_schedule(schedule: str, field: str) -> None:
    """Numbers, ``*``, ranges, lists and steps; a time that comes.

    Raises:
        InvalidSpec: it says which of the five can't be read.
    """
    parts = schedule.split()
    if len(parts) != len(_FIELDS):
        raise InvalidSpec(
            f"{field} must have five fields in UTC (minute hour day month weekday), such as '0 3 * * *' for three at night."
        )
    meant = []
    for text, (name, least, most) in zip(parts, _FIELDS, strict=True):
        items = [_numbers(item, least, most) for item in text.split(",")]
        if not all(items):
            raise InvalidSpec(
                f"{field}: the {name} '{text}' can't be read; use numbers from {least} to {most}, *, 1-5, 1,3 or */2."
            )
        meant.append({number for item in items for number in item})
    # Where day and weekday are both restricted, either will do.
    either = not parts[_DAY].startswith("*") and not parts[_WEEKDAY].startswith("*")
    if not either and min(meant[_DAY]) > max(_DAYS_IN_MONTH[month] for month in meant[_MONTH]):
        raise InvalidSpec(f"{field}: no month of '{parts[_MONTH]}' has a day '{parts[_DAY]}': it would never come.")


def _numbers(text: str, least: int, most: int) -> range:
    """What an item means; empty where it can't be read."""
    match = _ITEM.fullmatch(text)
    if match is None or (match[2] is not None and int(match[2]) == 0):
        return range(0)
    step = int(match[2] or 1)
    if match[1] == "*":
        return range(least, most + 1, step)
    first, dash, last = match[1].partition("-")
    start, end = int(first), int(last) if dash else (most if match[2] else int(first))
    return range(start, end + 1, step) if least <= start <= end <= most else range(0)
