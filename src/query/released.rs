//! An answer that may leave.

use ssbtek_domain::EntryId;
use ssbtek_merge::Report;
use ssbtek_transparency::Receipt;

/// A report whose release is durably logged. Minted only by the query path, so that a door, which can encode nothing else,
/// cannot encode an answer that was not logged.
///
/// Reading one compiles:
///
/// ```
/// fn door(released: &ssbtek_query::Released) -> String {
///     released.entry().to_string()
/// }
/// ```
///
/// Making one outside the path does not:
///
/// ```compile_fail,E0451
/// use ssbtek_query::Released;
/// fn door(entry: ssbtek_domain::EntryId, old: &Released) -> Released {
///     let (report, receipt) = (old.report().clone(), old.receipt().clone());
///     Released { entry, report, receipt }
/// }
/// ```
///
/// ```compile_fail,E0624
/// use ssbtek_query::Released;
/// fn door(entry: ssbtek_domain::EntryId, old: &Released) -> Released {
///     let (report, receipt) = (old.report().clone(), old.receipt().clone());
///     Released::new(entry, report, receipt)
/// }
/// ```
#[derive(Debug)]
pub struct Released {
    entry: EntryId,
    report: Report,
    receipt: Receipt,
    provisional: bool,
}

impl Released {
    pub(crate) fn new(entry: EntryId, report: Report, receipt: Receipt, provisional: bool) -> Self {
        Self { entry, report, receipt, provisional }
    }

    /// The log entry.
    pub fn entry(&self) -> EntryId {
        self.entry
    }

    /// The answer.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Whether it rests on a provisional case.
    pub fn is_provisional(&self) -> bool {
        self.provisional
    }

    /// Proof that it was logged.
    pub fn receipt(&self) -> &Receipt {
        &self.receipt
    }
}
