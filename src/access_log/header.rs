//! A record's header: what stays for ever, also after erasure. It holds no personal data.

use chrono::SecondsFormat;
use serde::{Deserialize, Serialize};
use ssbtek_domain::{DateTime, EntryId, Utc};
use ssbtek_vault::KeyId;

/// What kind of record it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// A permitted question, before any agency is asked.
    Intent,
    /// Its answer, before it leaves.
    Release,
    /// Its answer was held back: the re-check failed after the agencies were asked.
    Withheld,
    /// The process ended between INTENT and the end: counts as disclosed.
    AssumedDisclosed,
    /// A question refused before any agency was asked.
    Denial,
    /// A change to the registry: cases, case workers, the board.
    RegistryChange,
    /// Somebody read the log.
    LogRead,
    /// Content was erased: what, how much, by which keys.
    Purge,
    /// A month's sample was drawn for review.
    SampleDrawn,
    /// An entry was reviewed.
    Review,
    /// Telling a person of the questions in a case was delayed, or is no longer.
    Delay,
}

impl RecordKind {
    /// The name in records.
    pub fn as_str(self) -> &'static str {
        match self {
            RecordKind::Intent => "intent",
            RecordKind::Release => "release",
            RecordKind::Withheld => "withheld",
            RecordKind::AssumedDisclosed => "assumed_disclosed",
            RecordKind::Denial => "denial",
            RecordKind::RegistryChange => "registry_change",
            RecordKind::LogRead => "log_read",
            RecordKind::Purge => "purge",
            RecordKind::SampleDrawn => "sample_drawn",
            RecordKind::Review => "review",
            RecordKind::Delay => "delay",
        }
    }
}

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
}
