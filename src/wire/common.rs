//! Types that every section uses.

use ssbtek_domain::{Amount, NaiveDate, Note, Outcome, PartOutcome, Period, Personnummer, parse_day};
use ssbtek_proto::agency::v1 as proto;

/// A message that does not fit the domain: the name of the field, never its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is missing or malformed")]
pub struct WireError(pub &'static str);

/// Domain period → wire.
pub fn period(period: &Period) -> proto::Period {
    proto::Period { from: period.from().to_string(), to: period.to().to_string() }
}

/// Wire period → domain; `field` names it in the error.
pub fn period_from_proto(period: &proto::Period, field: &'static str) -> Result<Period, WireError> {
    let (from, to) = (date_from_text(&period.from, field)?, date_from_text(&period.to, field)?);
    Period::new(from, to).map_err(|_| WireError(field))
}

/// `YYYY-MM-DD`, exactly ten characters.
pub(crate) fn date_from_text(text: &str, field: &'static str) -> Result<NaiveDate, WireError> {
    parse_day(text).ok_or(WireError(field))
}

/// An optional date.
pub(crate) fn opt_date(text: Option<&str>, field: &'static str) -> Result<Option<NaiveDate>, WireError> {
    text.map(|text| date_from_text(text, field)).transpose()
}

/// A date that is empty where it was not told.
pub(crate) fn told_date(text: &str, field: &'static str) -> Result<Option<NaiveDate>, WireError> {
    opt_date(Some(text).filter(|text| !text.is_empty()), field)
}

/// The text of what was told; empty where nothing was.
pub(crate) fn text_of(told: Option<impl ToString>) -> String {
    told.map(|told| told.to_string()).unwrap_or_default()
}

/// An optional exact amount.
pub(crate) fn opt_amount(text: Option<&str>, field: &'static str) -> Result<Option<Amount>, WireError> {
    text.map(|text| text.parse().map_err(|_| WireError(field))).transpose()
}

/// An optional person number.
pub(crate) fn opt_person(text: Option<&str>, field: &'static str) -> Result<Option<Personnummer>, WireError> {
    text.map(|text| Personnummer::parse_undated(text).map_err(|_| WireError(field))).transpose()
}

/// Domain outcome → wire.
pub fn outcome_to_proto(outcome: Outcome) -> proto::Outcome {
    match outcome {
        Outcome::NotAsked => proto::Outcome::NotAsked,
        Outcome::NotPermitted => proto::Outcome::NotPermitted,
        Outcome::Answered => proto::Outcome::Answered,
        Outcome::AnsweredInPart => proto::Outcome::AnsweredInPart,
        Outcome::NoSuchPerson => proto::Outcome::NoSuchPerson,
        Outcome::FailedAtSource => proto::Outcome::FailedAtSource,
        Outcome::TimedOut => proto::Outcome::TimedOut,
        Outcome::NotReachable => proto::Outcome::NotReachable,
        Outcome::AnswerRefused => proto::Outcome::AnswerRefused,
        Outcome::IdentityRefused => proto::Outcome::IdentityRefused,
    }
}

/// Wire outcome → domain; an unknown or unspecified one is refused.
pub fn outcome_from_proto(outcome: i32) -> Result<Outcome, WireError> {
    let outcome = proto::Outcome::try_from(outcome).map_err(|_| WireError("outcome"))?;
    Outcome::ALL
        .into_iter()
        .find(|candidate| outcome_to_proto(*candidate) == outcome)
        .ok_or(WireError("outcome"))
}

/// Domain part → wire.
pub fn part(part: &PartOutcome) -> proto::PartOutcome {
    proto::PartOutcome {
        part: part.part.clone(),
        outcome: outcome_to_proto(part.outcome).into(),
        code: part.code.clone(),
    }
}

/// Wire part → domain.
pub fn part_from_proto(part: proto::PartOutcome) -> Result<PartOutcome, WireError> {
    Ok(PartOutcome { part: part.part, outcome: outcome_from_proto(part.outcome)?, code: part.code })
}

/// Domain note → wire.
pub fn note(note: &Note) -> proto::Note {
    use proto::note::Kind;
    let kind = match note {
        Note::PeriodNarrowed(_) => Kind::PeriodNarrowed,
        Note::PeriodWidened(_) => Kind::PeriodWidened,
        Note::PerhapsTruncated(_) => Kind::PerhapsTruncated,
        Note::UnknownCode(_) => Kind::UnknownCode,
        Note::CannotBeAsked(_) => Kind::CannotBeAsked,
        Note::Missing(_) => Kind::Missing,
        Note::NotUnderstood(_) => Kind::NotUnderstood,
        Note::PassedOver(_) => Kind::PassedOver,
        Note::Rounded(_) => Kind::Rounded,
        Note::OtherVersion(_) => Kind::OtherVersion,
        Note::NotAskedFor(_) => Kind::NotAskedFor,
        Note::CaseAlias(_) => Kind::CaseAlias,
    };
    proto::Note { kind: kind.into(), detail: note.detail().to_owned() }
}
