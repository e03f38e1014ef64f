//! A small log in memory, signed and witnessed, and its export.

use std::convert::Infallible;
use std::ops::Range;

use ssbtek_transparency::bundle::{
    Begin, BundleError, BundleVerifier, BundleWriter, Bytes, CheckpointLine, Consistency, Content, Covered,
    Entry, Line, Scope, VERSION, Verdict,
};
use ssbtek_transparency::leaf::{commit, leaf_hash};
use ssbtek_transparency::note::KeyName;
use ssbtek_transparency::tree::{Frontier, Subtrees, TileStore, Tiles, consistency_proof, inclusion_proof};
use ssbtek_transparency::witness::Seen;
use ssbtek_transparency::{Checkpoint, CosignatureSigner, Hash, NoteSigner, Receipt, Trust};

pub(crate) const ORIGIN: &str = "log.example.se/0180";

#[derive(Default)]
pub(crate) struct Store {
    pub(crate) levels: [Vec<Hash>; 3],
    frontier: Frontier,
}

impl Store {
    fn push(&mut self, leaf: Hash) {
        self.levels[0].push(leaf);
        for node in self.frontier.append(leaf) {
            self.levels[node.level as usize / 8].push(node.hash);
        }
    }
}

impl TileStore for Store {
    type Error = Infallible;

    fn hashes(&self, level: u32, range: Range<u64>) -> Result<Vec<Hash>, Infallible> {
        Ok(self.levels[level as usize / 8][range.start as usize..range.end as usize].to_vec())
    }
}

pub(crate) struct Record {
    pub(crate) header: Vec<u8>,
    pub(crate) salt: [u8; 32],
    pub(crate) payload: Vec<u8>,
}

impl Record {
    fn commitment(&self) -> Hash {
        commit(&self.salt, &self.payload)
    }
}

/// What to export.
pub(crate) struct Options {
    /// Indices to show; all if `None`.
    pub(crate) only: Option<Vec<u64>>,
    /// Every checkpoint, or only the last.
    pub(crate) checkpoints: bool,
    /// A receipt for every n-th leaf.
    pub(crate) receipts_every: u64,
    /// From checkpoints larger than this on, the second witness is gone.
    pub(crate) witness_gone_from: u64,
}

impl Options {
    pub(crate) fn all() -> Self {
        Self { only: None, checkpoints: true, receipts_every: u64::MAX, witness_gone_from: u64::MAX }
    }
}

pub(crate) struct Log {
    pub(crate) records: Vec<Record>,
    pub(crate) store: Store,
    pub(crate) signer: NoteSigner,
    pub(crate) witnesses: [CosignatureSigner; 2],
    /// Sizes at which the log signed.
    sizes: Vec<u64>,
}

impl Log {
    /// A log of so many records, with a checkpoint after every `step`.
    pub(crate) fn grown(size: u64, step: u64) -> Self {
        Self::grown_without(size, step, u64::MAX)
    }

    /// The same without one record, as if it had never been: same keys, same size.
    pub(crate) fn grown_without(size: u64, step: u64, missing: u64) -> Self {
        let name = |text| KeyName::parse(text).unwrap();
        let mut log = Self {
            records: Vec::new(),
            store: Store::default(),
            signer: NoteSigner::from_seed(name(ORIGIN), &[1; 32]).unwrap(),
            witnesses: [(2, "witness.example.se/a"), (3, "witness.example.se/b")]
                .map(|(seed, text)| CosignatureSigner::from_seed(name(text), &[seed; 32]).unwrap()),
            sizes: (0..=size).filter(|at| at % step == 0 || *at == size).collect(),
        };
        for n in (0..).filter(|n| *n != missing).take(size as usize) {
            let record = Record {
                header: format!("header {n}").into_bytes(),
                salt: *Hash::of(&n.to_be_bytes()).as_bytes(),
                payload: format!("payload {n}").into_bytes(),
            };
            log.store.push(leaf_hash(&record.header, &record.commitment()));
            log.records.push(record);
        }
        log
    }

    pub(crate) fn tree(&self, size: u64) -> Tiles<&Store> {
        Tiles::new(&self.store, size)
    }

    pub(crate) fn trust(&self) -> Trust {
        let witnesses = self.witnesses.iter().map(|w| w.verifier().clone()).collect();
        Trust::new(ORIGIN, vec![self.signer.verifier().clone()], witnesses, 2).unwrap()
    }

    pub(crate) fn python_keys(&self) -> Vec<String> {
        let mut arguments: Vec<String> =
            ["--to-the-end", "--origin", ORIGIN, "--quorum", "2", "--log-key"].map(str::to_owned).into();
        arguments.push(self.signer.verifier().vkey());
        for witness in &self.witnesses {
            arguments.extend(["--witness-key".to_owned(), witness.verifier().vkey()]);
        }
        arguments
    }

    /// The cosigned checkpoint at a size.
    pub(crate) fn note_at(&self, size: u64) -> String {
        self.note_by(size, self.witnesses.len())
    }

    /// The checkpoint at a size, cosigned by the first so many witnesses.
    fn note_by(&self, size: u64, witnesses: usize) -> String {
        let root = self.tree(size);
        let root = ssbtek_transparency::tree::root_at(&root, size).unwrap();
        let mut note = Checkpoint::new(ORIGIN, size, root).sign([&self.signer]).unwrap();
        for witness in self.witnesses.iter().take(witnesses) {
            note.add(witness.cosign(note.text(), 1_767_225_600 + size).unwrap()).unwrap();
        }
        note.encode()
    }

    pub(crate) fn receipt(&self, index: u64, size: u64, checkpoint: String) -> Receipt {
        let leaf_hash = self.store.levels[0][index as usize];
        let proof = inclusion_proof(&self.tree(size), index, size).unwrap();
        Receipt { leaf_hash, index, proof, checkpoint }
    }

    fn entry(&self, index: u64) -> Entry {
        let record = &self.records[index as usize];
        let content = match index % 5 {
            3 => Content::Sealed,
            4 => Content::Erased,
            _ => Content::Open,
        };
        let open = content == Content::Open;
        Entry {
            index,
            header: Bytes(record.header.clone()),
            commitment: record.commitment(),
            content,
            salt: open.then(|| Bytes(record.salt.to_vec())),
            payload: open.then(|| Bytes(record.payload.clone())),
        }
    }

    /// The lines of the bundle, each with its newline.
    pub(crate) fn export(&self, options: Options) -> Vec<String> {
        let size = self.records.len() as u64;
        let (mut writer, first) = BundleWriter::begin(Begin {
            version: VERSION,
            origin: ORIGIN.to_owned(),
            log_keys: vec![self.signer.verifier().vkey()],
            witness_keys: self.witnesses.iter().map(|w| w.verifier().vkey()).collect(),
            quorum: 2,
            size,
            scope: if options.only.is_none() { Scope::All } else { Scope::Part },
        })
        .unwrap();
        let mut lines = vec![first];
        let mut write = |line: Line| lines.push(writer.line(&line).unwrap());
        let (mut at, mut previous) = (0, None);
        let sizes: Vec<u64> =
            self.sizes.iter().copied().filter(|at| options.checkpoints || *at == size).collect();
        for stop in sizes {
            while at < stop {
                if options.only.as_ref().is_none_or(|only| only.contains(&at)) {
                    write(Line::Entry(self.entry(at)));
                    at += 1;
                } else {
                    let shown = options.only.iter().flatten().copied().filter(|shown| *shown > at).min();
                    let end = shown.unwrap_or(stop).min(stop);
                    let level = at.trailing_zeros().min((end - at).ilog2());
                    let hash = self.tree(stop).subtree(level, at >> level).unwrap();
                    write(Line::Covered(Covered { from: at, level, hashes: vec![hash] }));
                    at += 1 << level;
                }
            }
            let witnesses = if stop > options.witness_gone_from { 1 } else { 2 };
            let note = self.note_by(stop, witnesses);
            write(Line::Checkpoint(CheckpointLine { note: note.clone() }));
            if let Some(old) = previous.replace(stop) {
                let proof = consistency_proof(&self.tree(stop), old, stop).unwrap();
                write(Line::Consistency(Consistency { old, new: stop, proof }));
            }
            let fresh = sizes_since(&self.sizes, stop)..stop;
            for index in fresh.filter(|index| index % options.receipts_every == 0 && options.only.is_none()) {
                write(Line::Receipt(self.receipt(index, stop, note.clone()).into()));
            }
        }
        lines.push(writer.end().unwrap());
        lines
    }
}

/// The size of the checkpoint before the one at `size`.
fn sizes_since(sizes: &[u64], size: u64) -> u64 {
    sizes.iter().copied().filter(|at| *at < size).max().unwrap_or(0)
}

/// Runs this crate's verifier over lines that end in newlines.
pub(crate) fn verify(
    lines: &[String],
    trust: Option<Trust>,
    known: impl IntoIterator<Item = Seen>,
) -> Result<Verdict, BundleError> {
    read(BundleVerifier::new(trust).with_known(known).to_the_end(), lines)
}

/// Runs a verifier over lines.
pub(crate) fn read(mut verifier: BundleVerifier, lines: &[String]) -> Result<Verdict, BundleError> {
    for line in lines.iter().flat_map(|line| line.split_inclusive('\n')) {
        verifier.line(line.strip_suffix('\n').unwrap_or(line))?;
    }
    verifier.finish()
}
