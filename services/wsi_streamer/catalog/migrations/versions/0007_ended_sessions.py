"""Sessions that were ended before their time: signing out ends them everywhere, and not in one browser alone."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_STATEMENTS = [
    """
    CREATE TABLE ended_sessions (
        sid         text PRIMARY KEY COLLATE "C",
        ends        timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ended_sessions_by_end ON ended_sessions (ends)",
]


def upgrade() -> None:
    """Create the table."""
    for statement in _STATEMENTS:
        op.execute(statement)
