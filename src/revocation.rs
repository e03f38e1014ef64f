//! How far revocation lists have come, kept in the store: a list that is older than one that was in force is not taken up,
//! not even by the next process.

use std::sync::Arc;

use anyhow::{Context, Result};
use ssbtek_access_log::Marks;
use ssbtek_pki::{FileWatch, ListMark, ListMemory, PkiError};
use tokio::runtime::Handle;

/// Keeps marks in the store. To be asked from threads that may block.
pub(crate) struct KeptMarks {
    marks: Arc<dyn Marks>,
    runtime: Handle,
}

impl KeptMarks {
    /// In this store; made within the runtime.
    pub(crate) fn new(marks: Arc<dyn Marks>) -> Arc<Self> {
        Arc::new(Self { marks, runtime: Handle::current() })
    }
}

impl ListMemory for KeptMarks {
    fn raise(&self, marks: &[ListMark]) -> Result<(), PkiError> {
        let values = marks.iter().map(named).collect();
        match self.runtime.block_on(self.marks.raise(values)) {
            Ok(true) => Ok(()),
            Ok(false) => Err(PkiError::OlderRevocationList),
            Err(_) => Err(PkiError::NotRemembered),
        }
    }
}

/// A mark by its name, as bytes that grow with it.
fn named(mark: &ListMark) -> (String, [u8; 32]) {
    let series: String = mark.series.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut value = [0; 32];
    let (number, rest) = value.split_at_mut(mark.at.number.len());
    number.copy_from_slice(&mark.at.number);
    let (time, _) = rest.split_at_mut(8);
    time.copy_from_slice(&mark.at.this_update_s.max(0).to_be_bytes());
    (format!("revocation_list.{series}"), value)
}

/// The first look at lists, before any door opens: without it nobody is let in.
pub(crate) async fn first_look(mut watch: FileWatch, field: &'static str) -> Result<FileWatch> {
    let looked = tokio::task::spawn_blocking(move || (watch.look(), watch)).await;
    let (result, watch) = looked.context(field)?;
    result.context(field)?;
    Ok(watch)
}
