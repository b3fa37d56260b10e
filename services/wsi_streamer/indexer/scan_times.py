"""The times of ``--scan-schedule``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cronsim import CronSim, CronSimError

from wsi_streamer.settings import InvalidSettings

_FIELDS = 5


@dataclass(frozen=True, slots=True)
class ScanTimes:
    """Times as cron means them, in UTC: summer time would skip one and repeat another."""

    expression: str

    @classmethod
    def of(cls, expression: str) -> ScanTimes:
        """Times from five cron fields.

        Raises:
            InvalidSettings: it isn't that, or says a time that never comes.
        """
        reason = "five fields are needed"
        if len(expression.split()) == _FIELDS:  # the library takes a sixth, of seconds
            try:
                if next(CronSim(expression, datetime.now(UTC)), None) is not None:
                    return cls(expression)
                reason = "that time never comes"
            except CronSimError as error:
                reason = str(error).lower()
        raise InvalidSettings(
            f"WSI_SCAN_SCHEDULE can't be '{expression}' ({reason}). Give minute, hour, day of month, month and day of week, "
            "in UTC: '0 3 * * *' is each day at 3:00."
        )

    def latest(self, now: datetime) -> datetime:
        """The latest one up to ``now``."""
        return next(CronSim(self.expression, now.replace(microsecond=0) + timedelta(seconds=1), reverse=True))

    def next(self, now: datetime) -> datetime:
        """The first one after ``now``."""
        return next(CronSim(self.expression, now))
