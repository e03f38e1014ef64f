//! Entries about persons who were said to be protected, and readings of them: a list of either is a list of protected persons.

use ssbtek_authorize::Caller;
use ssbtek_domain::{CaseWorkerId, DateTime, EntryId, OrganisationNumber, Personnummer, Protection, Utc};

use crate::{AccessLog, Criteria, LoggedEntry, LookUp, Page, Payload, ReadError, Reader, RecordKind};

/// Records read in one go.
const PAGE: u32 = 256;
/// Questions looked through in one go for the newest that was answered.
const QUESTIONS: usize = 8;

/// One reading of protected persons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProtectedRead {
    /// The reading's own entry.
    pub entry: EntryId,
    /// When.
    pub at: DateTime<Utc>,
    /// The account; `None` for a portal or an operator.
    pub by: Option<CaseWorkerId>,
    /// What was done, a fixed word.
    pub action: String,
    /// How many protected persons it was about.
    pub protected: u64,
}

impl LoggedEntry {
    /// Whether it says itself of a person that the person is, or was, said to be protected.
    pub(crate) fn says_protected(&self) -> bool {
        level(self).is_some_and(|level| level >= Protection::Sekretessmarkering)
            || match &self.first.payload {
                Some(Payload::ProtectionLifted(_)) => true,
                Some(Payload::LogRead(read)) => read.held_back || read.protected > 0,
                _ => false,
            }
    }
}

/// The level that the answers to a question led to, if it was answered.
fn level(entry: &LoggedEntry) -> Option<Protection> {
    match entry.ended.as_ref()?.0.payload.as_ref()? {
        Payload::Release(release) => Some(release.disclosure.protection),
        Payload::Withheld(withheld) => withheld.protection,
        _ => None,
    }
}

/// Whether a person is told by machine that a board has asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByMachine {
    /// Told: the newest answer found that nobody says the person is protected, and nothing else is remembered.
    Told,
    /// Not told: it is not known. What there is to tell is held back as for who is protected.
    NotKnown,
    /// Not told: the person, or somebody who may live with the person, was said to be protected.
    Protected,
    /// There is nothing to tell.
    Nothing,
}

impl AccessLog {
    /// Whether a person is told by machine that the board has asked: that alone says in which municipality the person lives.
    pub async fn by_machine(
        &self,
        board: OrganisationNumber,
        person: &Personnummer,
    ) -> Result<ByMachine, ReadError> {
        let remembered = self.remembered(board, person).await?;
        let questions = Criteria { kind: Some(RecordKind::Intent), ..Criteria::about(person) };
        let (mut before, mut asked, mut newest) = (None, false, None);
        while newest.is_none() {
            let (entries, next) = self.find(board, &questions, before, QUESTIONS).await?;
            asked |= !entries.is_empty();
            newest = entries.iter().find_map(level);
            before = next;
            if next.is_none() {
                break;
            }
        }
        let is_protected = remembered.level() > Protection::None || remembered.protects_beside();
        Ok(match newest {
            _ if !asked => ByMachine::Nothing,
            _ if is_protected => ByMachine::Protected,
            Some(Protection::None) => ByMachine::Told,
            Some(level) if level >= Protection::Sekretessmarkering => ByMachine::Protected,
            Some(_) | None => ByMachine::NotKnown,
        })
    }

    /// Readings of protected persons in a time, newest first, at most so many.
    pub async fn protected_reads(
        &self,
        board: OrganisationNumber,
        (from, until): (DateTime<Utc>, DateTime<Utc>),
        most: usize,
    ) -> Result<Vec<ProtectedRead>, ReadError> {
        // Where clocks have been set back, too, nothing of that time stands outside.
        let span = self.store.span(board, Some(from), Some(until)).await;
        let first = span.map_err(|_| ReadError::Unavailable)?.start;
        let (mut found, mut before) = (Vec::new(), None);
        loop {
            let sought = Some(LookUp::ProtectedRead.into());
            let page = Page { before, sought, limit: PAGE, ..Page::default() };
            let records = self.read_page(board, page).await?;
            before = records.last().map(|record| record.index);
            let last = records.len() < PAGE as usize;
            for record in records {
                if record.index < first {
                    return Ok(found);
                }
                let Ok(at) = record.header.at.parse::<DateTime<Utc>>() else { continue };
                let Some(Payload::LogRead(read)) = record.payload else { continue };
                if at < from || at >= until {
                    continue;
                }
                let by = match &read.by {
                    Reader::Asker(asker) => Some(asker.case_worker.clone()),
                    Reader::Portal(_) | Reader::Operator(_) => None,
                };
                let (entry, protected) = (record.header.entry, read.protected);
                found.push(ProtectedRead { entry, at, by, action: read.action, protected });
                if found.len() >= most {
                    return Ok(found);
                }
            }
            if last {
                return Ok(found);
            }
        }
    }

    /// How often an account has read of protected persons within the hour before now.
    pub async fn protected_reads_within_the_hour(&self, caller: &Caller) -> Result<usize, ReadError> {
        let now = self.clock.now();
        let hour = (now - chrono::TimeDelta::hours(1), now + chrono::TimeDelta::seconds(1));
        let reads = self.protected_reads(caller.board, hour, usize::MAX).await?;
        Ok(reads.iter().filter(|read| read.by.as_ref() == Some(&caller.case_worker)).count())
    }
}
