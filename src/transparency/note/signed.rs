//! The note itself: reading, writing, verifying.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::key::{KeyName, NoteVerifier};

/// Signature lines accepted in one note (the specification asks for at least 16).
pub const MAX_SIGNATURES: usize = 64;

/// Why a note was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not a text, a blank line and signature lines; or a control character in it.
    #[error("not a signed note")]
    Malformed,
    /// More than [`MAX_SIGNATURES`] signature lines.
    #[error("a signed note has too many signatures")]
    TooManySignatures,
    /// A line names a known key, but its signature does not hold. The whole note is refused.
    #[error("a signature by a known key does not hold")]
    BadSignature,
    /// No line is by a known key.
    #[error("no signature is by a known key")]
    Unknown,
}

/// One signature line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    /// The name of the key.
    pub name: KeyName,
    /// The id of the key.
    pub key_id: [u8; 4],
    /// What follows the id: for Ed25519 64 bytes; for a cosignature 8 bytes of time and 64 of signature.
    pub signature: Vec<u8>,
}

impl NoteSignature {
    /// The line, with its newline.
    pub fn encode(&self) -> String {
        let blob = [&self.key_id, self.signature.as_slice()].concat();
        format!("— {} {}\n", self.name.as_str(), STANDARD.encode(blob))
    }

    /// A line without its newline.
    pub fn parse(line: &str) -> Result<Self, NoteError> {
        let (name, blob) =
            line.strip_prefix("— ").and_then(|rest| rest.split_once(' ')).ok_or(NoteError::Malformed)?;
        let name = KeyName::parse(name).map_err(|_| NoteError::Malformed)?;
        let blob = STANDARD.decode(blob).map_err(|_| NoteError::Malformed)?;
        match blob.split_first_chunk::<4>() {
            Some((key_id, signature)) if !signature.is_empty() => {
                Ok(Self { name, key_id: *key_id, signature: signature.to_vec() })
            }
            _ => Err(NoteError::Malformed),
        }
    }
}

/// A text and its signatures. Believe the text only after [`SignedNote::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedNote {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// A signature that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedSignature<'a> {
    /// Whose.
    pub key: &'a NoteVerifier,
    /// When, in seconds since 1970, if the signature carries a time (a cosignature does).
    pub time: Option<u64>,
}

impl SignedNote {
    /// A note of `text`, which must end in a newline and hold no other control character.
    pub fn new(text: String, signatures: Vec<NoteSignature>) -> Result<Self, NoteError> {
        let allowed = text.ends_with('\n') && !text.bytes().any(|b| b < 0x20 && b != b'\n');
        match (allowed, signatures.len()) {
            (false, _) | (_, 0) => Err(NoteError::Malformed),
            (_, MAX_SIGNATURES..) if signatures.len() > MAX_SIGNATURES => Err(NoteError::TooManySignatures),
            _ => Ok(Self { text, signatures }),
        }
    }

    /// Reads a note. The last blank line separates text and signatures.
    pub fn parse(note: &str) -> Result<Self, NoteError> {
        let split = note.rfind("\n\n").ok_or(NoteError::Malformed)?;
        let (text, lines) = note.split_at_checked(split + 1).ok_or(NoteError::Malformed)?;
        let lines = lines
            .strip_prefix('\n')
            .and_then(|lines| lines.strip_suffix('\n'))
            .ok_or(NoteError::Malformed)?;
        if lines.split('\n').count() > MAX_SIGNATURES {
            return Err(NoteError::TooManySignatures);
        }
        let signatures = lines.split('\n').map(NoteSignature::parse).collect::<Result<_, _>>()?;
        Self::new(text.to_owned(), signatures)
    }

    /// The note as it is written: what [`SignedNote::parse`] reads.
    pub fn encode(&self) -> String {
        let lines: String = self.signatures.iter().map(NoteSignature::encode).collect();
        format!("{}\n{lines}", self.text)
    }

    /// The text, with its last newline. Not yet believed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines, in order, known or not.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Adds a line, as when a witness has answered. A line by the same key is replaced: the latest time counts.
    pub fn add(&mut self, line: NoteSignature) -> Result<(), NoteError> {
        let full = self.signatures.len() >= MAX_SIGNATURES;
        match self.signatures.iter_mut().find(|old| old.name == line.name && old.key_id == line.key_id) {
            Some(old) => *old = line,
            None if full => return Err(NoteError::TooManySignatures),
            None => self.signatures.push(line),
        }
        Ok(())
    }

    /// Checks every line that is by one of `keys` and returns those signatures, in order. Lines by other keys are
    /// ignored; one that is by a known key and does not hold refuses the whole note; so does finding none.
    pub fn verify<'k>(
        &self,
        keys: impl IntoIterator<Item = &'k NoteVerifier> + Clone,
    ) -> Result<Vec<VerifiedSignature<'k>>, NoteError> {
        let mut verified = Vec::new();
        for line in &self.signatures {
            for key in keys.clone().into_iter().filter(|key| key.made(line)) {
                let time = key.check(&self.text, line).ok_or(NoteError::BadSignature)?;
                verified.push(VerifiedSignature { key, time });
            }
        }
        if verified.is_empty() { Err(NoteError::Unknown) } else { Ok(verified) }
    }
}
