//! An answer that may leave.

use ssbtek_domain::EntryId;
use ssbtek_merge::Report;
use ssbtek_transparency::Receipt;

/// A report whose release is durably logged. Minted only by the query path.
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
