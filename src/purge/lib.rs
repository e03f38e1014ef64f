//! Erasure within the limit, with proof: what is kept how long, when it is due, how it is erased, and the receipt.
//!
//! | module | holds |
//! |---|---|
//! | [`table`] | the retention table, the one source of `docs/DATA-RETENTION.md` |
//! | [`ledger`] | the purge ledger: append-only, outside the database, replayed at start |
//! | [`port`] | what a store must be able to do |
//! | [`time`] | the second clock |
//! | [`plan`] | what is due |
//! | [`run`] | erasing it, step by step, each of which can be repeated |
//! | `turn`, `trees` | one purges at a time; the tree before and after |
//! | `terms` | changing what is kept how long: the end of an agreement, legal holds, the handover |
//!
//! Never on the query path; must never be needed for a read to hide what has expired.

mod certify;
mod fault;
pub mod ledger;
pub mod plan;
pub mod port;
mod purger;
mod replay;
pub mod run;
mod status;
pub mod table;
mod terms;
pub mod time;
mod trees;
mod turn;

pub use certify::PurgeReceipt;
pub use fault::{FaultPoint, Killed, NoFaults, Step};
pub use ledger::{Ledger, LedgerAudit, LedgerError};
pub use plan::{Counting, Due, Plan, PlannedPurge, Unknown};
pub use port::{Compaction, EraseTarget, RetentionRow, RetentionStore};
pub use purger::{Around, Policy, Purger, Readiness};
pub use replay::destroy_again;
pub use run::{PurgeError, Ran};
pub use status::{BoardStatus, Purged, Status};
pub use terms::TermsError;
pub use time::SecondClock;
