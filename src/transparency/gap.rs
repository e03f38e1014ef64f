//! A gap: what two operators declare when a database is lost, and an older one is all there is.
//!
//! The log goes on from the older tree under a new origin that names the old one, so that no checkpoint contradicts one that
//! was given before. The record of it is signed by two operators and by the witnesses that consent, and is shown to every reader
//! for ever: an origin that ends in `/gap-N` is believed only together with its N records.

use serde::{Deserialize, Serialize};

use crate::bundle::Bytes;
use crate::checkpoint::Checkpoint;
use crate::hash::Hash;
use crate::note::{NoteSignature, NoteVerifier, SignedNote};
use crate::text::decimal;
use crate::witness::Seen;

const FIRST_LINE: &str = "ssbtek-broker gap v1";
/// Characters in the words about what is lost.
const MAX_LOST: usize = 400;
/// Gaps that a log may have.
const MAX_GAPS: usize = 99;

/// What is declared. Holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The board's organisation number.
    pub board: String,
    /// The log's origin until then.
    pub old: String,
    /// Its origin from then on.
    pub new: String,
    /// The largest tree that is known to have been.
    pub seen: Seen,
    /// The tree that is left, and from which the log goes on.
    pub restored: Seen,
    /// When the newest record that is left was made, RFC 3339.
    pub since: String,
    /// When this was declared, RFC 3339.
    pub declared: String,
    /// What is lost, as far as is known, in words.
    pub lost: String,
}

/// Why a record of a gap is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GapFault {
    /// Not a record in its one spelling.
    #[error("not the record of a gap in its one form")]
    Malformed,
    /// The checkpoints beside it are not those that it tells of.
    #[error("the checkpoints with the record of a gap are not those it tells of")]
    Checkpoints,
    /// Fewer than two signatures, or two by one certificate.
    #[error("a gap is declared by two different operators")]
    Operators,
    /// Too few of the witnesses that the reader knows consent.
    #[error("too few witnesses consent to a gap")]
    Consents,
    /// Its origins do not follow from each other.
    #[error("the records of a log's gaps do not lead to its origin")]
    Origin,
}

/// A gap with everything that makes it believed. Field order is the order on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GapLine {
    /// [`Gap::encode`].
    pub text: String,
    /// The checkpoint of [`Gap::seen`], signed by the log under its old origin.
    pub seen: String,
    /// The checkpoint of [`Gap::restored`], signed by the log under its new origin.
    pub begins: String,
    /// The operators' certificates, DER.
    pub certificates: Vec<Bytes>,
    /// Each one's signature over the text.
    pub signatures: Vec<Bytes>,
    /// The consenting witnesses' signature lines over the text.
    pub consents: Vec<String>,
}

impl Gap {
    /// The text that is signed.
    pub fn encode(&self) -> String {
        let Self { board, old, new, seen, restored, since, declared, lost } = self;
        format!(
            "{FIRST_LINE}\nboard {board}\nold {old}\nnew {new}\nseen {} {}\nrestored {} {}\nsince {since}\n\
             declared {declared}\nlost {lost}\n",
            seen.size,
            seen.root.to_base64(),
            restored.size,
            restored.root.to_base64(),
        )
    }

    /// Reads it, in its one spelling.
    pub fn parse(text: &str) -> Result<Self, GapFault> {
        Self::read(text).filter(|gap| gap.encode() == text && gap.is_plain()).ok_or(GapFault::Malformed)
    }

    fn read(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        if lines.next() != Some(FIRST_LINE) {
            return None;
        }
        let mut line = |name: &str| {
            Some(
                lines
                    .next()?
                    .strip_prefix(name)?
                    .strip_prefix(' ')
                    .filter(|value| !value.is_empty())?
                    .to_owned(),
            )
        };
        let tree = |value: String| {
            let (size, root) = value.split_once(' ')?;
            Some(Seen { size: decimal(size)?, root: Hash::from_base64(root).ok()? })
        };
        let gap = Self {
            board: line("board")?,
            old: line("old")?,
            new: line("new")?,
            seen: tree(line("seen")?)?,
            restored: tree(line("restored")?)?,
            since: line("since")?,
            declared: line("declared")?,
            lost: line("lost")?,
        };
        lines.next().is_none().then_some(gap)
    }

    /// No control characters, and nothing in the words that could be a person's number.
    fn is_plain(&self) -> bool {
        let mut digits = 0;
        let numbers = self.lost.chars().any(|c| {
            digits = if c.is_ascii_digit() {
                digits + 1
            } else if c == '-' {
                digits
            } else {
                0
            };
            digits >= 10
        });
        self.lost.chars().count() <= MAX_LOST
            && !numbers
            && !self.encode().chars().any(|c| c.is_control() && c != '\n')
    }

    /// The origin after one more gap.
    pub fn next_origin(origin: &str) -> String {
        let (base, gaps) = gaps_in(origin);
        format!("{base}/gap-{}", gaps + 1)
    }
}

/// An origin without its gaps, and how many it tells of.
pub fn gaps_in(origin: &str) -> (&str, usize) {
    let told = origin.rsplit_once("/gap-").and_then(|(base, n)| Some((base, decimal(n)?)));
    match told {
        Some((base, gaps @ 1..)) if gaps <= MAX_GAPS as u64 => (base, gaps as usize),
        _ => (origin, 0),
    }
}

impl GapLine {
    /// Reads the text, and holds everything against it but the signatures.
    pub fn gap(&self) -> Result<Gap, GapFault> {
        let gap = Gap::parse(&self.text)?;
        if gap.new != Gap::next_origin(&gap.old) {
            return Err(GapFault::Origin);
        }
        let states = |note: &str, origin: &str, tree: Seen| {
            let note = SignedNote::parse(note).ok()?;
            let stated = Checkpoint::parse(note.text()).ok()?;
            Some(stated.origin == origin && stated.size == tree.size && stated.root == tree.root)
        };
        let both = [states(&self.seen, &gap.old, gap.seen), states(&self.begins, &gap.new, gap.restored)];
        if both != [Some(true); 2] {
            return Err(GapFault::Checkpoints);
        }
        Ok(gap)
    }

    /// Whether two different certificates have signed; the signatures themselves are verified with the certificates.
    pub fn by_two(&self) -> Result<(), GapFault> {
        match &self.certificates[..] {
            [first, second] if first != second && self.signatures.len() == 2 => Ok(()),
            _ => Err(GapFault::Operators),
        }
    }

    /// The names of these witnesses that consented.
    pub fn consented(&self, witnesses: &[NoteVerifier]) -> Vec<String> {
        let lines =
            self.consents.iter().map(|line| NoteSignature::parse(line)).collect::<Result<Vec<_>, _>>();
        let Ok(note) = lines.and_then(|lines| SignedNote::new(self.text.clone(), lines)) else {
            return Vec::new();
        };
        let Ok(verified) = note.verify(witnesses) else { return Vec::new() };
        let mut names: Vec<_> = verified.iter().map(|one| one.key.name().as_str().to_owned()).collect();
        names.sort();
        names.dedup();
        names
    }
}

/// Whether these records are all the gaps of a log of this origin, in order.
pub fn lead_to(gaps: &[Gap], origin: &str) -> Result<(), GapFault> {
    let (base, count) = gaps_in(origin);
    let mut at = base.to_owned();
    for gap in gaps {
        if gap.old != at {
            return Err(GapFault::Origin);
        }
        at.clone_from(&gap.new);
    }
    if gaps.len() == count && at == origin { Ok(()) } else { Err(GapFault::Origin) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_operator_is_no_two_however_often_it_signs() {
        let signed = |certificates: &[u8], signatures: usize| GapLine {
            text: String::new(),
            seen: String::new(),
            begins: String::new(),
            certificates: certificates.iter().map(|one| Bytes(vec![*one])).collect(),
            signatures: vec![Bytes(vec![0]); signatures],
            consents: vec![],
        };
        assert_eq!(signed(&[1, 2], 2).by_two(), Ok(()));
        for (certificates, signatures) in
            [(&[1, 1][..], 2), (&[1], 1), (&[1, 2], 1), (&[1, 2, 3], 3), (&[], 0)]
        {
            assert_eq!(
                signed(certificates, signatures).by_two(),
                Err(GapFault::Operators),
                "{certificates:?}"
            );
        }
    }
}
