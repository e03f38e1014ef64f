//! An engine that keeps nothing: the smallest there is. For tests, and to show what a second engine has to write.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use ssbtek_access_log::Term;
use ssbtek_domain::{EntryId, OrganisationNumber};
use ssbtek_transparency::Hash;

use crate::{
    Fault,
    engine::{Changes, Counted, Done, Engine, Inspected, Rows, WritingEnd},
    rows::{
        DocumentRow, IndexRow, KeptRow, LeafRow, LeaseRow, LogKeyRow, SpentRow, StartedRow, StepRow,
        TermsRow, TreeId, TreeRow,
    },
};

/// The engine. Its clones are the same one.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    committed: Arc<Mutex<MemoryRows>>,
}

impl Memory {
    /// The rows as they are now.
    pub fn rows(&self) -> MemoryRows {
        self.lock().clone()
    }

    /// How many leaves, documents and rows of the index have been read so far.
    pub fn rows_read(&self) -> u64 {
        self.lock().1.load(Ordering::Relaxed)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, MemoryRows> {
        self.committed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine for Memory {
    fn read(&self, work: &mut dyn FnMut(&dyn Rows) -> Done<()>) -> Done<()> {
        work(&self.rows())
    }

    fn writing_end(&self) -> Done<Box<dyn WritingEnd>> {
        Ok(Box::new(self.clone()))
    }
}

impl WritingEnd for Memory {
    fn change(&mut self, work: &mut dyn FnMut(&dyn Changes) -> Done<()>) -> Done<()> {
        let rows = self.rows();
        work(&rows)?;
        *self.lock() = rows;
        Ok(())
    }
}

/// Rows in maps.
#[derive(Debug, Clone, Default)]
pub struct MemoryRows(RefCell<Maps>, Arc<AtomicU64>);

#[derive(Debug, Clone, Default)]
struct Maps {
    trees: Vec<TreeRow>,
    leaves: BTreeMap<(TreeId, u64), LeafRow>,
    nodes: BTreeMap<(TreeId, u32, u64), Hash>,
    index: BTreeSet<IndexRow>,
    open: BTreeMap<[u8; 16], TreeId>,
    documents: BTreeMap<([u8; 32], u64), DocumentRow>,
    spent: BTreeMap<i64, SpentRow>,
    kept: BTreeMap<(TreeId, u64), KeptRow>,
    terms: BTreeMap<String, TermsRow>,
    log_keys: BTreeMap<(String, String), LogKeyRow>,
    started: BTreeMap<String, StartedRow>,
    leases: BTreeMap<String, LeaseRow>,
    format: Option<(u32, [u8; 16])>,
    unindexed: BTreeMap<TreeId, u64>,
    steps: BTreeMap<(TreeId, u64), StepRow>,
}

/// A range that a map takes: one that ends before it begins is empty.
fn within(range: Range<u64>) -> Range<u64> {
    range.start..range.end.max(range.start)
}

impl MemoryRows {
    /// Counts what is read.
    fn read<T>(&self, rows: impl IntoIterator<Item = T>) -> Vec<T> {
        let count = |row| {
            self.1.fetch_add(1, Ordering::Relaxed);
            row
        };
        rows.into_iter().map(count).collect()
    }

    fn of_key(&self, tree: TreeId, below: u64, key: impl Fn(&str) -> bool) -> Vec<LeafRow> {
        let maps = self.0.borrow();
        let leaves = maps.leaves.range((tree, 0)..(tree, below)).map(|(_, leaf)| leaf);
        leaves.filter(|leaf| leaf.sealed.is_some() && key(&leaf.key)).cloned().collect()
    }

    fn sorted_documents(&self) -> Vec<DocumentRow> {
        let mut documents: Vec<_> = self.0.borrow().documents.values().cloned().collect();
        documents.sort_by(|a, b| (&a.key, a.doc, a.version).cmp(&(&b.key, b.doc, b.version)));
        documents
    }
}

impl Rows for MemoryRows {
    fn trees(&self) -> Done<Vec<TreeRow>> {
        Ok(self.0.borrow().trees.clone())
    }

    fn tree(&self, board: OrganisationNumber) -> Done<Option<TreeRow>> {
        Ok(self.0.borrow().trees.iter().find(|tree| tree.board == board.as_str()).cloned())
    }

    fn leaves(&self, tree: TreeId, range: Range<u64>, limit: u32) -> Done<Vec<LeafRow>> {
        let (maps, range) = (self.0.borrow(), within(range));
        let leaves = maps.leaves.range((tree, range.start)..(tree, range.end));
        Ok(self.read(leaves.take(limit as usize).map(|(_, leaf)| leaf.clone())))
    }

    fn nodes(&self, tree: TreeId, level: u32, range: Range<u64>) -> Done<Vec<Hash>> {
        if level == 0 {
            return Ok(self.leaves(tree, range, u32::MAX)?.iter().map(|leaf| leaf.hash).collect());
        }
        let (maps, range) = (self.0.borrow(), within(range));
        let nodes = maps.nodes.range((tree, level, range.start)..(tree, level, range.end));
        Ok(nodes.map(|(_, hash)| *hash).collect())
    }

    fn term_leaves(&self, tree: TreeId, month: i64, term: &Term, before: u64, limit: u32) -> Done<Vec<u64>> {
        let maps = self.0.borrow();
        let rows = maps.index.range((tree, month, *term, 0)..(tree, month, *term, before));
        Ok(self.read(rows.rev().take(limit as usize).map(|(.., leaf)| *leaf)))
    }

    fn sealing_keys(&self, tree: TreeId, from: &str, until: &str) -> Done<Vec<(String, u64)>> {
        let mut keys = BTreeMap::new();
        for leaf in self.of_key(tree, u64::MAX, |key| (from..until).contains(&key)) {
            keys.insert(leaf.key, leaf.index + 1);
        }
        Ok(keys.into_iter().collect())
    }

    fn count_sealed(&self, tree: TreeId, key: &str, below: u64) -> Done<u64> {
        Ok(self.of_key(tree, below, |of| of == key).len() as u64)
    }

    fn open_entries(&self) -> Done<Vec<(TreeId, EntryId)>> {
        let maps = self.0.borrow();
        Ok(maps.open.iter().map(|(entry, tree)| (*tree, EntryId::from_bytes(*entry))).collect())
    }

    fn is_open(&self, entry: EntryId) -> Done<Option<TreeId>> {
        Ok(self.0.borrow().open.get(entry.as_bytes()).copied())
    }

    fn document(&self, doc: &[u8; 32], version: Option<u64>) -> Done<Option<DocumentRow>> {
        let maps = self.0.borrow();
        let found = match version {
            Some(version) => maps.documents.get(&(*doc, version)).cloned(),
            None => {
                maps.documents.range((*doc, 0)..=(*doc, u64::MAX)).next_back().map(|(_, row)| row.clone())
            }
        };
        Ok(self.read(found).pop())
    }

    fn documents(&self, after: (&str, &[u8], u64), until: &str, limit: u32) -> Done<Vec<DocumentRow>> {
        let mut documents = self.sorted_documents();
        documents
            .retain(|row| (row.key.as_str(), row.doc.as_slice(), row.version) > after && *row.key < *until);
        documents.truncate(limit as usize);
        Ok(self.read(documents))
    }

    fn closed_documents(&self, from: &str, until: &str, at: i64) -> Done<Vec<DocumentRow>> {
        let mut documents = self.sorted_documents();
        let is_closed = |row: &DocumentRow| row.closed_at.is_some_and(|closed_at| closed_at <= at);
        documents.retain(|row| is_closed(row) && (from..until).contains(&row.key.as_str()));
        Ok(documents)
    }

    fn steps_back(&self, tree: Option<TreeId>) -> Done<Vec<StepRow>> {
        let maps = self.0.borrow();
        let steps = maps.steps.values().filter(|step| tree.is_none_or(|tree| step.tree == tree));
        Ok(steps.copied().collect())
    }

    fn spent(&self) -> Done<Vec<SpentRow>> {
        Ok(self.0.borrow().spent.values().cloned().collect())
    }

    fn kept(&self, tree: TreeId, most: usize) -> Done<Vec<KeptRow>> {
        let maps = self.0.borrow();
        let kept = maps.kept.range((tree, 0)..=(tree, u64::MAX)).rev().take(most);
        let mut kept: Vec<_> = kept.map(|(_, kept)| kept.clone()).collect();
        kept.reverse();
        Ok(kept)
    }

    fn terms(&self, board: &str) -> Done<Option<TermsRow>> {
        Ok(self.0.borrow().terms.get(board).cloned())
    }

    fn boards_with_terms(&self) -> Done<Vec<String>> {
        Ok(self.0.borrow().terms.keys().cloned().collect())
    }

    fn log_keys(&self, board: Option<&str>) -> Done<Vec<LogKeyRow>> {
        let maps = self.0.borrow();
        let is_of = |key: &&LogKeyRow| board.is_none_or(|board| key.board == board);
        let mut keys: Vec<_> = maps.log_keys.values().filter(is_of).cloned().collect();
        keys.sort_by_key(|key| key.first_size);
        Ok(keys)
    }

    fn started(&self, name: &str) -> Done<Option<StartedRow>> {
        Ok(self.0.borrow().started.get(name).cloned())
    }

    fn started_names(&self) -> Done<Vec<String>> {
        Ok(self.0.borrow().started.keys().cloned().collect())
    }

    fn leases(&self) -> Done<Vec<LeaseRow>> {
        Ok(self.0.borrow().leases.values().cloned().collect())
    }

    fn format(&self) -> Done<Option<(u32, [u8; 16])>> {
        Ok(self.0.borrow().format)
    }

    fn unindexed(&self) -> Done<Vec<(TreeId, u64)>> {
        Ok(self.0.borrow().unindexed.iter().map(|(tree, next)| (*tree, *next)).collect())
    }
}

impl Changes for MemoryRows {
    fn begin_tree(&self, board: OrganisationNumber) -> Done<TreeRow> {
        if let Some(tree) = self.tree(board)? {
            return Ok(tree);
        }
        let trees = &mut self.0.borrow_mut().trees;
        let (id, board) = (trees.len() as TreeId + 1, board.to_string());
        let tree =
            TreeRow { id, board, size: 0, frontier: Vec::new(), checkpoint: String::new(), beside: None };
        trees.push(tree.clone());
        Ok(tree)
    }

    fn grow_tree(
        &self,
        tree: TreeId,
        size: u64,
        frontier: &[u8],
        checkpoint: &str,
        beside: &[u8],
    ) -> Done<()> {
        let mut maps = self.0.borrow_mut();
        let tree = maps.trees.iter_mut().find(|row| row.id == tree).ok_or(Fault::Io)?;
        (tree.size, tree.frontier, tree.checkpoint) = (size, frontier.to_vec(), checkpoint.to_owned());
        tree.beside = Some(beside.to_vec());
        Ok(())
    }

    fn say_beside(&self, tree: TreeId, beside: &[u8]) -> Done<()> {
        let mut maps = self.0.borrow_mut();
        let tree = maps.trees.iter_mut().find(|row| row.id == tree).ok_or(Fault::Io)?;
        tree.beside = Some(beside.to_vec());
        Ok(())
    }

    fn add_step_back(&self, step: &StepRow) -> Done<()> {
        self.0.borrow_mut().steps.insert((step.tree, step.leaf), *step);
        Ok(())
    }

    fn confirm_steps_back(&self) -> Done<()> {
        self.0.borrow_mut().steps.values_mut().for_each(|step| step.confirmed = true);
        Ok(())
    }

    fn add_leaf(&self, tree: TreeId, leaf: &LeafRow) -> Done<()> {
        let was = self.0.borrow_mut().leaves.insert((tree, leaf.index), leaf.clone());
        was.map_or(Ok(()), |_| Err(Fault::Busy))
    }

    fn add_node(&self, tree: TreeId, level: u32, index: u64, hash: &Hash) -> Done<()> {
        let was = self.0.borrow_mut().nodes.insert((tree, level, index), *hash);
        was.map_or(Ok(()), |_| Err(Fault::Busy))
    }

    fn add_terms(&self, rows: &[IndexRow]) -> Done<()> {
        self.0.borrow_mut().index.extend(rows);
        Ok(())
    }

    fn erase_terms(&self, tree: TreeId, month: i64, below: u64, limit: u64) -> Done<u64> {
        let mut maps = self.0.borrow_mut();
        let month = maps.index.range((tree, month, [0; 16], 0)..=(tree, month, [0xff; 16], u64::MAX));
        let rows = month.filter(|(.., leaf)| *leaf < below).take(limit as usize);
        let rows: Vec<IndexRow> = rows.copied().collect();
        maps.index.retain(|row| rows.binary_search(row).is_err());
        Ok(rows.len() as u64)
    }

    fn erase_sealed(&self, tree: TreeId, key: &str, below: u64, limit: u32) -> Done<u32> {
        let mut leaves = self.of_key(tree, below, |of| of == key);
        leaves.truncate(limit as usize);
        let mut maps = self.0.borrow_mut();
        for leaf in &leaves {
            maps.leaves.insert((tree, leaf.index), LeafRow { sealed: None, ..leaf.clone() });
        }
        Ok(leaves.len() as u32)
    }

    fn open_entry(&self, tree: TreeId, entry: EntryId) -> Done<()> {
        let was = self.0.borrow_mut().open.insert(*entry.as_bytes(), tree);
        was.map_or(Ok(()), |_| Err(Fault::Busy))
    }

    fn end_entry(&self, entry: EntryId) -> Done<()> {
        self.0.borrow_mut().open.remove(entry.as_bytes());
        Ok(())
    }

    fn add_document(&self, document: &DocumentRow) -> Done<()> {
        let was = self.0.borrow_mut().documents.insert((document.doc, document.version), document.clone());
        was.map_or(Ok(()), |_| Err(Fault::Busy))
    }

    fn erase_document(&self, doc: &[u8; 32], version: Option<u64>) -> Done<u32> {
        let mut maps = self.0.borrow_mut();
        let before = maps.documents.len();
        maps.documents
            .retain(|(of, number), _| of != doc || version.is_some_and(|version| *number != version));
        Ok((before - maps.documents.len()) as u32)
    }

    fn spend(&self, spent: &SpentRow) -> Done<()> {
        let was = self.0.borrow_mut().spent.insert(spent.id, spent.clone());
        was.map_or(Ok(()), |_| Err(Fault::Busy))
    }

    fn forget_spent(&self, last: i64) -> Done<()> {
        self.0.borrow_mut().spent.retain(|id, _| *id > last);
        Ok(())
    }

    fn keep(&self, tree: TreeId, kept: &KeptRow) -> Done<()> {
        self.0.borrow_mut().kept.insert((tree, kept.size), kept.clone());
        Ok(())
    }

    fn drop_kept(&self, tree: TreeId, size: u64) -> Done<()> {
        self.0.borrow_mut().kept.remove(&(tree, size));
        Ok(())
    }

    fn set_terms(&self, terms: &TermsRow) -> Done<()> {
        self.0.borrow_mut().terms.insert(terms.board.clone(), terms.clone());
        Ok(())
    }

    fn set_log_key(&self, key: &LogKeyRow) -> Done<()> {
        self.0.borrow_mut().log_keys.insert((key.board.clone(), key.vkey.clone()), key.clone());
        Ok(())
    }

    fn set_started(&self, started: &StartedRow) -> Done<()> {
        self.0.borrow_mut().started.insert(started.name.clone(), started.clone());
        Ok(())
    }

    fn drop_started(&self, name: &str) -> Done<()> {
        self.0.borrow_mut().started.remove(name);
        Ok(())
    }

    fn set_lease(&self, lease: &LeaseRow) -> Done<()> {
        self.0.borrow_mut().leases.insert(lease.name.clone(), lease.clone());
        Ok(())
    }

    fn set_format(&self, level: u32, mac: [u8; 16]) -> Done<()> {
        self.0.borrow_mut().format = Some((level, mac));
        Ok(())
    }

    fn set_unindexed(&self, tree: TreeId, next: Option<u64>) -> Done<()> {
        let unindexed = &mut self.0.borrow_mut().unindexed;
        match next {
            Some(next) => unindexed.insert(tree, next),
            None => unindexed.remove(&tree),
        };
        Ok(())
    }
}

impl Inspected for MemoryRows {
    fn own_faults(&self) -> Done<Vec<String>> {
        Ok(Vec::new())
    }

    fn counts(&self) -> Done<Counted> {
        let maps = self.0.borrow();
        let (leaves, nodes, open) = (maps.leaves.len(), maps.nodes.len(), maps.open.len());
        Ok(Counted { leaves: leaves as u64, nodes: nodes as u64, open: open as u64 })
    }

    fn term_counts(&self) -> Done<Vec<(TreeId, i64, u64)>> {
        let mut counts: BTreeMap<(TreeId, i64), u64> = BTreeMap::new();
        for (tree, month, ..) in &self.0.borrow().index {
            *counts.entry((*tree, *month)).or_default() += 1;
        }
        Ok(counts.into_iter().map(|((tree, month), rows)| (tree, month, rows)).collect())
    }

    fn kept_trees(&self) -> Done<Vec<TreeId>> {
        Ok(self.0.borrow().kept.keys().map(|(tree, _)| *tree).collect())
    }

    fn digest(&self) -> Done<Hash> {
        Ok(Hash::of_parts(&[format!("{:?}", self.0.borrow()).as_bytes()]))
    }
}
