-- The level of the data format, beside the schema's version: which kinds and forms of records may stand in the logs. `mac`: over
-- the level, under the provider's index key.
CREATE TABLE format (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    level INTEGER NOT NULL,
    mac   BLOB    NOT NULL
) STRICT;

-- What leads to a record is now told by the record alone, in one place, and a few records are found by more than before: the
-- look-up index is made anew from the records when the store is opened, a part at a time.
DELETE FROM bucket;
DELETE FROM run;
UPDATE tree SET indexed = 0;
