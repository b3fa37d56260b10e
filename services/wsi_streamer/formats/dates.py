"""When a slide was scanned, as ISO 8601 as far as the file says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

_DAY = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{2,4})\Z")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2}):(\d{2})")
_ZONE = re.compile(r"(?:GMT|UTC)?\s*([+-])(\d{2}):?(\d{2})\Z")
_TIFF_DATE = re.compile(r"(\d{4})[:-](\d{2})[:-](\d{2})(?:[ T](\d{2}):(\d{2}):(\d{2}))?")


def aperio(said: Mapping[str, str]) -> str | None:
    """From Date (month/day/year, rarely year-month-day), Time and Time Zone."""
    day = _DAY.match(said.get("Date", "").strip())
    if day is None:
        return tiff(f"{said.get('Date', '')} {said.get('Time', '')}")
    month, date, year = (int(part) for part in day.groups())
    if month > 12 >= date:
        month, date = date, month
    if year < 100:
        year += 2000 if year < 80 else 1900
    clock = _CLOCK.match(said.get("Time", "").strip())
    zone = _ZONE.match(said.get("Time Zone", "").strip())
    hours = tuple(int(part) for part in clock.groups()) if clock else ()
    return _iso((year, month, date), hours, f"{zone[1]}{zone[2]}:{zone[3]}" if zone else "")


def tiff(text: str) -> str | None:
    """From TIFF's DateTime, ``2009:12:29 09:59:15``."""
    match = _TIFF_DATE.match(text.strip())
    if match is None:
        return None
    day, clock = match.groups()[:3], match.groups()[3:]
    return _iso(tuple(map(int, day)), tuple(int(part) for part in clock if part is not None), "")


def _iso(day: tuple[int, ...], clock: tuple[int, ...], zone: str) -> str | None:
    """The parts joined, None where they are no date."""
    try:
        whole = datetime(*day, *clock)  # type: ignore[arg-type]
    except ValueError:
        return None
    return whole.isoformat() + zone if clock else whole.date().isoformat()
