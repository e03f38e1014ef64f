//! Canary persons: at no time does any file hold one in any encoding. The same with 10,000 questions through the doors, on a
//! file-system image: tests/erasure/image.sh.

use std::fs;

use canary::Canaries;
use ssbtek_purge::{FaultPoint, Killed, Step};

use crate::world::{World, board, person};

const PERSONS: u32 = 38;

/// Eight questions about each person, all at once.
async fn questions(world: &World) -> Canaries {
    let mut canaries = Canaries::new();
    for n in 0..PERSONS {
        let case = format!("EB-{n}");
        world.register(board(0), &case, &person(n)).await;
        let ask = || world.ask(board(0), &case);
        tokio::join!(ask(), ask(), ask(), ask(), ask(), ask(), ask(), ask());
        canaries.number(person(n).expose());
    }
    canaries
}

/// Looks into every file after every step.
struct Look<'a>(&'a World, &'a Canaries);

impl FaultPoint for Look<'_> {
    fn reached(&self, step: Step) -> Result<(), Killed> {
        let found = self.1.find_in_files(&self.0.directory).unwrap();
        assert_eq!(found, None, "after {step:?}");
        Ok(())
    }
}

#[tokio::test]
async fn no_file_holds_a_canary_while_asking_while_purging_or_after() {
    let world = World::new("2026-01-20");
    let canaries = questions(&world).await;
    assert_eq!(canaries.find_in_files(&world.directory).unwrap(), None, "after the questions");
    world.end(board(0), "2026-01-31").await.unwrap();
    world.at("2026-02-28T08:00:00Z");
    world.purger.run(None, &Look(&world, &canaries)).await.unwrap();
    let wal = fs::metadata(world.directory.join("broker.db-wal")).map_or(0, |file| file.len());
    assert!(wal < 128 * 1024, "only the receipt is in the write-ahead log, {wal} bytes");
    assert_eq!(world.leftovers(board(0)).await, Vec::<String>::new());
}
