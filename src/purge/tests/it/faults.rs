//! Ended anywhere, a purge goes on from there and has one receipt.

use ssbtek_purge::{NoFaults, PurgeError, Step};
use ssbtek_transparency::verify_receipt;

use crate::world::{KillAt, World, board, person};

async fn due() -> World {
    let world = World::new("2026-01-20");
    for n in 0..2 {
        world.register(board(n), "EB-1", &person(n as u32)).await;
        for _ in 0..5 {
            world.ask(board(n), "EB-1").await;
        }
    }
    world.end(board(0), "2026-01-31").await.unwrap();
    world.at("2026-02-28T08:00:00Z");
    world
}

#[tokio::test]
async fn a_power_cut_after_every_single_step_ends_complete_with_one_receipt() {
    let mut steps = Vec::new();
    for at in 0.. {
        let world = due().await;
        let kill = KillAt::step(at);
        match world.purger.run(None, &kill).await {
            Ok(ran) => {
                assert_eq!(ran.receipts.len(), 1);
                break;
            }
            Err(PurgeError::Killed) => steps.extend(kill.seen().last().copied()),
            Err(error) => panic!("step {at}: {error}"),
        }
        let (after, _copy) = world.after_power_cut();
        after.purger.replay(&NoFaults).await.unwrap();
        after.run().await.unwrap();
        assert_eq!(
            after.leftovers(board(0)).await,
            Vec::<String>::new(),
            "killed at {:?}",
            kill.seen().last()
        );
        assert_eq!(after.purges_logged(board(0)).await, 1, "killed at {:?}", kill.seen().last());
        let status = after
            .purger
            .status("2026-02-28T08:00:00Z".parse().unwrap(), ssbtek_purge::Counting::With)
            .await
            .unwrap();
        assert_eq!((status.receipts().count(), status.unfinished.len()), (1, 0));
        verify_receipt(&status.receipts().next().unwrap().receipt(), &after.trust(board(0))).unwrap();
        assert!(after.case(board(1), "EB-1").await.is_some());
        assert_eq!(after.purger.replay(&NoFaults).await.unwrap(), 0, "a second replay has nothing to do");
    }
    for step in [
        Step::Closed,
        Step::Begun,
        Step::KeyDestroyed,
        Step::BatchErased,
        Step::Compacted,
        Step::Certified,
        Step::Done,
    ] {
        assert!(steps.contains(&step), "{step:?} was never tried");
    }
}

#[tokio::test]
async fn an_open_reader_delays_the_receipt_and_nothing_else() {
    let world = due().await;
    let reader = rusqlite::Connection::open(world.directory.join("broker.db")).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM leaf;").unwrap();
    let mut open = reader.prepare("SELECT id FROM leaf").unwrap();
    let mut rows = open.query([]).unwrap();
    rows.next().unwrap().unwrap();
    assert!(matches!(world.run().await, Err(PurgeError::ReaderInTheWay)));
    assert_eq!(world.leftovers(board(0)).await, Vec::<String>::new(), "keys and rows are gone all the same");
    assert_eq!(world.purges_logged(board(0)).await, 0, "but nothing is certified while old pages may live");
    world.ask(board(1), "EB-1").await;
    drop(rows);
    drop(open);
    reader.execute_batch("COMMIT").unwrap();
    assert_eq!(world.run().await.unwrap().receipts.len(), 1);
}

#[tokio::test]
async fn a_tree_that_was_tampered_with_is_not_certified() {
    let world = due().await;
    let kill = KillAt::step(1);
    assert!(matches!(world.purger.run(None, &kill).await, Err(PurgeError::Killed)));
    assert_eq!(kill.seen(), [Step::Closed, Step::Begun]);
    let writer = rusqlite::Connection::open(world.directory.join("broker.db")).unwrap();
    writer
        .execute("UPDATE leaf SET commitment = zeroblob(32) WHERE id = (SELECT min(id) FROM leaf)", [])
        .unwrap();
    assert!(matches!(world.run().await, Err(PurgeError::Tree(_))));
}
