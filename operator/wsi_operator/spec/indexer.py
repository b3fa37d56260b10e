"""Finding slides."""

from __future__ import annotations

from dataclasses import dataclass

from wsi_operator.spec.cron import check_schedule
from wsi_operator.spec.fields import Fields
from wsi_operator.spec.invalid import InvalidSpec
from wsi_operator.spec.requirements import Requirements


@dataclass(frozen=True, slots=True)
class Indexer:
    """When it looks, and how much it takes."""

    schedule: str | None
    """Cron in UTC, in place of the interval."""

    interval_seconds: int | None
    """0: only on request."""

    concurrency: int
    """Slides at a time in each pod."""

    min_replicas: int
    max_replicas: int
    deletion_grace_scans: int
    resources: Requirements

    @classmethod
    def of(cls, fields: Fields) -> Indexer:
        """From ``spec.indexer``."""
        schedule = fields.maybe_text("schedule")
        if schedule is not None:
            check_schedule(schedule, "spec.indexer.schedule")
        replicas = fields.object("replicas")
        least, most = replicas.integer("min"), replicas.integer("max")
        if least > most:
            raise InvalidSpec("spec.indexer.replicas.min is more than max: raise max, or lower min.")
        return cls(
            schedule=schedule,
            interval_seconds=fields.maybe_integer("intervalSeconds"),
            concurrency=fields.integer("concurrency"),
            min_replicas=least,
            max_replicas=most,
            deletion_grace_scans=fields.integer("deletionGraceScans"),
            resources=Requirements.of(fields.object("resources")),
        )
