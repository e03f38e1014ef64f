//! The database for the offline check: read alone, in one moment, while no process writes.

use ssbtek_log_store::{
    CheckOptions, CheckReport,
    engine::{Counted, Done, Inspected, Rows},
    rows::TreeId,
};
use ssbtek_transparency::Hash;

use crate::{
    OpenError, PostgresOptions,
    connect::Server,
    connection::bound,
    place,
    rows::{PostgresRows, number, value},
    schema,
};

/// The longest wait for one answer, in milliseconds: a whole table is counted in one.
const ANSWER_MS: u64 = 3_600_000;

/// Every table of the log with the order of its rows; `writer` says who writes, and not what.
const TABLES: [(&str, &str); 16] = [
    ("tree", "id"),
    ("leaf", "tree, idx"),
    ("node", "tree, level, idx"),
    ("term", "tree, month, term, leaf"),
    ("reindex", "tree"),
    ("open_entry", "entry"),
    ("spent", "id"),
    ("step_back", "tree, leaf"),
    ("document", "doc, version"),
    ("kept_checkpoint", "tree, size"),
    ("retention", "board"),
    ("log_key", "board, vkey"),
    ("started", "name"),
    ("lease", "name"),
    ("format", "one"),
    ("writer", "one"),
];

/// Every table in the schema of this program.
const OURS: &str = "SELECT DISTINCT table_name::text FROM information_schema.columns WHERE table_schema = 'ssbtek' ORDER BY 1";

/// Checks a database that no broker writes to. An error means that nothing could be checked at all.
pub fn check(options: &PostgresOptions, check: &CheckOptions) -> Result<CheckReport, OpenError> {
    let patient = PostgresOptions { answer_timeout_ms: ANSWER_MS, ..options.clone() };
    let server = Server::new(&patient)?;
    let connection = server.connect()?;
    schema::is_newest(&connection, &options.deployment)?;
    if place::is_held(&connection)? {
        return Err(OpenError::InUse);
    }
    connection.run_text("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
    let rows = PostgresRows { connection: &connection };
    if !rows.unindexed()?.is_empty() {
        return Err(OpenError::NotWhole);
    }
    Ok(ssbtek_log_store::check(&rows, check))
}

impl Inspected for PostgresRows<'_> {
    /// Tables that are not this program's. Whether its own pages and indexes are whole the server's own tools tell (`pg_amcheck`, checksums).
    fn own_faults(&self) -> Done<Vec<String>> {
        let found: Vec<String> = self.all(OURS, bound![], |row| value(row, 0))?;
        let strange = found.into_iter().filter(|table| !TABLES.iter().any(|(known, _)| known == table));
        Ok(strange.map(|table| format!("the table {table} is none that this program makes")).collect())
    }

    fn counts(&self) -> Done<Counted> {
        let count = |sql| self.one(sql, bound![], |row| number(row, 0)).map(Option::unwrap_or_default);
        Ok(Counted {
            leaves: count("SELECT count(*) FROM ssbtek.leaf")?,
            nodes: count("SELECT count(*) FROM ssbtek.node")?,
            open: count("SELECT count(*) FROM ssbtek.open_entry")?,
        })
    }

    fn term_counts(&self) -> Done<Vec<(TreeId, i64, u64)>> {
        self.all(
            "SELECT tree, month, count(*) FROM ssbtek.term GROUP BY tree, month ORDER BY tree, month",
            bound![],
            |row| Ok((value(row, 0)?, value(row, 1)?, number(row, 2)?)),
        )
    }

    fn kept_trees(&self) -> Done<Vec<TreeId>> {
        self.all("SELECT tree FROM ssbtek.kept_checkpoint", bound![], |row| value(row, 0))
    }

    fn digest(&self) -> Done<Hash> {
        let mut digest = Hash::empty_root();
        for (table, order) in TABLES.iter().filter(|(table, _)| *table != "writer") {
            let text = format!(
                "DECLARE passing NO SCROLL CURSOR FOR SELECT stored::text FROM ssbtek.{table} AS stored ORDER BY {order}"
            );
            self.connection.run_text(&text)?;
            loop {
                let rows: Vec<String> = self.all("FETCH 1024 FROM passing", bound![], |row| value(row, 0))?;
                if rows.is_empty() {
                    break;
                }
                for row in rows {
                    digest = Hash::of_parts(&[digest.as_bytes(), table.as_bytes(), b"\n", row.as_bytes()]);
                }
            }
            self.connection.run_text("CLOSE passing")?;
        }
        Ok(digest)
    }
}
