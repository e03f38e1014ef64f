//! The contract of engines, kept by SQLite.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

#[path = "../../../log_store/tests/contract/suite.rs"]
mod suite;

use std::sync::Arc;

use ssbtek_domain::SystemEntropy;
use ssbtek_log_store::engine::Engine;
use ssbtek_store_sqlite::SqliteOptions;
use ssbtek_vault::DirectoryVault;
use suite::{PROMISES, Place};

struct InDirectory(tempfile::TempDir);

impl Place for InDirectory {
    fn open(&self) -> Arc<dyn Engine> {
        let vault = DirectoryVault::open(&self.0.path().join("keys"), Arc::new(SystemEntropy)).unwrap();
        let options = SqliteOptions::at(&self.0.path().join("broker.db"));
        ssbtek_store_sqlite::engine(&options, &vault).unwrap()
    }
}

#[test]
fn sqlite_keeps_every_promise() {
    for (_, promise) in PROMISES {
        promise(&InDirectory(tempfile::tempdir().unwrap()));
    }
}
