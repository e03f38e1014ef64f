//! The contract, kept over the engine in memory; and its list, as docs/STORES.md tells it.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

// With its path, as another engine's tests have it.
#[path = "suite.rs"]
mod suite;

use std::{path::PathBuf, sync::Arc};

use ssbtek_log_store::{engine::Engine, memory::Memory};
use suite::{OF_ENGINES, OF_STORES, Place, Promise};

struct InMemory(Memory, tempfile::TempDir);

impl Place for InMemory {
    fn open(&self) -> Arc<dyn Engine> {
        Arc::new(self.0.clone())
    }

    fn keys(&self) -> PathBuf {
        self.1.path().to_owned()
    }
}

#[test]
fn the_engine_in_memory_and_a_store_over_it_keep_every_promise() {
    suite::keep(|| InMemory(Memory::default(), tempfile::tempdir().unwrap()));
}

#[test]
fn the_promises_that_are_written_down_are_those_that_are_tried() {
    let page = include_str!("../../../../docs/STORES.md");
    let listed = |heading: &str| {
        let (_, below) = page.split_once(heading).unwrap();
        let numbered = below.lines().skip_while(|line| !line.starts_with("1. "));
        let numbered = numbered.take_while(|line| line.starts_with(|first: char| first.is_ascii_digit()));
        numbered.map(|line| line.split_once(". ").unwrap().1.to_owned()).collect::<Vec<_>>()
    };
    let names = |promises: &[(&str, Promise)]| {
        promises.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(listed("## What an engine promises"), names(OF_ENGINES));
    assert_eq!(listed("## What a store over it promises"), names(OF_STORES));
}

/// How many methods of a trait must be written, and how many need not be.
fn methods(source: &str, name: &str) -> (usize, usize) {
    let (_, body) = source.split_once(&format!("pub trait {name}")).unwrap();
    let body = &body[..=body.find("\n}\n").unwrap()];
    let at = |method: &str, end| method.find(end).unwrap_or(usize::MAX);
    let must = |method: &&str| at(method, ";\n") < at(method, " {");
    let (must, need_not): (Vec<_>, Vec<_>) = body.split("\n    fn ").skip(1).partition(must);
    (must.len(), need_not.len())
}

#[test]
fn what_a_newcomer_is_told_to_write_is_what_there_is_to_write() {
    let (page, source) = (include_str!("../../../../docs/STORES.md"), include_str!("../../engine.rs"));
    for name in ["Engine", "WritingEnd", "Rows", "Changes", "Inspected"] {
        let told = match methods(source, name) {
            (must, 0) => format!("| `{name}` | {must} |"),
            (must, 1) => format!("| `{name}` | {must}, and 1 with a default |"),
            (must, more) => format!("| `{name}` | {must}, and {more} with defaults |"),
        };
        assert!(page.contains(&told), "{told}");
    }
}
