//! The log's store above any engine: naming and sealing of documents, facts, what is visible by date, groups of appends with their
//! checks, signing of checkpoints, authentication of rows, life of tokens, erasure, and what the offline check expects.
//!
//! Must never hold SQL, nor know which engine there is: an engine gives rows and transactions ([`engine`]). After a fault that leaves
//! it open what is durable the store is poisoned: it acknowledges nothing more.
//!
//! | module | holds |
//! |---|---|
//! | `engine`, `rows`, `fault` | what an engine has to give |
//! | `store`, `tree_store`, `erase`, `log_keys`, `marks`, `leases` | the ports that those above use |
//! | `poison` | whether the log can be trusted still |
//! | `work`, `writer`, `commit`, `group`, `apply`, `maintain`, `answers` | the one writer |
//! | `documents`, `certificates`, `retention`, `visible`, `index`, `key_rows`, `keys`, `prove`, `missing`, `lease_rows`, `kept`, `tokens`, `asked`, `authentic`, `index_keys`, `format` | what rows mean |
//! | `trees`, `tiles`, `signer` | trees and their checkpoints |
//! | `check` | the offline check |
//! | `memory` | an engine that keeps nothing, for tests |

mod answers;
mod apply;
mod asked;
mod authentic;
mod beside;
mod certificates;
mod check;
mod commit;
mod documents;
pub mod engine;
mod erase;
mod fault;
mod format;
mod group;
mod hashed;
mod index;
mod index_keys;
mod kept;
mod key_rows;
mod keys;
mod lease_rows;
mod leases;
mod log_keys;
mod maintain;
mod marks;
pub mod memory;
mod missing;
mod poison;
mod prove;
mod reader;
mod retention;
pub mod rows;
mod signer;
mod steps;
mod store;
mod tiles;
mod tokens;
mod tree_store;
mod trees;
mod trouble;
mod visible;
mod work;
mod writer;

pub use check::{CheckOptions, CheckReport, check};
pub use fault::Fault;
pub use poison::Poison;
pub use signer::CheckpointSigner;
pub use store::{Around, Store, StoreOptions};
pub use trees::MOST_LEAVES;
pub use visible::Lifetimes;

/// What authenticates rows, for an engine that brings over rows from before they were authenticated.
pub mod authentication {
    pub use crate::{
        authentic::{mac_of, provider_index},
        beside::begin_beside,
        kept::mac as of_kept,
        retention::{authenticated as of_terms, first_row as first_terms},
        steps::find_steps,
        tokens::mac as of_spent,
    };
}

/// Why a store could not be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The engine, a row or a key.
    #[error("the log's store cannot be opened: {0}")]
    Fault(#[from] Fault),
    /// The data are of a later format than this program knows.
    #[error("the data are of format {found}; this program knows format {known}")]
    Newer {
        /// What was found.
        found: u32,
        /// The newest that is known.
        known: u32,
    },
    /// A record is what was written under its key, in a form that this program does not know.
    #[error(
        "a record was written by a newer version of this program; nothing is wrong with it: see docs/runbooks/go-back.md"
    )]
    NewerRecord,
    /// Rows that answers rest on were removed, or put back to what they were, while the store was closed.
    #[error(
        "rows of the table `started` were removed or are older than the logs say: see docs/runbooks/rows-removed.md"
    )]
    RowsRemoved,
    /// A board's tree does not agree with its own checkpoint.
    #[error(
        "the access log of board {0} does not agree with its checkpoint: it was damaged or tampered with"
    )]
    Tree(String),
    /// A thread could not be started.
    #[error("a thread of the log's store cannot be started: {0}")]
    Thread(std::io::ErrorKind),
}
