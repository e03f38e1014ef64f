//! Looking for entries by several things at once, in pages that stay the same while the log grows.

use std::collections::HashMap;

use ssbtek_domain::{
    Agency, CaseId, CaseWorkerId, DateTime, EntryId, OrganisationNumber, Outcome, Personnummer, Protection,
    Utc,
};

use crate::{
    AccessLog, Asker, Disclosure, Ended, Filter, LoggedEntry, LoggedRecord, Payload, ReadError, RecordKind,
    SourceOutcome, entries::ends_an_entry,
};

/// Records read at a time.
const CHUNK: u32 = 256;
/// Records looked through for one page, so that a search for what is rare never runs long.
const MAX_SCAN: u64 = 20_000;
/// How far a record may stand from its place by time: questions are stamped when decided and stored when committed.
const SLACK_S: i64 = 120;

/// What an entry must fulfil; what is `None` is not asked.
#[derive(Debug, Clone, Default)]
pub struct Criteria {
    /// About this person.
    pub person: Option<Personnummer>,
    /// By this account.
    pub case_worker: Option<CaseWorkerId>,
    /// In this case.
    pub case: Option<CaseId>,
    /// This entry.
    pub entry: Option<EntryId>,
    /// By an account of this unit.
    pub unit: Option<String>,
    /// Opened at this moment or later.
    pub from: Option<DateTime<Utc>>,
    /// Opened before this moment.
    pub until: Option<DateTime<Utc>>,
    /// This agency was to be asked.
    pub agency: Option<Agency>,
    /// A source (the agency's, if one is named) had this outcome.
    pub outcome: Option<Outcome>,
    /// The person's protection was at least this.
    pub protection: Option<Protection>,
    /// This organisation stands in the chain of processors (personuppgiftsbiträde).
    pub agent: Option<OrganisationNumber>,
    /// The first record is of this kind.
    pub kind: Option<RecordKind>,
    /// The case rests on the board's own attestation.
    pub attested: Option<bool>,
}

fn is_attested(entry: &LoggedEntry) -> bool {
    matches!(&entry.first.payload, Some(Payload::Intent(intent)) if intent.attested)
}

impl Criteria {
    /// The one look-up that narrows most; the rest is judged on what it finds.
    pub(crate) fn filter(&self) -> Filter {
        if let Some(entry) = self.entry {
            Filter::Entry(entry)
        } else if let Some(person) = &self.person {
            Filter::Person(person.clone())
        } else if let Some(case) = &self.case {
            Filter::Case(case.clone())
        } else if let Some(account) = &self.case_worker {
            Filter::CaseWorker(account.clone())
        } else {
            Filter::All
        }
    }

    /// By what is searched, for the record of the reading: names of what is set, never its content.
    pub fn name(&self) -> String {
        let set = [
            ("entry", self.entry.is_some()),
            ("person", self.person.is_some()),
            ("case", self.case.is_some()),
            ("case_worker", self.case_worker.is_some()),
            ("unit", self.unit.is_some()),
            ("time", self.from.is_some() || self.until.is_some()),
            ("agency", self.agency.is_some()),
            ("outcome", self.outcome.is_some()),
            ("protection", self.protection.is_some()),
            ("agent", self.agent.is_some()),
            ("kind", self.kind.is_some()),
            ("attested", self.attested.is_some()),
        ];
        let names: Vec<_> = set.iter().filter(|(_, set)| *set).map(|(name, _)| *name).collect();
        if names.is_empty() { "all".to_owned() } else { names.join("+") }
    }

    /// Whether an entry fulfils everything that is asked. Of an erased one only its id, kind and time are known, and what the
    /// look-up itself found.
    pub(crate) fn matches(&self, entry: &LoggedEntry) -> bool {
        let at = DateTime::parse_from_rfc3339(&entry.first.header.at).map(|at| at.to_utc()).ok();
        let in_time = self.from.is_none_or(|from| at.is_some_and(|at| from <= at))
            && self.until.is_none_or(|until| at.is_some_and(|at| at < until));
        in_time
            && self.kind.is_none_or(|kind| kind == entry.first.header.kind)
            && self.attested.is_none_or(|wanted| wanted == is_attested(entry))
            && self.asked(entry)
            && self.answered(entry)
    }

    fn asked(&self, entry: &LoggedEntry) -> bool {
        let Some(payload) = &entry.first.payload else {
            let Self { unit, agency, agent, .. } = self;
            let by_look_up = [self.person.is_some(), self.case.is_some(), self.case_worker.is_some()];
            return unit.is_none()
                && agency.is_none()
                && agent.is_none()
                && by_look_up.iter().filter(|x| **x).count() <= 1;
        };
        let (person, case, unit, sources) = match payload {
            Payload::Intent(intent) => {
                (Some(&intent.person), Some(&intent.case), Some(&intent.unit), intent.sources.as_slice())
            }
            Payload::Denial(denial) => {
                (denial.person.as_ref().map(|named| &named.0), denial.case.as_ref(), None, [].as_slice())
            }
            Payload::RegistryChange(change) => {
                (change.person.as_ref().map(|named| &named.0), None, None, [].as_slice())
            }
            _ => (None, None, None, [].as_slice()),
        };
        let asker = asker(payload);
        // An entry that was looked up by its id may be a review of that entry: the id is then no claim about the payload.
        self.person.as_ref().is_none_or(|wanted| person == Some(wanted))
            && self.case.as_ref().is_none_or(|wanted| case == Some(wanted))
            && self
                .case_worker
                .as_ref()
                .is_none_or(|wanted| asker.is_some_and(|asker| asker.case_worker == *wanted))
            && self.unit.as_ref().is_none_or(|wanted| unit == Some(wanted))
            && self.agency.is_none_or(|wanted| sources.iter().any(|line| line.source.agency() == wanted))
            && self.agent.is_none_or(|wanted| {
                asker.is_some_and(|asker| asker.processors.iter().any(|link| link.organisation == wanted))
            })
    }

    fn answered(&self, entry: &LoggedEntry) -> bool {
        if self.outcome.is_none() && self.protection.is_none() {
            return true;
        }
        let (outcomes, disclosure): (&[SourceOutcome], Option<&Disclosure>) =
            match entry.ended.as_ref().and_then(|ended| ended.0.payload.as_ref()) {
                Some(Payload::Release(release)) => (&release.disclosure.outcomes, Some(&release.disclosure)),
                Some(Payload::Withheld(withheld)) => (&withheld.outcomes, None),
                _ => return false,
            };
        self.outcome.is_none_or(|wanted| {
            let of_agency = |line: &&SourceOutcome| self.agency.is_none_or(|a| line.source.agency() == a);
            outcomes.iter().filter(of_agency).any(|line| line.outcome == wanted)
        }) && self.protection.is_none_or(|least| disclosure.is_some_and(|told| told.protection >= least))
    }
}

/// Who stands behind a record, if an account does.
pub(crate) fn asker(payload: &Payload) -> Option<&Asker> {
    match payload {
        Payload::Intent(intent) => Some(&intent.asker),
        Payload::Denial(denial) => Some(&denial.asker),
        Payload::LogRead(read) => Some(&read.asker),
        Payload::SampleDrawn(drawn) => Some(&drawn.asker),
        Payload::Review(review) => Some(&review.asker),
        _ => None,
    }
}

impl AccessLog {
    /// Entries that fulfil all criteria, newest first: at most `limit`, all opened before leaf `before` if given. The second
    /// value is the `before` of the next page, if there may be more; a page may be short of `limit` and still have a next.
    pub async fn find(
        &self,
        board: OrganisationNumber,
        criteria: &Criteria,
        before: Option<u64>,
        limit: usize,
    ) -> Result<(Vec<LoggedEntry>, Option<u64>), ReadError> {
        let filter = criteria.filter();
        let slack = chrono::TimeDelta::seconds(SLACK_S);
        let mut before = before;
        if let Some(until) = criteria.until {
            let end = self.index_at(board, until + slack).await?;
            before = Some(before.map_or(end, |before| before.min(end)));
        }
        let floor = match criteria.from {
            Some(from) => self.index_at(board, from - slack).await?,
            None => 0,
        };
        let (mut entries, mut scanned) = (Vec::new(), 0);
        let mut ends: HashMap<EntryId, LoggedRecord> = HashMap::new();
        loop {
            let records = self.read(board, &filter, before, CHUNK).await?;
            let exhausted = records.len() < CHUNK as usize;
            for record in records {
                if record.index < floor {
                    return Ok((entries, None));
                }
                before = Some(record.index);
                scanned += 1;
                let (kind, id) = (record.header.kind, record.header.entry);
                if ends_an_entry(kind) {
                    ends.insert(id, record);
                    continue;
                }
                let ended = match (kind, ends.remove(&id)) {
                    (RecordKind::Intent, Some(end)) => Some(Ended(end)),
                    (RecordKind::Intent, None) => self.end_of(board, id).await?,
                    _ => None,
                };
                let entry = LoggedEntry { first: record, ended };
                if criteria.matches(&entry) {
                    entries.push(entry);
                    if entries.len() >= limit {
                        return Ok((entries, before));
                    }
                }
            }
            if exhausted {
                return Ok((entries, None));
            }
            if scanned >= MAX_SCAN {
                return Ok((entries, before));
            }
        }
    }

    /// All entries that fulfil the criteria, oldest first.
    pub async fn find_all(
        &self,
        board: OrganisationNumber,
        criteria: &Criteria,
    ) -> Result<Vec<LoggedEntry>, ReadError> {
        let (mut all, mut before) = (Vec::new(), None);
        loop {
            let (entries, next) = self.find(board, criteria, before, usize::MAX).await?;
            all.extend(entries);
            before = next;
            if before.is_none() {
                all.reverse();
                return Ok(all);
            }
        }
    }

    /// Index of the first leaf made at `moment` or later, within the slack.
    async fn index_at(&self, board: OrganisationNumber, moment: DateTime<Utc>) -> Result<u64, ReadError> {
        let state = self.store.tree(board).await.map_err(|_| ReadError::Unavailable)?;
        let (mut low, mut high) = (0, state.map_or(0, |state| state.size));
        while low < high {
            let middle = low + (high - low) / 2;
            let leaves =
                self.store.leaves(board, middle, middle + 1).await.map_err(|_| ReadError::Unavailable)?;
            let tampered = || ReadError::Tampered { index: middle };
            let header = leaves.first().and_then(|leaf| crate::Header::from_bytes(&leaf.header));
            let at = header.and_then(|header| DateTime::parse_from_rfc3339(&header.at).ok());
            if at.ok_or_else(tampered)?.to_utc() < moment {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }
}
