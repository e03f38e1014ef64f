//! A month's use of a board, in numbers.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{DateTime, Timelike};
use ssbtek_domain::{Agency, CaseWorkerId, OrganisationNumber, Personnummer, Protection};

use crate::{AccessLog, Criteria, LoggedEntry, Payload, ReadError, RecordKind, SourceOutcome, sample::month};

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
    /// Questions by agency and outcome; one where an agency's funds differ counts under each.
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
    /// A month's use of the board; `None` if there is no such month.
    pub async fn usage(
        &self,
        board: OrganisationNumber,
        month_text: &str,
    ) -> Result<Option<UsageReport>, ReadError> {
        let Some((from, until)) = month(month_text) else { return Ok(None) };
        let criteria = Criteria { from: Some(from), until: Some(until), ..Criteria::default() };
        let mut counting = Counting::default();
        let mut walk = self.walk(board, criteria, None).await?;
        while let Some(entries) = walk.next().await? {
            entries.iter().for_each(|entry| counting.entry(entry));
        }
        Ok(Some(counting.ended(month_text)))
    }
}

/// A report under way.
#[derive(Default)]
struct Counting {
    report: UsageReport,
    case_workers: HashSet<CaseWorkerId>,
    persons: HashSet<Personnummer>,
    durations: Vec<u64>,
}

impl Counting {
    fn entry(&mut self, entry: &LoggedEntry) {
        match entry.first.header.kind {
            RecordKind::Intent => self.question(entry),
            RecordKind::Denial => {
                let denial = match &entry.first.payload {
                    Some(Payload::Denial(denial)) => Some(denial),
                    _ => None,
                };
                match denial.and_then(|denial| denial.more.as_ref()) {
                    Some(more) => {
                        self.report.denied += more.count;
                        for (reason, count) in &more.reasons {
                            *self.report.denials.entry(reason.clone()).or_default() += count;
                        }
                    }
                    None => {
                        self.report.denied += 1;
                        if let Some(denial) = denial {
                            *self.report.denials.entry(denial.denial.as_str().to_owned()).or_default() += 1;
                        }
                    }
                }
            }
            RecordKind::LogRead => self.report.log_reads += 1,
            RecordKind::Review => self.report.reviews += 1,
            // Counted by nobody; the ends of questions with the questions themselves.
            RecordKind::Release
            | RecordKind::Withheld
            | RecordKind::AssumedDisclosed
            | RecordKind::RegistryChange
            | RecordKind::Purge
            | RecordKind::SampleDrawn
            | RecordKind::Delay
            | RecordKind::ProtectionLifted => {}
        }
    }

    fn question(&mut self, entry: &LoggedEntry) {
        let report = &mut self.report;
        report.questions += 1;
        if let Ok(at) = DateTime::parse_from_rfc3339(&entry.first.header.at) {
            let local = at.with_timezone(&ssbtek_domain::stockholm());
            if let Some(hour) = report.by_hour.get_mut(local.hour() as usize) {
                *hour += 1;
            }
            *report.by_day.entry(local.format("%Y-%m-%d").to_string()).or_default() += 1;
        }
        if let Some(Payload::Intent(intent)) = &entry.first.payload {
            *report.by_unit.entry(intent.unit.clone()).or_default() += 1;
            report.attested += u64::from(intent.attested);
            self.case_workers.insert(intent.asker.case_worker.clone());
            self.persons.insert(intent.person.clone());
        }
        let ended = entry.ended.as_ref().map(|end| (end.0.header.kind, end.0.payload.as_ref()));
        let outcomes: &[SourceOutcome] = match ended {
            Some((RecordKind::Release, payload)) => {
                report.released += 1;
                match payload {
                    Some(Payload::Release(release)) => {
                        self.durations.push(release.duration_ms);
                        report.protected += u64::from(release.disclosure.protection > Protection::NotKnown);
                        &release.disclosure.outcomes
                    }
                    _ => &[],
                }
            }
            Some((RecordKind::Withheld, payload)) => {
                report.withheld += 1;
                match payload {
                    Some(Payload::Withheld(withheld)) => &withheld.outcomes,
                    _ => &[],
                }
            }
            Some(_) => {
                report.assumed_disclosed += 1;
                &[]
            }
            None => &[],
        };
        // SO is two dozen funds: each outcome counts once a question, so that agencies can be compared.
        let named = outcomes.iter().map(|line| (line.source.agency(), line.outcome.as_str()));
        for named in named.collect::<BTreeSet<_>>() {
            *report.by_agency.entry(named).or_default() += 1;
        }
    }

    fn ended(mut self, month: &str) -> UsageReport {
        self.durations.sort_unstable();
        self.report.median_ms = self.durations.get(self.durations.len() / 2).copied().unwrap_or(0);
        self.report.case_workers = self.case_workers.len() as u64;
        self.report.persons = self.persons.len() as u64;
        month.clone_into(&mut self.report.month);
        self.report
    }
}
