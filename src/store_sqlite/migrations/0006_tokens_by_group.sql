-- Spent tokens, one row for all that became durable together: 32 bytes each, in `tokens`. `expires_at`: when the last of them
-- would be refused anyway, in seconds since 1970. `mac`: over all else, under the provider's index key.
CREATE TABLE spent (
    id         INTEGER PRIMARY KEY,
    expires_at INTEGER NOT NULL,
    tokens     BLOB    NOT NULL,
    mac        BLOB    NOT NULL
) STRICT;
DROP TABLE token;
