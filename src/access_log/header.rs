//! A record's header: what stays for ever, also after erasure. It holds no personal data.

use chrono::SecondsFormat;
use serde::{Deserialize, Serialize};
use ssbtek_domain::{DateTime, EntryId, Utc};
use ssbtek_vault::KeyId;

/// The part that a record plays in its entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// It opens an entry that must be ended.
    Opens,
    /// It ends one.
    Ends,
    /// It is an entry by itself.
    Alone,
}

/// The list of kinds: each with its name in records, its part in an entry, and the level of the data format that it came with.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident: $name:literal, $part:ident, since $level:literal;)*) => {
        /// What kind of record it is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum RecordKind {
            $($(#[$doc])* #[serde(rename = $name)] $kind,)*
        }

        impl RecordKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// The name in records.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }

            /// The part that it plays in its entry.
            pub const fn part(self) -> Part {
                match self { $(Self::$kind => Part::$part,)* }
            }

            /// The level of the data format that it came with.
            const fn since(self) -> u32 {
                match self { $(Self::$kind => $level,)* }
            }
        }
    };
}

kinds! {
    /// A permitted question, before any agency is asked.
    Intent: "intent", Opens, since 1;
    /// Its answer, before it leaves.
    Release: "release", Ends, since 1;
    /// Its answer was held back: the re-check failed after the agencies were asked.
    Withheld: "withheld", Ends, since 1;
    /// The process ended, or the log took nothing, between INTENT and the end: counts as disclosed.
    AssumedDisclosed: "assumed_disclosed", Ends, since 1;
    /// A question refused before any agency was asked.
    Denial: "denial", Alone, since 1;
    /// A change to the registry: cases, case workers, the board.
    RegistryChange: "registry_change", Alone, since 1;
    /// Somebody read the log.
    LogRead: "log_read", Alone, since 1;
    /// Content was erased: what, how much, by which keys.
    Purge: "purge", Alone, since 1;
    /// A month's sample was drawn for review.
    SampleDrawn: "sample_drawn", Alone, since 1;
    /// An entry was reviewed.
    Review: "review", Alone, since 1;
    /// Telling a person of the questions in a case was delayed, or is no longer.
    Delay: "delay", Alone, since 1;
    /// What was remembered of a person's protected identity was lifted.
    ProtectionLifted: "protection_lifted", Alone, since 2;
}

/// Raised when a record that has its kind already takes a form that an older program cannot read, such as a new reason of
/// refusal, or would misread: since 3 what is withheld may have left in part, since 4 what is remembered of a person says whose answers
/// name the person, and a key's file holds a check behind the secret, since 5 every key's file does, and says after how many destroyed keys
/// of its name it was made, since 6 a case says who has left it and which numbers it corrected, and what is remembered of a person follows
/// from that, since 7 an account may have signed in at the pages' door; a new kind says its own level in the list.
const FORM_LEVEL: u32 = 7;

/// The level of the data format that this program writes, and the highest that it reads.
pub const FORMAT_LEVEL: u32 = {
    let (mut level, mut at) = (FORM_LEVEL, 0);
    while at < RecordKind::ALL.len() {
        let since = RecordKind::ALL[at].since();
        if since > level {
            level = since;
        }
        at += 1;
    }
    level
};

/// A record's header, as canonical JSON: fields in this order, no spaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Version of the format.
    pub v: u8,
    /// What kind of record it is.
    pub kind: RecordKind,
    /// The entry it belongs to: INTENT and the record that ends it share one.
    pub entry: EntryId,
    /// When it was made, RFC 3339, UTC, milliseconds.
    pub at: String,
    /// The key its payload is sealed under.
    pub key: KeyId,
}

impl Header {
    /// A header of the present version.
    pub fn new(kind: RecordKind, entry: EntryId, at: DateTime<Utc>, key: KeyId) -> Self {
        Self { v: 1, kind, entry, at: at.to_rfc3339_opts(SecondsFormat::Millis, true), key }
    }

    /// The canonical bytes that are hashed.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Plain strings and numbers always serialise.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads a stored header; `None` if it has another form.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// The key named by a header of whatever version; `None` if it is none at all.
    pub(crate) fn key_of(bytes: &[u8]) -> Option<KeyId> {
        #[derive(Deserialize)]
        struct Any {
            key: KeyId,
        }
        serde_json::from_slice::<Any>(bytes).ok().map(|header| header.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_one_name_everywhere() {
        for kind in RecordKind::ALL {
            assert_eq!(serde_json::to_string(kind).unwrap(), format!("\"{}\"", kind.as_str()));
            assert!((1..=FORMAT_LEVEL).contains(&kind.since()));
        }
    }
}
