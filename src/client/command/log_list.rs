//! `ssbtek log list`.

use std::io::Write;

use ssbtek_proto::broker::v1::{ListEntriesRequest, LogEntry, list_entries_request::Filter};

use crate::{
    ClientError, World,
    arguments::{LogFilter, LogList, Shared},
    json,
    run::Done,
    settings::Account,
    show,
};

/// Entries that a table shows unless told otherwise.
const DEFAULT_LIMIT: u64 = 100;
/// Most entries the broker puts in a page.
const MAX_PAGE: u32 = 500;

pub(crate) async fn list(shared: &Shared, list: LogList, world: &mut World<'_>) -> Result<Done, ClientError> {
    let settings = shared.settings(world)?;
    let account = settings.account(shared.account.as_deref(), Account::Auditor)?;
    let broker = shared.broker(&settings, world)?;
    // A program must not take the first hundred for all.
    let limit = match list.limit {
        Some(0) => u64::MAX,
        Some(limit) => limit,
        None if list.json => u64::MAX,
        None => DEFAULT_LIMIT,
    };
    let filter = list.filter.into_proto();
    let (mut left, mut page, mut entries) = (limit, String::new(), Vec::new());
    while left > 0 {
        let page_size = u32::try_from(left).unwrap_or(MAX_PAGE).min(MAX_PAGE);
        let request = ListEntriesRequest {
            filter: filter.clone(),
            page_size,
            page: page.clone(),
            ..ListEntriesRequest::default()
        };
        let answer = broker.list_entries(account, request).await?;
        left = left.saturating_sub(answer.entries.len() as u64);
        if list.json {
            lines(&answer.entries, world.stdout)?;
        } else {
            entries.extend(answer.entries);
        }
        if answer.next_page == page && !page.is_empty() {
            return Err(ClientError::Failed("the broker gave the same page of the log twice".to_owned()));
        }
        page = answer.next_page;
        if page.is_empty() {
            break;
        }
    }
    if !list.json {
        world.stdout.write_all(show::entries(&entries, world.screen).as_bytes())?;
    }
    if !page.is_empty() {
        writeln!(world.stderr, "ssbtek: there are older entries; --limit 0 lists all")?;
    }
    Ok(Done::Whole)
}

fn lines(entries: &[LogEntry], stdout: &mut dyn Write) -> Result<(), ClientError> {
    for entry in entries {
        serde_json::to_writer(&mut *stdout, &json::Entry::of(entry)).map_err(|error| {
            ClientError::Output(error.io_error_kind().unwrap_or(std::io::ErrorKind::Other))
        })?;
        writeln!(stdout)?;
    }
    Ok(())
}

impl LogFilter {
    fn into_proto(self) -> Option<Filter> {
        let person = self.person.map(Filter::PersonNumber);
        let case = self.case.map(Filter::CaseId);
        let case_worker = self.case_worker.map(Filter::CaseWorker);
        person.or(case).or(case_worker).or(self.entry.map(Filter::EntryId))
    }
}
