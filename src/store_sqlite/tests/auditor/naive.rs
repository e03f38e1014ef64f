//! A reader without index, pages or shortcuts: every entry, judged by a few plain lines a criterion.

use ssbtek_access_log::{AccessLog, Criteria, Filter, LoggedRecord, Payload, RecordKind};
use ssbtek_authorize::DocumentKind;
use ssbtek_domain::{DateTime, EntryId, Utc};

use crate::world::board;

/// An entry's first record, and the one that ended it.
pub(crate) struct Seen {
    pub(crate) first: LoggedRecord,
    ended: Option<LoggedRecord>,
}

/// Everything, oldest first.
pub(crate) async fn everything(log: &AccessLog) -> Vec<Seen> {
    let mut records = log.read(board(), &Filter::All, None, 100_000).await.unwrap();
    records.reverse();
    let is_end =
        |kind| matches!(kind, RecordKind::Release | RecordKind::Withheld | RecordKind::AssumedDisclosed);
    let (ends, firsts): (Vec<_>, Vec<_>) = records.into_iter().partition(|record| is_end(record.header.kind));
    let end_of = |id: EntryId| ends.iter().find(|end| end.header.entry == id).cloned();
    firsts
        .into_iter()
        .map(|first| {
            let ended =
                (first.header.kind == RecordKind::Intent).then(|| end_of(first.header.entry)).flatten();
            Seen { first, ended }
        })
        .collect()
}

/// Those that fulfil all criteria, newest first.
pub(crate) fn select(all: &[Seen], criteria: &Criteria) -> Vec<EntryId> {
    let fulfils = |seen: &&Seen| fulfils(seen, criteria);
    all.iter().filter(fulfils).map(|seen| seen.first.header.entry).rev().collect()
}

fn fulfils(seen: &Seen, c: &Criteria) -> bool {
    let at: DateTime<Utc> = seen.first.header.at.parse().unwrap();
    let (mut person, mut case, mut account, mut unit, mut agents, mut attested) =
        (None, None, None, None, vec![], false);
    let mut agencies = vec![];
    match seen.first.payload.as_ref().unwrap() {
        Payload::Intent(intent) => {
            person = Some(intent.person.expose().to_owned());
            case = Some(intent.case.clone());
            account = Some(intent.asker.case_worker.clone());
            unit = Some(intent.unit.clone());
            agents = intent.asker.processors.iter().map(|link| link.organisation).collect();
            agencies = intent.sources.iter().map(|line| line.source.agency()).collect();
            attested = intent.attested;
        }
        Payload::Denial(denial) => {
            person = denial.person.as_ref().map(|named| named.0.expose().to_owned());
            case = denial.case.clone();
            account = Some(denial.asker.case_worker.clone());
            agents = denial.asker.processors.iter().map(|link| link.organisation).collect();
        }
        Payload::LogRead(read) => {
            // Readings about a person are found only when readings are asked for.
            person =
                read.selection.person().map(str::to_owned).filter(|_| c.kind == Some(RecordKind::LogRead));
            account = Some("greta".to_owned().try_into().unwrap());
        }
        Payload::SampleDrawn(_) | Payload::Review(_) => {
            account = Some("greta".to_owned().try_into().unwrap())
        }
        Payload::RegistryChange(change) if change.document == DocumentKind::Case => {
            case = Some(change.id.clone().try_into().unwrap());
        }
        _ => {}
    }
    let (mut outcomes, mut protection) = (vec![], None);
    if let Some(Payload::Release(release)) = seen.ended.as_ref().and_then(|end| end.payload.as_ref()) {
        let told = release.disclosure.outcomes.iter();
        outcomes = told.map(|line| (line.source.agency(), line.outcome)).collect();
        protection = Some(release.disclosure.protection);
    }
    c.person.as_ref().is_none_or(|wanted| person.as_deref() == Some(wanted.expose()))
        && c.case.as_ref().is_none_or(|wanted| case.as_ref() == Some(wanted))
        && c.case_worker.as_ref().is_none_or(|wanted| account.as_ref() == Some(wanted))
        && c.entry.is_none_or(|wanted| wanted == seen.first.header.entry)
        && c.unit.as_ref().is_none_or(|wanted| unit.as_ref() == Some(wanted))
        && c.from.is_none_or(|from| from <= at)
        && c.until.is_none_or(|until| at < until)
        && c.agency.is_none_or(|wanted| agencies.contains(&wanted))
        && c.outcome.is_none_or(|wanted| {
            outcomes
                .iter()
                .any(|(agency, outcome)| *outcome == wanted && c.agency.is_none_or(|of| of == *agency))
        })
        && c.protection.is_none_or(|least| protection.is_some_and(|level| level >= least))
        && c.agent.is_none_or(|wanted| agents.contains(&wanted))
        && c.kind.is_none_or(|wanted| wanted == seen.first.header.kind)
        && c.attested.is_none_or(|wanted| wanted == attested)
}
