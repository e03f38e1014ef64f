//! Identifiers that callers choose, bounded and in one form (`text.rs`), and our own entry ids.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::Entropy;

/// Why a text cannot be an identifier. The text is never quoted: callers put personal data in the oddest fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Empty, or nothing but spaces.
    #[error("must not be empty")]
    Empty,
    /// More than the given number of characters.
    #[error("must have at most {0} characters")]
    TooLong(usize),
    /// A control character.
    #[error("must not contain control characters")]
    Control,
    /// A character that nobody sees, or that changes the direction of the others.
    #[error("must not contain characters that are invisible or change the direction of writing")]
    Unseen,
    /// A letter or sign that an identity cannot hold.
    #[error("must consist of Latin letters, digits and the signs of ASCII")]
    NotPlain,
    /// Not 32 lower-case hexadecimal digits.
    #[error("must be 32 lower-case hexadecimal digits")]
    NotAnEntryId,
}

/// What was stored, perhaps before there was a form: bounded, and else as it is.
fn stored(text: &str, max_chars: usize) -> Result<String, IdError> {
    let text = text.trim();
    if text.is_empty() {
        Err(IdError::Empty)
    } else if text.chars().count() > max_chars {
        Err(IdError::TooLong(max_chars))
    } else if text.chars().any(char::is_control) {
        Err(IdError::Control)
    } else {
        Ok(text.to_owned())
    }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $max:literal, $form:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Longest accepted text, in characters.
            pub const MAX_CHARS: usize = $max;

            /// Checks a caller's text and brings it into its one form.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                crate::text::$form(text, Self::MAX_CHARS).map(Self)
            }

            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                // A case id or an account name points at a person: it stays out of logs.
                f.write_str(concat!(stringify!($name), "(redacted)"))
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            /// What was stored, as it was stored: what callers send goes through [`Self::parse`].
            fn try_from(text: String) -> Result<Self, IdError> {
                stored(&text, Self::MAX_CHARS).map(Self)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}

text_id! {
    /// The case's identity in the municipality's own system (`arendeidentitet`). Agencies may bound it further: CSN
    /// takes 31 characters.
    CaseId, 64, normal_identity
}
text_id! {
    /// The case worker's account (`handlaggare`), as registered by the board.
    CaseWorkerId, 64, normal_identity
}
text_id! {
    /// Why the question is asked (`syfte`).
    Purpose, 200, normal_name
}
text_id! {
    /// The board's organisational unit a case worker belongs to.
    Unit, 100, normal_name
}

impl CaseWorkerId {
    /// Whether a caller can still name it: an account from before there was one form may be stored in another.
    pub fn is_normal(&self) -> bool {
        crate::text::is_normal_identity(&self.0, Self::MAX_CHARS)
    }

    /// Whether the two read the same.
    pub fn reads_as(&self, other: &Self) -> bool {
        crate::text::reads_as(&self.0) == crate::text::reads_as(&other.0)
    }
}

/// The access log's name for one question: its moment in milliseconds, 48 bits, then 80 random ones; 32 hexadecimal digits. What
/// comes later has a later name, so that an index by name grows at its end. Those of before were random altogether.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EntryId([u8; 16]);

/// Bytes of an entry's id that say its moment.
const MOMENT_BYTES: usize = 6;

impl EntryId {
    /// Draws an id for what is logged at this moment.
    pub fn draw(entropy: &dyn Entropy, at: DateTime<Utc>) -> Self {
        let mut id = [0; 16];
        let (moment, random) = id.split_at_mut(MOMENT_BYTES);
        // Before 1970 and after the year 10889 all moments are the same.
        let milliseconds =
            u64::try_from(at.timestamp_millis()).unwrap_or(0).min((1 << (8 * MOMENT_BYTES)) - 1);
        moment.copy_from_slice(&milliseconds.to_be_bytes()[8 - MOMENT_BYTES..]);
        entropy.fill(random);
        Self(id)
    }

    /// The id from its 16 bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Parses the 32 hexadecimal digits.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let hex: &[u8; 32] = text.as_bytes().try_into().map_err(|_| IdError::NotAnEntryId)?;
        let digit = |digit: u8| match digit {
            b'0'..=b'9' => Ok(digit - b'0'),
            b'a'..=b'f' => Ok(digit - b'a' + 10),
            _ => Err(IdError::NotAnEntryId),
        };
        let mut id = [0u8; 16];
        for (byte, [high, low]) in id.iter_mut().zip(hex.as_chunks::<2>().0) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Ok(Self(id))
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut hex = [0; 32];
        for (pair, byte) in hex.as_chunks_mut::<2>().0.iter_mut().zip(self.0) {
            *pair = [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
        }
        f.write_str(str::from_utf8(&hex).unwrap_or_default())
    }
}

impl TryFrom<String> for EntryId {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        Self::parse(&text)
    }
}

impl From<EntryId> for String {
    fn from(id: EntryId) -> String {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemEntropy;

    #[test]
    fn what_is_logged_later_has_a_later_id_and_no_two_have_the_same() {
        let moments = [i64::MIN / 2, -1, 0, 1, 1_764_201_600_000, 1_764_201_600_001, 253_402_300_799_999];
        let mut ids = Vec::new();
        for at in moments.iter().filter_map(|at| DateTime::from_timestamp_millis(*at)) {
            let of_this = [EntryId::draw(&SystemEntropy, at), EntryId::draw(&SystemEntropy, at)];
            assert_ne!(of_this[0], of_this[1]);
            if at.timestamp_millis() > 0 {
                assert!(ids.iter().all(|earlier| of_this.iter().all(|id| earlier < id)), "{at}");
            }
            ids.extend(of_this);
        }
        assert_eq!(ids[4].to_string()[..12], format!("{:012x}", 1));
    }
}
