-- Each tree says, authenticated, how far the rows beside it had come when it grew last.
ALTER TABLE tree ADD COLUMN beside BLOB;

-- Where the times of a log run backwards by more than a minute: the first leaf after the step, and the latest time before it
-- (milliseconds since 1970). `confirmed`: another clock has said since that the later, earlier times are right.
CREATE TABLE step_back (
    tree      INTEGER NOT NULL REFERENCES tree (id),
    leaf      INTEGER NOT NULL,
    latest    INTEGER NOT NULL,
    confirmed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tree, leaf)
) STRICT, WITHOUT ROWID;
