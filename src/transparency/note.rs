//! C2SP signed-note: a text, and one or more signature lines below it.
//!
//! ```text
//! text, ending in a newline
//!
//! — <key name> base64(key id (4 bytes) || signature)
//! ```
//!
//! Two signature types are known here: 0x01, Ed25519 over the text, which a log makes; and 0x04, C2SP tlog-cosignature v1,
//! Ed25519 over a time and the text, which a witness makes. Lines by unknown keys are ignored, as the specification
//! asks: that is what lets keys rotate and witnesses join.

mod key;
mod signed;
mod signer;

pub use key::{KeyError, KeyKind, KeyName, NoteVerifier};
pub use signed::{MAX_SIGNATURES, NoteError, NoteSignature, SignedNote, VerifiedSignature};
pub use signer::{CosignatureSigner, NoteSigner, SignError};

/// What a v1 cosignature is made over: a header line, the time (seconds since 1970), and the note's text.
pub(crate) fn cosigned_message(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

#[cfg(test)]
mod tests;
