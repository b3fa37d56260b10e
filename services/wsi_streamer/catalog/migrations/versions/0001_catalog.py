"""The catalog: sources, objects, slides, versions, levels, associated images, jobs, scans."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Keys are compared by bytes (COLLATE "C"), as S3 lists them.
_STATEMENTS = [
    """
    CREATE TABLE sources (
        id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        endpoint    text NOT NULL,
        bucket      text NOT NULL,
        prefix      text NOT NULL COLLATE "C",
        created_at  timestamptz NOT NULL DEFAULT now(),
        UNIQUE (endpoint, bucket, prefix)
    )
    """,
    """
    CREATE TABLE slides (
        id            text PRIMARY KEY,
        source_id     integer NOT NULL REFERENCES sources,
        key           text NOT NULL COLLATE "C",
        etag          text NOT NULL,
        size          bigint NOT NULL,
        last_modified timestamptz,
        status        text NOT NULL CHECK (status IN ('pending', 'indexed', 'failed', 'unsupported', 'archived')),
        error         text,
        missed_scans  integer NOT NULL DEFAULT 0,
        vanished_at   timestamptz,
        created_at    timestamptz NOT NULL DEFAULT now(),
        changed_xid   xid8 NOT NULL DEFAULT pg_current_xact_id(),
        UNIQUE (source_id, key)
    )
    """,
    # The order of lists: the expressions are listing.py's.
    """
    CREATE INDEX slides_by_modified ON slides (source_id, COALESCE(last_modified, timestamptz 'epoch'), key)
    WHERE vanished_at IS NULL
    """,
    "CREATE INDEX slides_by_size ON slides (source_id, size, key) WHERE vanished_at IS NULL",
    "CREATE INDEX slides_status ON slides (source_id, status, key) WHERE vanished_at IS NULL",
    "CREATE INDEX slides_changed ON slides (source_id, changed_xid)",
    """
    CREATE TABLE objects (
        source_id     integer NOT NULL REFERENCES sources,
        key           text NOT NULL COLLATE "C",
        slide_id      text NOT NULL REFERENCES slides ON DELETE CASCADE,
        etag          text NOT NULL,
        size          bigint NOT NULL,
        last_modified timestamptz,
        storage_class text NOT NULL,
        PRIMARY KEY (source_id, key)
    )
    """,
    """
    CREATE TABLE versions (
        id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        slide_id       text NOT NULL REFERENCES slides ON DELETE CASCADE,
        hash           text NOT NULL,
        recipe_version integer NOT NULL,
        etag           text NOT NULL,
        objects        jsonb NOT NULL,
        format         text NOT NULL,
        width          integer NOT NULL,
        height         integer NOT NULL,
        mpp_x          double precision,
        mpp_y          double precision,
        objective      double precision,
        scanner        text,
        acquired       text,
        icc_profile    boolean NOT NULL,
        properties     jsonb NOT NULL,
        created_at     timestamptz NOT NULL DEFAULT now(),
        UNIQUE (slide_id, hash)
    )
    """,
    # number: 0 and up are stored levels, -1 and down the overviews 0 and up, whose tiles are in data.
    """
    CREATE TABLE levels (
        version_id  bigint NOT NULL REFERENCES versions ON DELETE CASCADE,
        number      integer NOT NULL,
        tiles_x     bigint NOT NULL,
        tiles_y     bigint NOT NULL,
        ranges      integer NOT NULL,
        geometry    jsonb NOT NULL,
        recipe      jsonb NOT NULL,
        offsets     bytea NOT NULL,
        counts      bytea NOT NULL,
        data        bytea,
        PRIMARY KEY (version_id, number)
    )
    """,
    # EXTERNAL: out of line and not compressed, so that substring() reads only the slice.
    "ALTER TABLE levels ALTER COLUMN offsets SET STORAGE EXTERNAL",
    "ALTER TABLE levels ALTER COLUMN counts SET STORAGE EXTERNAL",
    "ALTER TABLE levels ALTER COLUMN data SET STORAGE EXTERNAL",
    """
    CREATE TABLE associated_images (
        version_id  bigint NOT NULL REFERENCES versions ON DELETE CASCADE,
        name        text NOT NULL,
        geometry    jsonb NOT NULL,
        recipe      jsonb NOT NULL,
        offsets     bytea NOT NULL,
        counts      bytea NOT NULL,
        PRIMARY KEY (version_id, name)
    )
    """,
    """
    CREATE TABLE jobs (
        id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        source_id   integer NOT NULL REFERENCES sources,
        kind        text NOT NULL CHECK (kind IN ('index', 'overview', 'scan', 'reindex')),
        key         text COLLATE "C",
        priority    integer NOT NULL DEFAULT 0,
        state       text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'failed')),
        outcome     text,
        error       text,
        attempts    integer NOT NULL DEFAULT 0,
        force       boolean NOT NULL DEFAULT false,
        params      jsonb NOT NULL DEFAULT '{}',
        parent_id   bigint,
        claimed_by  text,
        lease_until timestamptz,
        run_after   timestamptz NOT NULL DEFAULT now(),
        created_at  timestamptz NOT NULL DEFAULT now(),
        finished_at timestamptz
    )
    """,
    """
    CREATE UNIQUE INDEX jobs_queued_once ON jobs (source_id, kind, (COALESCE(key, '')))
    WHERE state = 'queued' AND kind <> 'reindex'
    """,
    # One for each group of kinds that is claimed: a million slides in the queue don't lie before the next scan.
    """
    CREATE INDEX jobs_open ON jobs (source_id, priority DESC, id)
    WHERE state IN ('queued', 'running') AND kind IN ('index', 'overview')
    """,
    """
    CREATE INDEX jobs_open_control ON jobs (source_id, priority DESC, id)
    WHERE state IN ('queued', 'running') AND kind IN ('scan', 'reindex')
    """,
    "CREATE INDEX jobs_open_by_key ON jobs (source_id, kind, key) WHERE state IN ('queued', 'running')",
    "CREATE INDEX jobs_of_parent ON jobs (parent_id) WHERE parent_id IS NOT NULL",
    "CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL",
    """
    CREATE TABLE scans (
        id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        source_id   integer NOT NULL REFERENCES sources,
        started_at  timestamptz NOT NULL DEFAULT now(),
        finished_at timestamptz,
        listed      bigint NOT NULL DEFAULT 0,
        found       bigint NOT NULL DEFAULT 0,
        changed     bigint NOT NULL DEFAULT 0,
        vanished    bigint NOT NULL DEFAULT 0,
        held_back   bigint NOT NULL DEFAULT 0,
        error       text
    )
    """,
    "CREATE INDEX scans_latest ON scans (source_id, id DESC)",
]


def upgrade() -> None:
    """Create all tables."""
    for statement in _STATEMENTS:
        op.execute(statement)
