//! A household's stream that is cut, by its reader or by the end of the process.

use ssbtek_domain::{Clock, SystemClock};
use ssbtek_proto::{
    agency::v1::Period,
    broker::v1::{
        AskStreamResponse, RestrictPersonRequest, person_rights_service_client::PersonRightsServiceClient,
    },
};
use tonic::Code;

use super::*;

async fn rest(parts: &mut Parts) -> Vec<AskStreamResponse> {
    let mut told = Vec::new();
    while let Some(part) = parts.next().await.unwrap() {
        told.push(AskStreamResponse { part: Some(part) });
    }
    told
}

async fn resumptions(world: &World) -> Vec<LogEntry> {
    let log = world.log().await.into_iter();
    log.filter(|logged| logged.action.starts_with("resume by entry")).collect()
}

#[tokio::test]
async fn a_household_that_is_cut_after_any_agency_is_taken_up_and_nobody_is_asked_again() {
    let world = with_both(Wires::Grpc).await;
    let members = both(&world).len();
    let parts_in_all = 2 + members * Agency::ALL.len();
    for agencies in [0, 1, 4, Agency::ALL.len()] {
        hold_all(&world, true);
        let (calls, logged) = (world.agencies.control().total_calls(), questions(&world).await.len());
        let resumed = resumptions(&world).await.len();
        let mut parts = Ask::household(&world, question(&world, BOTH)).await.unwrap();
        let first = begun(&mut parts).await;
        let entry = first.entry_id.clone();
        let mut told = vec![AskStreamResponse { part: Some(Part::HouseholdBegun(first)) }];
        for agency in Agency::ALL.into_iter().rev().take(agencies) {
            let_go(&world, agency);
            for _ in 0..members {
                told.push(AskStreamResponse { part: Some(Part::MemberSection(section(&mut parts).await)) });
            }
        }
        drop(parts);
        let mut again = Ask::resume(&world, &entry).await.unwrap();
        let mut told_again = Vec::new();
        for _ in 0..told.len() {
            told_again.push(AskStreamResponse { part: again.next().await.unwrap() });
        }
        assert_eq!(told_again, told, "what had been told by then, after {agencies}");
        hold_all(&world, false);
        told_again.extend(rest(&mut again).await);
        assert_eq!(told_again.len(), parts_in_all);
        assert!(matches!(told_again.last().unwrap().part, Some(Part::Household(_))));
        assert_eq!(rest(&mut Ask::resume(&world, &entry).await.unwrap()).await, told_again);
        assert_eq!(world.agencies.control().total_calls(), calls + members as u64 * source_count());
        assert_eq!(questions(&world).await.len(), logged + members, "one question about each");
        // Each time is recorded of each.
        assert_eq!(resumptions(&world).await.len(), resumed + 2 * members);
        for entry in questions(&world).await {
            assert_eq!(ended(&world, &entry.entry_id).await.state(), EntryState::Released);
        }
    }
    // Under the entry of another member, or for another account, there is nothing.
    let mut parts = Ask::household(&world, question(&world, BOTH)).await.unwrap();
    let first = begun(&mut parts).await;
    whole(&mut parts).await;
    let other = entries(&first).into_values().find(|entry| *entry != first.entry_id).unwrap();
    let bo = Ask::resume_as(&world, &world.board, world.assertion("bo"), &first.entry_id).await;
    for told in [Ask::resume(&world, &other).await, bo] {
        assert_eq!(told.map(drop).unwrap_err().code(), Code::NotFound);
    }
}

#[tokio::test]
async fn who_was_held_back_is_passed_over_and_who_is_by_now_ends_it() {
    let world = held(Wires::Grpc).await;
    let restrict = async |of: Role| {
        let number = world.member(of).number.expose().to_owned();
        let restrict = RestrictPersonRequest { person_number: number, reference: "Dnr 17".into() };
        let mut rights = PersonRightsServiceClient::new(world.connect(&world.board.identity));
        rights.restrict_person(world.assertion("admin").on(restrict)).await.unwrap();
    };
    let mut parts = Ask::household(&world, question(&world, "EB-1")).await.unwrap();
    let first = begun(&mut parts).await;
    let_go(&world, Agency::Csn);
    for _ in entries(&first) {
        section(&mut parts).await;
    }
    restrict(Role::Applicant).await;
    hold_all(&world, false);
    whole(&mut parts).await;
    let told = rest(&mut Ask::resume(&world, &first.entry_id).await.unwrap()).await;
    let of_applicant = told.iter().filter(|part| match &part.part {
        Some(Part::MemberSection(section)) => place(&section.member).0 == i32::from(role(Role::Applicant)),
        _ => false,
    });
    assert_eq!(of_applicant.count(), 0, "not even what had left is told again");
    assert_eq!(told.len(), 2 + (entries(&first).len() - 1) * Agency::ALL.len());

    restrict(Role::CoApplicant).await;
    let refused = Ask::resume(&world, &first.entry_id).await.map(drop).unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied, "{refused:?}");
}

#[tokio::test]
async fn a_kill_at_any_step_leaves_an_entry_for_each_that_counts_as_disclosed() {
    let mut world = World::start_at(Wires::Grpc, SystemClock.now()).await;
    world.stop_broker().await;
    let today = world.clock.today().to_string();
    let period = Some(Period { from: today.clone(), to: today });
    let asked = AskHouseholdRequest { period, ..question(&world, "EB-1") };
    let mut cut = Vec::new();
    let all = Agency::ALL.len();
    for step in [0, 1, all] {
        hold_all(&world, true);
        let process = world.serve();
        world.wait_for_door().await;
        world.clock.set(SystemClock.now());
        let mut parts = Ask::household(&world, asked.clone()).await.unwrap();
        let entries = entries(&begun(&mut parts).await);
        for agency in Agency::ALL.into_iter().take(step) {
            let_go(&world, agency);
            for _ in &entries {
                section(&mut parts).await;
            }
        }
        if step == all {
            whole(&mut parts).await;
        }
        process.kill();
        if step < all {
            assert!(parts.next().await.is_err(), "a stream that is cut says so");
        }
        cut.push((step, entries));
    }
    hold_all(&world, false);
    world.clock.set(SystemClock.now());
    world.start_broker().await;
    for (step, entries) in cut {
        assert_eq!(entries.len(), world.household.len());
        for entry in entries.values() {
            let expected = if step == all { EntryState::Released } else { EntryState::AssumedDisclosed };
            assert_eq!(ended(&world, entry).await.state(), expected, "after {step} agencies");
        }
    }
}
