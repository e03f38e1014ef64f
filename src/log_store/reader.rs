//! Reading on blocking threads, so that no slow disk stalls the runtime; so many at once, and no more.

use std::{panic::Location, sync::Arc};

use ssbtek_access_log::StoreError;
use ssbtek_domain::OrganisationNumber;
use tokio::sync::Semaphore;

use crate::{
    Fault,
    engine::{Done, Engine, Rows, read},
    trouble,
};

/// Who reads; who finds all places taken waits.
#[derive(Clone)]
pub(crate) struct Readers {
    engine: Arc<dyn Engine>,
    places: Arc<Semaphore>,
}

impl Readers {
    pub(crate) fn new(engine: Arc<dyn Engine>, at_once: usize) -> Self {
        Self { engine, places: Arc::new(Semaphore::new(at_once.max(1))) }
    }

    /// Runs `work`, about a board if it is about one, on rows of one moment. A fault leaves an event, here and nowhere else.
    #[track_caller]
    pub(crate) fn run<R: Send + 'static>(
        &self,
        board: impl Into<Option<OrganisationNumber>>,
        work: impl FnOnce(&dyn Rows) -> Done<R> + Send + 'static,
    ) -> impl Future<Output = Result<R, StoreError>> + Send {
        let (at, board, readers) = (Location::caller(), board.into(), self.clone());
        async move {
            readers.try_run(work).await.map_err(|fault| {
                trouble::tell(at, board, fault);
                fault.into()
            })
        }
    }

    async fn try_run<R: Send + 'static>(
        self,
        work: impl FnOnce(&dyn Rows) -> Done<R> + Send + 'static,
    ) -> Done<R> {
        let place = self.places.clone().acquire_owned().await.map_err(|_| Fault::Busy)?;
        let task = tokio::task::spawn_blocking(move || {
            let result = read(&*self.engine, work);
            drop(place);
            result
        });
        task.await.map_err(|_| Fault::Io)?
    }
}
