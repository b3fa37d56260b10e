"""Who may do what in the database: the owner migrates and drops old months, the services' user reads and adds."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from wsi_streamer.catalog.database import Database
from wsi_streamer.slides.errors import CatalogUnavailable

CATALOG_TABLES = ("sources", "slides", "objects", "versions", "levels", "associated_images", "jobs", "scans")
"""What the services may change: all of it can be made again from the bucket."""

_RIGHTS = {
    **dict.fromkeys(CATALOG_TABLES, "SELECT, INSERT, UPDATE, DELETE"),
    "grants": "SELECT, INSERT, UPDATE (revoked_at, revoked_by)",
    "ended_sessions": "SELECT, INSERT, DELETE",
    "audit": "SELECT, INSERT",
    "audit_anchors": "SELECT",
    "audit_log": "SELECT",
    "wsi_schema_version": "SELECT",
}

_FUNCTIONS = (
    "wsi_search_lexemes(text)",
    "wsi_audit_refuses()",
    "wsi_audit_stores()",
    "wsi_grant_is_kept()",
    "wsi_analyze(text[])",
)

_PARTITIONS = text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit'::regclass")

# Who owns a table, or the schema that it is in, may drop it; who is a member of the owner may become it.
_UNPROTECTED = text("""
    SELECT
        CASE
            WHEN roles.rolsuper THEN 'is a superuser'
            WHEN pg_has_role(roles.oid, tables.relowner, 'MEMBER') THEN 'owns the audit log'
            WHEN pg_has_role(roles.oid, schemas.nspowner, 'MEMBER') THEN 'owns the schema that the audit log is in'
            WHEN has_table_privilege(roles.oid, tables.oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')
                OR has_any_column_privilege(roles.oid, tables.oid, 'UPDATE') THEN 'may change the audit log'
        END AS why
    FROM pg_class AS tables
        JOIN pg_namespace AS schemas ON schemas.oid = tables.relnamespace
        JOIN pg_roles AS roles ON roles.rolname = COALESCE(CAST(:role AS text), current_user)
    WHERE tables.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'audit'::regclass UNION SELECT 'audit'::regclass)
    ORDER BY why NULLS LAST
    LIMIT 1
""")

_OWNED = text("""
    SELECT oid::regclass::text FROM pg_class
    WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace AND relowner = CAST(:role AS regrole)
        AND (relname = ANY(CAST(:tables AS text[])) OR oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = to_regclass('audit')))
    ORDER BY relispartition, relname
""")


async def grant_service(connection: AsyncConnection, role: str) -> None:
    """Give a role exactly what the services need, and take what it has beyond that, in the transaction of a
    connection of the owner.

    Raises:
        CatalogUnavailable: it would still be able to change the audit log; the message says why.
    """
    quoted = '"' + role.replace('"', '""') + '"'
    schema = (await connection.execute(text("SELECT quote_ident(current_schema())"))).scalar_one()
    partitions = (await connection.execute(_PARTITIONS)).scalars().all()
    statements = [f"GRANT USAGE ON SCHEMA {schema} TO {quoted}", f"REVOKE CREATE ON SCHEMA {schema} FROM {quoted}"]
    for table, rights in (_RIGHTS | dict.fromkeys(partitions, "SELECT, INSERT")).items():
        statements += [f"REVOKE ALL ON {table} FROM {quoted}", f"GRANT {rights} ON {table} TO {quoted}"]
    statements.append(f"GRANT EXECUTE ON FUNCTION wsi_analyze(text[]) TO {quoted}")
    for statement in statements:
        await connection.exec_driver_sql(statement)
    why = (await connection.execute(_UNPROTECTED, {"role": role})).scalar_one_or_none()
    if why is not None:
        raise CatalogUnavailable(
            f"The services' database user {why}, so the log would not be protected from it. Give the services a user of "
            "their own in WSI_DATABASE_URL, with no rights but to connect."
        )


async def take_over(connection: AsyncConnection, role: str) -> None:
    """Make the current user the owner of tables that a role has made before there was an owner of its own.

    Raises:
        CatalogUnavailable: the current user may not; the message says what to do.
    """
    values = {"role": '"' + role.replace('"', '""') + '"', "tables": list(_RIGHTS)}
    owned = (await connection.execute(_OWNED, values)).scalars().all()
    if not owned:
        return
    may = await connection.execute(
        text(
            "SELECT rolsuper OR pg_has_role(CAST(:role AS regrole), 'MEMBER') FROM pg_roles WHERE rolname = current_user"
        ),
        values,
    )
    if not may.scalar_one():
        raise CatalogUnavailable(
            "The catalog's tables belong to the services' database user. Have a superuser run, in this database: "
            "REASSIGN OWNED BY <the services' user> TO <the owner>; then migrate again."
        )
    for table in owned:
        await connection.exec_driver_sql(f"ALTER TABLE {table} OWNER TO CURRENT_USER")
    for function in _FUNCTIONS:
        exists = await connection.execute(text("SELECT to_regprocedure(:name) IS NOT NULL"), {"name": function})
        if exists.scalar_one():
            await connection.exec_driver_sql(f"ALTER FUNCTION {function} OWNER TO CURRENT_USER")


async def why_unprotected(database: Database) -> str | None:
    """Why the user of a connection could change the audit log ("owns the audit log"); None where it can't.

    Raises:
        CatalogUnavailable: Postgres can't be reached.
    """
    found = await database.rows(_UNPROTECTED, {"role": None})
    return found[0].why if found else None


async def current_user(database: Database) -> str:
    """Whom Postgres takes us for.

    Raises:
        CatalogUnavailable: Postgres can't be reached.
    """
    return str((await database.rows(text("SELECT current_user")))[0][0])
