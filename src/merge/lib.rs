//! Answers → one [`Report`]: an outcome for every source, protection settled, payments in one model, contradictions named.
//!
//! Asks nobody. Nothing that could locate a person is in a report unless every source that can flag protection said no.

mod ahead;
mod discrepancies;
mod household;
mod learned;
mod merge;
mod named;
mod payments;
mod protection;
mod report;
mod sources;
mod together;
mod truthful;
mod withhold;

pub use ahead::SectionAhead;
pub use merge::{Heard, Merging, merge};
pub use named::Named;
pub use report::{
    Discrepancy, DiscrepancyKind, Originals, OriginalsWanted, PaymentLine, ProtectionSummary, Report,
    SourceReport,
};
pub use together::Household;
