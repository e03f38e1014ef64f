//! Records put together into entries: a question with its end, a refusal, a change, a reading.

use ssbtek_authorize::{Caller, TokenUse};
use ssbtek_domain::{EntryId, OrganisationNumber};

use crate::{AccessLog, Asker, Filter, LogError, LogRead, LoggedRecord, Payload, ReadError, RecordKind};

/// One entry.
#[derive(Debug, Clone)]
pub struct LoggedEntry {
    /// Its first record: INTENT, denial, change or reading.
    pub first: LoggedRecord,
    /// For a question: the record that ended it; `None` while it is under way.
    pub ended: Option<Ended>,
}

/// The record that ended a question.
#[derive(Debug, Clone)]
pub struct Ended(pub LoggedRecord);

impl AccessLog {
    /// Entries of a board, newest first: at most `limit`, all opened before leaf `before` if given. The second value is the
    /// `before` of the next page, if there may be more.
    pub async fn entries(
        &self,
        board: OrganisationNumber,
        filter: &Filter,
        before: Option<u64>,
        limit: u32,
    ) -> Result<(Vec<LoggedEntry>, Option<u64>), ReadError> {
        let mut entries = Vec::new();
        let mut before = before;
        loop {
            let records = self.read(board, filter, before, limit.max(1)).await?;
            let exhausted = records.len() < limit.max(1) as usize;
            for record in records {
                before = Some(record.index);
                if ends_an_entry(record.header.kind) {
                    continue;
                }
                let ended = match record.header.kind {
                    RecordKind::Intent => self.end_of(board, record.header.entry).await?,
                    _ => None,
                };
                entries.push(LoggedEntry { first: record, ended });
                if entries.len() == limit.max(1) as usize {
                    return Ok((entries, before));
                }
            }
            if exhausted {
                return Ok((entries, None));
            }
        }
    }

    pub(crate) async fn end_of(
        &self,
        board: OrganisationNumber,
        entry: EntryId,
    ) -> Result<Option<Ended>, ReadError> {
        let records = self.read(board, &Filter::Entry(entry), None, 8).await?;
        Ok(records.into_iter().find(|record| ends_an_entry(record.header.kind)).map(Ended))
    }

    /// Records that an account reads the log, before it does.
    pub async fn record_reading(
        &self,
        caller: &Caller,
        action: &'static str,
        filter: &str,
        once: Option<TokenUse>,
    ) -> Result<(), LogError> {
        let entry = EntryId::draw(&*self.entropy);
        let payload = Payload::LogRead(LogRead {
            asker: Asker::from(caller),
            action: action.to_owned(),
            filter: filter.to_owned(),
        });
        let mut append = self.record(caller.board, RecordKind::LogRead, entry, self.clock.now(), &payload)?;
        append.terms = vec![self.term(caller.board, "case_worker", caller.case_worker.as_str())?];
        append.once = once;
        self.store.append(append).await?;
        Ok(())
    }
}

pub(crate) fn ends_an_entry(kind: RecordKind) -> bool {
    matches!(kind, RecordKind::Release | RecordKind::Withheld | RecordKind::AssumedDisclosed)
}
