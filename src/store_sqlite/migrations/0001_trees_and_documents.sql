-- One Merkle tree per board. `frontier`: the hashes of its full subtrees, 32 bytes each, largest first.
CREATE TABLE tree (
    id           INTEGER PRIMARY KEY,
    organisation TEXT    NOT NULL UNIQUE,
    size         INTEGER NOT NULL,
    frontier     BLOB    NOT NULL,
    checkpoint   TEXT    NOT NULL
) STRICT;

-- Leaves in order. `id` = tree.id << 40 | index, so that a board's leaves lie together and in order.
-- `sealed` and the key named by `key_id` are what erasure destroys; header, commitment and hash stay.
CREATE TABLE leaf (
    id         INTEGER PRIMARY KEY,
    hash       BLOB NOT NULL,
    header     BLOB NOT NULL,
    commitment BLOB NOT NULL,
    key_id     TEXT NOT NULL,
    sealed     BLOB
) STRICT;

-- Roots of full tiles: level 8, 16, 24 ….
CREATE TABLE tile (
    tree  INTEGER NOT NULL,
    level INTEGER NOT NULL,
    idx   INTEGER NOT NULL,
    hash  BLOB    NOT NULL,
    PRIMARY KEY (tree, level, idx)
) STRICT, WITHOUT ROWID;

-- Look-up terms (HMAC under the board's index key, or an entry's own id) to leaves.
CREATE TABLE term (
    term BLOB    NOT NULL,
    leaf INTEGER NOT NULL,
    PRIMARY KEY (term, leaf)
) STRICT, WITHOUT ROWID;

-- Entries that were opened and not yet ended.
CREATE TABLE open_entry (
    entry BLOB    PRIMARY KEY,
    tree  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One-time tokens that were spent, until they would be refused anyway.
CREATE TABLE token (
    token      BLOB    PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX token_by_expiry ON token (expires_at);

-- Every version of every document of the registry. `doc` is a blind term; `sealed` is bound to it and to the version.
CREATE TABLE document (
    doc     BLOB    NOT NULL,
    version INTEGER NOT NULL,
    key_id  TEXT    NOT NULL,
    sealed  BLOB    NOT NULL,
    PRIMARY KEY (doc, version)
) STRICT, WITHOUT ROWID;
