//! The port every source stands behind.

use async_trait::async_trait;
use ssbtek_domain::{NaiveDate, Note, Outcome, Period, Question, Source, SourceAnswer};
use ssbtek_formats::CaseBound;
use tokio::time::Instant;

/// One source that can be asked, whatever its wire format.
#[async_trait]
pub trait Connector: Send + Sync {
    /// Which source this is.
    fn source(&self) -> &Source;

    /// The period this source can be asked about, by its own rule, with a note where it is narrower than `wanted`.
    /// `None` when nothing of `wanted` may be asked.
    fn derive_period(&self, wanted: Period, today: NaiveDate) -> Option<(Period, Option<Note>)> {
        let _ = today;
        Some((wanted, None))
    }

    /// How long a case's identity this source takes; `None` where it takes every one.
    fn case_bound(&self) -> Option<CaseBound> {
        None
    }

    /// Whether a connection to the source can be had before `deadline`, its identity proven; if not, what would become of a
    /// question. Nothing is asked.
    async fn reach(&self, deadline: Instant) -> Result<(), Outcome>;

    /// Asks, and answers before `deadline`. Never fails: a failure is an outcome.
    async fn ask(&self, question: &Question, deadline: Instant) -> SourceAnswer;
}
