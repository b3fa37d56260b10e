"""StorageReachable, DatabaseReachable and IndexCurrent: what the indexer tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from wsi_operator.status.condition import Condition, kept
from wsi_operator.status.observation import MigrationState, Observation

STORAGE_EXIT = 3
DATABASE_EXIT = 4
"""What `wsi-streamer index` and `migrate` end with when the object store, or the database, can't be used (`cli/root.py` there)."""

_MIGRATING = (MigrationState.RUNNING, MigrationState.BLOCKED, MigrationState.FAILED)


def storage(seen: Observation, old: Iterable[Mapping[str, Any]]) -> Condition:
    """By the last scan of the bucket that was finished."""
    name = "StorageReachable"
    if seen.catalog is None and seen.exit_code == STORAGE_EXIT:
        return Condition(name, "False", "StorageUnreachable", f"The object store can't be used. {_last_words(seen)}")
    if seen.catalog is None or not seen.catalog.database:
        return _unknown(name, seen)
    scan = seen.catalog.last_scan
    first = Condition(name, "Unknown", "FirstScan", "The first scan of the bucket is not finished yet.")
    if scan is None:
        return first
    if scan.error:
        return Condition(name, "False", "ScanFailed", f"The last scan of the bucket failed: {scan.error}")
    if scan.finished_at is None:
        return kept(name, old, first)
    return Condition(name, "True", "Reachable", "The last scan of the bucket went through.")


def database(seen: Observation, old: Iterable[Mapping[str, Any]]) -> Condition:
    """By the indexer's own readiness. Before there is one, by what migrations end with: the word of one that ended for the
    database's sake stays until one goes through, though it is tried again meanwhile by pods and Jobs that told nothing yet."""
    name = "DatabaseReachable"
    if seen.catalog is None and seen.exit_code == DATABASE_EXIT:
        return Condition(name, "False", "DatabaseUnreachable", f"The database can't be used. {_last_words(seen)}")
    if seen.catalog is None and seen.wrong_url:
        return Condition(name, "False", "DatabaseUrlInvalid", f"The database's URL can't be used. {_last_words(seen)}")
    if seen.catalog is None:
        last = kept(name, old, _unknown(name, seen))
        return last if last.status == "False" and seen.migration.state in _MIGRATING else _unknown(name, seen)
    if seen.catalog.database:
        return Condition(name, "True", "Reachable", "The indexer reaches its database.")
    message = "The indexer doesn't reach its database: check that it is up and what database.urlSecretRef says."
    return Condition(name, "False", "DatabaseUnreachable", message)


def index(seen: Observation, old: Iterable[Mapping[str, Any]]) -> Condition:
    """Whether every slide that the last scan saw has been looked into."""
    name = "IndexCurrent"
    if seen.catalog is None or not seen.catalog.database:
        return _unknown(name, seen)
    scan = seen.catalog.last_scan
    if seen.catalog.backlog > 0:
        return Condition(name, "False", "Indexing", "Slides wait to be indexed: see status.slides.backlog.")
    if scan is None:
        return Condition(name, "False", "Indexing", "The bucket has not been scanned yet.")
    if scan.error:
        return Condition(name, "False", "ScanFailed", "The last scan failed, so new slides may be missing.")
    if scan.finished_at is None:
        first = Condition(name, "False", "Indexing", "The bucket is being scanned for the first time.")
        return kept(name, old, first)
    return Condition(name, "True", "Current", "All slides that the last scan saw are indexed.")


def _last_words(seen: Observation) -> str:
    where = "migration" if seen.migration.state in _MIGRATING else "indexer"
    return seen.last_words or " ".join(seen.failing) or seen.migration.message or f"See the logs of the {where}."


def _unknown(name: str, seen: Observation) -> Condition:
    if seen.catalog is not None and not seen.catalog.database:
        return Condition(name, "Unknown", "DatabaseUnreachable", "The indexer doesn't reach its database.")
    reason = "Suspended" if seen.suspended else "IndexerSilent"
    return Condition(name, "Unknown", reason, seen.silence or "The indexer has not been asked yet.")
