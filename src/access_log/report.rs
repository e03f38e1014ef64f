//! Two reports out of the log: what a person is owed, and a month's use in numbers.

use std::collections::BTreeMap;

use chrono::{DateTime, Timelike};
use ssbtek_domain::{Agency, OrganisationNumber, Personnummer, Protection};
use ssbtek_transparency::Receipt;

use crate::{AccessLog, Criteria, Payload, ReadError, RecordKind, sample::month};

/// One line of the report to a person. Holds nothing about anybody else.
#[derive(Debug, Clone)]
pub struct PersonLine {
    /// When it was asked, RFC 3339.
    pub at: String,
    /// `released`, `withheld`, `assumed_disclosed`, `open` or `denied`.
    pub state: &'static str,
    /// Why.
    pub purpose: String,
    /// Agencies that were asked, and so were told of the question.
    pub agencies: Vec<Agency>,
    /// The account that asked; only where the board decides to tell.
    pub case_worker: Option<String>,
    /// Proof for each of its records, all to one checkpoint.
    pub proofs: Vec<Receipt>,
}

/// A month's use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageReport {
    /// The month, `YYYY-MM`.
    pub month: String,
    /// Questions that led to agencies being asked.
    pub questions: u64,
    /// Of these, with an answer released.
    pub released: u64,
    /// Of these, held back.
    pub withheld: u64,
    /// Of these, without a known end.
    pub assumed_disclosed: u64,
    /// Refusals.
    pub denied: u64,
    /// Refusals by reason.
    pub denials: BTreeMap<String, u64>,
    /// Questions by unit.
    pub by_unit: BTreeMap<String, u64>,
    /// Outcomes by agency.
    pub by_agency: BTreeMap<(Agency, &'static str), u64>,
    /// Questions by hour of the day, Europe/Stockholm.
    pub by_hour: [u64; 24],
    /// Questions by day of the month.
    pub by_day: BTreeMap<String, u64>,
    /// Accounts that asked.
    pub case_workers: u64,
    /// Persons asked about.
    pub persons: u64,
    /// Questions about protected persons.
    pub protected: u64,
    /// Questions in cases that the board itself attested.
    pub attested: u64,
    /// Readings of the log.
    pub log_reads: u64,
    /// Reviews recorded.
    pub reviews: u64,
    /// Median milliseconds from permit to release.
    pub median_ms: u64,
}

impl AccessLog {
    /// Everything asked about one person at one board, oldest first. Work grows with this person's entries, not with the log.
    pub async fn person_report(
        &self,
        board: OrganisationNumber,
        person: &Personnummer,
        with_case_worker: bool,
    ) -> Result<Vec<PersonLine>, ReadError> {
        let criteria = Criteria { person: Some(person.clone()), ..Criteria::default() };
        let entries = self.find_all(board, &criteria).await?;
        let state = self.store.tree(board).await.map_err(|_| ReadError::Unavailable)?;
        let Some(state) = state else { return Ok(Vec::new()) };
        let mut lines = Vec::new();
        for entry in entries {
            let mut line = PersonLine {
                at: entry.first.header.at.clone(),
                state: match (entry.first.header.kind, entry.ended.as_ref().map(|end| end.0.header.kind)) {
                    (RecordKind::Denial, _) => "denied",
                    (_, None) => "open",
                    (_, Some(RecordKind::Release)) => "released",
                    (_, Some(RecordKind::Withheld)) => "withheld",
                    _ => "assumed_disclosed",
                },
                purpose: String::new(),
                agencies: Vec::new(),
                case_worker: None,
                proofs: Vec::new(),
            };
            if let Some(payload) = &entry.first.payload {
                if let Payload::Intent(intent) = payload {
                    intent.purpose.as_str().clone_into(&mut line.purpose);
                    line.agencies = intent.sources.iter().map(|source| source.source.agency()).collect();
                    line.agencies.dedup();
                }
                let asker = crate::criteria::asker(payload).filter(|_| with_case_worker);
                line.case_worker = asker.map(|asker| asker.case_worker.as_str().to_owned());
            }
            for index in
                [Some(entry.first.index), entry.ended.as_ref().map(|end| end.0.index)].into_iter().flatten()
            {
                let proven = self.store.inclusion(board, index, state.size).await;
                let (leaf_hash, proof) = proven.map_err(|_| ReadError::Unavailable)?;
                line.proofs.push(Receipt { leaf_hash, index, proof, checkpoint: state.checkpoint.clone() });
            }
            lines.push(line);
        }
        Ok(lines)
    }

    /// A month's use of the board; `None` if there is no such month.
    pub async fn usage(
        &self,
        board: OrganisationNumber,
        month_text: &str,
    ) -> Result<Option<UsageReport>, ReadError> {
        let Some((from, until)) = month(month_text) else { return Ok(None) };
        let criteria = Criteria { from: Some(from), until: Some(until), ..Criteria::default() };
        let mut report = UsageReport { month: month_text.to_owned(), ..UsageReport::default() };
        let (mut workers, mut persons, mut durations) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        for entry in self.find_all(board, &criteria).await? {
            let header = &entry.first.header;
            match header.kind {
                RecordKind::Intent => {}
                RecordKind::Denial => {
                    report.denied += 1;
                    if let Some(Payload::Denial(denial)) = &entry.first.payload {
                        *report.denials.entry(denial.denial.as_str().to_owned()).or_default() += 1;
                    }
                    continue;
                }
                RecordKind::LogRead => {
                    report.log_reads += 1;
                    continue;
                }
                RecordKind::Review => {
                    report.reviews += 1;
                    continue;
                }
                _ => continue,
            }
            report.questions += 1;
            if let Ok(at) = DateTime::parse_from_rfc3339(&header.at) {
                let local = at.with_timezone(&ssbtek_domain::stockholm());
                if let Some(hour) = report.by_hour.get_mut(local.hour() as usize) {
                    *hour += 1;
                }
                *report.by_day.entry(local.format("%Y-%m-%d").to_string()).or_default() += 1;
            }
            if let Some(Payload::Intent(intent)) = &entry.first.payload {
                *report.by_unit.entry(intent.unit.clone()).or_default() += 1;
                report.attested += u64::from(intent.attested);
                workers.insert(intent.asker.case_worker.clone(), ());
                persons.insert(intent.person.expose().to_owned(), ());
            }
            let outcomes = match entry.ended.as_ref().map(|end| (end.0.header.kind, end.0.payload.as_ref())) {
                Some((RecordKind::Release, payload)) => {
                    report.released += 1;
                    if let Some(Payload::Release(release)) = payload {
                        durations.push(release.duration_ms);
                        report.protected += u64::from(release.disclosure.protection > Protection::NotKnown);
                        release.disclosure.outcomes.clone()
                    } else {
                        Vec::new()
                    }
                }
                Some((RecordKind::Withheld, payload)) => {
                    report.withheld += 1;
                    match payload {
                        Some(Payload::Withheld(withheld)) => withheld.outcomes.clone(),
                        _ => Vec::new(),
                    }
                }
                Some(_) => {
                    report.assumed_disclosed += 1;
                    Vec::new()
                }
                None => Vec::new(),
            };
            for outcome in outcomes {
                *report.by_agency.entry((outcome.source.agency(), outcome.outcome.as_str())).or_default() +=
                    1;
            }
        }
        durations.sort_unstable();
        report.median_ms = durations.get(durations.len() / 2).copied().unwrap_or(0);
        report.case_workers = workers.len() as u64;
        report.persons = persons.len() as u64;
        Ok(Some(report))
    }
}
