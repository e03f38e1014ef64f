//! Going through entries from old to new, in bounded memory, over the log as it stood when the walk began.

use std::collections::HashMap;

use ssbtek_domain::{EntryId, OrganisationNumber};

use crate::{
    AccessLog, Criteria, Ended, Filter, LoggedEntry, LoggedRecord, Page, ReadError,
    entries::{ends_an_entry, opens_an_entry},
    fault::tampered,
    find::CHUNK,
    read::page_of,
};

/// Where the next records come from.
enum Steps {
    /// From all leaves: the next one, and the first beyond the walk.
    Leaves(u64, u64),
    /// From those the filter leads to: the `before` of each page still to be read, the oldest page's last.
    Pages(Page, Vec<u64>),
}

/// A walk under way.
pub struct Walk {
    log: AccessLog,
    board: OrganisationNumber,
    criteria: Criteria,
    floor: u64,
    steps: Steps,
}

impl AccessLog {
    /// Begins a walk over the first `size` leaves (all there are now, if not given).
    pub async fn walk(
        &self,
        board: OrganisationNumber,
        criteria: Criteria,
        size: Option<u64>,
    ) -> Result<Walk, ReadError> {
        let now = self.store.tree(board).await.map_err(|_| ReadError::Unavailable)?;
        let span = self.span(board, &criteria).await?;
        let end = size.unwrap_or(u64::MAX).min(now.map_or(0, |state| state.size)).min(span.end);
        let floor = span.start;
        let steps = match criteria.filter() {
            Filter::All => Steps::Leaves(floor, end),
            filter => {
                let page = Page { limit: CHUNK, ..page_of(&filter) };
                let pages = self.pages(board, &page, floor, end).await?;
                Steps::Pages(page, pages)
            }
        };
        Ok(Walk { log: self.clone(), board, criteria, floor, steps })
    }

    /// The `before` of every page, newest first.
    async fn pages(
        &self,
        board: OrganisationNumber,
        page: &Page,
        floor: u64,
        end: u64,
    ) -> Result<Vec<u64>, ReadError> {
        let mut pages = vec![end];
        while let Some(before) = pages.last().copied() {
            let page = Page { before: Some(before), ..page.clone() };
            let leaves = self.store.page(board, page).await.map_err(|_| ReadError::Unavailable)?;
            match leaves.last() {
                Some(oldest) if leaves.len() == CHUNK as usize && oldest.index > floor => {
                    pages.push(oldest.index);
                }
                _ => break,
            }
        }
        Ok(pages)
    }
}

impl Walk {
    /// The next entries, perhaps none of them fulfilling the criteria; `None` after the last.
    pub async fn next(&mut self) -> Result<Option<Vec<LoggedEntry>>, ReadError> {
        let Some(mut records) = self.records().await? else { return Ok(None) };
        records.retain(|record| record.index >= self.floor);
        let mut ends: HashMap<EntryId, LoggedRecord> = HashMap::new();
        self.log.add_ends(self.board, &records, &mut ends).await?;
        let (mut firsts, mut entries) = (Vec::new(), Vec::new());
        for record in records {
            if ends_an_entry(record.header.kind) {
                ends.insert(record.header.entry, record);
            } else {
                firsts.push(record);
            }
        }
        for first in firsts {
            let id = first.header.entry;
            let is_question = opens_an_entry(first.header.kind);
            let ended = is_question.then(|| ends.remove(&id)).flatten().map(Ended);
            let entry = LoggedEntry { first, ended };
            if self.criteria.matches(&entry) {
                entries.push(entry);
            }
        }
        Ok(Some(entries))
    }

    /// The next records, oldest first.
    async fn records(&mut self) -> Result<Option<Vec<LoggedRecord>>, ReadError> {
        match &mut self.steps {
            Steps::Leaves(next, end) if *next < *end => {
                let until = (*next + u64::from(CHUNK)).min(*end);
                let leaves = self.log.store.leaves(self.board, *next, until).await;
                let leaves = leaves.map_err(|_| ReadError::Unavailable)?;
                if leaves.len() as u64 != until - *next {
                    return Err(tampered(self.board, *next));
                }
                *next = until;
                self.log.unseal(self.board, leaves).map(Some)
            }
            Steps::Leaves(..) => Ok(None),
            Steps::Pages(page, pages) => {
                let Some(before) = pages.pop() else { return Ok(None) };
                let page = Page { before: Some(before), ..page.clone() };
                let mut records = self.log.read_page(self.board, page).await?;
                records.reverse();
                Ok(Some(records))
            }
        }
    }
}
