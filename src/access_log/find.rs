//! Looking for entries, newest first, in pages that stay the same while the log grows.

use std::{collections::HashMap, ops::Range};

use ssbtek_domain::{EntryId, OrganisationNumber};

use crate::{
    AccessLog, Criteria, Ended, Filter, LoggedEntry, LoggedRecord, ReadError,
    entries::{ends_an_entry, opens_an_entry},
};

/// Fewest records read at a time.
const MIN_CHUNK: u32 = 8;
/// Most records read at a time.
pub(crate) const CHUNK: u32 = 256;
/// Records looked through for one page, so that a search for what is rare never runs long; the next page goes on there.
const MAX_SCAN: u64 = 20_000;

impl AccessLog {
    /// The leaves between which every record stands that was made when the criteria say; others may stand there too.
    pub(crate) async fn span(
        &self,
        board: OrganisationNumber,
        criteria: &Criteria,
    ) -> Result<Range<u64>, ReadError> {
        let (from, until) = (criteria.from, criteria.until);
        if from.is_none() && until.is_none() {
            return Ok(0..u64::MAX);
        }
        self.store.span(board, from, until).await.map_err(|_| ReadError::Unavailable)
    }

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
        let span = self.span(board, criteria).await?;
        let mut before =
            if span.end == u64::MAX { before } else { Some(before.unwrap_or(u64::MAX).min(span.end)) };
        let (mut entries, mut scanned) = (Vec::new(), 0);
        // A short page is seldom far away; what is rare is read for in larger steps. Among all records there are ends, too; what a
        // look-up leads to are entries' first records alone.
        let ends_too = matches!(filter, Filter::All | Filter::Entry(_));
        let least = if ends_too { limit.saturating_mul(2) } else { limit };
        let mut step = u32::try_from(least).unwrap_or(CHUNK).clamp(MIN_CHUNK, CHUNK);
        let mut ends: HashMap<EntryId, LoggedRecord> = HashMap::new();
        loop {
            let records = self.read(board, &filter, before, step).await?;
            let exhausted = records.len() < step as usize;
            step = step.saturating_mul(2).min(CHUNK);
            self.add_ends(board, &records, &mut ends).await?;
            for record in records {
                if record.index < span.start {
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
}
