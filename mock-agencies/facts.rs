//! What each agency knows about the generated persons: one population, whatever the wire format.

pub mod af;
pub mod csn;
pub mod fk;
pub mod miv;
pub mod skv;
pub mod so;
pub mod tns;

use ssbtek_domain::{
    Agency, NaiveDate, Outcome, PartOutcome, Period, Source,
    sections::{Section, so::StatusTexts},
};

use crate::population::TestPerson;

/// CSN's systems: study grants and loans, home-equipment loans, transition support.
const CSN_SYSTEMS: [&str; 3] = ["SM/SH", "HUT", "OSS"];

/// Who stands behind LEFI.
const FK_PROVIDERS: [&str; 2] = ["FK", "PM"];

/// One source's facts about one person over a period.
pub fn section(source: &Source, person: &TestPerson, period: &Period, today: NaiveDate) -> Section {
    match source {
        Source::Agency(Agency::Af) => Section::Af(af::section(person, period, today)),
        Source::Agency(Agency::Csn) => Section::Csn(csn::section(person, period, today)),
        Source::Agency(Agency::Fk) => Section::Fk(fk::section(person, period, today)),
        Source::Agency(Agency::Skv) => Section::Skv(skv::section(person, period, today)),
        Source::Agency(Agency::So) => Section::So(so::section(person, period, today)),
        Source::Agency(Agency::Tns) => Section::Tns(tns::section(person, period, today)),
        Source::Agency(Agency::Miv) => Section::Miv(miv::section(person, period, today)),
        Source::Fund(fund) => Section::So(so::fund_section(person, fund, period, today)),
    }
}

/// What became of each sub-source when everything is well, as the agency's own wire format would tell it.
pub fn parts(source: &Source, section: &Section) -> Vec<PartOutcome> {
    let answered = |part: &str| PartOutcome { part: part.to_owned(), outcome: Outcome::Answered, code: None };
    match (source, section) {
        (_, Section::Af(facts)) => facts.parts(),
        (_, Section::Csn(_)) => CSN_SYSTEMS.map(answered).into(),
        (_, Section::Fk(_)) => FK_PROVIDERS.map(answered).into(),
        (Source::Agency(_), Section::So(facts)) => facts.parts(&StatusTexts::default()),
        (Source::Fund(_), Section::So(_)) | (_, Section::Skv(_) | Section::Tns(_) | Section::Miv(_)) => {
            vec![]
        }
    }
}
