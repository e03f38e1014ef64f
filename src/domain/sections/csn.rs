//! CSN: student aid cases, decisions and payment plans, and the home-equipment loan. Source of names and limits: CSN's
//! schemas 4.0 (`person`, `studiemedel`, `studiehjalp`, `hemutrustningslan`, `studiestartsstod`,
//! `omstallningsstudiestod`, `csntyper`).

mod benefit_times;
mod case;
mod codes;
mod lines;
mod time;
mod verdicts;

pub use case::{
    AmountRow, AppliedTime, Case, CaseStatus, CoBorrower, GrantedTime, Mark, PaidTime, PaymentStatus,
    PlanPayment,
};
pub use codes::{is_amount_code, is_support_code};
pub use time::{Moment, Span};

use crate::{
    Format, Information, Kind, Outcome, Personnummer, Profile, ProtectionSignal,
    payment::{BenefitTime, Payment},
};

pub(super) const PROFILE: Profile = Profile {
    name: "Centrala studiestödsnämnden",
    can_flag_protection: true,
    kinds: &[Kind { name: "CSN", part: None, ordinance: Some("2 §") }],
    format: Some(Format::Csn),
    verdicts: verdicts::TABLE,
};

/// What CSN knows about one person. CSN gives neither name nor address.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// `Person/@sekel` + `Person/@personnummer`.
    pub person: Option<Personnummer>,
    /// `Person/@sekretess`: "Ja" or blanks. The facts are delivered either way.
    pub sekretess: Mark,
    /// `Person/@Status` when it is neither blank nor "Ej träff", as it came.
    pub unknown_status: Option<String>,
    /// `Studiestodstypforteckning`.
    pub support_kinds: Option<SupportKinds>,
    /// `Studiemedel`: student aid.
    pub studiemedel: Vec<Case>,
    /// `Studiehjalp`: study grant for upper-secondary pupils.
    pub studiehjalp: Vec<Case>,
    /// `HemutrustningsLan`: loan for home equipment. Its payments make no lines; they stay here.
    pub hemutrustningslan: Vec<Case>,
    /// `Studiestartsstod`: aid to unemployed who begin to study.
    pub studiestartsstod: Vec<Case>,
    /// `Omstallningsstudiestod`: transition study support.
    pub omstallningsstudiestod: Vec<Case>,
}

/// `Studiestodstypforteckning`: one text per kind of support. The schema says only that they are texts, so they are
/// carried as they came.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct SupportKinds {
    /// `studiemedel`.
    pub studiemedel: String,
    /// `studiehjalp`.
    pub studiehjalp: String,
    /// `hemutrustningslan`.
    pub hemutrustningslan: String,
    /// `studiestartsstod`.
    pub studiestartsstod: String,
    /// `omstallningsstudiestod`.
    pub omstallningsstudiestod: String,
}

impl SupportKinds {
    /// What is said of the kind whose list has that name in the schema.
    pub fn of(&self, list: &str) -> Option<&str> {
        let kinds = [
            ("Studiemedel", &self.studiemedel),
            ("Studiehjalp", &self.studiehjalp),
            ("HemutrustningsLan", &self.hemutrustningslan),
            ("Studiestartsstod", &self.studiestartsstod),
            ("Omstallningsstudiestod", &self.omstallningsstudiestod),
        ];
        kinds.into_iter().find(|(name, _)| *name == list).map(|(_, said)| said.as_str())
    }
}

impl Section {
    /// All lists of cases under the schema's names, in the schema's order.
    pub fn lists(&self) -> [(&'static str, &[Case]); 5] {
        [
            ("Studiemedel", &self.studiemedel),
            ("Studiehjalp", &self.studiehjalp),
            ("HemutrustningsLan", &self.hemutrustningslan),
            ("Studiestartsstod", &self.studiestartsstod),
            ("Omstallningsstudiestod", &self.omstallningsstudiestod),
        ]
    }

    /// Whether there is no case of any kind.
    pub fn is_empty(&self) -> bool {
        self.lists().iter().all(|(_, cases)| cases.is_empty())
    }
}

/// Another way to say "Ja".
fn says_yes(mark: &str) -> bool {
    ["ja", "j", "yes", "y", "true", "sant", "1"].contains(&mark.trim().to_lowercase().as_str())
}

impl super::Facts for Section {
    fn person(&self) -> Option<&Personnummer> {
        self.person.as_ref()
    }

    fn protection(&self) -> ProtectionSignal {
        match self.sekretess {
            Mark::Yes => ProtectionSignal::Sekretessmarkering,
            Mark::Blank => ProtectionSignal::NotProtected,
            Mark::Unknown(ref text) if says_yes(text) => ProtectionSignal::Sekretessmarkering,
            // A mark nobody can read is no "no".
            Mark::Absent | Mark::Unknown(_) => ProtectionSignal::Unsaid,
        }
    }

    fn flags(&self) -> usize {
        // What is neither yes nor blank is read too, as not known.
        usize::from(matches!(self.sekretess, Mark::Yes | Mark::Unknown(_)))
    }

    fn payments(&self) -> Vec<Payment> {
        lines::of(self)
    }

    fn benefit_times(&self) -> Vec<BenefitTime> {
        benefit_times::of(self)
    }

    fn outcomes(&self) -> Vec<Outcome> {
        vec![]
    }

    fn take_out(&mut self, _: Information) -> bool {
        false
    }

    fn numbers_of_others(&self) -> Vec<&str> {
        let cases = self.lists().into_iter().flat_map(|(_, cases)| cases);
        let co_borrowers = cases.filter_map(|case| case.co_borrower.as_ref());
        let numbers = co_borrowers.filter_map(|co_borrower| match co_borrower {
            CoBorrower::Number(number) => Some(number.as_str()),
            CoBorrower::Withheld => None,
        });
        numbers.collect()
    }

    fn withhold_others(&mut self, open: &[Personnummer]) -> Vec<&'static str> {
        let mut found = false;
        // The contract knows them at home-equipment loans alone; another's number is another's wherever it stands.
        let lists = [
            &mut self.studiemedel,
            &mut self.studiehjalp,
            &mut self.hemutrustningslan,
            &mut self.studiestartsstod,
            &mut self.omstallningsstudiestod,
        ];
        for case in lists.into_iter().flatten() {
            if let Some(co_borrower @ CoBorrower::Number(_)) = &mut case.co_borrower {
                if matches!(co_borrower, CoBorrower::Number(number) if open.iter().any(|it| it.is_written(number)))
                {
                    continue;
                }
                *co_borrower = CoBorrower::Withheld;
                found = true;
            }
        }
        if found { vec!["medlanare"] } else { vec![] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sections::Facts;

    #[test]
    fn only_blanks_say_that_a_person_is_not_marked() {
        let signal = |sekretess| Section { sekretess, ..Section::default() }.protection();
        assert_eq!(signal(Mark::Yes), ProtectionSignal::Sekretessmarkering);
        assert_eq!(signal(Mark::Blank), ProtectionSignal::NotProtected);
        assert_eq!(signal(Mark::Absent), ProtectionSignal::Unsaid);
        assert_eq!(signal(Mark::Unknown("?".into())), ProtectionSignal::Unsaid);
    }

    #[test]
    fn a_withheld_co_borrower_leaves_a_mark_and_no_number() {
        let case = Case { co_borrower: Some(CoBorrower::Number("198001019804".into())), ..Case::default() };
        let mut elsewhere = Section { studiemedel: vec![case.clone()], ..Section::default() };
        assert_eq!(elsewhere.withhold_third_parties(), ["medlanare"]);
        assert!(elsewhere.studiemedel[0].co_borrower == Some(CoBorrower::Withheld));
        let mut section = Section { hemutrustningslan: vec![case, Case::default()], ..Section::default() };
        assert_eq!(section.withhold_third_parties(), ["medlanare"]);
        assert!(section.hemutrustningslan[0].co_borrower == Some(CoBorrower::Withheld));
        assert!(section.hemutrustningslan[1].co_borrower.is_none());
        assert!(section.withhold_third_parties().is_empty());
    }
}
