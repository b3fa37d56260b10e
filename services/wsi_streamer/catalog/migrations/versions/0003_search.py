"""Searching a million keys: their n-grams in stripes, and lists by status and in any order from an index.

A stripe is a run of some thousand neighbours in one order of the list (by key, by time, by size). Each slide has an entry
in one stripe of each order, and a GIN index holds the trigrams of each entry *together with its stripe*. So a page of a
search is found stripe by stripe, in the order of the list: a stripe without a match costs some 10 µs, and no more of
them are read than the page needs. One index over all keys would not do: what half of all slides match would have to be
fetched and sorted as a whole, and what only the last of a million match be looked for in all those before.

All of it is kept by triggers, so that indexers of older releases keep it as well.
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TABLES = [
    # Nobody writes slides until the entries are complete; reading goes on.
    "LOCK TABLE sources, slides IN SHARE ROW EXCLUSIVE MODE",
    """
    CREATE TABLE search_stripes (
        id        integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        source_id integer NOT NULL REFERENCES sources,
        sort      text NOT NULL CHECK (sort IN ('key', 'modified', 'size')),
        from_rank bigint NOT NULL,
        from_key  text NOT NULL COLLATE "C",
        UNIQUE (source_id, sort, from_rank, from_key) INCLUDE (id)
    )
    """,
    # rank: 0 by key, microseconds since 1970 by time, bytes by size; what is alike goes by key.
    """
    CREATE TABLE search_entries (
        stripe integer NOT NULL,
        key    text NOT NULL COLLATE "C",
        rank   bigint NOT NULL,
        folded text NOT NULL COLLATE "C",
        PRIMARY KEY (stripe, key)
    )
    """,
    # What lists want beside 0001's: live slides only, and one status in any order.
    "CREATE INDEX slides_by_key ON slides (source_id, key) WHERE vanished_at IS NULL",
    """
    CREATE INDEX slides_status_by_modified ON slides (source_id, status, COALESCE(last_modified, timestamptz 'epoch'), key)
    WHERE vanished_at IS NULL
    """,
    "CREATE INDEX slides_status_by_size ON slides (source_id, status, size, key) WHERE vanished_at IS NULL",
]

# A lexeme for each character: it and the two behind it, so that needles of one and two characters are prefixes of lexemes.
_LEXEMES = [
    """
    CREATE FUNCTION wsi_search_lexemes(stripe integer, folded text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT array_to_tsvector(array_agg(to_hex(stripe) || ':' || substr(folded, i, 3)))
        FROM generate_series(1, length(folded)) AS i
    $$
    """,
    # A tsquery with chr(1) in place of the stripe; six lexemes of a long needle are enough: each costs time in
    # each stripe.
    r"""
    CREATE FUNCTION wsi_search_query(needle text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT COALESCE(string_agg(
            '''' || chr(1) || replace(replace(gram, '\', '\\'), '''', '''''') || '''' ||
            CASE WHEN length(needle) < 3 THEN ':*' ELSE '' END, ' & '), '''' || chr(1) || ''':*')
        FROM (
            SELECT substr(needle, 1 + j * last / greatest(least(last, 5), 1), 3) AS gram
            FROM (SELECT greatest(length(needle) - 3, 0) AS last) AS n, generate_series(0, least(last, 5)) AS j
        ) AS grams
        WHERE position(chr(1) IN gram) = 0
    $$
    """,
]

_STRIPES = [
    """
    CREATE FUNCTION wsi_search_rank(sort text, size bigint, last_modified timestamptz) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT CASE sort WHEN 'size' THEN size
                         WHEN 'modified' THEN COALESCE(CAST(extract(epoch FROM last_modified) * 1000000 AS bigint), 0)
                         ELSE 0 END
    $$
    """,
    """
    CREATE FUNCTION wsi_search_stripe(source integer, list_sort text, rank bigint, key text) RETURNS integer
    LANGUAGE sql STABLE AS $$
        SELECT id FROM search_stripes
        WHERE source_id = source AND sort = list_sort AND (from_rank, from_key) <= (rank, key COLLATE "C")
        ORDER BY from_rank DESC, from_key DESC LIMIT 1
    $$
    """,
    # The first stripe of each order begins before anything.
    """
    CREATE FUNCTION wsi_search_source() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO search_stripes (source_id, sort, from_rank, from_key)
        SELECT NEW.id, sort, -9223372036854775808, '' FROM unnest(ARRAY['key', 'modified', 'size']) AS sort;
        RETURN NULL;
    END $$
    """,
    # Who adds holds the source's lock together with others who do, who splits holds it alone: no entry is put into a
    # stripe by boundaries that are just being moved. A split that would have to wait is left to the next who adds.
    # A first scan only ever adds behind the last key: that stripe is closed as it is, all others are cut in pieces.
    """
    CREATE FUNCTION wsi_search_split(full_stripe integer) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
        s search_stripes;
        total bigint;
    BEGIN
        PERFORM FROM search_entries WHERE stripe = full_stripe OFFSET 6000 LIMIT 1;
        IF NOT FOUND THEN
            RETURN;
        END IF;
        SELECT * INTO STRICT s FROM search_stripes WHERE id = full_stripe;
        IF NOT pg_try_advisory_xact_lock(1465075970, s.source_id) THEN
            RETURN;
        END IF;
        SELECT count(*) INTO total FROM search_entries WHERE stripe = s.id;
        IF s.sort = 'key' AND total < 12000 AND NOT EXISTS (
            SELECT FROM search_stripes WHERE source_id = s.source_id AND sort = 'key' AND from_key > s.from_key)
        THEN
            INSERT INTO search_stripes (source_id, sort, from_rank, from_key)
            SELECT s.source_id, s.sort, 0, max(key) || chr(1) FROM search_entries WHERE stripe = s.id;
            RETURN;
        END IF;
        INSERT INTO search_stripes (source_id, sort, from_rank, from_key)
        SELECT DISTINCT ON (piece) s.source_id, s.sort, rank, key FROM (
            SELECT rank, key, ntile(CAST(total / 3000 AS integer)) OVER (ORDER BY rank, key) AS piece
            FROM search_entries WHERE stripe = s.id
        ) AS cut WHERE piece > 1 ORDER BY piece, rank, key;
        -- No join: to tables that were empty a minute ago the planner makes it one loop in the other.
        UPDATE search_entries e SET stripe = wsi_search_stripe(s.source_id, s.sort, e.rank, e.key)
        WHERE e.stripe = s.id AND wsi_search_stripe(s.source_id, s.sort, e.rank, e.key) <> s.id;
    END $$
    """,
]

# How full a stripe is, nobody counts: a counter would be a row that all who add wait for. A stripe is looked at about
# once in 300 entries that it gets.
_TRIGGERS = [
    """
    CREATE FUNCTION wsi_search_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        places integer[];
        place integer;
    BEGIN
        PERFORM pg_advisory_xact_lock_shared(1465075970, source_id)
        FROM (SELECT DISTINCT source_id FROM inserted ORDER BY 1) AS sources;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
        WITH placed AS (
            INSERT INTO search_entries (stripe, key, rank, folded)
            SELECT wsi_search_stripe(i.source_id, sort, r.rank, i.key), i.key, r.rank, lower(i.key COLLATE "default")
            FROM unnest(ARRAY['key', 'modified', 'size']) AS sort, inserted i,
                 LATERAL (SELECT wsi_search_rank(sort, i.size, i.last_modified) AS rank) AS r
            WHERE i.vanished_at IS NULL
            ORDER BY 1
            RETURNING stripe
        )
        SELECT array_agg(stripe) INTO places FROM placed;
        FOR place IN SELECT p FROM unnest(places) AS p GROUP BY p HAVING random() < count(*) / 300.0 LOOP
            PERFORM wsi_search_split(place);
        END LOOP;
        IF cardinality(places) > 300 THEN
            -- Else each search would read, once a stripe, what still waits to be sorted into the index.
            BEGIN
                PERFORM gin_clean_pending_list('search_entries_lexemes');
            EXCEPTION WHEN insufficient_privilege THEN
                NULL;  -- its owner's vacuum does it
            END;
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION wsi_search_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        sort text;
        at_rank bigint;
        place integer;
    BEGIN
        PERFORM pg_advisory_xact_lock_shared(1465075970, OLD.source_id);
        FOREACH sort IN ARRAY ARRAY['key', 'modified', 'size'] LOOP
            IF OLD.vanished_at IS NULL THEN
                at_rank := wsi_search_rank(sort, OLD.size, OLD.last_modified);
                DELETE FROM search_entries
                WHERE stripe = wsi_search_stripe(OLD.source_id, sort, at_rank, OLD.key) AND key = OLD.key;
            END IF;
            CONTINUE WHEN TG_OP = 'DELETE';
            IF NEW.vanished_at IS NULL THEN
                at_rank := wsi_search_rank(sort, NEW.size, NEW.last_modified);
                place := wsi_search_stripe(NEW.source_id, sort, at_rank, NEW.key);
                INSERT INTO search_entries (stripe, key, rank, folded)
                VALUES (place, NEW.key, at_rank, lower(NEW.key COLLATE "default"));
                IF random() < 1 / 300.0 THEN
                    PERFORM wsi_search_split(place);
                END IF;
            END IF;
        END LOOP;
        RETURN NULL;
    END $$
    """,
]

# Everything anew, for a catalog that was filled past the triggers: one order at a time, `wsi_search_clear` first.
_REBUILD = [
    """
    CREATE FUNCTION wsi_search_clear() RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        LOCK TABLE sources, slides IN SHARE ROW EXCLUSIVE MODE;
        DELETE FROM search_stripes;
        TRUNCATE search_entries;
        INSERT INTO search_stripes (source_id, sort, from_rank, from_key)
        SELECT s.id, sort, -9223372036854775808, '' FROM sources s, unnest(ARRAY['key', 'modified', 'size']) AS sort;
    END $$
    """,
    """
    CREATE FUNCTION wsi_search_fill(list_sort text) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
        source integer;
        stripes integer[];
    BEGIN
        FOR source IN SELECT id FROM sources LOOP
            INSERT INTO search_stripes (source_id, sort, from_rank, from_key)
            SELECT source, list_sort, rank, key FROM (
                SELECT r.rank, s.key, row_number() OVER (ORDER BY r.rank, s.key) - 1 AS number
                FROM slides s, LATERAL (SELECT wsi_search_rank(list_sort, s.size, s.last_modified) AS rank) AS r
                WHERE s.source_id = source AND s.vanished_at IS NULL
            ) AS ranked WHERE number % 4000 = 0 AND number > 0;
            SELECT array_agg(id ORDER BY from_rank, from_key) INTO stripes
            FROM search_stripes WHERE source_id = source AND sort = list_sort;
            INSERT INTO search_entries (stripe, key, rank, folded)
            SELECT stripes[number / 4000 + 1], key, rank, lower(key COLLATE "default") FROM (
                SELECT r.rank, s.key, row_number() OVER (ORDER BY r.rank, s.key) - 1 AS number
                FROM slides s, LATERAL (SELECT wsi_search_rank(list_sort, s.size, s.last_modified) AS rank) AS r
                WHERE s.source_id = source AND s.vanished_at IS NULL
            ) AS ranked ORDER BY number;
        END LOOP;
    END $$
    """,
]

_ATTACH = [
    """
    CREATE TRIGGER wsi_search_source AFTER INSERT ON sources FOR EACH ROW EXECUTE FUNCTION wsi_search_source()
    """,
    """
    CREATE TRIGGER wsi_search_inserted AFTER INSERT ON slides REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION wsi_search_inserted()
    """,
    """
    CREATE TRIGGER wsi_search_deleted AFTER DELETE ON slides FOR EACH ROW EXECUTE FUNCTION wsi_search_changed()
    """,
    """
    CREATE TRIGGER wsi_search_updated AFTER UPDATE ON slides FOR EACH ROW
    WHEN ((OLD.vanished_at IS NULL) <> (NEW.vanished_at IS NULL) OR (NEW.vanished_at IS NULL AND (
          OLD.key <> NEW.key OR OLD.size <> NEW.size OR OLD.last_modified IS DISTINCT FROM NEW.last_modified)))
    EXECUTE FUNCTION wsi_search_changed()
    """,
    "SELECT wsi_search_clear()",
    # An index that is there before the entries are takes a third of the time of one that is made after them: entries go
    # into it sorted, in batches. Small ones, since a search reads what still waits once for each stripe.
    """
    CREATE INDEX search_entries_lexemes ON search_entries USING gin (wsi_search_lexemes(stripe, folded))
    WITH (gin_pending_list_limit = 1024)
    """,
    "SELECT wsi_search_fill('key')",
    "SELECT wsi_search_fill('modified')",
    "SELECT wsi_search_fill('size')",
    "SELECT gin_clean_pending_list('search_entries_lexemes')",
    "ANALYZE search_stripes, search_entries",
]


def upgrade() -> None:
    """Tables, triggers, and the entries of the slides that are there: about two minutes for a million."""
    for statement in [*_TABLES, *_LEXEMES, *_STRIPES, *_TRIGGERS, *_REBUILD, *_ATTACH]:
        op.execute(statement)
