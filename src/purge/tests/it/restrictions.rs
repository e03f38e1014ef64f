//! A restriction that was lifted long ago stands in nobody's way, and its erasure takes no other with it.

use ssbtek_access_log::DocumentWrite;
use ssbtek_authorize::{Board, CaseWorker, DocumentRef, Duty};
use ssbtek_domain::{Clock, Entropy, SystemEntropy};

use ssbtek_vault::{DoomedKey, KeyId};

use crate::world::{World, board, person};

/// A call of the board's administrator, with a token of its own.
fn admin(world: &World) -> ssbtek_authorize::Caller {
    let mut token = [0; 32];
    SystemEntropy.fill(&mut token);
    let certificate = crate::world::certificate(board(0));
    ssbtek_example::caller(board(0), "nils.admin", certificate, token, world.clock.now())
}

async fn world() -> World {
    let world = World::new("2026-03-10");
    world.register(board(0), "EB-1", &person(0)).await;
    let account = CaseWorker {
        duties: [Duty::Administers].into(),
        ..ssbtek_example::case_worker("nils.admin", world.clock.now())
    };
    let write = DocumentWrite::new(DocumentRef::case_worker(board(0), &account.id), 0, &account).unwrap();
    world.log.change(board(0), "operator", "register_case_worker", None, vec![write]).await.unwrap();
    assert!(world.log.document::<Board>(&DocumentRef::board(board(0))).await.unwrap().is_some());
    world
}

#[tokio::test]
async fn a_restriction_is_placed_anew_before_and_after_the_lifted_one_is_hidden_or_erased() {
    // POLICY.case_days is 10: the lifted one is hidden from the eleventh day on, and erased by the next run.
    for (again_at, erased_first) in
        [("2026-03-12T11:00:00Z", false), ("2026-03-25T11:00:00Z", false), ("2026-03-25T11:00:00Z", true)]
    {
        let world = world().await;
        let desk = &world.desk;
        desk.restrict_person(&admin(&world), &person(0), "DNR 1").await.unwrap();
        desk.lift_restriction(&admin(&world), &person(0)).await.unwrap();
        world.at(again_at);
        if erased_first {
            assert_eq!(world.run().await.unwrap().receipts.len(), 1);
        }
        desk.restrict_person(&admin(&world), &person(0), "DNR 2").await.unwrap();
        // Whatever is erased now: the one in force stays.
        world.at("2026-03-26T11:00:00Z");
        assert_eq!(world.run().await.unwrap().receipts.len(), usize::from(!erased_first), "{again_at}");
        let found = desk.restriction(&admin(&world), &person(0)).await.unwrap().unwrap();
        assert!(found.is_in_force() && found.reference == "DNR 2", "{again_at}");
        assert!(desk.restrict_person(&admin(&world), &person(0), "DNR 3").await.is_err(), "it is in force");
        desk.lift_restriction(&admin(&world), &person(0)).await.unwrap();
        world.at("2026-04-20T11:00:00Z");
        assert_eq!(world.run().await.unwrap().receipts.len(), 1);
        assert!(desk.restriction(&admin(&world), &person(0)).await.unwrap().is_none());
        desk.restrict_person(&admin(&world), &person(0), "DNR 4").await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_restrictions_placed_at_once_one_is_placed_also_after_one_was_lifted() {
    let world = world().await;
    for round in 0..20 {
        // The first round is the first ever; before every other one was lifted.
        let place = || {
            let (desk, caller) = (world.desk.clone(), admin(&world));
            tokio::spawn(async move { desk.restrict_person(&caller, &person(0), "DNR 1").await })
        };
        let mut calls = Vec::new();
        for _ in 0..32 {
            calls.push(place());
        }
        let mut placed = Vec::new();
        for call in calls {
            match call.await.unwrap() {
                Ok(version) => placed.push(version),
                Err(error) => assert_eq!(error, ssbtek_registry::DeskError::Exists("person_number")),
            }
        }
        assert_eq!(placed, [2 * round + 1], "round {round}");
        let lifted = world.desk.lift_restriction(&admin(&world), &person(0)).await;
        assert_eq!(lifted, Ok(2 * round + 2));
    }
}

#[tokio::test]
async fn a_purge_that_was_planned_before_a_restriction_was_placed_anew_leaves_it() {
    let world = world().await;
    world.desk.restrict_person(&admin(&world), &person(0), "DNR 1").await.unwrap();
    world.desk.lift_restriction(&admin(&world), &person(0)).await.unwrap();
    world.at("2026-03-25T11:00:00Z");
    let planned =
        world.purger.plan(world.clock.now(), ssbtek_purge::Counting::With).await.unwrap().due.remove(0);
    world.desk.restrict_person(&admin(&world), &person(0), "DNR 2").await.unwrap();
    let doom = |id: &KeyId| DoomedKey::now(&*world.vault, id).unwrap();
    let doomed: Vec<_> = planned.target.keys.iter().map(doom).collect();
    world.vault.destroy(&doomed).unwrap();
    let found = world.desk.restriction(&admin(&world), &person(0)).await.unwrap().unwrap();
    assert!(found.is_in_force());
}
