//! The first promise: a whole answer, from every source, with its receipt.

use ssbtek_domain::{Agency, FUNDS, OrganisationNumber, Role};
use ssbtek_proto::{
    agency::v1::Outcome,
    broker::v1::{AskResponse, EntryState, Protection, Receipt as WireReceipt},
};
use ssbtek_transparency::{Hash, NoteVerifier, Receipt, Trust, verify_receipt};

use crate::harness::{Ask, Wires, World, source_count};

#[tokio::test]
async fn a_permitted_question_is_answered_by_every_source_in_its_own_format() {
    let world = World::start(Wires::Own).await;
    let answer = Ask::with(&world, world.question()).await.unwrap();
    assert_whole(&world, &answer);
    assert_eq!(world.agencies.control().total_calls(), source_count(), "every agency and fund, once each");
}

#[tokio::test]
async fn the_same_question_over_grpc_gives_the_same_facts() {
    let own = World::start(Wires::Own).await;
    let grpc = World::start(Wires::Grpc).await;
    for role in [Role::Applicant, Role::CoApplicant] {
        let mut question = own.question();
        question.role = crate::harness::role(role).into();
        let (a, b) =
            (Ask::with(&own, question.clone()).await.unwrap(), Ask::with(&grpc, question).await.unwrap());
        assert_eq!(a.payments, b.payments.iter().map(|line| timed(line, &a)).collect::<Vec<_>>());
        assert_eq!(a.protection, b.protection);
        for (a, b) in a.sources.iter().zip(&b.sources) {
            assert_eq!((&a.source, a.outcome), (&b.source, b.outcome));
            assert_eq!(a.section, b.section, "{}", a.source);
            assert_eq!(a.withheld, b.withheld, "{}", a.source);
        }
    }
}

/// Both clocks stand at the same moment, so only what is equal remains; kept explicit so that a difference shows here.
fn timed(
    line: &ssbtek_proto::broker::v1::PaymentLine,
    other: &AskResponse,
) -> ssbtek_proto::broker::v1::PaymentLine {
    ssbtek_proto::broker::v1::PaymentLine { asked_at: other.asked_at.clone(), ..line.clone() }
}

fn assert_whole(world: &World, answer: &AskResponse) {
    let person = world.member(Role::Applicant);
    assert_eq!(answer.person_number, person.number.expose());
    assert!(answer.complete);
    let codes: Vec<_> = answer.sources.iter().map(|source| source.source.as_str()).collect();
    assert_eq!(codes, Agency::ALL.map(Agency::code));
    for source in &answer.sources {
        assert_eq!(source.outcome(), Outcome::Answered, "{}", source.source);
        assert!(source.section.is_some() && !source.legal_basis.is_empty(), "{}", source.source);
    }
    let funds = answer.sources.iter().find(|source| source.source == Agency::So.code()).unwrap();
    assert_eq!(funds.parts.len(), FUNDS.len());
    assert!(!answer.payments.is_empty());
    assert_eq!(answer.protection.as_ref().unwrap().level(), Protection::None);
}

#[tokio::test]
async fn a_protected_person_is_flagged_and_cannot_be_located() {
    let world = World::start(Wires::Own).await;
    let mut question = world.question();
    question.role = crate::harness::role(Role::CoApplicant).into();
    question.include_originals = true;
    let answer = Ask::with(&world, question).await.unwrap();
    let protection = answer.protection.as_ref().unwrap();
    assert!(protection.level() >= Protection::Sekretessmarkering);
    assert!(!protection.said_by.is_empty());
    let person = world.member(Role::CoApplicant);
    let text = format!("{answer:?}");
    assert!(!text.contains(&person.street), "the street is held back");
    assert!(answer.sources.iter().all(|source| source.originals.is_empty()), "the bytes are held back");
    assert!(answer.sources.iter().any(|source| !source.withheld.is_empty()));
}

#[tokio::test]
async fn the_receipt_verifies_offline_with_the_logs_key_alone() {
    let world = World::start(Wires::Grpc).await;
    let answer = Ask::with(&world, world.question()).await.unwrap();
    let trust = trusted(&world);
    let mut receipt = receipt(answer.receipt.as_ref().unwrap());
    let checkpoint = verify_receipt(&receipt, &trust).unwrap();
    assert!(checkpoint.size > receipt.index);
    receipt.leaf_hash = Hash::leaf(b"another record");
    assert!(verify_receipt(&receipt, &trust).is_err());
}

/// Trust in the board's log, as its key tells it.
pub(crate) fn trusted(world: &World) -> Trust {
    let board = OrganisationNumber::parse(crate::harness::BOARD).unwrap();
    let key = NoteVerifier::parse(&world.broker().log_key(board).unwrap()).unwrap();
    Trust::new(format!("{}/{board}", world.config.deployment), vec![key], vec![], 0).unwrap()
}

pub(crate) fn receipt(wire: &WireReceipt) -> Receipt {
    let hash = |bytes: &Vec<u8>| Hash::try_from(bytes.as_slice()).unwrap();
    Receipt {
        leaf_hash: hash(&wire.leaf_hash),
        index: wire.leaf_index,
        proof: wire.inclusion.iter().map(hash).collect(),
        checkpoint: wire.checkpoint.clone(),
    }
}

#[tokio::test]
async fn only_the_agencies_asked_for_are_asked() {
    let world = World::start(Wires::Grpc).await;
    let mut question = world.question();
    question.agencies = vec!["CSN".into(), "tns".into()];
    let answer = Ask::with(&world, question).await.unwrap();
    assert_eq!(answer.sources.len(), Agency::ALL.len());
    for source in &answer.sources {
        let asked = ["CSN", "TNS"].contains(&source.source.as_str());
        let expected = if asked { Outcome::Answered } else { Outcome::NotAsked };
        assert_eq!(source.outcome(), expected, "{}", source.source);
    }
    assert_eq!(world.agencies.control().total_calls(), 2);
    assert_eq!(answer.protection.unwrap().level(), Protection::NotKnown, "FK and AF could have said so");
}

#[tokio::test]
async fn an_answer_stands_in_the_log_with_every_source_and_what_became_of_it() {
    let world = World::start(Wires::Grpc).await;
    let answer = Ask::with(&world, world.question()).await.unwrap();
    let log = world.log().await;
    let entry = log.iter().find(|entry| entry.entry_id == answer.entry_id).unwrap();
    assert_eq!(entry.state(), EntryState::Released);
    assert_eq!(entry.case_worker, "anna");
    assert_eq!(entry.person_number, answer.person_number);
    assert_eq!(entry.sources.len() as u64, source_count());
    assert!(entry.sources.iter().all(|source| source.outcome() == Outcome::Answered));
    assert!(entry.kinds.contains(&"payments".to_owned()));
}
