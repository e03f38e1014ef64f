//! How an answer is looked at.

use ssbtek_present::{Month, payments::By, since::Comparison, stated::Stated};

/// What of an answer is shown, and how. By itself: all payments by their day, nothing compared, details folded.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// Everything, also what is folded.
    pub all: bool,
    /// Which date puts a payment in a month.
    pub by: By,
    /// Only the payments of this month.
    pub month: Option<Month>,
    /// A month against another.
    pub since: Option<Comparison>,
    /// What was stated about a month.
    pub stated: Option<(Month, Vec<Stated>)>,
}
