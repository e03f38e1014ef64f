//! Restriction of processing (begränsning, GDPR art. 18): while it is in dispute whether what is held about a person is
//! right or may be held, nobody at the board asks about the person.

use serde::{Deserialize, Serialize};
use ssbtek_domain::{CaseWorkerId, DateTime, Utc};

/// The restriction of one person at one board. It names no person: whose it is follows from the document's blind name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restriction {
    /// The matter's reference number.
    pub reference: String,
    /// The administrator who placed it.
    pub by: CaseWorkerId,
    /// Since when.
    pub since: DateTime<Utc>,
    /// When it was lifted, and by whom; `None` while it is in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifted: Option<(DateTime<Utc>, CaseWorkerId)>,
    /// The version of the record in which this restriction was placed, if an earlier one had been lifted: each has a key of its
    /// own, so that erasing the one leaves the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placed_in: Option<u64>,
}

impl Restriction {
    /// Whether nobody may ask about the person.
    pub fn is_in_force(&self) -> bool {
        self.lifted.is_none()
    }
}
