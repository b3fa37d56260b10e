"""Jobs for slides that nobody has are found by their age; slides that the store would not give wait again."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_STATEMENTS = [
    "CREATE INDEX jobs_absent ON jobs (source_id, finished_at) WHERE outcome = 'absent'",
    # Until now they were failed, with this before the reason.
    """
    UPDATE slides SET status = 'pending', error = substr(error, length('storage: ') + 1), changed_xid = pg_current_xact_id()
    WHERE status = 'failed' AND starts_with(error, 'storage: ')
    """,
]


def upgrade() -> None:
    """One index, and what older indexers gave up."""
    for statement in _STATEMENTS:
        op.execute(statement)
