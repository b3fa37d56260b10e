"""What one look at a resource and its children has found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wsi_operator.indexer_api import IndexerStatus
from wsi_operator.status.workload import Workload


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something to fix."""

    reason: str
    """InvalidSpec, SecretMissing, NameTaken or ApiRefused."""

    message: str


class MigrationState(StrEnum):
    """Of the database's schema, towards the wanted image."""

    NONE = "none"
    """Not begun: suspended, or something else is in the way."""

    RUNNING = "running"
    BLOCKED = "blocked"
    """The cluster makes no pod for it."""

    FAILED = "failed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Migration:
    """The gate before a roll-out."""

    state: MigrationState
    message: str = ""
    """Of a failed one: what it said last. Of a blocked one: why, in the cluster's words."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """Who decides on the number of tile pods."""

    replicas: int
    """``tiles.replicas``."""

    autoscaled: bool
    least: int
    most: int
    scale_used: bool
    """Whether somebody used ``kubectl scale`` on the resource."""

    complaint: str = ""
    """Why the autoscaler can't decide, in its own words; empty when it can."""


@dataclass(frozen=True, slots=True)
class Observation:
    """Everything that the status is made of."""

    generation: int
    suspended: bool
    trouble: Trouble | None
    """In the way of everything else."""

    refusals: tuple[Trouble, ...]
    """Of single children; the others were seen to."""

    migration: Migration
    tiles: Workload | None
    indexer: Workload | None
    failing: tuple[str, ...]
    """A sentence for each way in which pods fail to run."""

    exit_code: int | None
    """What the indexer, or the migration before there is one, ended with last; None when it runs well, or never ended."""

    scaling: Scaling | None
    catalog: IndexerStatus | None
    silence: str
    """Why ``catalog`` isn't known."""

    url: str
    image: str
    """The wanted one."""

    job: str
    """Of the migration for it."""

    reindexed: str | None
    """The value of reindexRequest that was acted on last."""

    last_words: str = ""
    """A sentence on what ended with ``exit_code``; it is known a moment before the pod counts as failing."""

    wrong_url: bool = False
    """Whether that was since what it was given as the database's URL is none."""
