"""What Postgres itself refuses of the services' user: rows of the log that can't be true, and changes of a grant."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# 32 kB, and 16 levels: more than any record has (`access/audit/chain.py` sees to it), less than what readers choke on.
# clock_timestamp(), not now(): a transaction may be begun long before its row is made.
# A year before 2000 is none that readers can be sure to hold. Drops are recorded by the owner alone, since `audit verify`
# takes its word for the anchors.
_STATEMENTS = [
    """
    CREATE FUNCTION wsi_audit_stores() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
        content jsonb;
    BEGIN
        NEW.stored_at := clock_timestamp();
        IF NEW.at > NEW.stored_at + interval '5 minutes' OR NEW.at < timestamptz '2000-01-01 00:00:00+00' THEN
            RAISE EXCEPTION 'no such time for a record of the audit log' USING ERRCODE = 'check_violation';
        END IF;
        IF length(NEW.record) > 32768 OR length(NEW.writer) > 100 OR length(NEW.hash) <> 32 THEN
            RAISE EXCEPTION 'too long for a record of the audit log' USING ERRCODE = 'check_violation';
        END IF;
        content := CAST(NEW.record AS jsonb);
        IF jsonb_path_exists(content, '$.**{16}') THEN
            RAISE EXCEPTION 'too deep for a record of the audit log' USING ERRCODE = 'check_violation';
        END IF;
        IF (content ->> 'writer', content ->> 'seq', content ->> 'action')
            IS DISTINCT FROM (CAST(NEW.writer AS text), CAST(NEW.seq AS text), NEW.action) THEN
            RAISE EXCEPTION 'the columns are not what the record says' USING ERRCODE = 'check_violation';
        END IF;
        IF NEW.action = 'prune'
            AND NOT pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE') THEN
            RAISE EXCEPTION 'only the owner drops months' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END
    $$
    """,
    "CREATE TRIGGER audit_stored BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION wsi_audit_stores()",
    # A grant is changed once: when it is revoked.
    """
    CREATE FUNCTION wsi_grant_is_kept() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF OLD.revoked_at IS NOT NULL OR NEW.revoked_at IS NULL
            OR to_jsonb(NEW) - '{revoked_at,revoked_by}'::text[] <> to_jsonb(OLD) - '{revoked_at,revoked_by}'::text[] THEN
            RAISE EXCEPTION 'a grant is only ever revoked, once' USING ERRCODE = 'insufficient_privilege';
        END IF;
        NEW.revoked_at := clock_timestamp();
        RETURN NEW;
    END
    $$
    """,
    "CREATE TRIGGER grants_kept BEFORE UPDATE ON grants FOR EACH ROW EXECUTE FUNCTION wsi_grant_is_kept()",
]


def upgrade() -> None:
    """Create two functions and their triggers."""
    for statement in _STATEMENTS:
        op.execute(statement)
