//! Arbetsförmedlingen: jobseeker status, activity report, economic decisions, fund membership.
//! Field names in brackets are those of `ersattningsstod/v2`.

mod verdicts;

use chrono::NaiveDate;

use crate::{
    Format, Information, Kind, Outcome, PartOutcome, Personnummer, Profile, ProtectionSignal,
    payment::{BenefitTime, Payment},
};

pub(super) const PROFILE: Profile = Profile {
    name: "Arbetsförmedlingen",
    can_flag_protection: true,
    kinds: &[Kind { name: "AF", part: None, ordinance: Some("5 §") }],
    format: Some(Format::Af),
    verdicts: verdicts::TABLE,
};

/// What AF knows about one person. AF pays nothing itself: no payment lines.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// Whom the answer is about (`IdentitetsbeteckningFysiskPerson`).
    pub person: Option<Personnummer>,
    /// Given name (`Fornamn`).
    pub given_name: Option<String>,
    /// Family name (`Efternamn`).
    pub family_name: Option<String>,
    /// `Sekretessmarkering`. Left out is not the same as "no".
    pub protected: Option<bool>,
    /// The registration as a jobseeker (`ArbetssokandeInfo`); `None` when AF left it out.
    pub registration: Option<Registration>,
    /// Economic decisions (`BeslutInfo`); `None` when AF left them out, empty when it says there are none.
    pub decisions: Option<Vec<Decision>>,
    /// Unemployment fund the person belongs to (`Akassetillhorighet`), AF's own wording.
    pub fund_membership: Option<String>,
    /// How AF's own look-up went (`StatusSokandeinformationKod`): 0 is success, anything else is not.
    pub status_code: i32,
    /// AF's wording for it (`StatusSokandeinformationKodText`). Free text: shown, never interpreted.
    pub status_text: Option<String>,
}

/// Registration as a jobseeker (`ArbetssokandeInfo`).
#[derive(Clone, PartialEq, Eq)]
pub struct Registration {
    /// Registered as a jobseeker now (`Arbetssokande`).
    pub jobseeker: Option<bool>,
    /// Jobseeker category (`ArbetssokandeSKAT`), as AF writes it; AF publishes no code list.
    pub category: Option<String>,
    /// Registered on (`ArbetssokandeRegistrerad`).
    pub registered_on: Option<NaiveDate>,
    /// Extent of the work sought (`ArbetssokandeOmfattning`), percent.
    pub extent_percent: Option<i32>,
    /// No longer registered since (`ArbetssokandeAvaktualiserad`).
    pub deactivated_on: Option<NaiveDate>,
    /// The activity report (`AktivetetsRapportDatum`; the spelling is the schema's). `None` when AF left it out, against its
    /// schema.
    pub activity_report: Option<ActivityReport>,
}

/// The activity report (aktivitetsrapport).
#[derive(Clone, PartialEq, Eq)]
pub struct ActivityReport {
    /// Whether it was submitted (`AktivitetsRapportMeddelande`).
    pub message: ReportMessage,
    /// Day of the latest one (`SenasteAktivitetsRapportDatum`).
    pub latest_on: Option<NaiveDate>,
}

/// `AktivitetsRapportMeddelande`.
#[derive(Clone, PartialEq, Eq)]
pub enum ReportMessage {
    /// 200: submitted.
    Submitted,
    /// 500: AF does not know.
    NotKnown,
    /// 501: not submitted.
    NotSubmitted,
    /// 502: AF failed to look it up.
    Fault,
    /// Outside the known list; kept as it came.
    Other(String),
}

impl ReportMessage {
    /// The message with AF's code; what is not known is kept as it came.
    pub fn from_code(code: &str) -> Self {
        match code.trim() {
            "200" => Self::Submitted,
            "500" => Self::NotKnown,
            "501" => Self::NotSubmitted,
            "502" => Self::Fault,
            _ => Self::Other(code.to_owned()),
        }
    }

    /// AF's code, or the unknown text as it came.
    pub fn code(&self) -> &str {
        match self {
            Self::Submitted => "200",
            Self::NotKnown => "500",
            Self::NotSubmitted => "501",
            Self::Fault => "502",
            Self::Other(code) => code,
        }
    }

    /// Only "submitted" and "not submitted" are answers; anything else could not be checked.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Submitted | Self::NotSubmitted => Outcome::Answered,
            Self::NotKnown | Self::Fault | Self::Other(_) => Outcome::FailedAtSource,
        }
    }
}

/// One economic decision (`BeslutInfo/EkonomiskaBeslut/Beslut`). The two dates stand as AF wrote them; what came without a field,
/// or with one that cannot be understood, has `None` there.
#[derive(Clone, PartialEq, Eq)]
pub struct Decision {
    /// Kind of compensation (`ErsattningTyp`), AF's own wording.
    pub kind: String,
    /// `Omfattning`, percent.
    pub extent_percent: Option<i32>,
    /// First day (`BeslutFrom`).
    pub from: Option<NaiveDate>,
    /// Last day, included (`BeslutTom`).
    pub to: Option<NaiveDate>,
}

impl Section {
    /// Name of the part that [`Section::status_code`] is about.
    pub const PART_INFORMATION: &'static str = "sökandeinformation";
    /// Name of the part that the activity report is.
    pub const PART_REPORT: &'static str = "aktivitetsrapport";

    /// What became of each part, read from the answer itself: a failure hides inside a successful answer.
    pub fn parts(&self) -> Vec<PartOutcome> {
        let found = self.status_code == 0;
        let mut parts = vec![PartOutcome {
            part: Self::PART_INFORMATION.to_owned(),
            outcome: if found { Outcome::Answered } else { Outcome::FailedAtSource },
            code: (!found).then(|| self.status_code.to_string()),
        }];
        let reports = self.registration.iter().filter_map(|known| known.activity_report.as_ref());
        parts.extend(reports.map(|report| {
            let message = &report.message;
            let code = match message {
                ReportMessage::Other(_) => None,
                known => Some(known.code().to_owned()),
            };
            PartOutcome { part: Self::PART_REPORT.to_owned(), outcome: message.outcome(), code }
        }));
        parts
    }

    /// What became of the answer as a whole.
    pub fn outcome(&self) -> Outcome {
        let outcome = Outcome::of_parts(self.parts().iter().map(|part| part.outcome));
        match outcome.unwrap_or(Outcome::FailedAtSource) {
            Outcome::FailedAtSource if self.holds_facts() => Outcome::AnsweredInPart,
            outcome => outcome,
        }
    }

    fn holds_facts(&self) -> bool {
        self.registration.is_some() || self.decisions.is_some() || self.fund_membership.is_some()
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
        match self.protected {
            Some(true) => ProtectionSignal::Sekretessmarkering,
            // A look-up that failed cannot vouch for a "no".
            Some(false) if self.status_code == 0 => ProtectionSignal::NotProtected,
            Some(false) | None => ProtectionSignal::Unsaid,
        }
    }

    fn payments(&self) -> Vec<Payment> {
        vec![]
    }

    fn benefit_times(&self) -> Vec<BenefitTime> {
        vec![]
    }

    fn outcomes(&self) -> Vec<Outcome> {
        vec![self.outcome()]
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
    use crate::sections::Facts;

    #[test]
    fn an_absent_sekretessmarkering_is_not_a_no() {
        let signal =
            |protected, status_code| Section { protected, status_code, ..Section::default() }.protection();
        assert_eq!(signal(None, 0), ProtectionSignal::Unsaid);
        assert_eq!(signal(Some(false), 0), ProtectionSignal::NotProtected);
        assert_eq!(signal(Some(true), 0), ProtectionSignal::Sekretessmarkering);
        assert_eq!(signal(Some(false), 4), ProtectionSignal::Unsaid, "a failed look-up vouches for nothing");
        assert_eq!(signal(Some(true), 4), ProtectionSignal::Sekretessmarkering);
        let flags = |protected| Section { protected, ..Section::default() }.flags();
        assert_eq!(
            [flags(Some(true)), flags(Some(false)), flags(None)],
            [1, 0, 0],
            "what is said is counted"
        );
    }

    #[test]
    fn a_status_that_is_not_zero_is_a_failure_whatever_else_the_answer_holds() {
        let mut section = Section { status_code: 4, ..Section::default() };
        assert_eq!(section.outcome(), Outcome::FailedAtSource);
        section.decisions = Some(vec![]);
        assert_eq!(section.outcome(), Outcome::AnsweredInPart);
        section.status_code = 0;
        assert_eq!(section.outcome(), Outcome::Answered);
    }
}
