//! Work for the writer thread besides appending: small transactions, one at a time, each after the group that was waiting.

use std::panic::Location;

use ssbtek_access_log::{Lease, StoreError};
use ssbtek_domain::OrganisationNumber;
use tokio::sync::oneshot;

use crate::{
    engine::{Changes, Done, change},
    lease_rows,
    store::Store,
    work::Work,
    writer::Writer,
};

impl Store {
    /// Runs `work`, about a board if it is about one, in a transaction of its own on the writer thread. Durable when it returns.
    /// Whoever calls this in a loop waits for each turn, so that between two of them questions have theirs.
    #[track_caller]
    pub(crate) fn in_transaction<R: Send + 'static>(
        &self,
        board: impl Into<Option<OrganisationNumber>>,
        work: impl FnOnce(&dyn Changes) -> Done<R> + Send + 'static,
    ) -> impl Future<Output = Result<R, StoreError>> + Send {
        self.on_writer(board, move |writer| change(&mut *writer.end, work))
    }

    /// As [`Store::in_transaction`], unless another has taken the lease since: then it is not run.
    #[track_caller]
    pub(crate) fn under<R: Send + 'static>(
        &self,
        board: OrganisationNumber,
        lease: &Lease,
        work: impl FnOnce(&dyn Changes) -> Done<R> + Send + 'static,
    ) -> impl Future<Output = Result<R, StoreError>> + Send {
        let lease = lease.clone();
        let done = self.in_transaction(board, move |changes| match lease_rows::may(changes, &lease)? {
            true => work(changes).map(Some),
            false => Ok(None),
        });
        async move { done.await?.ok_or(StoreError::LeaseLost) }
    }

    /// Runs `work` on the writer thread, outside any transaction. A fault leaves an event, here and nowhere else.
    #[track_caller]
    pub(crate) fn on_writer<R: Send + 'static>(
        &self,
        board: impl Into<Option<OrganisationNumber>>,
        work: impl FnOnce(&mut Writer) -> Done<R> + Send + 'static,
    ) -> impl Future<Output = Result<R, StoreError>> + Send {
        let (at, board) = (Location::caller(), board.into());
        let (reply, answer) = oneshot::channel();
        let maintenance: Box<dyn FnOnce(&mut Writer) + Send> = Box::new(move |writer| {
            if writer.poison.is_set() {
                return;
            }
            let result = work(writer);
            if let Err(error) = &result {
                writer.recover_from(at, board, *error);
            }
            // Nobody waiting any more does not undo what is durable.
            let _ = reply.send(result.map_err(StoreError::from));
        });
        let jobs = self.jobs.clone();
        async move {
            // A full queue means that questions wait: this can wait longer.
            let sent =
                tokio::task::spawn_blocking(move || jobs.send(Box::new(Work::Maintain(maintenance)))).await;
            sent.map_err(|_| StoreError::Io)?.map_err(|_| StoreError::Io)?;
            answer.await.map_err(|_| StoreError::Io)?
        }
    }
}
