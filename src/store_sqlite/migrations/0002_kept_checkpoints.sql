-- Checkpoints that witnesses cosigned: what the log has shown to others and must stay consistent with.
CREATE TABLE kept_checkpoint (
    tree INTEGER NOT NULL,
    size INTEGER NOT NULL,
    note TEXT    NOT NULL,
    PRIMARY KEY (tree, size)
) STRICT, WITHOUT ROWID;

-- `mac`: over token and expiry, under the provider's index key, so that a changed row is found.
-- Rows from before this version have none; they expire within minutes.
ALTER TABLE token ADD COLUMN mac BLOB;
