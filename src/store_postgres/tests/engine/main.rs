//! What no suite over a port can show: which servers are refused, who may write, and what becomes of a commit that was not heard of.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

mod lost_commits;
mod one_writer;
mod quiet;
mod refused;
mod secured;

use std::sync::Arc;

use ssbtek_log_store::{
    engine::{Changes, Done, Engine, Rows, WritingEnd},
    rows::StartedRow,
};
use ssbtek_store_postgres::{OpenError, PostgresOptions};

pub(crate) fn options(address: &str) -> PostgresOptions {
    PostgresOptions::at(address, "log.example.se")
}

pub(crate) fn opened(address: &str) -> (Arc<dyn Engine>, Box<dyn WritingEnd>) {
    let engine = ssbtek_store_postgres::engine(&options(address)).unwrap();
    let end = engine.writing_end().unwrap();
    (engine, end)
}

pub(crate) fn why_refused(options: &PostgresOptions) -> OpenError {
    match ssbtek_store_postgres::engine(options) {
        Ok(_) => panic!("it was opened"),
        Err(error) => error,
    }
}

/// Writes a row of this name.
pub(crate) fn write(changes: &dyn Changes, name: &str) -> Done<()> {
    changes.set_started(&StartedRow { name: name.to_owned(), digest: [1; 32], mac: [2; 16] })
}

pub(crate) fn names(engine: &dyn Engine) -> Vec<String> {
    let mut names = Vec::new();
    engine
        .read(&mut |rows: &dyn Rows| {
            names = rows.started_names()?;
            Ok(())
        })
        .unwrap();
    names
}
