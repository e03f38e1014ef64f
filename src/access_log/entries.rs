//! Records put together into entries: a question with its end, a refusal, a change, a reading.

use std::collections::{HashMap, HashSet};

use ssbtek_domain::{EntryId, OrganisationNumber};

use crate::{AccessLog, Header, LoggedRecord, Part, ReadError, RecordKind, StoredLeaf};

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
    /// Adds to `ends` the records that ended the questions among `records` and are not there yet. All at once: an answer's
    /// record bears no look-up term but the entry's id, so each is a look-up of its own.
    pub(crate) async fn add_ends(
        &self,
        board: OrganisationNumber,
        records: &[LoggedRecord],
        ends: &mut HashMap<EntryId, LoggedRecord>,
    ) -> Result<(), ReadError> {
        let of = |is_meant: fn(RecordKind) -> bool| {
            let meant = records.iter().filter(move |record| is_meant(record.header.kind));
            meant.map(|record| record.header.entry)
        };
        let mut wanted: HashSet<EntryId> = of(opens_an_entry).collect();
        wanted.retain(|entry| !ends.contains_key(entry));
        for ended in of(ends_an_entry) {
            wanted.remove(&ended);
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let wanted = wanted.into_iter().collect();
        let mut leaves = self.store.entries(board, wanted).await.map_err(|_| ReadError::Unavailable)?;
        // What does not even have its form is told when it is opened.
        let may_end = |leaf: &StoredLeaf| {
            Header::from_bytes(&leaf.header).is_none_or(|header| ends_an_entry(header.kind))
        };
        leaves.retain(may_end);
        ends.extend(self.unseal(board, leaves)?.into_iter().map(|record| (record.header.entry, record)));
        Ok(())
    }
}

pub(crate) fn opens_an_entry(kind: RecordKind) -> bool {
    kind.part() == Part::Opens
}

pub(crate) fn ends_an_entry(kind: RecordKind) -> bool {
    kind.part() == Part::Ends
}
