//! The contract of engines, kept by the one in memory; and what a store makes of an engine's faults.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

mod suite;

use std::sync::Arc;

use ssbtek_log_store::{engine::Engine, memory::Memory};
use suite::{PROMISES, Place};

struct InMemory(Memory);

impl Place for InMemory {
    fn open(&self) -> Arc<dyn Engine> {
        Arc::new(self.0.clone())
    }
}

#[test]
fn the_engine_in_memory_keeps_every_promise() {
    for (_, promise) in PROMISES {
        promise(&InMemory(Memory::default()));
    }
}
