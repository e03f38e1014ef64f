//! `ssbtek log list`.

use std::io::Write;

use chrono::NaiveDate;
use ssbtek_proto::{
    agency::v1::Outcome,
    broker::v1::{
        Criteria, EntryState, ListEntriesRequest, LogEntry, Protection, list_entries_request::Filter,
    },
};

use crate::{
    ClientError, World,
    arguments::{EntryKind, LogFilter, LogList, Shared},
    json,
    run::Done,
    settings::Account,
    show,
};

/// Entries that a table shows unless told otherwise.
const DEFAULT_LIMIT: u64 = 100;
/// Most entries the broker puts in a page.
const MAX_PAGE: u32 = 500;

pub(crate) async fn list(shared: &Shared, list: LogList, world: &mut World<'_>) -> Result<Done, ClientError> {
    let settings = shared.settings(world)?;
    let account = settings.account(shared.account.as_deref(), Account::Auditor)?;
    let broker = shared.broker(&settings, world)?;
    // A program must not take the first hundred for all.
    let limit = match list.limit {
        Some(0) => u64::MAX,
        Some(limit) => limit,
        None if list.json => u64::MAX,
        None => DEFAULT_LIMIT,
    };
    let (filter, criteria) = split(list.filter.criteria(world.clock.today())?);
    let (mut left, mut page, mut entries) = (limit, String::new(), Vec::new());
    while left > 0 {
        let page_size = u32::try_from(left).unwrap_or(MAX_PAGE).min(MAX_PAGE);
        let request = ListEntriesRequest {
            filter: filter.clone(),
            criteria: criteria.clone(),
            page_size,
            page: page.clone(),
        };
        let answer = broker.list_entries(account, request).await?;
        left = left.saturating_sub(answer.entries.len() as u64);
        if list.json {
            lines(&answer.entries, world.stdout)?;
        } else {
            entries.extend(answer.entries);
        }
        if answer.next_page == page && !page.is_empty() {
            return Err(ClientError::Failed("the broker gave the same page of the log twice".to_owned()));
        }
        page = answer.next_page;
        if page.is_empty() {
            break;
        }
    }
    if !list.json {
        world.stdout.write_all(show::entries(&entries, world.screen).as_bytes())?;
    }
    if !page.is_empty() {
        writeln!(world.stderr, "ssbtek: there are older entries; --limit 0 lists all")?;
    }
    Ok(Done::Whole)
}

/// One criterion goes as the filter that every broker knows.
fn split(criteria: Option<Criteria>) -> (Option<Filter>, Option<Criteria>) {
    let Some(mut rest) = criteria else { return (None, None) };
    let filter = if !rest.person_number.is_empty() {
        Filter::PersonNumber(std::mem::take(&mut rest.person_number))
    } else if !rest.case_id.is_empty() {
        Filter::CaseId(std::mem::take(&mut rest.case_id))
    } else if !rest.case_worker.is_empty() {
        Filter::CaseWorker(std::mem::take(&mut rest.case_worker))
    } else if !rest.entry_id.is_empty() {
        Filter::EntryId(std::mem::take(&mut rest.entry_id))
    } else {
        return (None, Some(rest));
    };
    if rest == Criteria::default() {
        return (Some(filter), None);
    }
    match filter {
        Filter::PersonNumber(text) => rest.person_number = text,
        Filter::CaseId(text) => rest.case_id = text,
        Filter::CaseWorker(text) => rest.case_worker = text,
        Filter::EntryId(text) => rest.entry_id = text,
    }
    (None, Some(rest))
}

pub(crate) fn lines(entries: &[LogEntry], stdout: &mut dyn Write) -> Result<(), ClientError> {
    for entry in entries {
        serde_json::to_writer(&mut *stdout, &json::Entry::of(entry)).map_err(|error| {
            ClientError::Output(error.io_error_kind().unwrap_or(std::io::ErrorKind::Other))
        })?;
        writeln!(stdout)?;
    }
    Ok(())
}

impl LogFilter {
    /// What is asked for; `None` if everything is.
    pub(crate) fn criteria(&self, today: NaiveDate) -> Result<Option<Criteria>, ClientError> {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let named = |name: &str, prefix: &str| format!("{prefix}{}", name.to_uppercase().replace('-', "_"));
        let outcome = match &self.outcome {
            None => 0,
            Some(name) => Outcome::from_str_name(&named(name, "OUTCOME_"))
                .ok_or(ClientError::Usage("--outcome: no such outcome"))?
                .into(),
        };
        let protection = match &self.protection {
            None => 0,
            Some(name) => Protection::from_str_name(&named(name, "PROTECTION_"))
                .ok_or(ClientError::Usage("--protection: no such level"))?
                .into(),
        };
        let state = self.kind.map_or(EntryState::Unspecified, |kind| match kind {
            EntryKind::Question => EntryState::Released,
            EntryKind::Denial => EntryState::Denied,
            EntryKind::Change => EntryState::RegistryChange,
            EntryKind::Reading => EntryState::LogRead,
            EntryKind::Sample => EntryState::SampleDrawn,
            EntryKind::Review => EntryState::Review,
            EntryKind::Delay => EntryState::Delay,
            EntryKind::ProtectionLifted => EntryState::ProtectionLifted,
            EntryKind::Erasure => EntryState::Purge,
        });
        let criteria = Criteria {
            person_number: text(&self.person),
            case_worker: text(&self.case_worker),
            case_id: text(&self.case),
            entry_id: text(&self.entry),
            unit: text(&self.unit),
            from: moment(self.since.as_deref(), today)?,
            until: moment(self.until.as_deref(), today)?,
            agency: text(&self.agency),
            outcome,
            protection,
            agent: text(&self.agent),
            state: state.into(),
            attested: self.attested.then_some(true),
        };
        Ok((criteria != Criteria::default()).then_some(criteria))
    }
}

/// A day (its start in Europe/Stockholm) or a moment, as RFC 3339.
fn moment(text: Option<&str>, today: NaiveDate) -> Result<String, ClientError> {
    let wrong = ClientError::Usage("--since, --until: must be today, yesterday, YYYY-MM-DD or RFC 3339");
    let Some(text) = text else { return Ok(String::new()) };
    if let Ok(moment) = chrono::DateTime::parse_from_rfc3339(text) {
        return Ok(moment.to_rfc3339());
    }
    let day = match text.to_lowercase().as_str() {
        "today" | "idag" => Some(today),
        "yesterday" | "igår" => today.pred_opt(),
        _ => ssbtek_domain::parse_day(text),
    };
    let midnight =
        day.map(|day| day.and_time(chrono::NaiveTime::MIN).and_local_timezone(ssbtek_domain::stockholm()));
    Ok(midnight.and_then(|midnight| midnight.earliest()).ok_or(wrong)?.to_rfc3339())
}
