//! What rows of leases mean: who does alone what one alone may do. A row for each name, for good: its fence only goes up.
//!
//! The rows are bound to no key. Whoever changes one while nobody works can hold up work, which is told, or let two do it at once,
//! whose own transactions then find it: neither opens anything.

use ssbtek_access_log::{Holder, Lease};
use ssbtek_domain::{DateTime, Utc};

use crate::{
    engine::{Changes, Done, Rows},
    rows::LeaseRow,
};

/// Whether what is done under a lease may be done: nobody has taken it since, whether or not it has ended.
pub(crate) fn may(rows: &dyn Rows, lease: &Lease) -> Done<bool> {
    Ok(find(rows, lease.name)?.is_some_and(|row| is_of(&row, lease)))
}

/// Whether somebody had a lease last and has not given it back.
pub(crate) fn is_any_held(rows: &dyn Rows) -> Done<bool> {
    Ok(rows.leases()?.iter().any(|row| row.until_ms > 0))
}

/// Where no other process can have the engine, whoever had a lease when it was opened is gone.
pub(crate) fn end_all(changes: &dyn Changes) -> Done<()> {
    let ended = |row| changes.set_lease(&LeaseRow { until_ms: 0, ..row });
    changes.leases()?.into_iter().try_for_each(ended)
}

pub(crate) fn hold(
    changes: &dyn Changes,
    name: &str,
    holder: Holder,
    (now, until_ms): (i64, i64),
) -> Done<Option<LeaseRow>> {
    let fence = match find(changes, name)? {
        // Nobody has had it since, whether or not it has ended.
        Some(row) if row.holder == *holder.as_bytes() && row.until_ms > 0 => row.fence,
        Some(row) if row.until_ms > now => return Ok(None),
        Some(row) => row.fence.saturating_add(1),
        None => 1,
    };
    let row = LeaseRow { name: name.to_owned(), holder: *holder.as_bytes(), fence, until_ms };
    changes.set_lease(&row)?;
    Ok(Some(row))
}

pub(crate) fn find(rows: &dyn Rows, name: &str) -> Done<Option<LeaseRow>> {
    Ok(rows.leases()?.into_iter().find(|row| row.name == name))
}

pub(crate) fn is_held(row: &LeaseRow, holder: Holder, now: i64) -> bool {
    row.holder == *holder.as_bytes() && row.until_ms > now
}

pub(crate) fn is_of(row: &LeaseRow, lease: &Lease) -> bool {
    (row.holder, row.fence) == (*lease.holder.as_bytes(), lease.fence)
}

/// The engine's time, or else this machine's.
pub(crate) fn now(rows: &dyn Rows, here: DateTime<Utc>) -> Done<i64> {
    Ok(rows.now_ms()?.unwrap_or_else(|| here.timestamp_millis()))
}

pub(crate) fn lease(name: &'static str, row: &LeaseRow) -> Lease {
    let until = DateTime::from_timestamp_millis(row.until_ms).unwrap_or(DateTime::<Utc>::MAX_UTC);
    Lease { name, holder: Holder::from_bytes(row.holder), fence: row.fence, until }
}
