//! The end of an agreement: nothing of the board is left, nothing of its neighbour is touched, every proof holds.

use ssbtek_access_log::{Filter, Leases, Payload, PurgeScope};
use ssbtek_purge::{RetentionStore, port::CloseOutcome};
use ssbtek_transparency::{bundle::BundleVerifier, verify_receipt};

use crate::world::{World, board, person};

#[tokio::test]
async fn a_purged_board_leaves_no_key_no_row_and_no_answerable_question_and_all_proofs_verify() {
    let world = World::new("2026-01-20");
    for n in 0..2 {
        world.register(board(n), "EB-1", &person(n as u32)).await;
    }
    let receipts = [world.ask(board(0), "EB-1").await, world.ask(board(1), "EB-1").await];
    world.end(board(0), "2026-01-31").await.unwrap();
    world.at("2026-02-28T08:00:00Z");
    let neighbour = world.records(board(1), &Filter::All).await;

    let ran = world.run().await.unwrap();
    assert_eq!(ran.receipts.len(), 1);
    let receipt = &ran.receipts[0];
    assert_eq!(receipt.record.ended_on.unwrap().to_string(), "2026-01-31");
    assert_eq!(receipt.record.before, receipt.record.after);
    assert_eq!(world.leftovers(board(0)).await, Vec::<String>::new());
    assert!(world.case(board(0), "EB-1").await.is_none());

    // The skeleton, the purge's own receipt and the receipts given before still verify, offline.
    let trust = world.trust(board(0));
    verify_receipt(&receipts[0], &trust).unwrap();
    verify_receipt(&receipt.receipt(), &trust).unwrap();
    let mut verifier = BundleVerifier::new(Some(trust));
    let bundle = receipt.bundle().unwrap().unwrap();
    for line in bundle.lines() {
        verifier.line(line).unwrap();
    }
    let verdict = verifier.finish().unwrap();
    assert_eq!((verdict.open, verdict.size), (1, receipt.record.before.size + 1));
    let records = world.records(board(0), &Filter::All).await;
    let readable: Vec<_> = records.iter().filter_map(|record| record.payload.as_ref()).collect();
    assert!(matches!(readable[..], [Payload::Purge(_)]), "only the receipt opens");

    // The neighbour.
    let after = world.records(board(1), &Filter::All).await;
    assert_eq!(after.len(), neighbour.len());
    for (before, after) in neighbour.iter().zip(&after) {
        assert_eq!(
            (before.index, &before.header, &before.payload),
            (after.index, &after.header, &after.payload)
        );
    }
    verify_receipt(&receipts[1], &world.trust(board(1))).unwrap();
    world.ask(board(1), "EB-1").await;
}

#[tokio::test]
async fn a_purge_waits_for_questions_under_way_and_then_takes_no_new_ones() {
    let world = World::new("2026-01-20");
    world.register(board(0), "EB-1", &person(0)).await;
    world.end(board(0), "2026-01-31").await.unwrap();
    let permit = world.permit(board(0), "EB-1").await;
    let opened = world.log.open(&permit, &Default::default(), ssbtek_access_log::Door::Grpc).await.unwrap();
    world.at("2026-02-28T08:00:00Z");
    let ran = world.run().await.unwrap();
    assert_eq!(ran.waiting, [(board(0), 1)]);
    assert!(ran.receipts.is_empty());
    // The entry stays open, as after a crash.
    let _ = opened;
    assert_eq!(world.log.recover().await.unwrap(), 1, "what a crash would leave is ended");
    let terms = world.log.terms(board(0)).await.unwrap();
    let lease = world.lease().await;
    let settled = world.store.settle(board(0), PurgeScope::Board, terms.version, &lease).await;
    assert_eq!(settled.unwrap(), CloseOutcome::Closed);
    world.store.give_back(&lease).await.unwrap();
    let refused = world.log.open(&permit, &Default::default(), ssbtek_access_log::Door::Grpc).await;
    assert!(refused.is_err(), "a closing board takes nothing that the purge would miss");
    assert_eq!(world.run().await.unwrap().receipts.len(), 1);
    assert_eq!(world.leftovers(board(0)).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_board_that_comes_back_later_begins_anew_on_the_same_tree() {
    let world = World::new("2026-01-20");
    world.register(board(0), "EB-1", &person(0)).await;
    let old = world.ask(board(0), "EB-1").await;
    world.end(board(0), "2026-01-31").await.unwrap();
    world.at("2026-02-28T08:00:00Z");
    let purged = world.run().await.unwrap().receipts.remove(0);
    world.register(board(0), "EB-1", &person(5)).await;
    let new = world.ask(board(0), "EB-1").await;
    assert!(new.index > old.index);
    let (again, _copy) = world.after_power_cut();
    assert_eq!(again.purger.replay(&ssbtek_purge::NoFaults).await.unwrap(), 0);
    assert_eq!(
        again.records(board(0), &Filter::Person(person(5))).await.len(),
        1,
        "replay spares the new agreement"
    );
    assert!(again.records(board(0), &Filter::Person(person(0))).await.is_empty());
    assert!(again.case(board(0), "EB-1").await.is_some());
    assert_eq!(again.purger.receipt(purged.purge).unwrap(), purged);
}
