//! Records put together into entries: a question with its end, a refusal, a change, a reading.

use ssbtek_domain::{EntryId, OrganisationNumber};

use crate::{AccessLog, Filter, LoggedRecord, ReadError, RecordKind};

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
    /// The record that ended a question, if it has ended.
    pub(crate) async fn end_of(
        &self,
        board: OrganisationNumber,
        entry: EntryId,
    ) -> Result<Option<Ended>, ReadError> {
        let records = self.read(board, &Filter::Entry(entry), None, 8).await?;
        Ok(records.into_iter().find(|record| ends_an_entry(record.header.kind)).map(Ended))
    }
}

pub(crate) fn ends_an_entry(kind: RecordKind) -> bool {
    matches!(kind, RecordKind::Release | RecordKind::Withheld | RecordKind::AssumedDisclosed)
}
