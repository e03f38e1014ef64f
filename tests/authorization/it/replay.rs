//! A decision can be decided again, whatever has changed since.

use std::{collections::BTreeSet, sync::Arc};

use ssbtek_access_log::RecordKind;
use ssbtek_authorize::{Covers, Denial, LegalBases, Rules};
use ssbtek_domain::{Agency, EntryId, OrganisationNumber};
use ssbtek_registry::{Replayed, Verdict};
use tokio::sync::Semaphore;

use crate::world::{BOARD, World, ask_on, id, organisation, question};

/// The provisions without one agency's.
fn without(agency: Agency) -> LegalBases {
    let mut law = ssbtek_example::law().body.as_ref().clone();
    law.0.retain(|rule| match rule.covers {
        Covers::Kind(kind) => kind.agency() != agency,
        Covers::Agency(covered) => covered != agency,
    });
    law
}

/// The last entry of a kind.
async fn last(world: &World, kind: RecordKind) -> EntryId {
    let records = world.records(organisation(BOARD)).await;
    records.iter().rfind(|record| record.header.kind == kind).unwrap().header.entry
}

async fn again(world: &World, entry: EntryId) -> Replayed {
    let boards: [OrganisationNumber; 1] = [organisation(BOARD)];
    world.desk.replay(&boards, entry).await.unwrap()
}

#[tokio::test]
async fn a_decision_is_decided_again_under_the_provisions_of_its_own_day_when_the_configuration_has_changed()
{
    let mut world = World::new();
    world.in_force().await;
    let csn = || {
        let mut ask = question("EB-1");
        ask.agencies = [Agency::Csn].into();
        ask
    };
    ask_on(&world.path().await, world.caller("anna"), csn()).await.unwrap();
    let permitted = last(&world, RecordKind::Intent).await;

    world.law = without(Agency::Csn);
    let refused = ask_on(&world.path().await, world.caller("anna"), csn()).await.unwrap_err();
    assert_eq!(refused, Denial::NoAgencyPermitted);
    let denied = last(&world, RecordKind::Denial).await;

    let mut world = world.restarted();
    world.law = LegalBases(vec![]);
    world.path().await;
    let (first, second) = (again(&world, permitted).await, again(&world, denied).await);
    assert_eq!((first.logged, first.replayed), (Verdict::Permitted, Verdict::Permitted));
    let none = Verdict::Denied(Denial::NoAgencyPermitted);
    assert_eq!((second.logged, second.replayed), (none, none));
    assert!(first.agrees() && second.agrees());
}

#[tokio::test]
async fn provisions_are_stored_anew_only_when_they_differ() {
    let mut world = World::new();
    assert_eq!(world.desk.law(world.law.clone()).await.unwrap().version, 1);
    assert_eq!(world.desk.law(world.law.clone()).await.unwrap().version, 1);
    world.law = without(Agency::Fk);
    assert_eq!(world.desk.law(world.law.clone()).await.unwrap().version, 2);
}

#[tokio::test]
async fn an_answer_held_back_is_judged_again_on_what_the_re_check_saw() {
    let world = World::new();
    world.in_force().await;
    let gate = Arc::new(Semaphore::new(0));
    let (path, arrived) = world.path_of(&[Agency::Fk], Some(gate.clone())).await;
    let asking = ask_on(&path, world.caller("anna"), question("EB-1"));
    let closing = async {
        arrived.acquire().await.unwrap().forget();
        world.desk.block_case_worker(&world.caller("admin"), &id("anna")).await.unwrap();
        gate.add_permits(1);
    };
    assert_eq!(tokio::join!(asking, closing).0.unwrap_err(), Denial::CaseWorkerBlocked);
    // What happens afterwards does not matter: the entry keeps what was seen.
    world.desk.close_case(&world.caller("system"), &question("EB-1").case).await.unwrap();
    let told = again(&world, last(&world, RecordKind::Withheld).await).await;
    assert_eq!((told.logged, told.replayed), (Verdict::Permitted, Verdict::Permitted));
    let recheck = told.recheck.as_ref().unwrap();
    let blocked = Verdict::Denied(Denial::CaseWorkerBlocked);
    assert_eq!((recheck.logged, recheck.replayed), (blocked, blocked));
    assert!(told.agrees());
}

#[tokio::test]
async fn an_answer_held_back_for_a_protected_person_is_judged_again_at_the_level_the_answers_led_to() {
    let world = World::new();
    world.in_force().await;
    let rules = Rules { protected_only_for: Some([id("bo")].into()), ..Rules::default() };
    world.desk.set_rules(&world.caller("admin"), rules, BTreeSet::new()).await.unwrap();
    let denial = world.ask(world.caller("anna"), "EB-1").await.unwrap_err();
    assert_eq!(denial, Denial::ProtectedNotForAccount);
    let desk = world.having_read_the_board().await;
    desk.set_rules(&world.caller("admin"), Rules::default(), BTreeSet::new()).await.unwrap();
    let recheck = again(&world, last(&world, RecordKind::Withheld).await).await.recheck.unwrap();
    assert_eq!(recheck.replayed, Verdict::Denied(Denial::ProtectedNotForAccount));
}
