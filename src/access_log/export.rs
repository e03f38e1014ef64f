//! A board's log as a bundle that verifies itself, produced piece by piece in bounded memory.

use std::collections::{BTreeMap, VecDeque};

use async_trait::async_trait;
use ssbtek_domain::OrganisationNumber;
use ssbtek_transparency::{
    NoteVerifier,
    bundle::{
        Begin, BundleWriter, Bytes, CheckpointLine, Consistency, Content, Covered, Entry, Line, MAX_COVERED,
        Scope, VERSION,
    },
};

use crate::{
    AccessLog, Criteria, Header, ReadError, RecordKind, StoreError, StoredLeaf,
    fault::{OrTell, tampered},
};

/// Leaves read at a time.
const STEP: u64 = 256;
/// Readings after a bundle's end with which it still reaches the log's.
const MAX_READINGS_AFTER: u64 = 64;
/// Records after a confirmed hand-over that are looked at; beyond it the board exports anew.
const MAX_AFTER_HANDOVER: u64 = 2_000;

/// Gets a tree cosigned. Present where witnesses are configured.
#[async_trait]
pub trait Cosigner: Send + Sync {
    /// The newest state of a board's tree with the quorum's cosignatures, gathered now if need be, else the newest that has
    /// them; `None` if none has.
    async fn cosigned(&self, board: OrganisationNumber) -> Option<(u64, String)>;

    /// The witnesses' keys.
    fn keys(&self) -> Vec<NoteVerifier>;

    /// How many must have cosigned.
    fn quorum(&self) -> usize;

    /// The newest state that some witness has cosigned, though too few.
    fn partly(&self, _board: OrganisationNumber) -> Option<(u64, String)> {
        None
    }

    /// Whether a board's log has been without its quorum for longer than is allowed: it takes no more questions.
    fn lags_too_far(&self, _board: OrganisationNumber) -> bool {
        false
    }
}

/// What a bundle shows.
#[derive(Debug, Clone, Default)]
pub struct ExportOptions {
    /// Only these entries; the rest of the tree is covered by hashes. `None`: the whole log.
    pub criteria: Option<Criteria>,
    /// So many checkpoints besides the cosigned ones, spread evenly, each with its consistency proof (whole log only).
    pub checkpoints: u64,
    /// A receipt for every released answer shown.
    pub receipts: bool,
    /// Leave payloads out: for a reader who may see that entries exist but not who made them.
    pub sealed: bool,
}

/// A bundle on its way out.
pub struct BundleExport {
    log: AccessLog,
    board: OrganisationNumber,
    size: u64,
    position: u64,
    /// Indices to show; `None` for all.
    shown: Option<VecDeque<u64>>,
    checkpoints: BTreeMap<u64, Option<String>>,
    previous: Option<u64>,
    last_note: String,
    released: VecDeque<u64>,
    options: ExportOptions,
    writer: Option<BundleWriter>,
    first: Option<String>,
    told: u64,
}

impl AccessLog {
    /// Begins an export of the board's log as it stands now.
    pub async fn export(
        &self,
        board: OrganisationNumber,
        options: ExportOptions,
    ) -> Result<BundleExport, ReadError> {
        let unavailable = |_| ReadError::Unavailable;
        let shown = match &options.criteria {
            None => None,
            Some(criteria) => {
                let mut shown = Vec::new();
                let mut walk = self.walk(board, criteria.clone(), None).await?;
                while let Some(entries) = walk.next().await? {
                    for entry in entries {
                        shown.push(entry.first.index);
                        shown.extend(entry.ended.as_ref().map(|ended| ended.0.index));
                    }
                }
                shown.sort_unstable();
                shown.dedup();
                Some(shown)
            }
        };
        let Seen { size, note, cosigned, partly } = self.seen(board).await?;
        let mut checkpoints = BTreeMap::new();
        if shown.is_none() {
            for n in 1..=options.checkpoints.min(size) {
                checkpoints.insert(
                    (u128::from(size) * u128::from(n) / u128::from(options.checkpoints.min(size))) as u64,
                    None,
                );
            }
            for (at, kept) in self.store.kept_checkpoints(board, usize::MAX).await.map_err(unavailable)? {
                if at <= size {
                    checkpoints.insert(at, Some(kept));
                }
            }
        }
        checkpoints.insert(size, Some(note));
        for (at, note) in partly.into_iter().chain(cosigned) {
            checkpoints.insert(at, Some(note));
        }
        let witness_keys = self.cosigner.as_ref().map(|cosigner| cosigner.keys()).unwrap_or_default();
        let begin = Begin {
            version: VERSION,
            origin: self.store.origin(board),
            log_keys: self.store.log_keys(board).iter().map(NoteVerifier::vkey).collect(),
            witness_keys: witness_keys.iter().map(NoteVerifier::vkey).collect(),
            quorum: self
                .cosigner
                .as_ref()
                .map_or(0, |cosigner| u32::try_from(cosigner.quorum()).unwrap_or(u32::MAX)),
            size,
            scope: if shown.is_none() { Scope::All } else { Scope::Part },
        };
        let (mut writer, mut first) = BundleWriter::begin(begin).or_tell(board)?;
        for gap in self.gaps(board) {
            put(&mut writer, &mut first, &Line::Gap(gap.clone()))?;
        }
        Ok(BundleExport {
            log: self.clone(),
            board,
            size,
            position: 0,
            shown: shown.map(|shown| shown.into_iter().filter(|index| *index < size).collect()),
            checkpoints,
            previous: None,
            last_note: String::new(),
            released: VecDeque::new(),
            options,
            writer: Some(writer),
            first: Some(first),
            told: 0,
        })
    }
}

/// A log as it stands now, and how far that is cosigned.
pub(crate) struct Seen {
    /// Records.
    pub(crate) size: u64,
    /// The checkpoint over them.
    pub(crate) note: String,
    /// The newest checkpoint with the quorum, if it is an earlier one.
    pub(crate) cosigned: Option<(u64, String)>,
    /// A newer one with fewer cosignatures.
    partly: Option<(u64, String)>,
}

impl AccessLog {
    /// Whether a bundle of a log's first `size` records reaches its end: what came after are only readings, as exporting it is
    /// one.
    pub async fn reaches_end(&self, board: OrganisationNumber, size: u64) -> Result<bool, StoreError> {
        self.only_came(board, size, MAX_READINGS_AFTER, &[RecordKind::LogRead]).await
    }

    /// Whether who had a log's first `size` records still has all that says what was done: what came after are only readings,
    /// and receipts of what was erased.
    pub async fn is_had(&self, board: OrganisationNumber, size: u64) -> Result<bool, StoreError> {
        self.only_came(board, size, MAX_AFTER_HANDOVER, &[RecordKind::LogRead, RecordKind::Purge]).await
    }

    /// Whether after the first `size` records at most so many came, all of these kinds.
    async fn only_came(
        &self,
        board: OrganisationNumber,
        size: u64,
        most: u64,
        kinds: &[RecordKind],
    ) -> Result<bool, StoreError> {
        let now = self.store.tree(board).await?.map_or(0, |tree| tree.size);
        if now.saturating_sub(size) > most {
            return Ok(false);
        }
        let after = self.store.leaves(board, size, now).await?;
        let kind = |leaf: &StoredLeaf| Header::from_bytes(&leaf.header).map(|header| header.kind);
        Ok(after.iter().all(|leaf| kind(leaf).is_some_and(|kind| kinds.contains(&kind))))
    }

    /// The newest state. Nothing that is in the log when this is called is left out, whatever the witnesses do.
    pub(crate) async fn seen(&self, board: OrganisationNumber) -> Result<Seen, ReadError> {
        let newest = self.store.tree(board).await.map_err(|_| ReadError::Unavailable)?;
        let newest = newest.ok_or(ReadError::Unavailable)?;
        let (size, note) = (newest.size, newest.checkpoint);
        let Some(cosigner) = &self.cosigner else {
            return Ok(Seen { size, note, cosigned: None, partly: None });
        };
        match cosigner.cosigned(board).await {
            Some((size, note)) if size >= newest.size => {
                Ok(Seen { size, note, cosigned: None, partly: None })
            }
            cosigned => {
                let partly = cosigner.partly(board).filter(|(at, _)| {
                    *at <= size && cosigned.as_ref().is_none_or(|(reached, _)| reached < at)
                });
                Ok(Seen { size, note, cosigned, partly })
            }
        }
    }
}

impl BundleExport {
    /// Records shown so far.
    pub fn told(&self) -> u64 {
        self.told
    }

    /// The next lines, each with its newline; `None` after the last.
    pub async fn next(&mut self) -> Result<Option<String>, ReadError> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        let Some(mut writer) = self.writer.take() else { return Ok(None) };
        let mut text = String::new();
        if let Some(note) = self.checkpoints.remove(&self.position) {
            self.checkpoint(note, &mut writer, &mut text).await?;
        } else if self.position < self.size {
            self.leaves(&mut writer, &mut text).await?;
        } else if !self.released.is_empty() {
            self.receipts(&mut writer, &mut text).await?;
        } else {
            return Ok(Some(writer.end().or_tell(self.board)?));
        }
        self.writer = Some(writer);
        Ok(Some(text))
    }

    async fn checkpoint(
        &mut self,
        note: Option<String>,
        writer: &mut BundleWriter,
        text: &mut String,
    ) -> Result<(), ReadError> {
        let (store, at) = (&self.log.store, self.position);
        let note = match note {
            Some(note) => note,
            None => store.checkpoint_at(self.board, at).await.map_err(|_| ReadError::Unavailable)?,
        };
        self.last_note.clone_from(&note);
        put(writer, text, &Line::Checkpoint(CheckpointLine { note }))?;
        if let Some(old) = self.previous.replace(at) {
            let proof = store.consistency(self.board, old, at).await.map_err(|_| ReadError::Unavailable)?;
            put(writer, text, &Line::Consistency(Consistency { old, new: at, proof }))?;
        }
        Ok(())
    }

    /// Leaves up to the next checkpoint, as entries or covered.
    async fn leaves(&mut self, writer: &mut BundleWriter, text: &mut String) -> Result<(), ReadError> {
        let stop = self.checkpoints.keys().next().copied().unwrap_or(self.size);
        let next = self.shown.as_ref().map(|shown| shown.front().copied().unwrap_or(self.size).min(stop));
        if let Some(next) = next
            && next > self.position
        {
            return self.cover(next, writer, text).await;
        }
        let until = match next {
            None => stop.min(self.position + STEP),
            Some(_) => self.position + 1,
        };
        let leaves = self.log.store.leaves(self.board, self.position, until).await;
        for leaf in leaves.map_err(|_| ReadError::Unavailable)? {
            if leaf.index != self.position {
                return Err(tampered(self.board, self.position));
            }
            self.position += 1;
            self.told += 1;
            if let Some(shown) = &mut self.shown {
                shown.pop_front();
            }
            let kind = Header::from_bytes(&leaf.header).map(|header| header.kind);
            if self.options.receipts && kind == Some(RecordKind::Release) {
                self.released.push_back(leaf.index);
            }
            put(writer, text, &Line::Entry(self.entry(leaf)?))?;
        }
        if self.position == until { Ok(()) } else { Err(tampered(self.board, self.position)) }
    }

    fn entry(&self, leaf: StoredLeaf) -> Result<Entry, ReadError> {
        let opened = self.log.open_leaf(self.board, &leaf)?;
        let (content, salt, payload) = match opened {
            None => (Content::Erased, None, None),
            Some(_) if self.options.sealed => (Content::Sealed, None, None),
            Some((salt, payload)) => {
                (Content::Open, Some(Bytes(salt.to_vec())), Some(Bytes(payload.to_vec())))
            }
        };
        let StoredLeaf { index, header, commitment, .. } = leaf;
        Ok(Entry { index, header: Bytes(header), commitment, content, salt, payload })
    }

    async fn cover(
        &mut self,
        until: u64,
        writer: &mut BundleWriter,
        text: &mut String,
    ) -> Result<(), ReadError> {
        let subtrees: Vec<(u32, u64)> = full_subtrees(self.position, until).collect();
        let hashes = self.log.store.subtrees(self.board, self.size, subtrees.clone()).await;
        let hashes = hashes.map_err(|_| ReadError::Unavailable)?;
        let both: Vec<_> = subtrees.into_iter().zip(hashes).collect();
        for level in both.chunk_by(|a, b| a.0.0 == b.0.0) {
            for run in level.chunks(MAX_COVERED) {
                let Some(((level, index), _)) = run.first().copied() else { continue };
                let hashes = run.iter().map(|(_, hash)| *hash).collect();
                put(writer, text, &Line::Covered(Covered { from: index << level, level, hashes }))?;
            }
        }
        self.position = until;
        Ok(())
    }

    async fn receipts(&mut self, writer: &mut BundleWriter, text: &mut String) -> Result<(), ReadError> {
        let leaves = self.released.drain(..self.released.len().min(STEP as usize)).collect();
        for receipt in self.log.receipts(self.board, leaves, (self.size, &self.last_note)).await? {
            put(writer, text, &Line::Receipt(receipt.into()))?;
        }
        Ok(())
    }
}

fn put(writer: &mut BundleWriter, text: &mut String, line: &Line) -> Result<(), ReadError> {
    text.push_str(&writer.line(line).or_tell(None)?);
    Ok(())
}

/// The full subtrees, as (level, index), that leaves `start..end` fall into, in order.
fn full_subtrees(mut start: u64, end: u64) -> impl Iterator<Item = (u32, u64)> {
    std::iter::from_fn(move || {
        let left = end.checked_sub(start).filter(|left| *left > 0)?;
        let level = start.trailing_zeros().min(left.ilog2());
        let found = (level, start >> level);
        start += 1 << level;
        Some(found)
    })
}

#[cfg(test)]
mod tests {
    use super::full_subtrees;

    #[test]
    fn a_range_falls_into_aligned_subtrees_without_gap_or_overlap() {
        for (start, end) in [(0, 0), (0, 1), (3, 17), (5, 64), (0, 1 << 20), (1023, 4099)] {
            let mut at = start;
            for (level, index) in full_subtrees(start, end) {
                assert_eq!(index << level, at);
                at += 1 << level;
            }
            assert_eq!(at, end);
        }
    }
}
