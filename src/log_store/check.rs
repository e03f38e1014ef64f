//! The whole database held against itself, offline: what is damaged, missing, added or rewritten is named.
//!
//! What this cannot see is a history rewritten and signed anew by the log's own key: for that, give it checkpoints kept
//! elsewhere ([`CheckOptions::known`]) — from receipts, bundles, witnesses.

mod index;
mod leaves;
mod rows;
mod terms;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use ssbtek_domain::{EntryId, OrganisationNumber};
use ssbtek_transparency::{Checkpoint, Hash, SignedNote};
use ssbtek_vault::{KeyId, Vault};

use crate::{
    CheckpointSigner, Fault,
    engine::{Done, Inspected},
    format,
};

/// Findings told at most; one broken page can make thousands.
const MAX_FINDINGS: usize = 200;

/// What to check.
pub struct CheckOptions {
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
    /// What lies outside the database and is another than at the last start, such as a configuration that was edited since.
    pub notes: Vec<String>,
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
    pub(crate) rows: &'o dyn Inspected,
    pub(crate) options: &'o CheckOptions,
    pub(crate) report: CheckReport,
    /// Sizes and roots that each board's tree must have passed through, and where that is known from.
    pub(crate) index: index::IndexSeen,
    pub(crate) known: BTreeMap<OrganisationNumber, Vec<(u64, Hash, &'static str)>>,
    /// Of what kind each document is that a log tells of, by its blind name.
    pub(crate) kinds: HashMap<[u8; 32], &'static str>,
    /// Keys whose destruction is accounted for.
    pub(crate) purged: BTreeSet<KeyId>,
    /// The newest record of each board that changed its terms of retention, as far as records can be read.
    pub(crate) terms_changed: BTreeMap<OrganisationNumber, u64>,
}

/// Checks what no broker has open.
pub fn check(rows: &dyn Inspected, options: &CheckOptions) -> CheckReport {
    let report = CheckReport {
        findings: Vec::new(),
        notes: Vec::new(),
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
        rows,
        options,
        report,
        index: index::IndexSeen::default(),
        known: BTreeMap::new(),
        kinds: HashMap::new(),
        purged: options.doomed.clone(),
        terms_changed: BTreeMap::new(),
    };
    check.step("the engine's own structures", Check::own_faults);
    check.step("the level of the data format", Check::level);
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
    check.report
}

impl Check<'_> {
    /// Runs a step; a database that cannot be read there is itself a finding.
    fn step(&mut self, name: &str, step: impl FnOnce(&mut Self) -> Done<()>) {
        match step(self) {
            Ok(()) => {}
            Err(Fault::Io) => self.found(format!("{name} cannot be read")),
            Err(fault) => self.found(format!("{name} cannot be read ({fault})")),
        }
    }

    pub(crate) fn found(&mut self, what: String) {
        if self.report.findings.len() < MAX_FINDINGS {
            self.report.findings.push(what);
        }
    }

    fn own_faults(&mut self) -> Done<()> {
        self.rows.own_faults()?.into_iter().for_each(|what| self.found(what));
        Ok(())
    }

    fn level(&mut self) -> Done<()> {
        if format::is_authentic(self.rows, &*self.options.vault)? != Some(true) {
            self.found("the level of the data format is not as it was written".to_owned());
        }
        Ok(())
    }

    fn read_known(&mut self) -> Done<()> {
        let boards: Vec<_> = self
            .rows
            .trees()?
            .iter()
            .filter_map(|tree| OrganisationNumber::parse(&tree.board).ok())
            .collect();
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
