//! The history of who asked about whom: sealed entries under one Merkle tree per board.
//!
//! A question is two records: INTENT, durable before any agency is asked, and one that ends it, durable before the answer
//! leaves. [`AccessLog::open`] mints the [`Opened`] without which nobody is asked; [`AccessLog::close`] gives the receipt
//! without which nothing is released. Must never hold an answer's content.

mod about;
mod answered;
mod append;
mod criteria;
mod delay;
mod entries;
mod export;
mod fault;
mod find;
mod header;
mod lease;
mod log;
mod log_keys;
mod manifest;
mod marks;
mod now_protected;
mod open;
mod page_token;
mod payload;
mod person;
mod proofs;
mod protected;
mod purge_record;
mod read;
mod reading;
mod refusals;
mod registry_change;
mod remember;
mod report;
mod review;
mod sample;
mod store;
mod tree_store;
mod walk;

pub use about::{About, LookUp, Sought, expected_terms, question_term};
pub use answered::Answered;
pub use append::{
    Append, AppendError, Appended, BoardTerms, DocumentWrite, EntryEffect, Judge, Leaf, Question, Recheck,
    Term,
};
pub use criteria::Criteria;
pub use delay::DelayDecided;
pub use entries::{Ended, LoggedEntry};
pub use export::{BundleExport, Cosigner, ExportOptions};
pub use header::{FORMAT_LEVEL, Header, Part, RecordKind};
pub use lease::{Holder, Lease, Leases};
pub use log::{AccessLog, CloseError, LogError, Opened, Refused, RefusedCall};
pub use log_keys::{LogKey, LogKeys};
pub use manifest::{Manifest, ManifestLine, RecordedLine};
pub use marks::Marks;
pub use now_protected::{NowProtected, Standing};
pub use open::Putting;
pub use page_token::PageOf;
pub use payload::{
    Asker, AssumedDisclosed, DenialRecord, Disclosure, Door, Intent, Payload, RegistryChange, Release,
    SourceOutcome, Telling, Withheld,
};
pub use person::{PersonLine, PersonReport, PersonReportOptions, Usage};
pub use proofs::{CosignedCheckpoint, ProvenCheckpoint};
pub use protected::{ByMachine, ProtectedRead};
pub use purge_record::{Certified, LegalHold, PurgeRecord, PurgeScope, TreeAt};
pub use read::{Filter, LoggedRecord, OpenFault, OpenedLeaf, ReadError, open_leaf, read_leaf};
pub use reading::{
    AGENCY, AGENT, BROKER, CONFIGURATION, LogRead, OPERATOR, OPERATORS, OperatorReader, PortalReader, Reader,
    Reading, Selection, is_no_accounts_name, operator_name, shown_account,
};
pub use refusals::{MoreRefusals, RefusalBounds};
pub use registry_change::{ByTwo, Change, ChangeError, Changed, Proposes};
pub use remember::{LiftError, ProtectionLifted, RememberedWrites};
pub use report::UsageReport;
pub use review::{Overdue, ReviewOutcome, ReviewRecord, ReviewState};
pub use sample::{Reason, SampleDrawn, SampleRules, Sampled, month as month_span};
pub use store::{CaseAt, CaseVersions, LogStore, OpenEntry, Page, StoreError, StoredLeaf};
pub use tree_store::{TreeState, TreeStore};
pub use walk::Walk;
