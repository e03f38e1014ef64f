//! The whole database held against itself, offline: what is damaged, missing, added or rewritten is named.
//!
//! What this cannot see is a history rewritten and signed anew by the log's own key: for that, give it checkpoints kept
//! elsewhere ([`CheckOptions::known`]) — from receipts, bundles, witnesses.

mod index;
mod leaves;
mod rows;
mod terms;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
};

use rusqlite::{Connection, OpenFlags};
use ssbtek_domain::{EntryId, OrganisationNumber};
use ssbtek_transparency::{Checkpoint, Hash, SignedNote};
use ssbtek_vault::{KeyId, Vault};

use crate::{CheckpointSigner, OpenError, Written, format, index as look_ups, lock::DatabaseLock, schema};

/// Findings told at most; one broken page can make thousands.
const MAX_FINDINGS: usize = 200;

/// What to check.
pub struct CheckOptions {
    /// The database file.
    pub path: PathBuf,
    /// The keys.
    pub vault: Arc<dyn Vault>,
    /// Knows the boards' public keys and origins.
    pub signer: Arc<CheckpointSigner>,
    /// Checkpoints kept elsewhere, as signed notes.
    pub known: Vec<String>,
    /// Keys that a purge under way has destroyed or is about to: what they sealed may be gone without a record yet.
    pub doomed: BTreeSet<KeyId>,
    /// Digests of what lies outside the database, by the names under which the store was started with them.
    pub started_with: BTreeMap<String, Hash>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckReport {
    /// What is wrong, in the order found; empty if nothing is. Tells places, never content.
    pub findings: Vec<String>,
    /// Boards.
    pub boards: u64,
    /// Records.
    pub leaves: u64,
    /// Of these, with content destroyed.
    pub erased: u64,
    /// Written by a newer version of this program: what belongs beside them is not known, so the rest is no verdict.
    pub newer: u64,
    /// Questions under way or left open.
    pub open: u64,
    /// Document versions.
    pub documents: u64,
    /// Checkpoints from elsewhere that the trees contain.
    pub known: u64,
    /// Purges that the logs tell of, each with its board.
    pub purges: BTreeSet<(OrganisationNumber, EntryId)>,
    /// SHA-256 over every stored value of every table: two databases with the same hold the same.
    pub content: Hash,
}

pub(crate) struct Check<'o> {
    pub(crate) connection: Connection,
    pub(crate) options: &'o CheckOptions,
    pub(crate) report: CheckReport,
    /// Sizes and roots that each board's tree must have passed through, and where that is known from.
    pub(crate) index: index::IndexSeen,
    pub(crate) known: BTreeMap<OrganisationNumber, Vec<(u64, Hash, &'static str)>>,
    /// Keys whose destruction is accounted for.
    pub(crate) purged: BTreeSet<KeyId>,
    /// The newest record of each board that changed its terms of retention, as far as records can be read.
    pub(crate) terms_changed: BTreeMap<OrganisationNumber, u64>,
}

/// Checks a database that no broker has open. An error means that nothing could be checked at all.
pub fn check(options: &CheckOptions) -> Result<CheckReport, OpenError> {
    let _lock = DatabaseLock::take(&options.path)?;
    let connection = open(options)?;
    let found = Written::not_newer(&connection)?.schema;
    if found < schema::VERSION {
        return Err(OpenError::Older { found, known: schema::VERSION });
    }
    if !look_ups::is_whole(&connection)? {
        return Err(OpenError::NotWhole);
    }
    let report = CheckReport {
        findings: Vec::new(),
        boards: 0,
        leaves: 0,
        erased: 0,
        newer: 0,
        open: 0,
        documents: 0,
        known: 0,
        purges: BTreeSet::new(),
        content: Hash::empty_root(),
    };
    let mut check = Check {
        connection,
        options,
        report,
        index: index::IndexSeen::default(),
        known: BTreeMap::new(),
        purged: options.doomed.clone(),
        terms_changed: BTreeMap::new(),
    };
    check.step("SQLite's own structures", Check::integrity);
    check.step("the schema", Check::schema);
    check.step("signing keys", Check::signing_keys);
    check.step("checkpoints from elsewhere", Check::read_known);
    check.step("trees", Check::trees);
    // Of records that are not known it is not known either what leads to them.
    if check.report.newer == 0 {
        check.step("the look-up index", Check::index);
    }
    check.step("documents", Check::documents);
    check.step("spent tokens", Check::tokens);
    check.step("terms of retention", Check::retention);
    check.step("what the store was started with", Check::started);
    check.step("the content's digest", Check::digest);
    Ok(check.report)
}

fn open(options: &CheckOptions) -> Result<Connection, OpenError> {
    let path = options.path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    // Without a write-ahead log the file alone is the database, and is not touched; with one, SQLite must read both.
    let wal = options
        .path
        .with_file_name(format!("{}-wal", options.path.file_name().unwrap_or_default().to_string_lossy()));
    let immutable = if wal.exists() { "" } else { "?immutable=1" };
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(format!("file:{path}{immutable}"), flags)?;
    connection.execute_batch(
        "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA cache_size = -65536;",
    )?;
    Ok(connection)
}

impl Check<'_> {
    /// Runs a step; a database that cannot be read there is itself a finding.
    fn step(&mut self, name: &str, step: impl FnOnce(&mut Self) -> rusqlite::Result<()>) {
        if let Err(error) = step(self) {
            let code = error.sqlite_error_code().map_or_else(String::new, |code| format!(" ({code:?})"));
            self.found(format!("{name} cannot be read{code}"));
        }
    }

    pub(crate) fn found(&mut self, what: String) {
        if self.report.findings.len() < MAX_FINDINGS {
            self.report.findings.push(what);
        }
    }

    fn integrity(&mut self) -> rusqlite::Result<()> {
        let mut wrong = Vec::new();
        {
            let mut statement = self.connection.prepare("PRAGMA integrity_check(20)")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let text: String = row.get(0)?;
                if text != "ok" {
                    wrong.push(text);
                }
            }
        }
        wrong.into_iter().for_each(|text| self.found(format!("SQLite: {text}")));
        Ok(())
    }

    fn schema(&mut self) -> rusqlite::Result<()> {
        if format::is_authentic(&self.connection, &*self.options.vault)? != Some(true) {
            self.found("the level of the data format is not as it was written".to_owned());
        }
        let expected = Connection::open_in_memory()?;
        for migration in schema::MIGRATIONS {
            expected.execute_batch(migration)?;
        }
        if definitions(&expected)? != definitions(&self.connection)? {
            self.found("the schema is not the one this program makes".to_owned());
        }
        Ok(())
    }

    fn read_known(&mut self) -> rusqlite::Result<()> {
        let boards: Vec<String> = {
            let mut statement = self.connection.prepare("SELECT organisation FROM tree")?;
            statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?
        };
        let boards: Vec<_> = boards.iter().filter_map(|text| OrganisationNumber::parse(text).ok()).collect();
        for note in &self.options.known {
            let stated = SignedNote::parse(note)
                .ok()
                .and_then(|note| Checkpoint::parse(note.text()).ok().map(|c| (note, c)));
            let Some((note, stated)) = stated else {
                self.found("a checkpoint from elsewhere is not one".to_owned());
                continue;
            };
            let board = boards.iter().find(|board| self.options.signer.origin(**board) == stated.origin);
            let Some(board) = board else {
                self.found(format!(
                    "a checkpoint from elsewhere is of a log that is not here: {}",
                    stated.origin
                ));
                continue;
            };
            if note.verify(&self.options.signer.verifiers(*board)).is_err() {
                self.found(format!("a checkpoint from elsewhere is not signed by the log {}", stated.origin));
                continue;
            }
            self.known.entry(*board).or_default().push((stated.size, stated.root, "kept elsewhere"));
        }
        Ok(())
    }
}

type Definition = (String, String, String, Option<String>);

fn definitions(connection: &Connection) -> rusqlite::Result<Vec<Definition>> {
    let mut statement =
        connection.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")?;
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?.collect()
}
