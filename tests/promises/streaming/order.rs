//! In which order parts come, and that none comes twice.

use std::collections::BTreeSet;

use mock_agencies::TestPerson;
use ssbtek_domain::{Agency, Role};
use ssbtek_proto::{
    agency::v1::Outcome,
    broker::v1::{AskRequest, AskResponse, EntryState, Protection},
};

use super::{CLEAR, clear, ended, held, hold_all, let_go};
use crate::harness::{Ask, Wires, role, source_count};

fn orders() -> [Vec<Agency>; 2] {
    let all = Agency::ALL.into_iter();
    let (even, odd): (Vec<_>, Vec<_>) = all.clone().enumerate().partition(|(at, _)| at % 2 == 0);
    [all.rev().collect(), odd.into_iter().chain(even).map(|(_, agency)| agency).collect()]
}

/// Those first that can say that somebody is protected.
fn flagging_first() -> Vec<Agency> {
    let mut all = Agency::ALL;
    all.sort_by_key(|agency| !agency.can_flag_protection());
    all.into()
}

/// The answer without what no two questions share.
fn told(mut answer: AskResponse) -> AskResponse {
    answer.entry_id.clear();
    answer.receipt = None;
    answer.sources.iter_mut().for_each(|source| source.duration_ms = 0);
    answer
}

async fn in_every_order(wires: Wires) {
    let world = held(wires).await;
    hold_all(&world, false);
    let question = || AskRequest { case_id: CLEAR.into(), ..world.question() };
    let whole = Ask::with(&world, question()).await.unwrap();
    assert_eq!(whole.protection.as_ref().unwrap().level(), Protection::None);
    let mut asked = source_count();
    for order in orders().into_iter().chain([flagging_first()]) {
        hold_all(&world, true);
        let mut parts = Ask::stream(&world, question()).await.unwrap();
        let entry = parts.begun().await;
        let mut sections = Vec::new();
        for agency in order.iter().copied() {
            let_go(&world, agency);
            let section = parts.section().await;
            assert_eq!(section.source, agency.code(), "{order:?}");
            sections.push(section);
        }
        let last = parts.answer().await;
        asked += source_count();
        assert_eq!(world.agencies.control().total_calls(), asked, "every source was asked once");
        for section in &sections {
            let mut of = last.sources.iter().filter(|source| source.source == section.source);
            assert_eq!(of.next().unwrap().outcome, section.outcome, "{}", section.source);
            assert!(of.next().is_none());
        }
        assert_eq!(last.entry_id, entry);
        assert!(last.receipt.is_some());
        let logged = ended(&world, &entry).await;
        assert_eq!(logged.state(), EntryState::Released);
        assert!(logged.details.contains(&"telling=as_it_comes".to_owned()), "{:?}", logged.details);
        assert_eq!(told(last), told(whole.clone()), "what is told last is what is told whole");
    }
}

#[tokio::test]
async fn sections_come_in_the_order_in_which_agencies_answer_and_the_last_part_is_the_whole_answer_over_own_formats()
 {
    in_every_order(Wires::Own).await;
}

#[tokio::test]
async fn sections_come_in_the_order_in_which_agencies_answer_and_the_last_part_is_the_whole_answer_over_grpc()
{
    in_every_order(Wires::Grpc).await;
}

#[tokio::test]
async fn who_is_not_asked_is_told_of_at_once_and_every_agency_once() {
    let world = held(Wires::Grpc).await;
    let question = AskRequest { agencies: vec!["FK".into(), "TNS".into()], ..world.question() };
    let mut parts = Ask::stream(&world, question).await.unwrap();
    parts.begun().await;
    let mut told = BTreeSet::new();
    for _ in 2..Agency::ALL.len() {
        let section = parts.section().await;
        assert_eq!(section.outcome(), Outcome::NotAsked, "{}", section.source);
        assert!(told.insert(section.source), "told twice");
    }
    for agency in [Agency::Tns, Agency::Fk] {
        let_go(&world, agency);
        assert!(told.insert(parts.section().await.source), "told twice");
    }
    assert_eq!(told.len(), Agency::ALL.len());
    let answer = parts.answer().await;
    assert_eq!(answer.protection.unwrap().level(), Protection::NotKnown);
}

#[tokio::test]
async fn nothing_that_can_locate_is_told_before_the_last_agency_has_spoken() {
    for wires in [Wires::Own, Wires::Grpc] {
        let world = held(wires).await;
        let of =
            |household: &[TestPerson], who| household.iter().find(|one| one.role == who).cloned().unwrap();
        let cases = [
            (CLEAR, of(&clear(&world), Role::Applicant), true),
            ("EB-1", of(&world.household, Role::Applicant), false),
            ("EB-1", of(&world.household, Role::CoApplicant), false),
        ];
        for (case, person, is_told_at_last) in cases {
            hold_all(&world, true);
            let question =
                AskRequest { case_id: case.into(), role: role(person.role).into(), ..world.question() };
            let mut parts = Ask::stream(&world, question).await.unwrap();
            parts.begun().await;
            let mut secrets = vec![&person.street, &person.postal];
            secrets.extend([&person.family_name, &person.given_name]);
            for agency in flagging_first() {
                let_go(&world, agency);
                let section = parts.section().await;
                let text = format!("{section:?}");
                for secret in &secrets {
                    assert!(!text.contains(secret.as_str()), "{agency} tells too early: {text}");
                }
                if section.section.is_some() && matches!(agency, Agency::Fk | Agency::Skv | Agency::Tns) {
                    assert!(!section.withheld.is_empty(), "{agency} says what it holds back");
                }
            }
            let last = parts.answer().await;
            let is_told = format!("{last:?}").contains(&person.street);
            assert_eq!(is_told, is_told_at_last, "{wires:?} {case} {:?}", person.role);
        }
    }
}

#[tokio::test]
async fn who_reads_nothing_holds_no_agency_and_no_record() {
    let world = held(Wires::Grpc).await;
    // Each source has one place. Nothing of this stream is read before everything is over.
    let question = AskRequest { include_originals: true, ..world.question() };
    let mut slow = Ask::stream(&world, question).await.unwrap();
    hold_all(&world, false);
    let other = Ask::with(&world, world.question()).await.unwrap();
    assert!(other.complete, "the places were free");
    let all = world.log().await;
    let entry = &all.iter().find(|entry| !entry.sources.is_empty() && entry.entry_id != other.entry_id);
    let logged = ended(&world, &entry.unwrap().entry_id).await;
    assert_eq!(logged.state(), EntryState::Released);
    assert_eq!(slow.begun().await, logged.entry_id);
    for _ in Agency::ALL {
        slow.section().await;
    }
    assert!(slow.answer().await.complete);
}
