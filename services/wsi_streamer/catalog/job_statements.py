"""The statements of the queue."""

from __future__ import annotations

from sqlalchemy import TextClause, text

COLUMNS = (
    """id, kind, key, priority, state, outcome, error, attempts, force, params, parent_id, created_at, finished_at"""
)

ENQUEUE = text(f"""
    INSERT INTO jobs (source_id, kind, key, priority, force, params, parent_id)
    VALUES (:source, :kind, :key, :priority, :force, CAST(:params AS jsonb), :parent)
    ON CONFLICT (source_id, kind, (COALESCE(key, ''))) WHERE state = 'queued' AND kind <> 'reindex' DO UPDATE
    SET priority = GREATEST(jobs.priority, excluded.priority), force = jobs.force OR excluded.force,
        run_after = LEAST(jobs.run_after, now()), params = jobs.params || excluded.params,
        parent_id = COALESCE(excluded.parent_id, jobs.parent_id)
    RETURNING {COLUMNS}
""")  # noqa: S608 - constants of this module

# Whoever else asks for the same time waits, and then sees this one. Both kinds are named as the index of open ones names them.
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(CAST(:lock AS integer), CAST(:source AS integer))")
SCAN_LOCK = 0x57534902
ENQUEUE_SCAN_SINCE = text("""
    INSERT INTO jobs (source_id, kind, priority)
    SELECT :source, 'scan', :priority
    WHERE NOT EXISTS (SELECT 1 FROM scans WHERE source_id = :source AND started_at >= :since AND error IS NULL)
      AND NOT EXISTS (SELECT 1 FROM jobs WHERE source_id = :source AND kind IN ('scan', 'reindex') AND kind = 'scan'
                      AND state IN ('queued', 'running') AND created_at >= :since)
    ON CONFLICT DO NOTHING
    RETURNING id
""")

# Control jobs alone are looked through: few, and gone a day after they ended.
REINDEX_ASKED = text(f"""
    SELECT {COLUMNS} FROM jobs
    WHERE source_id = :source AND kind = 'reindex' AND params ->> 'request' = :request ORDER BY id LIMIT 1
""")  # noqa: S608 - constants of this module
REINDEX_LOCK = 0x57534903

ENQUEUE_KEYS = text("""
    INSERT INTO jobs (source_id, kind, key, priority, force, parent_id)
    SELECT :source, 'index', key, :priority, :force, :parent FROM unnest(CAST(:keys AS text[])) AS t (key)
    ON CONFLICT (source_id, kind, (COALESCE(key, ''))) WHERE state = 'queued' AND kind <> 'reindex' DO UPDATE
    SET priority = GREATEST(jobs.priority, excluded.priority), force = jobs.force OR excluded.force,
        parent_id = COALESCE(excluded.parent_id, jobs.parent_id)
""")

ENQUEUE_SLIDES = text("""
    INSERT INTO jobs (source_id, kind, key, priority, force, parent_id)
    SELECT source_id, 'index', key, :priority, :force, :parent FROM slides
    WHERE source_id = :source AND vanished_at IS NULL AND key >= :prefix AND key < :prefix_end
    ON CONFLICT (source_id, kind, (COALESCE(key, ''))) WHERE state = 'queued' AND kind <> 'reindex' DO UPDATE
    SET priority = GREATEST(jobs.priority, excluded.priority), force = jobs.force OR excluded.force,
        parent_id = excluded.parent_id
""")

# What a killed indexer had listed but not queued, and what the store would not give when it was last tried. EXCEPT, since
# at the end of a first scan the planner knows nothing yet of tables that were empty a minute ago: NOT EXISTS became a loop
# over all jobs for each slide (17 s for 10,000, and growing with the square).
ENQUEUE_PENDING = text("""
    INSERT INTO jobs (source_id, kind, key, priority)
    SELECT :source, 'index', key, :priority FROM (
        SELECT key FROM slides WHERE source_id = :source AND vanished_at IS NULL AND status = 'pending'
        EXCEPT
        SELECT key FROM jobs WHERE source_id = :source AND kind = 'index' AND state IN ('queued', 'running')
    ) AS without_job
    ON CONFLICT DO NOTHING
""")

ENQUEUE_OUTDATED = text("""
    INSERT INTO jobs (source_id, kind, key, priority)
    SELECT :source, 'index', key, :priority FROM slides WHERE id = ANY (ARRAY(
        SELECT id FROM slides WHERE source_id = :source AND status = 'indexed' AND vanished_at IS NULL
        EXCEPT
        SELECT slide_id FROM versions WHERE recipe_version >= :recipe_version
    ))
    ON CONFLICT DO NOTHING
""")


def _claim(kinds: str, where: str = "") -> TextClause:
    """The kinds stand in the text, as they do in the indexes: jobs of other kinds are not even looked at."""
    return text(f"""
        WITH picked AS (
            SELECT id FROM jobs
            WHERE source_id = :source AND kind IN ({kinds}) AND kind = ANY(:kinds) AND priority >= :least
              AND state IN ('queued', 'running')
              AND ((state = 'queued' AND run_after <= now()) OR (state = 'running' AND lease_until < now())) {where}
            ORDER BY priority DESC, id LIMIT :limit FOR UPDATE SKIP LOCKED
        )
        UPDATE jobs SET state = 'running', attempts = attempts + 1, claimed_by = :worker,
                        lease_until = now() + make_interval(secs => :lease)
        WHERE id IN (SELECT id FROM picked)
        RETURNING {COLUMNS}
    """)  # noqa: S608 - constants of this module


CLAIM_SLIDES = _claim("'index', 'overview'")
CLAIM_CONTROL = _claim(
    "'scan', 'reindex'",
    """AND NOT EXISTS (
           SELECT 1 FROM jobs r WHERE r.source_id = :source AND r.kind IN ('scan', 'reindex') AND r.state = 'running'
           AND r.lease_until >= now())""",
)

# Two that ask in the same moment would each see no control job running.
ONE_CONTROL_CLAIM = text("SELECT pg_try_advisory_xact_lock(CAST(:lock AS integer), CAST(:source AS integer))")
CONTROL_LOCK = 0x57534901

EXTEND = text("""
    UPDATE jobs SET lease_until = now() + make_interval(secs => :lease)
    WHERE id = ANY(:ids) AND state = 'running' AND claimed_by = :worker
""")

WORKERS = text("SELECT DISTINCT claimed_by FROM jobs WHERE source_id = :source AND state = 'running'")
EXPIRE = text("""
    UPDATE jobs SET lease_until = now() - interval '1 second'
    WHERE source_id = :source AND state = 'running' AND claimed_by = :worker
""")

RELEASE = text("""
    UPDATE jobs SET lease_until = now() - interval '1 second', attempts = GREATEST(attempts - 1, 0)
    WHERE id = ANY(:ids) AND state = 'running' AND claimed_by = :worker
""")

# A job whose lease ran out may be another worker's by now; finishing it twice does no harm.
FINISH = text("""
    UPDATE jobs SET state = CASE WHEN CAST(:error AS text) IS NULL THEN 'done' ELSE 'failed' END, outcome = :outcome,
                    error = :error, finished_at = now(), lease_until = NULL
    WHERE id = :id AND state IN ('queued', 'running')
""")

# Where the same job was queued again meanwhile, that one does the work.
RETRY = text("""
    UPDATE jobs SET state = CASE WHEN again.queued THEN 'done' ELSE 'queued' END, outcome = 'retried', error = :error,
                    lease_until = NULL, run_after = now() + make_interval(secs => :delay),
                    finished_at = CASE WHEN again.queued THEN now() END
    FROM (
        SELECT EXISTS (
            SELECT 1 FROM jobs me JOIN jobs other ON other.source_id = me.source_id AND other.kind = me.kind
            AND other.key IS NOT DISTINCT FROM me.key WHERE me.id = :id AND other.state = 'queued') AS queued
    ) again
    WHERE id = :id AND state = 'running'
""")

GET = text(f"SELECT {COLUMNS} FROM jobs WHERE source_id = :source AND id = :id")  # noqa: S608
PROGRESS = text("SELECT state, count(*) FROM jobs WHERE parent_id = :parent GROUP BY state")
BACKLOG = text("""
    SELECT count(*) FROM jobs WHERE source_id = :source AND kind IN ('index', 'overview') AND state IN ('queued', 'running')
""")
PRUNE = text("DELETE FROM jobs WHERE source_id = :source AND finished_at < now() - CAST(:age AS interval)")
PRUNE_ABSENT = text("""
    DELETE FROM jobs WHERE source_id = :source AND outcome = 'absent' AND priority >= :priority
    AND finished_at < now() - CAST(:age AS interval)
""")
NOTIFY = text("SELECT pg_notify('wsi_jobs', :payload)")
