-- Look-up terms no longer lie in one B-tree, where each falls on a page of its own, but in sorted runs that are written in
-- bulk from what the records themselves tell, and sealed.
DROP TABLE term;

-- Leaves below this index have their terms in runs; those of later ones are held in memory, and read anew at a start.
ALTER TABLE tree ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;

-- Runs: the blind look-up terms of the leaves sealed under one key, or the entries' ids (key ''), sorted. `state`: 0 being
-- written from others, 1 in use, 2 being removed. `mac`: over all else, under the provider's index key.
CREATE TABLE run (
    id      INTEGER PRIMARY KEY,
    tree    INTEGER NOT NULL,
    key_id  TEXT    NOT NULL,
    first   INTEGER NOT NULL,
    end     INTEGER NOT NULL,
    records INTEGER NOT NULL,
    written INTEGER NOT NULL,
    state   INTEGER NOT NULL,
    mac     BLOB    NOT NULL
) STRICT;
CREATE INDEX run_by_key ON run (tree, key_id, state, end);

-- A run's records in order, cut into buckets by the first bits of their terms. `id` = run.id << 24 | bucket.
-- `data`: records of 12 bytes (8 of the term, 4 for the leaf, counted from the run's first), sealed to `id` under the key of
-- the leaves, so that the terms go with it; entries' ids under the provider's index key.
CREATE TABLE bucket (
    id   INTEGER PRIMARY KEY,
    data BLOB NOT NULL
) STRICT;

-- Spent tokens in the order in which they came, so that they are added at one end and forgotten at the other.
DROP INDEX token_by_expiry;
ALTER TABLE token RENAME TO token_before;
CREATE TABLE token (
    id         INTEGER PRIMARY KEY,
    token      BLOB    NOT NULL,
    expires_at INTEGER NOT NULL,
    mac        BLOB
) STRICT;
INSERT INTO token (token, expires_at, mac) SELECT token, expires_at, mac FROM token_before ORDER BY expires_at;
DROP TABLE token_before;
