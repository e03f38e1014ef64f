//! Work for the writer thread besides appending: small transactions, one at a time, each after the group that was waiting.

use std::sync::atomic::Ordering;

use ssbtek_access_log::StoreError;
use tokio::sync::oneshot;

use crate::{
    engine::{Changes, Done, change},
    store::Store,
    work::Work,
    writer::Writer,
};

impl Store {
    /// Runs `work` in a transaction of its own on the writer thread. Durable when it returns. Whoever calls this in a loop
    /// waits for each turn, so that between two of them questions have theirs.
    pub(crate) async fn in_transaction<R: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Changes) -> Done<R> + Send + 'static,
    ) -> Result<R, StoreError> {
        self.on_writer(move |writer| change(&mut *writer.end, work)).await
    }

    /// Runs `work` on the writer thread, outside any transaction.
    pub(crate) async fn on_writer<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Writer) -> Done<R> + Send + 'static,
    ) -> Result<R, StoreError> {
        let (reply, answer) = oneshot::channel();
        let maintenance: Box<dyn FnOnce(&mut Writer) + Send> = Box::new(move |writer| {
            if writer.poisoned.load(Ordering::Acquire) {
                return;
            }
            let result = work(writer);
            if let Err(error) = &result {
                tracing::error!(
                    kind = "database",
                    "the access log's database did not do what keeps it in order"
                );
                writer.recover_from(*error);
            }
            // Nobody waiting any more does not undo what is durable.
            let _ = reply.send(result.map_err(StoreError::from));
        });
        let jobs = self.jobs.clone();
        // A full queue means that questions wait: this can wait longer.
        let sent = tokio::task::spawn_blocking(move || jobs.send(Work::Maintain(maintenance))).await;
        sent.map_err(|_| StoreError::Io)?.map_err(|_| StoreError::Io)?;
        answer.await.map_err(|_| StoreError::Io)?
    }
}
