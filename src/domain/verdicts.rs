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
    let table = |agency: Agency| match agency {
        Agency::Af => af::TABLE,
        Agency::Csn => csn::TABLE,
        Agency::Fk => fk::TABLE,
        Agency::Skv => skv::TABLE,
        Agency::So => so::TABLE,
        Agency::Tns => tns::TABLE,
        Agency::Miv => miv::TABLE,
    };
    Agency::ALL.into_iter().flat_map(table).copied().flatten()
}
