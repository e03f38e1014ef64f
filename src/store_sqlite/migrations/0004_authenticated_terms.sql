-- `leaf`: index of the record that last changed the terms. `mac`: over the whole row, under the provider's index key, so
-- that a changed row is found. Every board with a tree has a row, so that a missing one is found too.
ALTER TABLE retention ADD COLUMN leaf INTEGER;
ALTER TABLE retention ADD COLUMN mac BLOB;

-- Digests of what the store was last started with, by name.
CREATE TABLE started (
    name   TEXT PRIMARY KEY,
    digest BLOB NOT NULL,
    mac    BLOB NOT NULL
) STRICT, WITHOUT ROWID;
