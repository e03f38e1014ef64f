//! Verifying a bundle as it streams past. Holds the tree's right edge, the last two checkpoints and the counts, nothing more.

use aws_lc_rs::digest::{Context, SHA256};

use super::line::{Begin, Consistency, Content, Covered, End, Entry, Line, ReceiptLine, Scope};
use super::verdict::{BundleError, Cosigned, Fault, Verdict};
use super::writer::leaves;
use super::{MAX_LINE_BYTES, VERSION};
use crate::gap::{GapFault, GapLine, lead_to};
use crate::hash::Hash;
use crate::leaf::{SALT_BYTES, commit, leaf_hash};
use crate::note::NoteVerifier;
use crate::tree::{Frontier, verify_consistency, verify_inclusion};
use crate::trust::{Opened, Trust};
use crate::witness::Seen;

/// Reads a bundle's lines in order. The first fault stays: what follows is not read any more.
pub struct BundleVerifier {
    given: Option<Trust>,
    /// Known checkpoints still to be met, largest first.
    known: Vec<Seen>,
    /// Refuse a log that is not cosigned to its end.
    to_the_end: bool,
    lines: u64,
    digest: Context,
    state: State,
    ended: bool,
    failed: Option<BundleError>,
}

enum State {
    Before,
    Reading(Box<Reading>),
}

struct Reading {
    trust: Trust,
    begin: Begin,
    /// Whether the lines about gaps are over.
    gaps_told: bool,
    tree: Frontier,
    /// The root of `tree`, once it has been asked for at this size.
    root: Option<Hash>,
    previous: Option<Seen>,
    latest: Option<Opened>,
    /// The note of the last checkpoint line, so that receipts on the same note do not verify its signatures again.
    latest_note: String,
    verdict: Verdict,
}

impl BundleVerifier {
    /// A verifier that believes `trust`, or, if none is given, the keys that the bundle itself names (and says so in the
    /// verdict).
    pub fn new(trust: Option<Trust>) -> Self {
        Self {
            given: trust,
            known: Vec::new(),
            to_the_end: false,
            lines: 0,
            digest: Context::new(&SHA256),
            state: State::Before,
            ended: false,
            failed: None,
        }
    }

    /// Checkpoints that the reader has from elsewhere (a receipt, a witness, last month's export) and has opened with
    /// [`Trust::open`]. The log must contain each of them: that finds a history rewritten and signed anew by the log's own key.
    #[must_use]
    pub fn with_known(mut self, known: impl IntoIterator<Item = Seen>) -> Self {
        self.known.extend(known);
        self.known.sort_by_key(|seen| std::cmp::Reverse(seen.size));
        self
    }

    /// Refuses a log whose last checkpoint has not the quorum. Without this the verdict says how far it is cosigned.
    #[must_use]
    pub fn to_the_end(mut self) -> Self {
        self.to_the_end = true;
        self
    }

    /// Reads the next line, without its newline, and returns it when it holds.
    pub fn line(&mut self, text: &str) -> Result<Line, BundleError> {
        if let Some(failed) = self.failed {
            return Err(failed);
        }
        self.lines += 1;
        self.read(text).map_err(|fault| self.fail(fault))
    }

    /// The verdict, when the last line has been read.
    pub fn finish(mut self) -> Result<Verdict, BundleError> {
        match (self.failed, self.ended, self.state) {
            (Some(failed), ..) => Err(failed),
            (None, true, State::Reading(reading)) => Ok(reading.verdict),
            _ => {
                self.lines += 1;
                Err(BundleError { line: self.lines, fault: Fault::Unfinished })
            }
        }
    }

    fn fail(&mut self, fault: Fault) -> BundleError {
        let failed = BundleError { line: self.lines, fault };
        self.failed = Some(failed);
        failed
    }

    fn read(&mut self, text: &str) -> Result<Line, Fault> {
        if text.len() > MAX_LINE_BYTES {
            return Err(Fault::TooLong);
        }
        let line: Line = serde_json::from_str(text).map_err(|_| Fault::Malformed)?;
        // One spelling: no spaces, no other order, no other escapes.
        if serde_json::to_string(&line).ok().as_deref() != Some(text) {
            return Err(Fault::Malformed);
        }
        if let State::Reading(reading) = &mut self.state
            && !matches!(line, Line::Gap(_))
        {
            reading.gaps_end()?;
        }
        match (&mut self.state, &line) {
            _ if self.ended => return Err(Fault::Order),
            (State::Before, Line::Bundle(begin)) => {
                let mut reading = Reading::begin(self.given.take(), begin)?;
                reading.meet_known(&mut self.known)?;
                self.state = State::Reading(Box::new(reading));
            }
            (State::Before, _) | (State::Reading(_), Line::Bundle(_)) => return Err(Fault::Order),
            (State::Reading(reading), Line::End(end)) => {
                let digest = self.digest.clone().finish();
                reading.end(end, digest.as_ref(), &self.known, self.to_the_end)?;
                self.ended = true;
            }
            (State::Reading(reading), Line::Gap(gap)) => reading.gap(gap)?,
            (State::Reading(reading), Line::Entry(entry)) => {
                reading.entry(entry)?;
                reading.meet_known(&mut self.known)?;
            }
            (State::Reading(reading), Line::Covered(covered)) => reading.covered(covered, &mut self.known)?,
            (State::Reading(reading), Line::Checkpoint(checkpoint)) => {
                reading.checkpoint(&checkpoint.note)?
            }
            (State::Reading(reading), Line::Consistency(consistency)) => reading.consistency(consistency)?,
            (State::Reading(reading), Line::Receipt(receipt)) => reading.receipt(receipt)?,
        }
        self.digest.update(text.as_bytes());
        self.digest.update(b"\n");
        Ok(line)
    }
}

impl Reading {
    fn begin(given: Option<Trust>, begin: &Begin) -> Result<Self, Fault> {
        if begin.version != VERSION {
            return Err(Fault::Version);
        }
        let keys_given = given.is_some();
        let trust = match given {
            Some(trust) if trust.origin() == begin.origin => trust,
            Some(_) => return Err(Fault::Origin),
            None => named_trust(begin)?,
        };
        let verdict = Verdict {
            origin: begin.origin.clone(),
            size: begin.size,
            root: Hash::empty_root(),
            keys_given,
            entries: 0,
            open: 0,
            sealed: 0,
            erased: 0,
            covered: 0,
            checkpoints: 0,
            cosigned_checkpoints: 0,
            consistency: 0,
            receipts: 0,
            known: 0,
            cosigned_up_to: 0,
            gaps: Vec::new(),
            cosigned: Vec::new(),
        };
        Ok(Self {
            trust,
            begin: begin.clone(),
            gaps_told: false,
            tree: Frontier::new(),
            root: None,
            previous: None,
            latest: None,
            latest_note: String::new(),
            verdict,
        })
    }

    /// A gap, before anything else is told.
    fn gap(&mut self, line: &GapLine) -> Result<(), Fault> {
        if self.gaps_told {
            return Err(Fault::Order);
        }
        let gap = line.gap().map_err(Fault::Gap)?;
        line.by_two().map_err(Fault::Gap)?;
        let consented = line.consented(self.trust.witness_keys());
        if consented.len() < self.trust.quorum() {
            return Err(Fault::Gap(GapFault::Consents));
        }
        self.verdict.gaps.push((gap, consented));
        Ok(())
    }

    /// An origin that tells of gaps is believed only with their records.
    fn gaps_end(&mut self) -> Result<(), Fault> {
        if !std::mem::replace(&mut self.gaps_told, true) {
            let gaps: Vec<_> = self.verdict.gaps.iter().map(|(gap, _)| gap.clone()).collect();
            lead_to(&gaps, &self.begin.origin).map_err(Fault::Gap)?;
        }
        Ok(())
    }

    fn entry(&mut self, entry: &Entry) -> Result<(), Fault> {
        if entry.index != self.tree.size() || entry.index >= self.begin.size {
            return Err(Fault::Index);
        }
        match (entry.content, &entry.salt, &entry.payload) {
            (Content::Open, Some(salt), Some(payload)) => {
                let salt: &[u8; SALT_BYTES] = salt.0.as_slice().try_into().map_err(|_| Fault::Content)?;
                if commit(salt, &payload.0) != entry.commitment {
                    return Err(Fault::Commitment);
                }
                self.verdict.open += 1;
            }
            (Content::Sealed, None, None) => self.verdict.sealed += 1,
            (Content::Erased, None, None) => self.verdict.erased += 1,
            _ => return Err(Fault::Content),
        }
        self.tree.append(leaf_hash(&entry.header.0, &entry.commitment));
        self.root = None;
        self.verdict.entries += 1;
        Ok(())
    }

    fn covered(&mut self, covered: &Covered, known: &mut Vec<Seen>) -> Result<(), Fault> {
        let count = leaves(covered).filter(|_| self.begin.scope == Scope::Part).ok_or(Fault::Covered)?;
        let fits = self.tree.size().checked_add(count).is_some_and(|end| end <= self.begin.size);
        if covered.from != self.tree.size() || !fits {
            return Err(Fault::Index);
        }
        for hash in &covered.hashes {
            self.tree.append_subtree(covered.level, *hash).map_err(|_| Fault::Alignment)?;
            self.root = None;
            self.meet_known(known)?;
        }
        self.verdict.covered += count;
        Ok(())
    }

    fn checkpoint(&mut self, note: &str) -> Result<(), Fault> {
        let opened = self.trust.open(note).map_err(Fault::Checkpoint)?;
        self.compare(opened.checkpoint.size, &opened.checkpoint.root)?;
        self.verdict.checkpoints += 1;
        let size = opened.checkpoint.size;
        if opened.has_quorum(self.trust.quorum()) {
            self.verdict.cosigned_checkpoints += 1;
            self.verdict.cosigned_up_to = size;
        }
        for (witness, time) in &opened.cosigned {
            let place = self.verdict.cosigned.iter_mut().find(|cosigned| cosigned.witness == *witness);
            let now = Cosigned { witness: witness.clone(), size, time: *time };
            match place {
                Some(place) => *place = now,
                None => self.verdict.cosigned.push(now),
            }
        }
        let latest = self.latest.replace(opened);
        self.previous =
            latest.map(|opened| Seen { size: opened.checkpoint.size, root: opened.checkpoint.root });
        note.clone_into(&mut self.latest_note);
        Ok(())
    }

    fn consistency(&mut self, line: &Consistency) -> Result<(), Fault> {
        let (Some(old), Some(new)) = (&self.previous, &self.latest) else { return Err(Fault::Position) };
        let new = &new.checkpoint;
        if (line.old, line.new) != (old.size, new.size) {
            return Err(Fault::Position);
        }
        verify_consistency(old.size, new.size, &old.root, &new.root, &line.proof)
            .map_err(Fault::Consistency)?;
        self.verdict.consistency += 1;
        Ok(())
    }

    fn receipt(&mut self, line: &ReceiptLine) -> Result<(), Fault> {
        let checkpoint = match &self.latest {
            Some(latest) if line.checkpoint == self.latest_note => latest.checkpoint.clone(),
            _ => self.trust.open(&line.checkpoint).map_err(Fault::Checkpoint)?.checkpoint,
        };
        self.compare(checkpoint.size, &checkpoint.root)?;
        verify_inclusion(&line.leaf_hash, line.index, checkpoint.size, &line.proof, &checkpoint.root)
            .map_err(Fault::Receipt)?;
        self.verdict.receipts += 1;
        Ok(())
    }

    fn end(&mut self, end: &End, digest: &[u8], known: &[Seen], to_the_end: bool) -> Result<(), Fault> {
        let counted = End { digest: end.digest, ..self.counts() };
        let latest = self.latest.take().ok_or(Fault::Open)?;
        if self.tree.size() != self.begin.size {
            return Err(Fault::Index);
        }
        if latest.checkpoint.size != self.begin.size {
            return Err(Fault::Open);
        }
        if !known.is_empty() {
            return Err(Fault::KnownBeyond);
        }
        if to_the_end && !latest.has_quorum(self.trust.quorum()) {
            return Err(Fault::Quorum);
        }
        if counted != *end {
            return Err(Fault::Counts);
        }
        if end.digest.as_ref() != digest {
            return Err(Fault::Digest);
        }
        self.verdict.root = latest.checkpoint.root;
        Ok(())
    }

    fn counts(&self) -> End {
        let Verdict { entries, covered, checkpoints, consistency, receipts, .. } = self.verdict;
        End { entries, covered, checkpoints, consistency, receipts, digest: Hash::empty_root() }
    }

    /// Is the tree read so far the one of this size and root?
    fn compare(&mut self, size: u64, root: &Hash) -> Result<(), Fault> {
        if size != self.tree.size() {
            return Err(Fault::Position);
        }
        let ours = *self.root.get_or_insert_with(|| self.tree.root());
        if ours == *root { Ok(()) } else { Err(Fault::Root) }
    }

    /// Compares with the known checkpoints whose size the tree has reached.
    fn meet_known(&mut self, known: &mut Vec<Seen>) -> Result<(), Fault> {
        while let Some(seen) = known.pop_if(|seen| seen.size <= self.tree.size()) {
            match self.compare(seen.size, &seen.root) {
                Ok(()) => self.verdict.known += 1,
                Err(Fault::Position) => return Err(Fault::KnownHidden),
                Err(_) => return Err(Fault::Known),
            }
        }
        Ok(())
    }
}

/// The keys that a bundle names itself.
fn named_trust(begin: &Begin) -> Result<Trust, Fault> {
    let parse = |keys: &[String]| {
        keys.iter()
            .map(|key| NoteVerifier::parse(key))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| Fault::Keys)
    };
    let quorum = usize::try_from(begin.quorum).map_err(|_| Fault::Keys)?;
    Trust::new(begin.origin.clone(), parse(&begin.log_keys)?, parse(&begin.witness_keys)?, quorum)
        .map_err(|_| Fault::Keys)
}
