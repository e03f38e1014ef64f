-- `leaf`: index of the record that last changed the terms. `mac`: over the whole row, under the provider's index key, so
-- that a changed row is found. Every board with a tree has a row, so that a missing one is found too.
ALTER TABLE retention ADD COLUMN leaf INTEGER;
ALTER TABLE retention ADD COLUMN mac BLOB;

-- Likewise over size and note: witnesses' lines are not covered by the log's signature.
ALTER TABLE kept_checkpoint ADD COLUMN mac BLOB;

-- Keys that sign checkpoints, once they change. `since`, `until`: seconds since 1970; sizes: the smallest and the largest
-- tree signed.
CREATE TABLE log_key (
    board      TEXT    NOT NULL,
    vkey       TEXT    NOT NULL,
    since      INTEGER,
    first_size INTEGER NOT NULL,
    until      INTEGER,
    last_size  INTEGER,
    mac        BLOB    NOT NULL,
    PRIMARY KEY (board, vkey)
) STRICT, WITHOUT ROWID;

-- Digests of what the store was last started with, by name.
CREATE TABLE started (
    name   TEXT PRIMARY KEY,
    digest BLOB NOT NULL,
    mac    BLOB NOT NULL
) STRICT, WITHOUT ROWID;
