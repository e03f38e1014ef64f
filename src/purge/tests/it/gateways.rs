//! Of several gateways over one database one purges at a time, and one that was stopped and wakes does nothing.

use std::sync::Mutex;

use ssbtek_access_log::{Lease, Leases};
use ssbtek_purge::{FaultPoint, Killed, NoFaults, PurgeError, Step};

use crate::world::{World, board, person};

async fn due() -> World {
    let world = World::new("2026-01-20");
    world.register(board(0), "EB-1", &person(0)).await;
    world.ask(board(0), "EB-1").await;
    world.end(board(0), "2026-01-31").await.unwrap();
    world.at("2026-02-28T08:00:00Z");
    world
}

#[tokio::test]
async fn while_another_gateway_purges_nothing_is_begun_and_nothing_is_wrong() {
    let world = due().await;
    let theirs = world.lease().await;
    let before = world.leftovers(board(0)).await;
    assert!(matches!(world.purger.sweep(None, &NoFaults).await, Err(PurgeError::Elsewhere)));
    assert_eq!((world.leftovers(board(0)).await, world.purges_logged(board(0)).await), (before, 0));
    assert!(world.purger.failed().is_empty(), "no purge has failed");
    world.store.give_back(&theirs).await.unwrap();
    assert_eq!(world.run().await.unwrap().receipts.len(), 1);
    assert_eq!(world.leftovers(board(0)).await, Vec::<String>::new());
}

/// At this step the purger stands still until its lease has ended and another has taken it.
struct Stopped<'w> {
    world: &'w World,
    at: Step,
    theirs: Mutex<Option<Lease>>,
}

impl FaultPoint for Stopped<'_> {
    fn reached(&self, step: Step) -> Result<(), Killed> {
        let mut theirs = self.theirs.lock().unwrap();
        if step == self.at && theirs.is_none() {
            self.world.at("2026-02-28T08:05:00Z");
            let runtime = tokio::runtime::Handle::current();
            *theirs = Some(tokio::task::block_in_place(|| runtime.block_on(self.world.lease())));
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purger_that_has_lost_its_lease_certifies_nothing_and_the_purge_is_completed_once() {
    for at in [Step::Begun, Step::BatchErased, Step::Compacted] {
        let world = due().await;
        let stopped = Stopped { world: &world, at, theirs: Mutex::default() };
        let ran = world.purger.run(None, &stopped).await;
        assert!(matches!(ran, Err(PurgeError::Elsewhere)), "{at:?}: {ran:?}");
        assert_eq!(world.purges_logged(board(0)).await, 0, "{at:?}");
        let theirs = stopped.theirs.lock().unwrap().take().unwrap();
        world.store.give_back(&theirs).await.unwrap();
        assert_eq!(world.run().await.unwrap().receipts.len(), 1, "{at:?}");
        assert_eq!(world.leftovers(board(0)).await, Vec::<String>::new(), "{at:?}");
        assert_eq!(world.purges_logged(board(0)).await, 1, "{at:?}");
    }
}
