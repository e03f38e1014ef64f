//! Trees: every leaf, term, tile, checkpoint and open entry.

use std::collections::{BTreeSet, HashMap, HashSet};

use ssbtek_access_log::{
    Header, OpenFault, Part, Payload, RecordKind, RegistryChange, StoredLeaf, expected_terms, read_leaf,
};
use ssbtek_domain::{EntryId, OrganisationNumber};
use ssbtek_transparency::{Checkpoint, Frontier, Hash, SignedNote, leaf::leaf_hash};
use ssbtek_vault::{KeyId, KeyState};

use super::Check;
use crate::{
    CheckpointSigner,
    beside::Beside,
    documents,
    engine::Done,
    index::{NO_MONTH, month_of},
    kept, missing,
    rows::{StepRow, TreeId, TreeRow},
    steps::{Expected, time_of},
};

/// Leaves read in one go: in slices, so that a scan and the look-ups it leads to do not hold each other's pages.
const SLICE: u32 = 1000;

/// What is gathered while a tree's leaves pass by.
#[derive(Default)]
struct Passing {
    frontier: Frontier,
    roots: Vec<(u64, Hash)>,
    /// Sizes whose roots are wanted.
    sizes: BTreeSet<u64>,
    /// Questions not yet ended: the record's hash, and whom it says should be asked.
    open: HashMap<EntryId, (Hash, BTreeSet<String>)>,
    ended: HashSet<EntryId>,
    nodes: u64,
    erased: u64,
    /// Keys under which something was sealed that is no longer there.
    gone: BTreeSet<KeyId>,
    changes: Vec<RegistryChange>,
    /// Where the times run backwards, as is listed, and what the records tell of that.
    steps: HashMap<u64, StepRow>,
    times: Expected,
    /// Whether a record was written by a newer version, so that not everything is known that belongs here.
    newer: bool,
}

impl Check<'_> {
    pub(super) fn trees(&mut self) -> Done<()> {
        let trees = self.rows.trees()?;
        let (mut leaves, mut nodes, mut open, mut erased) = (0, 0, 0, 0);
        for row in &trees {
            let Ok(board) = OrganisationNumber::parse(&row.board) else {
                self.found(format!("tree {}: its board's number is none", row.id));
                continue;
            };
            self.report.boards += 1;
            let passed = self.tree(board, row)?;
            leaves += passed.frontier.size();
            nodes += passed.nodes;
            open += passed.open.len() as u64;
            erased += passed.erased;
        }
        let counted = self.rows.counts()?;
        // Records that are not known may have opened entries, and ended them.
        let all = self.report.newer == 0;
        let counted = [
            ("leaf", leaves, counted.leaves),
            ("tile", nodes, counted.nodes),
            ("open_entry", open, counted.open),
        ];
        for (table, expected, count) in
            counted.into_iter().filter(|(table, ..)| all || *table != "open_entry")
        {
            if count != expected {
                self.found(format!("table {table} has {count} rows, {expected} belong there"));
            }
        }
        (self.report.leaves, self.report.open, self.report.erased) = (leaves, open, erased);
        let is_tree = |tree: &TreeId| trees.iter().any(|row| row.id == *tree);
        let strays = self.rows.kept_trees()?.iter().filter(|tree| !is_tree(tree)).count();
        if strays > 0 {
            self.found(format!("{strays} kept checkpoints belong to no tree"));
        }
        Ok(())
    }

    fn tree(&mut self, board: OrganisationNumber, row: &TreeRow) -> Done<Passing> {
        let mut known = self.known.remove(&board).unwrap_or_default();
        let from_elsewhere = known.len() as u64;
        let mut sound = 0;
        known.extend(self.kept(board, row.id)?);
        let mut passing =
            Passing { sizes: known.iter().map(|(size, ..)| *size).collect(), ..Passing::default() };
        let steps = self.rows.steps_back(Some(row.id))?;
        passing.steps = steps.into_iter().map(|step| (step.leaf, step)).collect();
        let mut at = 0;
        loop {
            let leaves = self.rows.leaves(row.id, at..u64::MAX, SLICE)?;
            let Some(last) = leaves.last() else { break };
            at = last.index + 1;
            for leaf in leaves {
                let hash = leaf.hash;
                self.leaf(board, row, leaf.stored()?, hash, &mut passing)?;
            }
        }
        self.edge(board, row, &passing);
        for (size, root, from) in known {
            let held = passing.roots.iter().find(|(at, _)| *at == size).map(|(_, root)| *root);
            match held {
                _ if size > row.size => {
                    self.found(format!("board {board}: the tree is smaller than a checkpoint {from}: {} < {size}", row.size));
                }
                Some(held) if held == root => sound += u64::from(from == "kept elsewhere"),
                _ if size == 0 => {}
                _ => self.found(format!(
                    "board {board}: the tree differs from a checkpoint {from} at size {size}: history was rewritten"
                )),
            }
        }
        self.report.known += sound.min(from_elsewhere);
        if !passing.newer {
            self.open_entries(board, row.id, &passing)?;
        }
        for change in &passing.changes {
            self.change(board, change)?;
        }
        for key in &passing.gone {
            self.may_be_indexed(row.id, board, key);
        }
        for key in passing.gone.difference(&self.purged.clone()) {
            self.found(format!("board {board}: what {key} sealed is gone, and no purge tells of it"));
        }
        Ok(passing)
    }

    /// Checkpoints kept in the database itself, each signed by the log.
    fn kept(&mut self, board: OrganisationNumber, tree: TreeId) -> Done<Vec<(u64, Hash, &'static str)>> {
        let mut sound = Vec::new();
        let newest = self.rows.kept(tree, 1)?.last().map_or(0, |kept| kept.size);
        // What it says is held against its form by who asks what all say.
        let row = self.rows.tree(board)?;
        let said = row.and_then(|row| Beside::said_by(&*self.options.vault, &row).ok());
        if said.is_some_and(|said| missing::is_any_missing(said, newest)) {
            self.found(format!("board {board}: {}", missing::KEPT));
        }
        for row in self.rows.kept(tree, usize::MAX)? {
            let size = row.size;
            if row.mac != Some(kept::mac(&*self.options.vault, tree, size, &row.note)?) {
                self.found(format!(
                    "board {board}: the checkpoint kept at size {size} is not as it was written"
                ));
            }
            match self.signed(board, &row.note).filter(|stated| stated.size == size) {
                Some(stated) => sound.push((stated.size, stated.root, "kept here")),
                None => self.found(format!(
                    "board {board}: the checkpoint kept at size {size} is not signed by the log"
                )),
            }
        }
        Ok(sound)
    }

    fn signed(&self, board: OrganisationNumber, note: &str) -> Option<Checkpoint> {
        let note = SignedNote::parse(note).ok()?;
        let stated = Checkpoint::parse(note.text()).ok()?;
        let signed = |signer: &CheckpointSigner| {
            // In its one spelling, so that no bit of it is loose.
            stated.origin == signer.origin(board) && note.verify(&signer.verifiers(board)).is_ok()
        };
        let signer = &self.options.signer;
        (signed(signer) || signer.before_gaps(board).iter().any(signed)).then_some(stated)
    }

    fn leaf(
        &mut self,
        board: OrganisationNumber,
        row: &TreeRow,
        leaf: StoredLeaf,
        stored_hash: Hash,
        passing: &mut Passing,
    ) -> Done<()> {
        let place = format!("board {board}: record {}", leaf.index);
        let expected = passing.frontier.size();
        if leaf.index != expected {
            self.found(format!("{place}: records {expected} to before it are missing"));
        }
        let hash = leaf_hash(&leaf.header, &leaf.commitment);
        if hash != stored_hash {
            self.found(format!("{place}: header, commitment and stored hash do not belong together"));
        }
        for node in passing.frontier.append(hash) {
            passing.nodes += 1;
            if self.rows.nodes(row.id, node.level, node.index..node.index + 1)? != [node.hash] {
                self.found(format!(
                    "board {board}: tree node {}/{} is missing or false",
                    node.level, node.index
                ));
            }
        }
        if passing.sizes.contains(&passing.frontier.size()) {
            passing.roots.push((passing.frontier.size(), passing.frontier.root()));
        }
        if let Some(at) = time_of(&leaf.header)
            && !passing.times.takes(at, passing.steps.get(&leaf.index))
        {
            self.found(format!("{place}: where the times run backwards is not as it was written"));
        }
        let (header, payload) = match read_leaf(&*self.options.vault, board, &leaf) {
            Ok((header, _)) if header.to_bytes() != leaf.header => {
                self.found(format!("{place}: the header has not its form"));
                return Ok(());
            }
            Ok((header, payload)) => {
                if payload.is_none() {
                    passing.erased += 1;
                    passing.gone.insert(leaf.key.clone());
                }
                (header, payload)
            }
            Err(OpenFault::Newer) => {
                self.report.newer += 1;
                passing.newer = true;
                return Ok(());
            }
            Err(OpenFault::Tampered) => {
                self.found(format!(
                    "{place}: the content does not open under its key to what was committed to"
                ));
                return Ok(());
            }
            Err(OpenFault::Vault(KeyState::Gone)) => {
                passing.erased += 1;
                passing.gone.insert(leaf.key.clone());
                let Some(header) = Header::from_bytes(&leaf.header) else {
                    self.found(format!("{place}: the header has not its form"));
                    return Ok(());
                };
                (header, None)
            }
            Err(OpenFault::Vault(state)) => {
                let key = &leaf.key;
                self.found(format!("{place}: its key {key} is {}", state.as_str()));
                return Ok(());
            }
        };
        self.entry_effect(&place, &header, hash, payload.as_ref(), passing);
        self.terms(board, row, &place, &header, payload.as_ref(), leaf.index)?;
        match payload {
            Some(Payload::RegistryChange(change)) => {
                if change.retention {
                    self.terms_changed.insert(board, leaf.index);
                }
                passing.changes.push(change);
            }
            Some(Payload::Purge(record)) => self.purged.extend(record.keys),
            _ => {}
        }
        if header.kind == RecordKind::Purge {
            self.report.purges.insert((board, header.entry));
        }
        Ok(())
    }

    fn entry_effect(
        &mut self,
        place: &str,
        header: &Header,
        hash: Hash,
        payload: Option<&Payload>,
        passing: &mut Passing,
    ) {
        let fault = match header.kind.part() {
            Part::Opens => {
                let manifest = match payload {
                    Some(Payload::Intent(intent)) => {
                        intent.sources.iter().map(|line| line.source.code().to_owned()).collect()
                    }
                    _ => BTreeSet::new(),
                };
                let again = passing.open.insert(header.entry, (hash, manifest)).is_some();
                again.then_some("opens an entry a second time")
            }
            Part::Ends => {
                match passing.open.remove(&header.entry).filter(|_| passing.ended.insert(header.entry)) {
                    None => (!passing.newer).then_some("ends an entry that is not open"),
                    Some((intent, manifest)) => answers(&intent, &manifest, payload),
                }
            }
            Part::Alone => None,
        };
        if let Some(fault) = fault {
            self.found(format!("{place}: {fault}"));
        }
    }

    /// What leads to a record stands in the index.
    fn terms(
        &mut self,
        board: OrganisationNumber,
        row: &TreeRow,
        place: &str,
        header: &Header,
        payload: Option<&Payload>,
        index: u64,
    ) -> Done<()> {
        let mut missing = !self.is_indexed(row.id, NO_MONTH, header.entry.as_bytes(), index)?;
        if let Some((payload, month)) = payload.zip(month_of(board, &header.key)) {
            // It has just opened the record.
            let Ok(key) = self.options.vault.open(&header.key) else { return Ok(()) };
            for term in expected_terms(&key, payload) {
                missing |= !self.is_indexed(row.id, month, &term, index)?;
            }
        }
        if missing {
            self.found(format!("{place}: a look-up term is missing"));
        }
        Ok(())
    }

    fn edge(&mut self, board: OrganisationNumber, row: &TreeRow, passing: &Passing) {
        let (size, root) = (passing.frontier.size(), passing.frontier.root());
        if row.size != size {
            self.found(format!("board {board}: {size} records are there, the tree says {}", row.size));
        }
        let edge: Vec<u8> = passing.frontier.hashes().iter().flat_map(|hash| *hash.as_bytes()).collect();
        if edge != row.frontier {
            self.found(format!("board {board}: the tree's right edge is not that of its records"));
        }
        if size == 0 && row.checkpoint.is_empty() {
            return;
        }
        match self.signed(board, &row.checkpoint) {
            None => self.found(format!("board {board}: the checkpoint is not signed by the log")),
            Some(stated) if (stated.size, stated.root) != (size, root) => {
                self.found(format!("board {board}: the checkpoint is not that of its records"));
            }
            Some(_) => {}
        }
    }

    fn open_entries(&mut self, board: OrganisationNumber, tree: TreeId, passing: &Passing) -> Done<()> {
        for entry in passing.open.keys() {
            let there = self.rows.is_open(*entry)? == Some(tree);
            if !there {
                self.found(format!("board {board}: entry {entry} is open and not listed as such"));
            }
        }
        Ok(())
    }

    /// A change that the log tells of has its document, unless that was erased with its key.
    fn change(&mut self, board: OrganisationNumber, change: &RegistryChange) -> Done<()> {
        let Ok(name) = documents::name(&*self.options.vault, &change.reference(board)) else { return Ok(()) };
        self.kinds.insert(name, change.document.as_str());
        let there = self.rows.document(&name, Some(change.version))?.is_some();
        // Version 0: the change left the document as it was.
        if !there && change.version > 0 && self.report.erased == 0 && self.purged.is_empty() {
            let kind = change.document.as_str();
            self.found(format!(
                "board {board}: version {} of a {kind} that the log tells of is missing",
                change.version
            ));
        }
        Ok(())
    }
}

/// An answer's record names its question's, and has an outcome for everybody who should have been asked.
fn answers(intent: &Hash, manifest: &BTreeSet<String>, payload: Option<&Payload>) -> Option<&'static str> {
    let (named, outcomes) = match payload {
        Some(Payload::Release(release)) => (release.intent.as_ref(), &release.disclosure.outcomes),
        Some(Payload::Withheld(withheld)) => (None, &withheld.outcomes),
        _ => return None,
    };
    if named.is_some_and(|named| named != intent) {
        return Some("answers another question than it names");
    }
    let told: BTreeSet<&str> = outcomes.iter().map(|line| line.source.code()).collect();
    let all = manifest.iter().all(|source| told.contains(source.as_str()));
    (!all).then_some("has no outcome for a source that should have been asked")
}
