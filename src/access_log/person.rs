//! What a person is told about the questions asked: the board's own report with proofs, and what a citizen portal shows.
//! Holds nothing about anybody else.

use ssbtek_domain::{Agency, CaseId, DateTime, EntryId, NaiveDate, OrganisationNumber, Personnummer, Utc};
use ssbtek_transparency::Receipt;

use crate::{AccessLog, Criteria, LoggedEntry, Payload, ReadError, RecordKind, delay::Delays};

/// Entries looked through at a time.
const PAGE: usize = 100;

/// One question, or one attempt, about the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// The entry: the name under which the person can ask the board about it.
    pub entry: EntryId,
    /// When, RFC 3339.
    pub at: String,
    /// `released`, `withheld`, `assumed_disclosed`, `open` or `denied`.
    pub state: &'static str,
    /// Why; empty where nothing was asked, or once erased.
    pub purpose: String,
    /// Agencies that were asked, and so were told of the question.
    pub agencies: Vec<Agency>,
    /// Organisations through whose hands question and answer went, nearest the board first.
    pub processors: Vec<OrganisationNumber>,
    /// Kinds of data that the board received; never the data.
    pub kinds: Vec<String>,
    /// The first day on which the person could be told, where telling was delayed.
    pub delayed_until: Option<NaiveDate>,
}

/// One line of the board's own report.
#[derive(Debug, Clone)]
pub struct PersonLine {
    /// What the person is told.
    pub usage: Usage,
    /// The account that asked; only where the board decides to tell.
    pub case_worker: Option<String>,
    /// Proof for each of its records, all to one checkpoint.
    pub proofs: Vec<Receipt>,
}

/// The board's own report to a person.
#[derive(Debug, Clone)]
pub struct PersonReport {
    /// Oldest first.
    pub lines: Vec<PersonLine>,
    /// Lines left out because telling of them is delayed today. For the board; not to be told.
    pub delayed: u64,
    /// The signed checkpoint that all proofs lead to; empty for a log without records.
    pub checkpoint: String,
}

/// What the report is to hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PersonReportOptions {
    /// Also which account asked.
    pub with_case_worker: bool,
    /// Also what the person is not to be told yet; for the board itself.
    pub with_delayed: bool,
}

impl AccessLog {
    /// Everything asked about one person at one board. Work grows with this person's entries, not with the log.
    pub async fn person_report(
        &self,
        board: OrganisationNumber,
        person: &Personnummer,
        options: PersonReportOptions,
    ) -> Result<PersonReport, ReadError> {
        let state = self.store.tree(board).await.map_err(|_| ReadError::Unavailable)?;
        let (size, checkpoint) = state.map_or((0, String::new()), |state| (state.size, state.checkpoint));
        let mut report = PersonReport { lines: Vec::new(), delayed: 0, checkpoint };
        let mut delays = Delays::new(self, board);
        let mut walk = self.walk(board, Criteria::about(person), Some(size)).await?;
        while let Some(entries) = walk.next().await? {
            let (first, mut leaves) = (report.lines.len(), Vec::new());
            for entry in entries.into_iter().filter(is_usage) {
                let case = case(&entry);
                if let Some(case) = case
                    && !options.with_delayed
                    && delays.hide(case).await?
                {
                    report.delayed += 1;
                    continue;
                }
                let until = match case {
                    Some(case) => delays.until(case).await?,
                    None => None,
                };
                let about = entry.first.payload.as_ref().map(Payload::about);
                let by = about.and_then(|about| about.asker).filter(|_| options.with_case_worker);
                let case_worker = by.map(|asker| asker.case_worker.as_str().to_owned());
                let end = entry.ended.as_ref().map(|end| end.0.index).filter(|index| *index < size);
                leaves.push((entry.first.index, end));
                let proofs = Vec::new();
                report.lines.push(PersonLine { usage: usage(&entry, until), case_worker, proofs });
            }
            let all = leaves.iter().flat_map(|(first, end)| [Some(*first), *end]).flatten().collect();
            let mut proofs = self.receipts(board, all, (size, &report.checkpoint)).await?.into_iter();
            for (line, (_, end)) in report.lines[first..].iter_mut().zip(leaves) {
                line.proofs = proofs.by_ref().take(1 + usize::from(end.is_some())).collect();
            }
        }
        Ok(report)
    }

    /// What a portal may show the person, newest first: at most `limit`, all before leaf `before` if given. What is delayed or
    /// erased is not there, as if it had never been. The second value is the next page's `before`, if there is more.
    pub async fn find_usage(
        &self,
        board: OrganisationNumber,
        person: &Personnummer,
        (from, until): (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
        before: Option<u64>,
        limit: usize,
    ) -> Result<(Vec<Usage>, Option<u64>), ReadError> {
        let criteria = Criteria { from, until, ..Criteria::about(person) };
        let (mut found, mut delays) = (Vec::new(), Delays::new(self, board));
        let (mut next, mut last) = (before, None);
        loop {
            let (entries, further) = self.find(board, &criteria, next, PAGE).await?;
            for entry in entries {
                let Some(case) = case(&entry) else { continue };
                if delays.hide(case).await? {
                    continue;
                }
                // One more than wanted, so that a next page is promised only where there is one.
                if found.len() == limit {
                    return Ok((found, last));
                }
                last = Some(entry.first.index);
                found.push(usage(&entry, delays.until(case).await?));
            }
            next = further;
            if next.is_none() {
                return Ok((found, None));
            }
        }
    }

    /// When the person was first and last asked about, as far as the person may be told; `None` if never.
    pub async fn usage_period(
        &self,
        board: OrganisationNumber,
        person: &Personnummer,
    ) -> Result<Option<(String, String)>, ReadError> {
        let (mut period, mut delays) = (None::<(String, String)>, Delays::new(self, board));
        let mut walk = self.walk(board, Criteria::about(person), None).await?;
        while let Some(entries) = walk.next().await? {
            for entry in entries {
                let Some(case) = case(&entry) else { continue };
                if !delays.hide(case).await? {
                    let at = entry.first.header.at.clone();
                    let first = period.map_or_else(|| at.clone(), |(first, _)| first);
                    period = Some((first, at));
                }
            }
        }
        Ok(period)
    }
}

/// Whether somebody asked about the person, or tried to; what else is found is no usage of what is known of them.
fn is_usage(entry: &LoggedEntry) -> bool {
    matches!(entry.first.header.kind, RecordKind::Intent | RecordKind::Denial)
}

/// The case a question or an attempt was in; `None` once erased.
fn case(entry: &LoggedEntry) -> Option<&CaseId> {
    match entry.first.payload.as_ref()? {
        Payload::Intent(intent) => Some(&intent.case),
        Payload::Denial(denial) => denial.case.as_ref(),
        _ => None,
    }
}

fn usage(entry: &LoggedEntry, delayed_until: Option<NaiveDate>) -> Usage {
    let mut usage = Usage {
        entry: entry.first.header.entry,
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
        processors: Vec::new(),
        kinds: Vec::new(),
        delayed_until: None,
    };
    let asked_on =
        DateTime::parse_from_rfc3339(&usage.at).map(|at| ssbtek_domain::stockholm_date(at.to_utc()));
    usage.delayed_until = delayed_until.filter(|until| asked_on.is_ok_and(|asked| asked < *until));
    if let Some(Payload::Intent(intent)) = &entry.first.payload {
        intent.purpose.as_str().clone_into(&mut usage.purpose);
        usage.agencies = intent.sources.iter().map(|source| source.source.agency()).collect();
        usage.agencies.sort_unstable();
        usage.agencies.dedup();
        usage.processors = intent.asker.processors.iter().map(|link| link.organisation).collect();
    }
    match entry.ended.as_ref().and_then(|end| end.0.payload.as_ref()) {
        Some(Payload::Release(release)) => usage.kinds.clone_from(&release.disclosure.kinds),
        Some(Payload::Withheld(withheld)) => usage.kinds = withheld.kinds(),
        _ => {}
    }
    usage
}
