//! `ssbtek.broker.v1.Criteria` → what the log looks for.

use ssbtek_access_log::{Criteria, RecordKind};
use ssbtek_authorize::AskError;
use ssbtek_domain::{
    Agency, CaseId, CaseWorkerId, DateTime, EntryId, NaiveDate, OrganisationNumber, Outcome, Personnummer,
    Protection, Unit, Utc,
};
use ssbtek_proto::{agency::v1::Outcome as ProtoOutcome, broker::v1 as proto};

use super::{field, moment};
use crate::{Refusal, encode};

/// Days within which protected persons can be looked for at once.
const MAX_PROTECTED_DAYS: i64 = 31;

pub(super) fn parse(
    filter: Option<proto::list_entries_request::Filter>,
    criteria: Option<proto::Criteria>,
    today: NaiveDate,
) -> Result<Criteria, Refusal> {
    use proto::list_entries_request::Filter;
    let mut message = match (&filter, criteria) {
        (Some(_), Some(_)) => return Err(AskError::new("criteria", "not together with a filter").into()),
        (_, criteria) => criteria.unwrap_or_default(),
    };
    match filter {
        Some(Filter::PersonNumber(text)) => message.person_number = text,
        Some(Filter::CaseWorker(text)) => message.case_worker = text,
        Some(Filter::CaseId(text)) => message.case_id = text,
        Some(Filter::EntryId(text)) => message.entry_id = text,
        None => {}
    }
    let outcome = match message.outcome() {
        ProtoOutcome::Unspecified => None,
        wanted => Outcome::ALL.into_iter().find(|outcome| ssbtek_wire::outcome_to_proto(*outcome) == wanted),
    };
    let protection = match message.protection() {
        proto::Protection::Unspecified => None,
        wanted => [
            Protection::None,
            Protection::NotKnown,
            Protection::Sekretessmarkering,
            Protection::SkyddadFolkbokforing,
        ]
        .into_iter()
        .find(|level| encode::protection(*level) == wanted),
    };
    let kind = match message.state() {
        proto::EntryState::Unspecified => None,
        proto::EntryState::Open
        | proto::EntryState::Released
        | proto::EntryState::Withheld
        | proto::EntryState::AssumedDisclosed => Some(RecordKind::Intent),
        proto::EntryState::Denied => Some(RecordKind::Denial),
        proto::EntryState::RegistryChange => Some(RecordKind::RegistryChange),
        proto::EntryState::LogRead => Some(RecordKind::LogRead),
        proto::EntryState::SampleDrawn => Some(RecordKind::SampleDrawn),
        proto::EntryState::Review => Some(RecordKind::Review),
        proto::EntryState::Purge => Some(RecordKind::Purge),
        proto::EntryState::Delay => Some(RecordKind::Delay),
        proto::EntryState::ProtectionLifted => Some(RecordKind::ProtectionLifted),
    };
    let criteria = Criteria {
        person: given("person_number", &message.person_number, |text| Personnummer::parse(text, today))?,
        case_worker: given("case_worker", &message.case_worker, CaseWorkerId::parse)?,
        case: given("case_id", &message.case_id, CaseId::parse)?,
        entry: given("entry_id", &message.entry_id, EntryId::parse)?,
        unit: given("unit", &message.unit, Unit::parse)?.map(|unit| unit.as_str().to_owned()),
        from: time("from", &message.from)?,
        until: time("until", &message.until)?,
        agency: given("agency", &message.agency, Agency::parse)?,
        agent: given("agent", &message.agent, OrganisationNumber::parse)?,
        attested: message.attested,
        outcome,
        protection,
        kind,
    };
    let days = criteria.from.zip(criteria.until).map(|(from, until)| (until - from).num_days());
    if criteria.looks_for_protected() && !days.is_some_and(|days| (0..=MAX_PROTECTED_DAYS).contains(&days)) {
        let reason = "and until must be given, at most 31 days apart, where protected persons are looked for";
        return Err(AskError::new("criteria.from", reason).into());
    }
    Ok(criteria)
}

fn time(name: &'static str, text: &str) -> Result<Option<DateTime<Utc>>, Refusal> {
    if text.is_empty() { Ok(None) } else { moment(name, text).map(Some) }
}

fn given<T, E: ToString>(
    name: &'static str,
    text: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, Refusal> {
    if text.is_empty() { Ok(None) } else { field(name, parse(text)).map(Some) }
}
