"""Grants: rights to a slide or a prefix that end, by time or by being revoked."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# No reference to slides: a grant is a record too, and outlives what it was about.
_STATEMENTS = [
    """
    CREATE TABLE grants (
        id          text PRIMARY KEY,
        source_id   integer NOT NULL REFERENCES sources,
        slide_id    text,
        prefix      text COLLATE "C",
        permissions text[] NOT NULL,
        networks    text[] NOT NULL,
        note        text,
        created_by  text NOT NULL,
        created_at  timestamptz NOT NULL DEFAULT now(),
        expires_at  timestamptz NOT NULL,
        revoked_by  text,
        revoked_at  timestamptz,
        CHECK ((slide_id IS NULL) <> (prefix IS NULL))
    )
    """,
    "CREATE INDEX grants_by_age ON grants (source_id, created_at DESC, id DESC)",
    "CREATE INDEX grants_by_slide ON grants (source_id, slide_id) WHERE slide_id IS NOT NULL",
]


def upgrade() -> None:
    """Create the table."""
    for statement in _STATEMENTS:
        op.execute(statement)
