-- Names and keys are compared byte by byte, whatever the database's own collation.

-- The one row of what this database is. `level`: the newest migration; `oldest`: the oldest level of a program that may still work with
-- it, raised only by a migration that takes something away. `deployment`: whose log it is.
-- `epoch`: one more with each process that takes the writer's place; `change`: one more with each of its transactions, so that one whose
-- end was not heard of can be looked up; `looked`: how often one was. `session`, `began`: the server's process that writes.
CREATE TABLE ssbtek.writer (
    one        boolean PRIMARY KEY CHECK (one),
    level      bigint NOT NULL,
    oldest     bigint NOT NULL,
    deployment text   NOT NULL,
    epoch      bigint NOT NULL,
    change     bigint NOT NULL,
    looked     bigint NOT NULL,
    session    bigint NOT NULL,
    began      bigint NOT NULL
);

-- One Merkle tree per board. `frontier`: the hashes of its full subtrees, 32 bytes each, largest first.
CREATE TABLE ssbtek.tree (
    id         bigint PRIMARY KEY,
    board      text COLLATE "C" NOT NULL UNIQUE,
    size       bigint NOT NULL,
    frontier   bytea  NOT NULL,
    checkpoint text   NOT NULL,
    beside     bytea
);

-- `sealed` and the key named by `key_id` are what erasure destroys; header, commitment and hash stay.
CREATE TABLE ssbtek.leaf (
    tree       bigint NOT NULL,
    idx        bigint NOT NULL,
    hash       bytea  NOT NULL,
    header     bytea  NOT NULL,
    commitment bytea  NOT NULL,
    key_id     text COLLATE "C" NOT NULL,
    sealed     bytea,
    PRIMARY KEY (tree, idx)
);
-- What is sealed is what no compression makes smaller.
ALTER TABLE ssbtek.leaf ALTER COLUMN sealed SET STORAGE EXTERNAL;
-- What a key still seals, so that erasing it need not search.
CREATE INDEX leaf_sealed ON ssbtek.leaf (tree, key_id, idx) WHERE sealed IS NOT NULL;

-- Nodes above the leaves.
CREATE TABLE ssbtek.node (
    tree  bigint NOT NULL,
    level bigint NOT NULL,
    idx   bigint NOT NULL,
    hash  bytea  NOT NULL,
    PRIMARY KEY (tree, level, idx)
);

-- Look-up terms (an entry's id in month 0, else a blind term under the key of board and month) to leaves.
CREATE TABLE ssbtek.term (
    tree  bigint NOT NULL,
    month bigint NOT NULL,
    term  bytea  NOT NULL,
    leaf  bigint NOT NULL,
    PRIMARY KEY (tree, month, term, leaf)
);

-- Trees whose look-up index is still being made: the records from `next` on are not in it yet.
CREATE TABLE ssbtek.reindex (
    tree bigint PRIMARY KEY,
    next bigint NOT NULL
);

-- Entries that were opened and not yet ended.
CREATE TABLE ssbtek.open_entry (
    entry bytea  PRIMARY KEY,
    tree  bigint NOT NULL
);

-- Spent tokens, one row for all that became durable together: 32 bytes each.
CREATE TABLE ssbtek.spent (
    id         bigint PRIMARY KEY,
    expires_at bigint NOT NULL,
    tokens     bytea  NOT NULL,
    mac        bytea  NOT NULL
);
ALTER TABLE ssbtek.spent ALTER COLUMN tokens SET STORAGE EXTERNAL;

-- Where the times of a log run backwards by more than a minute.
CREATE TABLE ssbtek.step_back (
    tree      bigint  NOT NULL,
    leaf      bigint  NOT NULL,
    latest    bigint  NOT NULL,
    confirmed boolean NOT NULL,
    PRIMARY KEY (tree, leaf)
);

-- Every version of every document of the registry. `doc` is a blind term; `sealed` is bound to it and to the version.
CREATE TABLE ssbtek.document (
    doc       bytea  NOT NULL,
    version   bigint NOT NULL,
    key_id    text COLLATE "C" NOT NULL,
    sealed    bytea  NOT NULL,
    closed_at bigint,
    PRIMARY KEY (doc, version)
);
ALTER TABLE ssbtek.document ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE INDEX document_by_key ON ssbtek.document (key_id, doc, version);
CREATE INDEX document_by_closing ON ssbtek.document (closed_at) WHERE closed_at IS NOT NULL;

-- Checkpoints that witnesses cosigned.
CREATE TABLE ssbtek.kept_checkpoint (
    tree bigint NOT NULL,
    size bigint NOT NULL,
    note text   NOT NULL,
    mac  bytea,
    PRIMARY KEY (tree, size)
);

-- What the store must know to hide what has expired.
CREATE TABLE ssbtek.retention (
    board          text COLLATE "C" PRIMARY KEY,
    log_months     bigint,
    ended_on       text,
    due_at         bigint,
    held           text,
    handed_over_at bigint,
    closing        bigint NOT NULL,
    leaf           bigint,
    mac            bytea
);

-- Keys that sign checkpoints, once they change.
CREATE TABLE ssbtek.log_key (
    board      text COLLATE "C" NOT NULL,
    vkey       text COLLATE "C" NOT NULL,
    since      bigint,
    first_size bigint NOT NULL,
    until      bigint,
    last_size  bigint,
    mac        bytea  NOT NULL,
    PRIMARY KEY (board, vkey)
);

-- Digests of what the store was last started with, by name.
CREATE TABLE ssbtek.started (
    name   text COLLATE "C" PRIMARY KEY,
    digest bytea NOT NULL,
    mac    bytea NOT NULL
);

-- Who does alone what one alone may do. `fence` only goes up; `until_ms`: 0 once it was given back.
CREATE TABLE ssbtek.lease (
    name     text COLLATE "C" PRIMARY KEY,
    holder   bytea  NOT NULL,
    fence    bigint NOT NULL,
    until_ms bigint NOT NULL
);

-- The level of the data format, and what authenticates it.
CREATE TABLE ssbtek.format (
    one   boolean PRIMARY KEY CHECK (one),
    level bigint NOT NULL,
    mac   bytea  NOT NULL
);
