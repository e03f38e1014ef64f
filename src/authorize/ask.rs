//! The question as the caller put it, checked in form.

use std::collections::{BTreeMap, BTreeSet};

use ssbtek_domain::{
    Agency, CaseId, CaseWorkerId, DateTime, Information, LegalBasis, NaiveDate, OrganisationNumber, Period,
    Personnummer, Processor, Purpose, Role, Utc, Wanted, parse_day, sections::skv::Part,
};

use crate::{AccountKind, FactsKey};

/// A one-time token to be spent with the question, so that an assertion is used once — durably.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenUse {
    /// SHA-256 over issuer and `jti`.
    pub token: [u8; 32],
    /// Until when it must be remembered.
    pub expires_at: DateTime<Utc>,
}

/// An authenticated caller. `authenticate` makes it; nothing else should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The board in whose name is asked.
    pub board: OrganisationNumber,
    /// The case worker the assertion names.
    pub case_worker: CaseWorkerId,
    /// What kind of account that is, as it is registered; a person's where it is not.
    pub kind: AccountKind,
    /// What proves who calls: SHA-256 of the TLS client certificate; of an account that has signed in (`signed_in`), the sign-in that
    /// leads to it, blinded under the board's index key.
    pub certificate: [u8; 32],
    /// Whether it is an account that has signed in itself, and no party's certificate speaks for it.
    pub signed_in: bool,
    /// The agent whose certificate it is, where it is not the board's own.
    pub agent: Option<OrganisationNumber>,
    /// Organisations between the board and the broker, in order.
    pub processors: Vec<Processor>,
    /// The assertion, to be spent.
    pub token: TokenUse,
    /// Id of the board's key that signed the assertion; `None` at doors whose messages carry none.
    pub signed_with: Option<String>,
}

impl Caller {
    /// The documents that a question in `case`, or a call about no case, rests on.
    pub fn facts_key(&self, case: Option<CaseId>) -> FactsKey {
        FactsKey { case, agent: self.agent, ..FactsKey::account(self.board, self.case_worker.clone()) }
    }
}

/// Bounds on the form of a question.
#[derive(Debug, Clone, Copy)]
pub struct AskLimits {
    /// Longest period, in days.
    pub max_period_days: i64,
    /// How far ahead of today a period may end, in days.
    pub max_ahead_days: i64,
}

impl Default for AskLimits {
    fn default() -> Self {
        Self { max_period_days: 3 * 366, max_ahead_days: 62 }
    }
}

/// What is wrong with the form of a question: the field, and a fixed text that quotes nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct AskError {
    /// The field's name in the contract.
    pub field: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

impl AskError {
    /// An error for a field.
    pub fn new(field: &'static str, reason: impl ToString) -> Self {
        Self { field, reason: reason.to_string() }
    }
}

/// A question as it arrived, still text.
#[derive(Default)]
pub struct RawAsk<'a> {
    /// `case_id`.
    pub case_id: &'a str,
    /// `role`; `None` when missing or unknown.
    pub role: Option<Role>,
    /// `person_number`.
    pub person_number: Option<&'a str>,
    /// `period.from`, `YYYY-MM-DD`.
    pub from: &'a str,
    /// `period.to`, `YYYY-MM-DD`.
    pub to: &'a str,
    /// `agencies`; empty means all.
    pub agencies: &'a [String],
    /// `purpose`; empty means ekonomiskt bistånd.
    pub purpose: &'a str,
}

/// A question well-formed in every field. Whether it may be asked is for [`crate::decide`].
#[derive(Debug, Clone)]
pub struct Ask {
    /// The case.
    pub case: CaseId,
    /// The person's role in it. `None` at doors whose contract has no roles: then the person must be named, and the case
    /// says which role that person has.
    pub role: Option<Role>,
    /// The person, if the caller named one.
    pub person: Option<Personnummer>,
    /// The period the case needs.
    pub period: Period,
    /// Agencies wanted.
    pub agencies: BTreeSet<Agency>,
    /// Why.
    pub purpose: Purpose,
    /// What is wanted of single agencies beyond the standard question.
    pub wishes: BTreeMap<Agency, Wish>,
}

/// What is wanted of one agency beyond the standard question.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// A period of its own.
    pub period: Option<Period>,
    /// A question of its own.
    pub wanted: Wanted,
    /// The provision as the caller words it (`lagtext`), told to the agency in place of our own wording. Whether the
    /// agency may be asked at all is still settled by our own table.
    pub basis: Option<LegalBasis>,
}

impl Ask {
    /// Checks every field. `today` is the day in Stockholm.
    pub fn parse(raw: &RawAsk<'_>, limits: &AskLimits, today: NaiveDate) -> Result<Self, AskError> {
        let case = case(raw)?;
        let role =
            raw.role.ok_or_else(|| AskError::new("role", "must be applicant, co-applicant or child"))?;
        let person = raw
            .person_number
            .map(|text| Personnummer::parse(text, today))
            .transpose()
            .map_err(|error| AskError::new("person_number", error))?;
        Self::about_somebody(case, Some(role), person, (raw, limits, today))
    }

    /// The same of a question about everybody in a household, which names nobody: `role` and `person_number` do not matter.
    pub fn parse_of_household(
        raw: &RawAsk<'_>,
        limits: &AskLimits,
        today: NaiveDate,
    ) -> Result<Self, AskError> {
        Self::about_somebody(case(raw)?, None, None, (raw, limits, today))
    }

    fn about_somebody(
        case: CaseId,
        role: Option<Role>,
        person: Option<Personnummer>,
        (raw, limits, today): (&RawAsk<'_>, &AskLimits, NaiveDate),
    ) -> Result<Self, AskError> {
        let purpose = if raw.purpose.is_empty() { "ekonomiskt bistånd" } else { raw.purpose };
        let purpose = Purpose::parse(purpose).map_err(|error| AskError::new("purpose", error))?;
        let agencies = raw
            .agencies
            .iter()
            .map(|code| Agency::parse(code))
            .collect::<Result<BTreeSet<_>, _>>()
            .map_err(|error| AskError::new("agencies", error))?;
        let agencies = if agencies.is_empty() { Agency::ALL.into() } else { agencies };
        Ok(Self {
            case,
            role,
            person,
            period: period(raw, limits, today)?,
            agencies,
            purpose,
            wishes: BTreeMap::new(),
        })
    }
}

impl Ask {
    /// The kinds of information that are wanted of an agency.
    pub fn wanted_kinds(&self, agency: Agency) -> Vec<Information> {
        match self.wishes.get(&agency).map(|wish| &wish.wanted) {
            Some(Wanted::Skv(request)) => request.parts().into_iter().map(Information::skv).collect(),
            Some(Wanted::SkvDocument) => vec![Information::skv(Part::TaxData)],
            None | Some(Wanted::Standard | Wanted::Lefi(_)) => Information::of(agency),
        }
    }
}

fn case(raw: &RawAsk<'_>) -> Result<CaseId, AskError> {
    CaseId::parse(raw.case_id).map_err(|error| AskError::new("case_id", error))
}

fn period(raw: &RawAsk<'_>, limits: &AskLimits, today: NaiveDate) -> Result<Period, AskError> {
    let date = |text: &str, field: &'static str| {
        parse_day(text).ok_or_else(|| AskError::new(field, "must be a date, YYYY-MM-DD"))
    };
    let (from, to) = (date(raw.from, "period.from")?, date(raw.to, "period.to")?);
    let period = Period::new(from, to).map_err(|error| AskError::new("period", error))?;
    limits.check(period, today)?;
    Ok(period)
}

impl AskLimits {
    /// Whether a period is one that may be asked about. `today` is the day in Stockholm.
    pub fn check(&self, period: Period, today: NaiveDate) -> Result<(), AskError> {
        let (from, to) = (period.from(), period.to());
        if from > today {
            return Err(AskError::new("period.from", "lies in the future"));
        }
        if (to - today).num_days() > self.max_ahead_days {
            let reason = format!("lies more than {} days ahead", self.max_ahead_days);
            return Err(AskError::new("period.to", reason));
        }
        if period.days() > self.max_period_days {
            let reason = format!("is longer than {} days", self.max_period_days);
            return Err(AskError::new("period", reason));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(change: impl FnOnce(&mut RawAsk<'static>)) -> Result<Ask, AskError> {
        let mut raw = RawAsk {
            case_id: "EB-1",
            role: Some(Role::Applicant),
            from: "2026-09-01",
            to: "2026-11-30",
            ..RawAsk::default()
        };
        change(&mut raw);
        Ask::parse(&raw, &AskLimits::default(), "2026-11-22".parse().unwrap())
    }

    #[test]
    fn every_malformed_field_is_named_and_none_is_quoted() {
        let field = |change: fn(&mut RawAsk<'static>)| parse(change).unwrap_err().field;
        assert_eq!(field(|raw| raw.case_id = " "), "case_id");
        assert_eq!(field(|raw| raw.role = None), "role");
        assert_eq!(field(|raw| raw.person_number = Some("198001019805")), "person_number");
        assert_eq!(field(|raw| raw.from = "2026-12-01"), "period");
        assert_eq!(field(|raw| raw.from = "22/11/2026"), "period.from");
        assert_eq!(field(|raw| raw.to = "2027-03-01"), "period.to");
        assert_eq!(field(|raw| raw.from = "2020-01-01"), "period");
        assert_eq!(
            field(|raw| {
                raw.from = "2026-11-23";
                raw.to = "2026-11-24"
            }),
            "period.from"
        );
        let error = parse(|raw| raw.person_number = Some("198001019805")).unwrap_err();
        assert!(!error.to_string().contains("1980"));
    }

    #[test]
    fn no_agencies_means_all_and_an_unknown_one_is_refused() {
        assert_eq!(parse(|_| ()).unwrap().agencies.len(), Agency::ALL.len());
        let unknown: &'static [String] = Box::leak(vec!["XX".to_owned()].into_boxed_slice());
        assert_eq!(parse(|raw| raw.agencies = unknown).unwrap_err().field, "agencies");
    }
}
