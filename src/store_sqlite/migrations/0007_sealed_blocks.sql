-- Which keys seal leaves in which blocks of 1,024: what erasing goes by. A row stands there as long as a leaf of the block is
-- sealed under the key. The index over all leaves that it replaces cost an entry as much as its leaf did.
CREATE TABLE sealed_block (
    tree   INTEGER NOT NULL,
    key_id TEXT    NOT NULL,
    block  INTEGER NOT NULL,
    PRIMARY KEY (tree, key_id, block)
) STRICT, WITHOUT ROWID;
INSERT INTO sealed_block
    SELECT DISTINCT id >> 40, key_id, (id & 1099511627775) >> 10 FROM leaf WHERE sealed IS NOT NULL;
DROP INDEX leaf_sealed_by_key;
