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
}

impl Released {
    pub(crate) fn new(entry: EntryId, report: Report, receipt: Receipt) -> Self {
        Self { entry, report, receipt }
    }

    /// The log entry.
    pub fn entry(&self) -> EntryId {
        self.entry
    }

    /// The answer.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Proof that it was logged.
    pub fn receipt(&self) -> &Receipt {
        &self.receipt
    }
}
