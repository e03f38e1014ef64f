//! Whose signatures make a checkpoint believed.

use std::collections::BTreeSet;

use crate::checkpoint::{Checkpoint, NotACheckpoint};
use crate::note::{KeyKind, NoteError, NoteVerifier, SignedNote};

/// Why a checkpoint is not believed, or a policy was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// Not a note, or a known signature does not hold.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The note is not a checkpoint.
    #[error("the note is not a checkpoint")]
    NotACheckpoint,
    /// The checkpoint is another log's.
    #[error("the checkpoint belongs to another log")]
    Origin,
    /// No key of the log signed it.
    #[error("the checkpoint is not signed by the log")]
    NotByTheLog,
    /// Too few witnesses cosigned it.
    #[error("the checkpoint has too few cosignatures")]
    Quorum,
    /// The policy names no log key, a key of the wrong type, one key twice, or a quorum above the number of witnesses.
    #[error("the set of trusted keys contradicts itself")]
    Policy,
}

impl From<NotACheckpoint> for TrustError {
    fn from(_: NotACheckpoint) -> Self {
        Self::NotACheckpoint
    }
}

/// One log's identity and keys, its witnesses, and how many of these must have cosigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    origin: String,
    log_keys: Vec<NoteVerifier>,
    witness_keys: Vec<NoteVerifier>,
    quorum: usize,
}

/// A checkpoint that the log signed, and who saw it when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// Name of each witness that cosigned, and its latest time in seconds since 1970; one entry per name.
    pub cosigned: Vec<(String, u64)>,
}

impl Opened {
    /// Did at least `quorum` witnesses cosign?
    pub fn has_quorum(&self, quorum: usize) -> bool {
        self.cosigned.len() >= quorum
    }
}

impl Trust {
    /// A policy. While log keys rotate, several are trusted and any one signature is enough. Witnesses are counted by name, so
    /// a witness that rotates its key counts once; one public key under two names is refused.
    pub fn new(
        origin: impl Into<String>,
        log_keys: Vec<NoteVerifier>,
        witness_keys: Vec<NoteVerifier>,
        quorum: usize,
    ) -> Result<Self, TrustError> {
        let kinds = log_keys.iter().all(|key| key.kind() == KeyKind::Ed25519)
            && witness_keys.iter().all(|key| key.kind() == KeyKind::CosignatureV1);
        let public_keys: BTreeSet<_> =
            log_keys.iter().chain(&witness_keys).map(NoteVerifier::public_key).collect();
        let witnesses: BTreeSet<_> = witness_keys.iter().map(NoteVerifier::name).collect();
        let distinct = public_keys.len() == log_keys.len() + witness_keys.len();
        if log_keys.is_empty() || !kinds || !distinct || quorum > witnesses.len() {
            return Err(TrustError::Policy);
        }
        Ok(Self { origin: origin.into(), log_keys, witness_keys, quorum })
    }

    /// The log's identity.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The log's keys.
    pub fn log_keys(&self) -> &[NoteVerifier] {
        &self.log_keys
    }

    /// The witnesses' keys.
    pub fn witness_keys(&self) -> &[NoteVerifier] {
        &self.witness_keys
    }

    /// How many witnesses must have cosigned what [`Trust::open_cosigned`] accepts.
    pub const fn quorum(&self) -> usize {
        self.quorum
    }

    /// Opens a checkpoint: signed by a key of this log, about this log, and no known signature on it false.
    pub fn open(&self, note: &str) -> Result<Opened, TrustError> {
        self.open_note(&SignedNote::parse(note)?)
    }

    /// As [`Trust::open`], and cosigned by the quorum.
    pub fn open_cosigned(&self, note: &str) -> Result<Opened, TrustError> {
        let opened = self.open(note)?;
        if opened.has_quorum(self.quorum) { Ok(opened) } else { Err(TrustError::Quorum) }
    }

    /// As [`Trust::open`], of a note already read.
    pub fn open_note(&self, note: &SignedNote) -> Result<Opened, TrustError> {
        let verified = match note.verify(self.log_keys.iter().chain(&self.witness_keys)) {
            Err(NoteError::Unknown) => return Err(TrustError::NotByTheLog),
            verified => verified?,
        };
        if !verified.iter().any(|signature| signature.key.kind() == KeyKind::Ed25519) {
            return Err(TrustError::NotByTheLog);
        }
        let checkpoint = Checkpoint::parse(note.text())?;
        if checkpoint.origin != self.origin {
            return Err(TrustError::Origin);
        }
        let mut cosigned: Vec<(String, u64)> = Vec::new();
        for (key, time) in verified.iter().filter_map(|signature| Some((signature.key, signature.time?))) {
            match cosigned.iter_mut().find(|(name, _)| name == key.name().as_str()) {
                Some((_, latest)) => *latest = time.max(*latest),
                None => cosigned.push((key.name().as_str().to_owned(), time)),
            }
        }
        Ok(Opened { checkpoint, cosigned })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::Hash;
    use crate::note::{CosignatureSigner, KeyName, NoteSigner};

    fn log(name: &str, seed: u8) -> NoteSigner {
        NoteSigner::from_seed(KeyName::parse(name).unwrap(), &[seed; 32]).unwrap()
    }

    fn witness(name: &str, seed: u8) -> CosignatureSigner {
        CosignatureSigner::from_seed(KeyName::parse(name).unwrap(), &[seed; 32]).unwrap()
    }

    #[test]
    fn a_checkpoint_is_believed_when_the_log_and_enough_different_witnesses_signed() {
        let (old, new) = (log("log", 1), log("log", 2));
        let (w1, w1_new, w2) = (witness("w1", 3), witness("w1", 4), witness("w2", 5));
        let keys = vec![old.verifier().clone(), new.verifier().clone()];
        let witnesses: Vec<_> = [&w1, &w1_new, &w2].map(|w| w.verifier().clone()).into();
        let trust = Trust::new("log", keys, witnesses, 2).unwrap();
        let mut note = Checkpoint::new("log", 0, Hash::empty_root()).sign([&new]).unwrap();
        assert_eq!(trust.open_cosigned(&note.encode()), Err(TrustError::Quorum));
        assert!(trust.open(&note.encode()).is_ok());
        for (signer, time) in [(&w1, 10), (&w1_new, 12)] {
            note.add(signer.cosign(note.text(), time).unwrap()).unwrap();
        }
        assert_eq!(trust.open_cosigned(&note.encode()), Err(TrustError::Quorum), "one witness, two keys");
        note.add(w2.cosign(note.text(), 11).unwrap()).unwrap();
        let opened = trust.open_cosigned(&note.encode()).unwrap();
        assert_eq!(opened.cosigned, [("w1".to_owned(), 12), ("w2".to_owned(), 11)]);
    }

    #[test]
    fn another_logs_checkpoint_and_one_that_only_witnesses_signed_are_refused() {
        let (ours, w1) = (log("log", 1), witness("w1", 3));
        let trust = Trust::new("log", vec![ours.verifier().clone()], vec![w1.verifier().clone()], 1).unwrap();
        let other = Checkpoint::new("other", 0, Hash::empty_root()).sign([&ours]).unwrap();
        assert_eq!(trust.open_note(&other), Err(TrustError::Origin));
        let stranger = log("log", 9);
        let mut note = Checkpoint::new("log", 0, Hash::empty_root()).sign([&stranger]).unwrap();
        assert_eq!(trust.open_note(&note), Err(TrustError::NotByTheLog));
        note.add(w1.cosign(note.text(), 1).unwrap()).unwrap();
        assert_eq!(trust.open_note(&note), Err(TrustError::NotByTheLog));
    }

    #[test]
    fn a_policy_that_contradicts_itself_is_refused() {
        let (ours, w1) = (log("log", 1), witness("w1", 3));
        let (key, witness_key) = (ours.verifier().clone(), w1.verifier().clone());
        let twin = witness("w2", 3).verifier().clone();
        let refused = |keys: &[&NoteVerifier], witnesses: &[&NoteVerifier], quorum| {
            let owned = |keys: &[&NoteVerifier]| keys.iter().map(|key| (*key).clone()).collect();
            Trust::new("log", owned(keys), owned(witnesses), quorum) == Err(TrustError::Policy)
        };
        assert!(refused(&[], &[&witness_key], 1));
        assert!(refused(&[&key], &[&witness_key], 2));
        assert!(refused(&[&key], &[&key], 0));
        assert!(refused(&[&witness_key], &[], 0));
        assert!(refused(&[&key], &[&witness_key, &twin], 1), "one key under two names");
        assert!(!refused(&[&key], &[&witness_key], 1));
    }
}
