-- Who does alone what one alone may do (log_store/leases.rs). `fence` only goes up; `until_ms`: 0 once it was given back.
CREATE TABLE lease (
    name     TEXT PRIMARY KEY,
    holder   BLOB    NOT NULL,
    fence    INTEGER NOT NULL,
    until_ms INTEGER NOT NULL
) STRICT;
