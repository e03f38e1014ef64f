//! The history of who asked about whom: sealed entries under one Merkle tree per board.
//!
//! A question is two records: INTENT, durable before any agency is asked, and one that ends it, durable before the answer
//! leaves. [`AccessLog::open`] mints the [`Opened`] without which nobody is asked; [`AccessLog::close`] gives the receipt
//! without which nothing is released. Must never hold an answer's content.

mod append;
mod criteria;
mod entries;
mod expected;
mod export;
mod header;
mod log;
mod log_keys;
mod manifest;
mod payload;
mod proofs;
mod purge_record;
mod read;
mod registry_change;
mod report;
mod review;
mod sample;
mod store;
mod tree_store;

pub use append::{
    Append, AppendError, Appended, AtMost, BoardTerms, DocumentWrite, EntryEffect, Judge, Leaf, Recheck, Term,
};
pub use criteria::Criteria;
pub use entries::{Ended, LoggedEntry};
pub use expected::expected_terms;
pub use export::{BundleExport, Cosigner, ExportOptions};
pub use header::{Header, RecordKind};
pub use log::{AccessLog, CloseError, LogError, Opened, Refused};
pub use log_keys::{LogKey, LogKeys};
pub use manifest::{Manifest, ManifestLine, RecordedLine};
pub use payload::{
    Asker, AssumedDisclosed, DenialRecord, Disclosure, Door, Intent, LogRead, Payload, RegistryChange,
    Release, SourceOutcome, Withheld,
};
pub use proofs::ProvenCheckpoint;
pub use purge_record::{Certified, LegalHold, PurgeRecord, PurgeScope, TreeAt};
pub use read::{Filter, LoggedRecord, OpenFault, OpenedLeaf, ReadError, open_leaf};
pub use registry_change::{ChangeError, Changed};
pub use report::{PersonLine, UsageReport};
pub use review::{Overdue, ReviewOutcome, ReviewRecord, ReviewState};
pub use sample::{Reason, SampleDrawn, SampleRules, Sampled};
pub use store::{LogStore, OpenEntry, Page, StoreError, StoredLeaf};
pub use tree_store::{TreeState, TreeStore};
