-- What the store must know to hide what has expired. No personal data of anybody asked about.
-- `closing`: a purge of the whole board has begun, and only its receipt is still taken.
CREATE TABLE retention (
    board          TEXT    PRIMARY KEY,
    log_months     INTEGER,
    ended_on       TEXT,
    due_at         INTEGER,
    held           TEXT,
    handed_over_at INTEGER,
    closing        INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- When a case was closed; on the version that closed it and all later ones.
ALTER TABLE document ADD COLUMN closed_at INTEGER;
CREATE INDEX document_by_key ON document (key_id);
CREATE INDEX document_by_closing ON document (closed_at) WHERE closed_at IS NOT NULL;

-- What a key still seals, so that erasing it need not search.
CREATE INDEX leaf_sealed_by_key ON leaf (key_id, id) WHERE sealed IS NOT NULL;
CREATE INDEX term_by_leaf ON term (leaf);
