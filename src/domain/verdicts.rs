//! The verdict on each field of each agency's answer. What the words mean: [`crate::verdict`].

mod af;
mod csn;
mod fk;
mod fk_figures;
mod miv;
mod skv;
mod so;
mod tns;

pub use fk_figures::{FIGURES, FigureVerdict};
pub use skv::is_appendix;

use crate::verdict::{UNNAMED, Verdict};

/// Whether `withheld` may state this name of an agency's answer for protection's sake.
pub fn is_withheld_name(agency: &str, name: &str) -> bool {
    name == UNNAMED || all().any(|verdict| verdict.agency.code() == agency && verdict.withheld_as == name)
}

/// Every verdict, agency by agency in the contract's order, record by record.
pub fn all() -> impl Iterator<Item = &'static Verdict> {
    [af::TABLE, csn::TABLE, fk::TABLE, skv::TABLE, so::TABLE, tns::TABLE, miv::TABLE]
        .into_iter()
        .flatten()
        .copied()
        .flatten()
}
