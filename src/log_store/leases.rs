//! [`Leases`]: taken, held longer and given back in transactions of the writer.

use std::time::Duration;

use async_trait::async_trait;
use ssbtek_access_log::{Holder, Lease, Leases, StoreError};

use crate::{
    Store,
    lease_rows::{find, hold, is_held, is_of, lease, now},
    rows::LeaseRow,
};

#[async_trait]
impl Leases for Store {
    async fn hold(
        &self,
        name: &'static str,
        holder: Holder,
        life: Duration,
    ) -> Result<Option<Lease>, StoreError> {
        let life_ms = i64::try_from(life.as_millis()).unwrap_or(i64::MAX);
        let clock = self.clock.clone();
        // While more than half of it is left, nothing has to be written.
        let found = self.readers.run(None, move |rows| {
            let now = now(rows, clock.now())?;
            Ok(find(rows, name)?.filter(|row| is_held(row, holder, now) && row.until_ms - now > life_ms / 2))
        });
        if let Some(row) = found.await? {
            return Ok(Some(lease(name, &row)));
        }
        let clock = self.clock.clone();
        let held = self.in_transaction(None, move |changes| {
            let now = now(changes, clock.now())?;
            hold(changes, name, holder, (now, now.saturating_add(life_ms)))
        });
        Ok(held.await?.map(|row| lease(name, &row)))
    }

    async fn give_back(&self, lease: &Lease) -> Result<(), StoreError> {
        let lease = lease.clone();
        let given = self.in_transaction(None, move |changes| {
            let row = find(changes, lease.name)?.filter(|row| is_of(row, &lease));
            row.map_or(Ok(()), |row| changes.set_lease(&LeaseRow { until_ms: 0, ..row }))
        });
        given.await
    }
}
