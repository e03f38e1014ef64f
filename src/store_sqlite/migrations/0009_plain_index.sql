-- The look-up index is one plain table, made anew from the records at the first start. What a term is stands in index.rs: an
-- entry's id in month 0, else a blind term under the key of the board and month (`month`: 202611) that its leaf is sealed under.
DROP TABLE bucket;
DROP TABLE run;
ALTER TABLE tree DROP COLUMN indexed;
CREATE TABLE term (
    tree  INTEGER NOT NULL,
    month INTEGER NOT NULL,
    term  BLOB    NOT NULL,
    leaf  INTEGER NOT NULL,
    PRIMARY KEY (tree, month, term, leaf)
) STRICT, WITHOUT ROWID;

-- Trees whose index is still being made: the records from `next` on are not in it yet.
CREATE TABLE reindex (
    tree INTEGER PRIMARY KEY,
    next INTEGER NOT NULL
) STRICT;
INSERT INTO reindex SELECT id, 0 FROM tree WHERE size > 0;
