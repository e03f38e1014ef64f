//! The facts of each agency, typed. One file per agency.

pub mod af;
pub mod csn;
pub mod fk;
mod kinds;
pub mod miv;
pub mod skv;
pub mod so;
pub mod tns;

use std::fmt;

use crate::{Agency, Personnummer, ProtectionSignal, payment::Payment, verdict::Withhold};

/// What every section can tell the merge, whatever the agency.
pub trait Facts: Withhold {
    /// Whom the answer is about, where the agency says so. Another person than asked: the answer is refused whole.
    fn person(&self) -> Option<&Personnummer>;

    /// The person's name as the agency has it (given names, family name).
    fn name(&self) -> Option<(&str, &str)> {
        None
    }

    /// What the agency says about protected identity.
    fn protection(&self) -> ProtectionSignal;

    /// How many flags that say "protected" the facts hold, of whomever.
    fn flags(&self) -> usize {
        0
    }

    /// Payments as lines, in the order of the answer.
    fn payments(&self) -> Vec<Payment>;

    /// Whether the agency says of somebody else in the answer that that person is protected. Silence says nothing.
    fn flags_another(&self) -> bool {
        false
    }

    /// Numbers, as they came, of the others whom the agency flags; only where it says who they are.
    fn flagged_others(&self) -> Vec<String> {
        Vec::new()
    }

    /// Whether the agency has a flag of somebody else's that says neither yes nor no, so that the person may be protected.
    fn leaves_another_open(&self) -> bool {
        false
    }

    /// Whether the agency says of the person with that number, who stands in the answer beside the one it is about, that the
    /// identity is protected: `Some(None)` of who stands there and of whom it says nothing.
    fn says_of(&self, person: &Personnummer) -> Option<Option<bool>> {
        let _ = person;
        None
    }

    /// Removes other persons' numbers, names and addresses and returns the names of the fields that were there. `open`: whose
    /// may stay, beside those of the person whom the answer is about.
    fn withhold_others(&mut self, open: &[Personnummer]) -> Vec<&'static str>;

    /// The same where nobody's but the person's own may stay.
    fn withhold_third_parties(&mut self) -> Vec<&'static str> {
        self.withhold_others(&[])
    }
}

/// The typed facts of one agency.
#[derive(Clone, PartialEq, Eq)]
pub enum Section {
    /// Arbetsförmedlingen.
    Af(af::Section),
    /// CSN.
    Csn(csn::Section),
    /// Försäkringskassan and Pensionsmyndigheten.
    Fk(fk::Section),
    /// Skatteverket.
    Skv(skv::Section),
    /// The unemployment funds.
    So(so::Section),
    /// Transportstyrelsen.
    Tns(tns::Section),
    /// Migrationsverket.
    Miv(miv::Section),
}

impl Section {
    /// Whose facts these are.
    pub fn agency(&self) -> Agency {
        match self {
            Section::Af(_) => Agency::Af,
            Section::Csn(_) => Agency::Csn,
            Section::Fk(_) => Agency::Fk,
            Section::Skv(_) => Agency::Skv,
            Section::So(_) => Agency::So,
            Section::Tns(_) => Agency::Tns,
            Section::Miv(_) => Agency::Miv,
        }
    }

    /// The facts, whatever the agency.
    pub fn facts(&self) -> &dyn Facts {
        match self {
            Section::Af(section) => section,
            Section::Csn(section) => section,
            Section::Fk(section) => section,
            Section::Skv(section) => section,
            Section::So(section) => section,
            Section::Tns(section) => section,
            Section::Miv(section) => section,
        }
    }

    /// The facts, to be reduced.
    pub fn facts_mut(&mut self) -> &mut dyn Facts {
        match self {
            Section::Af(section) => section,
            Section::Csn(section) => section,
            Section::Fk(section) => section,
            Section::Skv(section) => section,
            Section::So(section) => section,
            Section::Tns(section) => section,
            Section::Miv(section) => section,
        }
    }
}

impl fmt::Debug for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Section({}, redacted)", self.agency())
    }
}
