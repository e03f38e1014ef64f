//! The contract, kept over SQLite.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

#[path = "../../../log_store/tests/contract/suite.rs"]
mod suite;

use std::{path::PathBuf, sync::Arc};

use ssbtek_domain::SystemEntropy;
use ssbtek_log_store::engine::Engine;
use ssbtek_store_sqlite::SqliteOptions;
use ssbtek_vault::DirectoryVault;
use suite::Place;

struct InDirectory(tempfile::TempDir);

impl Place for InDirectory {
    fn open(&self) -> Arc<dyn Engine> {
        let vault = DirectoryVault::open(&self.keys(), Arc::new(SystemEntropy)).unwrap();
        let options = SqliteOptions::at(&self.0.path().join("broker.db"));
        ssbtek_store_sqlite::engine(&options, &vault).unwrap()
    }

    fn keys(&self) -> PathBuf {
        self.0.path().join("keys")
    }
}

#[test]
fn sqlite_and_a_store_over_it_keep_every_promise() {
    suite::keep(|| InDirectory(tempfile::tempdir().unwrap()));
}
