//! Looking for entries, newest first, in pages that stay the same while the log grows.

use std::collections::HashMap;

use chrono::TimeDelta;
use ssbtek_domain::{DateTime, EntryId, OrganisationNumber, Utc};

use crate::{
    AccessLog, Criteria, Ended, LoggedEntry, LoggedRecord, ReadError,
    entries::{ends_an_entry, opens_an_entry},
};

/// Fewest records read at a time.
const MIN_CHUNK: u32 = 8;
/// Most records read at a time.
pub(crate) const CHUNK: u32 = 256;
/// Records looked through for one page, so that a search for what is rare never runs long; the next page goes on there.
const MAX_SCAN: u64 = 20_000;
/// How far a record may stand from its place by time: questions are stamped when decided and stored when committed.
pub(crate) const SLACK: TimeDelta = TimeDelta::seconds(120);

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
        let mut before = before;
        if let Some(until) = criteria.until {
            let end = self.index_at(board, until + SLACK).await?;
            before = Some(before.map_or(end, |before| before.min(end)));
        }
        let floor = match criteria.from {
            Some(from) => self.index_at(board, from - SLACK).await?,
            None => 0,
        };
        let (mut entries, mut scanned) = (Vec::new(), 0);
        // A short page is seldom far away; what is rare is read for in larger steps.
        let mut step = u32::try_from(limit.saturating_mul(2)).unwrap_or(CHUNK).clamp(MIN_CHUNK, CHUNK);
        let mut ends: HashMap<EntryId, LoggedRecord> = HashMap::new();
        loop {
            let records = self.read(board, &filter, before, step).await?;
            let exhausted = records.len() < step as usize;
            step = step.saturating_mul(2).min(CHUNK);
            self.add_ends(board, &records, &mut ends).await?;
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
                let ended = opens_an_entry(kind).then(|| ends.remove(&id)).flatten().map(Ended);
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

    /// Index of the first leaf made at `moment` or later, within the slack.
    pub(crate) async fn index_at(
        &self,
        board: OrganisationNumber,
        moment: DateTime<Utc>,
    ) -> Result<u64, ReadError> {
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
