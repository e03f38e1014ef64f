//! The contract, kept over PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

#[path = "../../../log_store/tests/contract/suite.rs"]
mod suite;

use std::{path::PathBuf, sync::Arc};

use chrono::TimeDelta;
use ssbtek_log_store::engine::Engine;
use ssbtek_store_postgres::PostgresOptions;
use suite::Place;
use test_postgres::Server;

struct InDatabase<'s> {
    server: &'s Server,
    address: String,
    keys: tempfile::TempDir,
}

impl Place for InDatabase<'_> {
    fn open(&self) -> Arc<dyn Engine> {
        ssbtek_store_postgres::engine(&PostgresOptions::at(&self.address, "log.example.se")).unwrap()
    }

    fn keys(&self) -> PathBuf {
        self.keys.path().to_owned()
    }

    /// Leases run by the server's clock: where that cannot go on, they began earlier.
    fn pass(&self, time: TimeDelta) {
        let earlier = format!("UPDATE ssbtek.lease SET until_ms = until_ms - {}", time.num_milliseconds());
        self.server.sql(Server::name_in(&self.address), &earlier);
    }
}

#[test]
fn postgresql_and_a_store_over_it_keep_every_promise() {
    let Some(server) = Server::start() else { return };
    suite::keep(|| InDatabase {
        server: &server,
        address: server.database(),
        keys: tempfile::tempdir().unwrap(),
    });
}
