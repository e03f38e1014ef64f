//! A silent source is not a "no": the level is not known, and what could locate the person stays.

use mock_agencies::{Behaviour, Outage};
use ssbtek_domain::{Agency, Role, Source};
use ssbtek_proto::{
    agency::v1::Outcome,
    broker::v1::{AskRequest, AskResponse, HouseholdMember, Protection, SetMembersRequest, SetRulesRequest},
};

use crate::harness::{Ask, Wires, World, role};

async fn with_fk_stopped(wires: Wires) {
    let world = World::start(wires).await;
    let fk = Source::Agency(Agency::Fk);
    world.agencies.control().set(&fk, Behaviour::out(Outage::Refuse)).unwrap();
    let answer = Ask::with(&world, world.question()).await.unwrap();
    assert!(!answer.complete);
    for source in &answer.sources {
        let expected = if source.source == "FK" { Outcome::NotReachable } else { Outcome::Answered };
        assert_eq!(source.outcome(), expected, "{}", source.source);
    }
    let protection = answer.protection.as_ref().unwrap();
    assert_eq!(protection.level(), Protection::NotKnown);
    assert_eq!(protection.silent, ["FK"]);
    assert!(answer.sources.iter().any(|source| !source.withheld.is_empty()));
    assert!(!format!("{answer:?}").contains(&world.member(Role::Applicant).street));
}

#[tokio::test]
async fn with_fk_stopped_the_others_answer_and_protection_is_not_known_over_own_formats() {
    with_fk_stopped(Wires::Own).await;
}

#[tokio::test]
async fn with_fk_stopped_the_others_answer_and_protection_is_not_known_over_grpc() {
    with_fk_stopped(Wires::Grpc).await;
}

#[tokio::test]
async fn a_fund_that_is_out_is_named_and_the_other_23_answer() {
    let world = World::start(Wires::Grpc).await;
    let control = world.agencies.control();
    let fund = control.source("unionen").unwrap().clone();
    control.set(&fund, Behaviour::out(Outage::Refuse)).unwrap();
    let answer = Ask::with(&world, world.question()).await.unwrap();
    let so = &answer.sources[4];
    assert_eq!(so.outcome(), Outcome::AnsweredInPart);
    let silent: Vec<_> = so.parts.iter().filter(|part| part.outcome() != Outcome::Answered).collect();
    assert_eq!(silent.len(), 1);
    assert_eq!(silent[0].part, "Unionens a-kassa");
    assert_eq!(silent[0].outcome(), Outcome::NotReachable);
}

#[tokio::test]
async fn an_answer_about_another_person_is_refused_whole() {
    let world = World::start(Wires::Own).await;
    let fk = Source::Agency(Agency::Fk);
    world.agencies.control().set(&fk, Behaviour::lying(mock_agencies::Lie::WrongPerson)).unwrap();
    let answer = Ask::with(&world, world.question()).await.unwrap();
    assert_eq!(answer.sources[2].outcome(), Outcome::AnswerRefused);
    assert!(answer.sources[2].section.is_none());
    assert!(answer.payments.iter().all(|line| line.source != "FK"));
    assert_eq!(answer.protection.unwrap().level(), Protection::NotKnown);
}

#[tokio::test]
async fn a_member_whom_the_case_marks_is_protected_in_every_answer_in_it() {
    let world = World::start(Wires::Grpc).await;
    let child = world.member(Role::Child).number.expose().to_owned();
    let members = world.household.iter().map(|person| HouseholdMember {
        person_number: person.number.expose().into(),
        role: role(person.role).into(),
        protected: person.number.expose() == child,
        ..HouseholdMember::default()
    });
    let members =
        SetMembersRequest { case_id: "EB-1".into(), members: members.collect(), ..Default::default() };
    world.cases().set_members(world.assertion("system").on(members)).await.unwrap();

    let of = async |who: Role, number: Option<String>| {
        let question = AskRequest { role: role(who).into(), person_number: number, ..world.question() };
        let answer = Ask::with(&world, question).await.unwrap();
        assert!(!format!("{answer:?}").contains(&world.member(who).street));
        answer.protection.unwrap()
    };
    let own = of(Role::Child, Some(child.clone())).await;
    assert_eq!(own.level(), Protection::Sekretessmarkering);
    assert!(own.said_by.is_empty() && own.household_protected);
    let parents = of(Role::Applicant, None).await;
    assert_eq!(parents.level(), Protection::None, "the parent's own is another matter");
    assert!(parents.household_protected);
}

#[tokio::test]
async fn a_protected_persons_name_is_told_only_where_the_board_has_opened_names_and_nobody_elses_ever() {
    for wires in [Wires::Own, Wires::Grpc] {
        let world = World::start(wires).await;
        let about = world.member(Role::CoApplicant);
        let question = || AskRequest { role: role(Role::CoApplicant).into(), ..world.question() };
        let names = |answer: &AskResponse| {
            let text = format!("{answer:?}");
            (text.contains(&about.family_name), text.contains(&about.given_name))
        };
        let closed = Ask::with(&world, question()).await.unwrap();
        assert!(closed.protection.as_ref().unwrap().level() > Protection::NotKnown);
        assert_eq!(names(&closed), (false, false), "{wires:?}");
        assert!(closed.sources.iter().any(|source| source.withheld.iter().any(|name| name == "namn")));

        let rules = SetRulesRequest { names_of_protected: true, ..Default::default() };
        let mut board = world.agreements(&world.board.identity);
        board.set_rules(world.assertion("admin").on(rules)).await.unwrap();
        let open = Ask::with(&world, question()).await.unwrap();
        assert_eq!(names(&open), (true, true), "{wires:?}");
        assert!(!format!("{open:?}").contains(&about.street), "names are no addresses");
    }
}
