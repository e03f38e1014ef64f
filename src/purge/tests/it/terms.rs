//! Changing terms: what is wrong is refused, and changes nothing.

use ssbtek_access_log::{Leases, LegalHold, PurgeScope, TreeAt};
use ssbtek_authorize::TokenUse;
use ssbtek_domain::Clock;
use ssbtek_purge::{FaultPoint, Killed, RetentionStore, Step, TermsError, port::CloseOutcome};
use ssbtek_registry::DeskError;

use crate::world::{World, board, person};

fn field<T: std::fmt::Debug>(result: Result<T, TermsError>) -> String {
    match result {
        Err(TermsError::Invalid(error)) => error.field.to_owned(),
        other => format!("{other:?}"),
    }
}

fn hold(until: &str) -> LegalHold {
    LegalHold {
        by: ["Maja Lind".to_owned(), "Omar Holm".to_owned()],
        reference: "DNR 2026/17".to_owned(),
        until: until.parse().unwrap(),
    }
}

#[tokio::test]
async fn an_end_in_the_past_before_the_beginning_or_after_it_has_passed_is_refused() {
    let world = World::new("2026-03-10");
    world.register(board(0), "EB-1", &person(0)).await;
    let end = async |day: &str| world.end(board(0), day).await;
    let on = |result: Result<_, DeskError>| matches!(result, Err(DeskError::Invalid(error)) if error.field == "on");
    assert!(on(end("2026-03-09").await), "before the agreement began");
    world.at("2026-03-20T11:00:00Z");
    assert!(on(end("2026-03-19").await));
    assert_eq!(end("2026-04-30").await.unwrap().limit_on.to_string(), "2026-05-30");
    assert_eq!(
        end("2026-03-31").await.unwrap().limit_on.to_string(),
        "2026-04-30",
        "may be moved until it passes"
    );
    world.at("2026-04-01T11:00:00Z");
    assert!(end("2026-12-31").await.is_err(), "nothing extends the limit");
}

#[tokio::test]
async fn an_unknown_board_is_named_and_nothing_is_begun_for_it() {
    let world = World::new("2026-03-10");
    let unknown = |result: Result<(), TermsError>| matches!(result, Err(TermsError::Unknown));
    let ended = world.end(board(1), "2026-12-31").await;
    assert!(matches!(ended, Err(DeskError::Unknown("organisation_number"))));
    assert!(unknown(world.purger.set_log_months(board(1), Some(2), None).await));
    assert!(unknown(world.purger.place_hold(board(1), hold("2026-06-30"), None).await));
    assert!(unknown(world.purger.lift_hold(board(1), None).await));
    assert!(world.log.trees().boards().await.unwrap().is_empty());
    assert!(world.run().await.unwrap().receipts.is_empty());
}

#[tokio::test]
async fn a_log_kept_shorter_than_it_must_be_is_refused() {
    let world = World::new("2026-03-10");
    world.register(board(0), "EB-1", &person(0)).await;
    assert_eq!(field(world.purger.set_log_months(board(0), Some(0), None).await), "months");
    assert_eq!(field(world.purger.set_log_months(board(0), Some(121), None).await), "months");
    world.purger.set_log_months(board(0), Some(2), None).await.unwrap();
}

#[tokio::test]
async fn a_hold_needs_two_people_keeps_what_expires_and_stands_in_the_receipt() {
    let world = World::new("2026-03-10");
    world.register(board(0), "EB-1", &person(0)).await;
    let same = LegalHold { by: ["Maja Lind".to_owned(), "maja lind".to_owned()], ..hold("2026-06-30") };
    assert_eq!(field(world.purger.place_hold(board(0), same, None).await), "by");
    assert_eq!(field(world.purger.place_hold(board(0), hold("2026-03-09"), None).await), "until");
    world.purger.place_hold(board(0), hold("2026-06-30"), None).await.unwrap();

    world.at("2026-05-02T11:00:00Z");
    let ran = world.run().await.unwrap();
    assert_eq!((ran.receipts.len(), ran.held), (0, vec![board(0)]));
    world.purger.lift_hold(board(0), None).await.unwrap();
    let receipt = world.run().await.unwrap().receipts.remove(0);
    assert_eq!(receipt.record.held.unwrap().by, ["Maja Lind", "Omar Holm"]);
    assert_eq!(world.store.row(board(0)).await.unwrap().unwrap().terms.held, None, "told of once");

    world.end(board(0), "2026-05-31").await.unwrap();
    assert_eq!(field(world.purger.place_hold(board(0), hold("2026-07-01"), None).await), "until");
}

#[tokio::test]
async fn a_handover_is_confirmed_with_the_right_root_and_warned_about_from_a_week_before() {
    let world = World::new("2026-03-10");
    world.register(board(0), "EB-1", &person(0)).await;
    world.end(board(0), "2026-03-31").await.unwrap();
    let missing = async |at: &str| {
        world.at(at);
        world.purger.status(world.clock.now(), ssbtek_purge::Counting::With).await.unwrap().boards[0]
            .handover_missing
    };
    assert!(!missing("2026-04-22T21:59:59Z").await);
    assert!(missing("2026-04-22T22:00:00Z").await);
    let has = world.purger.tree(board(0), None).await.unwrap();
    let token = |n| TokenUse { token: [n; 32], expires_at: world.clock.now() };
    let wrong = TreeAt { size: has.size - 1, ..has };
    let confirm = async |has, n| world.purger.confirm_handover(board(0), "nils.admin", token(n), has).await;
    assert_eq!(field(confirm(wrong, 1).await), "root");
    let short = world.purger.tree(board(0), Some(has.size - 1)).await.unwrap();
    assert_eq!(
        field(confirm(short, 3).await),
        "size",
        "a bundle that does not reach the end is no hand-over"
    );
    confirm(has, 2).await.unwrap();
    assert!(!missing("2026-04-23T00:00:00Z").await);
    world.register(board(0), "EB-2", &person(1)).await;
    assert!(missing("2026-04-23T00:00:00Z").await, "what came later the board does not have");
    confirm(world.purger.tree(board(0), None).await.unwrap(), 4).await.unwrap();
    assert!(!missing("2026-04-23T00:00:00Z").await);
    world.purger.set_log_months(board(0), Some(3), None).await.unwrap();
    assert!(missing("2026-04-23T00:00:00Z").await, "nor what changed its terms");
    confirm(world.purger.tree(board(0), None).await.unwrap(), 5).await.unwrap();
    world.at("2026-04-30T11:00:00Z");
    assert!(world.run().await.unwrap().receipts[0].record.handed_over_at.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_legal_hold_survives_every_change_of_terms_at_the_same_time() {
    let world = World::new("2026-03-10");
    world.register(board(0), "EB-1", &person(0)).await;
    for round in 0..40u32 {
        let (reference, months) = (format!("DNR 2026/{round}"), 2 + round % 100);
        let placed = LegalHold { reference: reference.clone(), ..hold("2026-06-30") };
        let (held, kept) = tokio::join!(
            world.purger.place_hold(board(0), placed, None),
            world.purger.set_log_months(board(0), Some(months), None),
        );
        held.and(kept).unwrap();
        let terms = world.store.row(board(0)).await.unwrap().unwrap().terms;
        assert_eq!(terms.held.map(|held| held.reference), Some(reference), "round {round}");
        assert_eq!(terms.log_months, Some(months), "round {round}");
    }
}

#[tokio::test]
async fn a_purge_that_was_planned_by_other_terms_does_not_begin() {
    let world = World::new("2026-03-10");
    world.register(board(0), "EB-1", &person(0)).await;
    world.at("2026-05-02T11:00:00Z");
    let planned =
        world.purger.plan(world.clock.now(), ssbtek_purge::Counting::With).await.unwrap().due.remove(0);
    world.purger.place_hold(board(0), hold("2026-06-30"), None).await.unwrap();
    let lease = world.lease().await;
    for scope in [PurgeScope::Expired, PurgeScope::Board] {
        let settled = world.store.settle(board(0), scope, planned.row.version, &lease).await.unwrap();
        assert_eq!(settled, CloseOutcome::TermsChanged, "{scope:?}");
    }
    world.store.give_back(&lease).await.unwrap();
    assert_eq!(world.run().await.unwrap().held, [board(0)]);
}

/// Lets the clock jump when a purge has come to compacting.
struct Jump<'a>(&'a World, &'a str);

impl FaultPoint for Jump<'_> {
    fn reached(&self, step: Step) -> Result<(), Killed> {
        if step == Step::Compacted {
            self.0.at(self.1);
        }
        Ok(())
    }
}

#[tokio::test]
async fn the_receipt_of_a_smaller_purge_does_not_forget_that_the_whole_board_falls_due() {
    let world = World::new("2026-03-10");
    world.register(board(0), "EB-1", &person(0)).await;
    world.end(board(0), "2026-05-31").await.unwrap();
    world.at("2026-06-29T21:50:00Z");
    let ran = world.purger.run(None, &Jump(&world, "2026-06-29T22:00:00Z")).await.unwrap();
    assert_eq!(ran.receipts[0].record.scope, PurgeScope::Expired);
    let terms = world.log.terms(board(0)).await.unwrap().body;
    assert!(terms.due_at.is_some(), "the whole board is still due");
    let ran = world.run().await.unwrap();
    assert_eq!(ran.receipts[0].record.scope, PurgeScope::Board);
    assert_eq!(world.leftovers(board(0)).await, Vec::<String>::new());
}
