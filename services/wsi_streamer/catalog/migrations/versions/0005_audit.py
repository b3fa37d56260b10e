"""The audit log: rows that are only ever added, a table for each month, anchors for months that were dropped."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# No references to other tables: the log outlives what it is about.
_STATEMENTS = [
    """
    CREATE TABLE audit (
        writer      text NOT NULL COLLATE "C",
        seq         bigint NOT NULL CHECK (seq > 0),
        at          timestamptz NOT NULL,
        stored_at   timestamptz NOT NULL DEFAULT now(),
        source_id   integer,
        action      text NOT NULL,
        agent       text NOT NULL,
        slide_id    text,
        session     text,
        record      text NOT NULL,
        hash        bytea NOT NULL,
        PRIMARY KEY (writer, seq, at)
    ) PARTITION BY RANGE (at)
    """,
    "CREATE INDEX audit_by_time ON audit (at, writer, seq)",
    "CREATE INDEX audit_by_agent ON audit (agent, slide_id, at)",
    "CREATE INDEX audit_by_slide ON audit (slide_id, at) WHERE slide_id IS NOT NULL",
    "CREATE INDEX audit_by_session ON audit (session, at) WHERE session IS NOT NULL",
    # An insert never fails for want of a month.
    "CREATE TABLE audit_default PARTITION OF audit DEFAULT",
    """
    CREATE TABLE audit_anchors (
        month       date NOT NULL,
        writer      text NOT NULL COLLATE "C",
        seq         bigint NOT NULL,
        hash        bytea NOT NULL,
        records     bigint NOT NULL,
        first_at    timestamptz NOT NULL,
        last_at     timestamptz NOT NULL,
        dropped_at  timestamptz NOT NULL,
        PRIMARY KEY (month, writer)
    )
    """,
    # So that records which wait on a disk are never delivered to another database.
    """
    CREATE TABLE audit_log (
        id          text NOT NULL DEFAULT replace(gen_random_uuid()::text, '-', ''),
        one         boolean PRIMARY KEY DEFAULT true CHECK (one)
    )
    """,
    "INSERT INTO audit_log DEFAULT VALUES",
    # The second line: the first is that services run as a user without these rights.
    """
    CREATE FUNCTION wsi_audit_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
    END
    $$
    """,
    # Those for rows go to all partitions, those for TRUNCATE don't (audit_months.py gives each its own).
    """
    CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION wsi_audit_refuses()
    """,
    "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION wsi_audit_refuses()",
    """
    CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_default
    FOR EACH STATEMENT EXECUTE FUNCTION wsi_audit_refuses()
    """,
    """
    CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_anchors
    FOR EACH STATEMENT EXECUTE FUNCTION wsi_audit_refuses()
    """,
    # ANALYZE by one who does not own the table is only a warning. The schema is written into the function: with a search
    # path that a caller chooses, it would analyze (and run the index expressions of) a table of the caller's.
    """
    DO $do$
    BEGIN
        EXECUTE format($create$
            CREATE FUNCTION wsi_analyze(tables text[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
            SET search_path = pg_catalog, pg_temp AS $$
            DECLARE
                wanted text;
            BEGIN
                FOREACH wanted IN ARRAY tables LOOP
                    IF wanted NOT IN ('sources', 'slides', 'objects', 'versions', 'levels', 'jobs', 'scans') THEN
                        RAISE EXCEPTION 'not a table of the catalog';
                    END IF;
                    EXECUTE format('ANALYZE %%I.%%I', %L, wanted);
                END LOOP;
            END
            $$
        $create$, current_schema());
    END
    $do$
    """,
    "REVOKE ALL ON FUNCTION wsi_analyze(text[]) FROM PUBLIC",
]


def upgrade() -> None:
    """Create tables, triggers and a function; `migrate` adds the months."""
    for statement in _STATEMENTS:
        op.execute(statement)
