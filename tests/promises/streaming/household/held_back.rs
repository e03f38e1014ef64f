//! One person held back does not stop the others; whatever else refuses one question refuses all.

use ssbtek_proto::broker::v1::{
    CloseCaseRequest, RestrictPersonRequest, SetRulesRequest,
    person_rights_service_client::PersonRightsServiceClient,
};
use tonic::Code;

use super::*;

async fn restrict(world: &World, of: Role) {
    restrict_person(world, world.member(of)).await;
}

async fn restrict_person(world: &World, person: &TestPerson) {
    let number = person.number.expose().to_owned();
    let restrict = RestrictPersonRequest { person_number: number, reference: "Dnr 17".into() };
    let mut rights = PersonRightsServiceClient::new(world.connect(&world.board.identity));
    rights.restrict_person(world.assertion("admin").on(restrict)).await.unwrap();
}

const RESTRICTED: &str = "person_number: is restricted; the board's administrator can tell why";

#[tokio::test]
async fn a_restricted_person_is_held_back_and_does_not_stop_the_others() {
    let world = with_both(Wires::Grpc).await;
    hold_all(&world, false);
    let household = both(&world);
    let restricted = household.iter().find(|person| person.role == Role::CoApplicant).unwrap();
    restrict_person(&world, restricted).await;
    let mut parts = Ask::household(&world, question(&world, BOTH)).await.unwrap();
    let begun = begun(&mut parts).await;
    let asked = entries(&begun);
    assert_eq!((begun.members.len(), asked.len()), (household.len(), household.len() - 1));
    let whole = whole(&mut parts).await;
    assert_eq!(
        world.agencies.control().total_calls(),
        asked.len() as u64 * source_count(),
        "nobody asks about them"
    );
    assert!(!whole.complete);
    let of_restricted = (role(Role::CoApplicant).into(), 1);
    for (place, told) in told(&whole) {
        match told {
            Err(refused) => {
                assert_eq!(place, of_restricted);
                assert_eq!(
                    (refused.code, refused.reason.as_str()),
                    (Code::PermissionDenied as u32, RESTRICTED)
                );
            }
            Ok(answer) => assert_eq!(answer.entry_id, asked[&place]),
        }
    }
    // What is refused is recorded with the others, and about whom it was.
    let refusals = async |world: &World| {
        let log = world.log().await.into_iter();
        log.filter(|logged| logged.state() == EntryState::Denied).collect::<Vec<_>>()
    };
    let denied = refusals(&world).await;
    assert_eq!(denied.len(), 1);
    assert_eq!((denied[0].denial.as_str(), denied[0].case_id.as_str()), ("person_restricted", BOTH));
    assert_eq!(denied[0].person_number, restricted.number.expose());
    let first = questions(&world).await.iter().map(|logged| logged.leaf_index).min().unwrap();
    assert_eq!(denied[0].leaf_index, first + asked.len() as u64, "in the same transaction");

    // Where nobody is left, all is refused, and each refusal recorded.
    for person in household.iter().filter(|person| person.number != restricted.number) {
        restrict_person(&world, person).await;
    }
    let refused = Ask::household(&world, question(&world, BOTH)).await.map(drop).unwrap_err();
    assert_eq!((refused.code(), refused.message()), (Code::PermissionDenied, RESTRICTED));
    assert_eq!(refusals(&world).await.len(), 1 + household.len());
}

#[tokio::test]
async fn who_is_restricted_meanwhile_is_held_back_from_then_on_and_the_others_are_told_on() {
    let world = held(Wires::Grpc).await;
    let mut parts = Ask::household(&world, question(&world, "EB-1")).await.unwrap();
    let asked = entries(&begun(&mut parts).await);
    let_go(&world, Agency::Csn);
    for _ in &asked {
        section(&mut parts).await;
    }
    restrict(&world, Role::Applicant).await;
    hold_all(&world, false);
    let of_restricted = (role(Role::Applicant).into(), 1);
    let mut sections = BTreeMap::<Place, usize>::new();
    let whole = loop {
        match parts.next().await.unwrap().unwrap() {
            Part::MemberSection(section) => *sections.entry(place(&section.member)).or_default() += 1,
            Part::Household(whole) => break whole,
            other => panic!("{other:?}"),
        }
    };
    assert!(!sections.contains_key(&of_restricted), "nothing more of them: {sections:?}");
    assert!(sections.values().all(|count| *count == Agency::ALL.len() - 1), "{sections:?}");
    for (place, told) in told(&whole) {
        let logged = ended(&world, &asked[&place]).await;
        match told {
            Err(refused) => {
                assert_eq!((place, refused.reason.as_str()), (of_restricted, RESTRICTED));
                assert_eq!(
                    (logged.state(), logged.denial.as_str()),
                    (EntryState::Withheld, "person_restricted")
                );
                assert_eq!(logged.kinds, ["CSN"], "what had left is told");
            }
            Ok(_) => assert_eq!(logged.state(), EntryState::Released),
        }
    }
}

#[tokio::test]
async fn a_case_that_is_closed_ends_it_for_everybody() {
    let world = held(Wires::Grpc).await;
    let mut parts = Ask::household(&world, question(&world, "EB-1")).await.unwrap();
    let asked = entries(&begun(&mut parts).await);
    let close = CloseCaseRequest { case_id: "EB-1".into() };
    world.cases().close_case(world.assertion("system").on(close)).await.unwrap();
    hold_all(&world, false);
    let refused = parts.next().await.expect_err("nothing leaves, and it does not end as if it were whole");
    assert_eq!((refused.code(), refused.message()), (Code::PermissionDenied, "case_id: the case is closed"));
    for entry in asked.values() {
        let logged = ended(&world, entry).await;
        assert_eq!((logged.state(), logged.denial.as_str()), (EntryState::Withheld, "case_closed"));
        assert!(logged.kinds.is_empty());
    }
}

#[tokio::test]
async fn the_bound_on_questions_counts_each_and_lets_all_through_or_none() {
    let world = World::start_with(Wires::Grpc, |config| config.query.max_questions_an_hour = 7).await;
    assert_eq!(world.household.len(), 4, "the household that this is written for");
    ask(&world, "EB-1").await.unwrap();
    let (calls, logged) = (world.agencies.control().total_calls(), questions(&world).await.len());
    let refused = ask(&world, "EB-1").await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    assert!(refused.message().starts_with("case_worker: has asked as many questions"), "{refused:?}");
    assert_eq!((world.agencies.control().total_calls(), questions(&world).await.len()), (calls, logged));
    for _ in 0..3 {
        Ask::with(&world, world.question()).await.unwrap();
    }
    assert!(Ask::with(&world, world.question()).await.is_err(), "each of them was counted");
}

#[tokio::test]
async fn what_refuses_one_question_refuses_all_and_is_recorded_once() {
    let world = World::start(Wires::Grpc).await;
    let of = |change: fn(&mut AskHouseholdRequest)| {
        let mut asked = question(&world, "EB-1");
        change(&mut asked);
        asked
    };
    let asked = [
        (of(|asked| asked.case_id = "EB-2".into()), Code::PermissionDenied, "case"),
        (of(|asked| asked.case_id = " ".into()), Code::InvalidArgument, "case_id"),
        (of(|asked| asked.period = None), Code::InvalidArgument, "period.from"),
        (of(|asked| asked.agencies = vec!["XX".into()]), Code::InvalidArgument, "agencies"),
        (of(|asked| asked.purpose = "\u{7}".into()), Code::InvalidArgument, "purpose"),
    ];
    for (asked, code, field) in asked {
        let before = world.log().await.len();
        let refused = Ask::household(&world, asked).await.map(drop).unwrap_err();
        assert_eq!(refused.code(), code, "{refused:?}");
        assert!(refused.message().starts_with(field), "{refused:?}");
        let log = world.log().await;
        // And the reading of the log before it.
        assert_eq!(log.len(), before + 2);
        assert_eq!((log[0].state(), log[0].case_worker.as_str()), (EntryState::Denied, "anna"));
    }
    assert_eq!(world.agencies.control().total_calls(), 0);
    // An assertion puts one.
    let claims = world.assertion("anna").claims;
    let with = || world.assertion("anna").change(|new| *new = claims.clone()).on(question(&world, "EB-1"));
    let mut first = Ask::household_with(&world, with()).await.unwrap();
    begun(&mut first).await;
    whole(&mut first).await;
    let refused = Ask::household_with(&world, with()).await.map(drop).unwrap_err();
    assert_eq!(refused.message(), "assertion: has been used before");
}

#[tokio::test]
async fn an_account_that_may_not_be_told_of_protected_persons_is_told_of_the_others_once_that_is_known() {
    let world = held(Wires::Grpc).await;
    let rules = SetRulesRequest {
        protected_named_only: true,
        protected_accounts: vec!["bo".into()],
        ..Default::default()
    };
    world.agreements(&world.board.identity).set_rules(world.assertion("admin").on(rules)).await.unwrap();
    let asking = Ask::household(&world, question(&world, "EB-1"));
    let letting_go = async {
        while questions(&world).await.is_empty() {
            tokio::task::yield_now().await;
        }
        hold_all(&world, false);
    };
    let (parts, ()) = tokio::join!(asking, letting_go);
    let mut parts = parts.unwrap();
    let asked = entries(&begun(&mut parts).await);
    let protected: BTreeSet<Place> = [(role(Role::CoApplicant).into(), 1)].into();
    let whole = loop {
        match parts.next().await.unwrap().unwrap() {
            Part::MemberSection(section) => assert!(!protected.contains(&place(&section.member))),
            Part::Household(whole) => break whole,
            other => panic!("{other:?}"),
        }
    };
    for (place, told) in told(&whole) {
        assert_eq!(told.is_err(), protected.contains(&place), "{place:?}: {told:?}");
        let logged = ended(&world, &asked[&place]).await;
        let expected = if told.is_ok() { EntryState::Released } else { EntryState::Withheld };
        assert_eq!(logged.state(), expected);
    }
    let person = world.member(Role::CoApplicant);
    assert!(
        !format!("{whole:?}").contains(&person.street) && !format!("{whole:?}").contains(&person.given_name)
    );
}

#[tokio::test]
async fn a_list_of_the_log_does_not_tell_by_the_others_of_a_household_whose_entry_a_protected_persons_is() {
    let world = World::start(Wires::Grpc).await;
    ask(&world, "EB-1").await.unwrap();
    let logged = questions(&world).await;
    assert_eq!(logged.len(), world.household.len());
    for entry in &logged {
        // They stand next to each other, of one moment: what told of one would tell of all.
        assert!(
            entry.person_held_back && entry.case_id.is_empty() && entry.person_number.is_empty(),
            "{entry:?}"
        );
        assert!(!entry.details.iter().any(|detail| detail.starts_with("household=")), "{:?}", entry.details);
    }
}
