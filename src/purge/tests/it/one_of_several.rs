//! One board's fault ends no other board's purge, neither in a sweep nor at a start.

use ssbtek_authorize::Registry;
use ssbtek_domain::Clock;
use ssbtek_purge::{Counting, NoFaults, RetentionStore};

use crate::world::{World, board, certificate, person};

async fn both_due() -> World {
    let world = World::new("2026-01-20");
    for n in 0..2 {
        world.register(board(n), "EB-1", &person(n as u32)).await;
        world.ask(board(n), "EB-1").await;
        world.end(board(n), "2026-01-31").await.unwrap();
    }
    world.at("2026-02-28T08:00:00Z");
    world
}

fn tamper(world: &World, sql: &str) {
    let database = rusqlite::Connection::open(world.directory.join("broker.db")).unwrap();
    assert!(database.execute(sql, []).unwrap() > 0);
}

/// What may be wrong with the first board's rows.
const FAULTS: [&str; 3] = [
    // Its terms are not as they were written.
    "UPDATE retention SET log_months = 7 WHERE board = '162120009994'",
    // A leaf was changed.
    "UPDATE leaf SET commitment = zeroblob(32) WHERE id = (SELECT min(id) FROM leaf)",
    // A leaf is gone.
    "DELETE FROM leaf WHERE id = (SELECT min(id) + 1 FROM leaf)",
];

#[tokio::test]
async fn one_boards_fault_ends_no_other_boards_purge() {
    for fault in FAULTS {
        let world = both_due().await;
        tamper(&world, fault);
        for _ in 0..2 {
            let ran = world.purger.run(None, &NoFaults).await.unwrap();
            assert_eq!(ran.failed.iter().map(|(of, _)| *of).collect::<Vec<_>>(), [board(0)], "{fault}");
        }
        assert_eq!(world.leftovers(board(1)).await, Vec::<String>::new(), "{fault}");
        assert_eq!(world.purges_logged(board(1)).await, 1, "{fault}");
        let status =
            world.purger.status("2026-02-28T08:00:00Z".parse().unwrap(), Counting::With).await.unwrap();
        assert_eq!(status.failed.into_iter().collect::<Vec<_>>(), [board(0)], "{fault}");
        let ready = world.purger.readiness().borrow().clone();
        assert_eq!((ready.get(&board(0)), ready.get(&board(1))), (Some(&false), Some(&true)), "{fault}");
    }
}

#[tokio::test]
async fn a_board_whose_own_document_does_not_open_is_erased_all_the_same_with_what_says_whose_its_certificates_are()
 {
    let world = both_due().await;
    let certificates = world.store.certificate_names(board(0)).await.unwrap();
    assert_eq!(certificates.len(), 1);
    tamper(&world, "UPDATE document SET sealed = zeroblob(60) WHERE key_id = 'registry.162120009994'");
    assert_eq!(world.store.certificate_names(board(0)).await.unwrap(), certificates);
    assert_eq!(world.run().await.unwrap().receipts.len(), 2);
    assert_eq!(world.leftovers(board(0)).await, Vec::<String>::new());
    let owner = world.store.certificate_owner(&certificate(board(0))).await.unwrap();
    assert!(owner.is_none(), "nothing says any more whose the certificate is");
}

#[tokio::test]
async fn one_boards_fault_refuses_no_start_and_its_keys_are_destroyed_all_the_same() {
    for fault in ["UPDATE leaf SET commitment = zeroblob(32)", "DELETE FROM leaf"] {
        let world = both_due().await;
        let kill = crate::world::KillAt::step(1);
        assert!(world.purger.run(None, &kill).await.is_err());
        let (after, _copy) = world.after_power_cut();
        let begun = after.purger.status(after.clock.now(), Counting::Without).await.unwrap().unfinished[0].1;
        let its = format!("(SELECT (id << 40) + 1 FROM tree WHERE organisation = '{begun}')");
        tamper(&after, &format!("{fault} WHERE id = {its}"));
        after.purger.erase_again(&NoFaults).await.unwrap();
        assert_eq!(after.purger.replay(&NoFaults).await.unwrap(), 0, "{fault}");
        assert_eq!(after.purger.failed().into_iter().collect::<Vec<_>>(), [begun], "{fault}");
        let left = after.leftovers(begun).await;
        assert!(left.iter().all(|left| !left.contains('.')), "{fault}: {left:?}");
        let ran = after.purger.run(None, &NoFaults).await.unwrap();
        assert_eq!((ran.receipts.len(), ran.failed.len()), (1, 1), "{fault}: the neighbour's is done");
    }
}
