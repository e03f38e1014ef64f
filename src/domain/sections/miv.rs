//! Migrationsverket: permits and other matters of one person.
//! Field names in brackets are those of `ssbtek/1`.
//! Codes have no published list, and the names beside them are its own words.

use chrono::NaiveDate;

use crate::{
    Format, Information, Kind, Outcome, Personnummer, Profile, ProtectionSignal,
    payment::{BenefitTime, Payment},
    verdict::{Text, verdicts},
};

pub(super) const PROFILE: Profile = Profile {
    name: "Migrationsverket",
    can_flag_protection: false,
    kinds: &[Kind { name: "MIV", part: None, ordinance: None }],
    format: Some(Format::Miv),
    verdicts: VERDICTS,
};

/// What MIV knows about one person. No payments, and no field for protected identity.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// Whom the answer is about (`personnummer`), where MIV says so.
    pub person: Option<Personnummer>,
    /// Given name (`fornamn`).
    pub given_name: Option<String>,
    /// Family name (`efternamn`).
    pub family_name: Option<String>,
    /// Home country (`hemland`), as MIV writes it. Can locate a person.
    pub home_country: Option<String>,
    /// Entered Sweden on (`inresedatum`).
    pub entered_on: Option<NaiveDate>,
    /// Matters and decisions (`svarCollection/svar`).
    pub matters: Vec<Matter>,
}

/// One matter (`svar`): an application, a decision, a permit. Everything is optional in MIV's schema. Codes are kept as
/// they come, each beside the name MIV gives it; MIV publishes no code list.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Matter {
    /// Ground, code (`anledning`).
    pub ground_code: Option<String>,
    /// Ground, name (`anledningNamn`).
    pub ground: Option<String>,
    /// Applied on (`ansokningsdatum`).
    pub applied_on: Option<NaiveDate>,
    /// Type of matter, code (`arendeTyp`).
    pub kind_code: Option<String>,
    /// Type of matter, name (`arendeTypNamn`).
    pub kind: Option<String>,
    /// Decision, code (`beslutsKod`).
    pub decision_code: Option<String>,
    /// Decision, name (`beslutsKodNamn`).
    pub decision: Option<String>,
    /// Type of decision, code (`beslutsTyp`).
    pub decision_kind_code: Option<String>,
    /// Type of decision, name (`beslutsTypNamn`).
    pub decision_kind: Option<String>,
    /// Decided on (`beslutsdatum`).
    pub decided_on: Option<NaiveDate>,
    /// Valid from (`fromDatum`).
    pub valid_from: Option<NaiveDate>,
    /// Valid to, included (`tomDatum`).
    pub valid_to: Option<NaiveDate>,
    /// Permanent or for a time (`giltighetstid`).
    pub validity: Option<Validity>,
}

/// `giltighetstid`.
#[derive(Clone, PartialEq, Eq)]
pub enum Validity {
    /// `PERMANENT`.
    Permanent,
    /// `TIDBEGRANSAT`.
    TimeLimited,
    /// Outside the published list; kept as it came.
    Other(String),
}

impl Validity {
    /// The validity with MIV's code; what is not known is kept as it came.
    pub fn from_code(code: &str) -> Self {
        match code.trim() {
            "PERMANENT" => Self::Permanent,
            "TIDBEGRANSAT" => Self::TimeLimited,
            _ => Self::Other(code.to_owned()),
        }
    }

    /// MIV's code, or the unknown text as it came.
    pub fn code(&self) -> &str {
        match self {
            Self::Permanent => "PERMANENT",
            Self::TimeLimited => "TIDBEGRANSAT",
            Self::Other(code) => code,
        }
    }
}

verdicts! {
    VERDICTS of Miv;
    Section {
        person: nothing("the number that was asked about"),
        given_name: name("what the person is called, perhaps anew"),
        family_name: name("what the person is called, perhaps anew"),
        home_country: own("hemland", "where the person may have gone, and whom the person may live among"),
        entered_on: nothing("a day"),
        matters: inside(),
    }
    Matter {
        ground_code: text("a code without a published list"),
        ground: text("MIV's own words"),
        applied_on: nothing("a day"),
        kind_code: text("a code without a published list"),
        kind: text("MIV's own words"),
        decision_code: text("a code without a published list"),
        decision: text("MIV's own words"),
        decision_kind_code: text("a code without a published list"),
        decision_kind: text("MIV's own words"),
        decided_on: nothing("a day"),
        valid_from: nothing("a day"),
        valid_to: nothing("a day"),
        validity: text("a published form; another is whatever MIV wrote"),
    }
}

impl Text for Validity {
    fn keep(&mut self, known: fn(&str) -> bool) -> bool {
        match self {
            Self::Other(text) => text.keep(known),
            Self::Permanent | Self::TimeLimited => false,
        }
    }
}

impl super::Facts for Section {
    fn person(&self) -> Option<&Personnummer> {
        self.person.as_ref()
    }

    fn name(&self) -> Option<(&str, &str)> {
        Some((self.given_name.as_deref()?, self.family_name.as_deref()?))
    }

    fn protection(&self) -> ProtectionSignal {
        ProtectionSignal::CannotSay
    }

    fn payments(&self) -> Vec<Payment> {
        vec![]
    }

    fn benefit_times(&self) -> Vec<BenefitTime> {
        vec![]
    }

    fn outcomes(&self) -> Vec<Outcome> {
        vec![]
    }

    fn take_out(&mut self, _: Information) -> bool {
        false
    }

    fn numbers_of_others(&self) -> Vec<&str> {
        vec![]
    }

    fn withhold_others(&mut self, _: &[Personnummer]) -> Vec<&'static str> {
        vec![]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HoldBack, verdict::withhold};

    #[test]
    fn the_home_country_is_withheld_and_named_once() {
        let mut section = Section { home_country: Some("XX".to_owned()), ..Section::default() };
        assert_eq!(withhold(&mut section, HoldBack::Whereabouts, false), ["hemland"]);
        assert!(section.home_country.is_none());
        assert!(withhold(&mut section, HoldBack::Whereabouts, false).is_empty());
    }
}
