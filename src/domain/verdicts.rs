//! The verdicts of all agencies, each of which states its own. What the words mean: [`crate::verdict`].

use crate::{
    Agency,
    verdict::{UNNAMED, Verdict},
};

/// Whether `withheld` may state this name of an agency's answer for protection's sake.
pub fn is_withheld_name(agency: &str, name: &str) -> bool {
    name == UNNAMED || all().any(|verdict| verdict.agency.code() == agency && verdict.withheld_as == name)
}

/// Every verdict, agency by agency in the contract's order, record by record.
pub fn all() -> impl Iterator<Item = &'static Verdict> {
    Agency::ALL.into_iter().flat_map(|agency| agency.profile().verdicts).copied().flatten()
}
