//! Each kind of information is asked for on its own ground, or not at all; and a case is told to each source as it can take it.

use ssbtek_authorize::{Covers, LegalBases};
use ssbtek_domain::{Agency, Clock, Information, Role};
use ssbtek_proto::{
    agency::v1::{Outcome, section},
    broker::v1::{AskRequest, AskResponse, GetPublishedRequest, SourceReport},
};

use crate::{
    harness::{Ask, Wires, World},
    soap::client::Question,
};

fn source<'a>(answer: &'a AskResponse, code: &str) -> &'a SourceReport {
    answer.sources.iter().find(|source| source.source == code).unwrap()
}

fn part(source: &SourceReport, name: &str) -> Outcome {
    source.parts.iter().find(|part| part.part == name).unwrap().outcome()
}

/// The statutes' own list, but nothing of Pensionsmyndigheten.
fn without_pm() -> LegalBases {
    let mut law = LegalBases::default();
    law.0.retain(|rule| rule.covers != Covers::Kind(Information::PM));
    law
}

#[tokio::test]
async fn what_has_no_ground_is_not_asked_for_and_told_as_not_permitted_never_as_nothing_there() {
    for wires in [Wires::Own, Wires::Grpc] {
        let world = World::start_with(wires, |config| config.legal_basis = without_pm()).await;
        let answer = Ask::with(&world, world.question()).await.unwrap();
        let calls = |code: &str| {
            let control = world.agencies.control();
            control.calls(control.source(code).unwrap()).unwrap()
        };
        for code in ["TNS", "MIV"] {
            assert_eq!(source(&answer, code).outcome(), Outcome::NotPermitted);
            assert_eq!(calls(code), 0, "{code} is not asked");
        }
        let skv = source(&answer, "SKV");
        assert!(skv.legal_basis.contains("6 § förordningen (2008:975)"));
        for name in ["foretagsinformation", "beskattningsbilagor"] {
            assert_eq!(part(skv, name), Outcome::NotPermitted, "{wires:?}: {name}");
        }
        let Some(section::Agency::Skv(facts)) = skv.section.clone().and_then(|section| section.agency) else {
            panic!("Skatteverket answered nothing over {wires:?}")
        };
        assert!(facts.companies.is_empty() && facts.appendices.is_empty());
        assert!(!facts.documents.is_empty(), "the rest is there over {wires:?}");

        let fk = source(&answer, "FK");
        assert_eq!((part(fk, "FK"), part(fk, "PM")), (Outcome::Answered, Outcome::NotPermitted));
        let Some(section::Agency::Fk(facts)) = fk.section.clone().and_then(|section| section.agency) else {
            panic!("Försäkringskassan answered nothing over {wires:?}")
        };
        let pm = facts.pension_agency.unwrap_or_default();
        assert!(pm.decisions.is_empty() && pm.paid.is_empty() && pm.claims.is_empty());
        assert!(!fk.legal_basis.contains("7 §"), "and no ground is claimed for it");

        let log = world.log().await;
        let entry = log.iter().find(|entry| entry.entry_id == answer.entry_id).unwrap();
        let mut left_out: Vec<_> = entry.not_permitted.iter().map(|out| out.agency.as_str()).collect();
        left_out.sort_unstable();
        let no_ground = without_pm().without_ground(world.clock.today());
        let mut expected: Vec<_> = no_ground.iter().map(|kind| kind.name()).collect();
        expected.sort_unstable();
        assert_eq!(left_out, expected);
        assert!(expected.contains(&"PM"));
        assert!(entry.not_permitted.iter().all(|out| out.reason == "no_legal_basis"));
    }
}

#[tokio::test]
async fn at_the_soap_door_a_part_without_a_ground_is_an_error_and_no_empty_part() {
    let world = World::start_with(Wires::Own, |config| config.legal_basis = LegalBases::default()).await;
    let reply = world.soap_ask(&world.soap_question(11, Role::Applicant)).await;
    let skv = reply.section("SKV").unwrap();
    let of = |part: &str| {
        let (_, rest) = skv.split_once(&format!("{part}>")).unwrap();
        rest.split_once(&format!("{part}>")).unwrap().0.to_owned()
    };
    for part in ["foretagsinformation", "beskattningsbilagor"] {
        assert!(of(part).contains("SSBT_EJ_TILLATEN") && !of(part).contains("data>"), "{part}: {}", of(part));
    }
    assert!(of("skatteuppgifter").contains("data>"), "{skv}");
    assert!(reply.section("TNS").unwrap().contains("SSBT_EJ_TILLATEN"));
}

#[tokio::test]
async fn the_grounds_are_published_with_their_days() {
    let world = World::start_with(Wires::Grpc, |config| config.legal_basis = LegalBases::default()).await;
    let mut client = world.agreements(&world.board.identity);
    let told = client.get_published(GetPublishedRequest::default()).await.unwrap().into_inner().legal_bases;
    assert_eq!(told.len(), LegalBases::default().0.len());
    let csn: Vec<_> = told.iter().filter(|rule| rule.information == "CSN").collect();
    assert_eq!((csn[0].valid_to.as_str(), csn[1].valid_from.as_str()), ("2025-06-30", "2025-07-01"));
    assert!(csn[1].text.contains("2 § förordningen (2008:975)"));
}

#[tokio::test]
async fn a_case_with_a_long_identity_is_told_to_csn_under_one_alias_and_the_log_says_so() {
    const LONG: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
    let world = World::start(Wires::Own).await;
    world.register_case(LONG, &["anna"]).await;
    let mut aliases = vec![];
    for _ in 0..2 {
        let question = AskRequest { case_id: LONG.into(), ..world.question() };
        let answer = Ask::with(&world, question).await.unwrap();
        assert_eq!(source(&answer, "CSN").outcome(), Outcome::Answered, "CSN is asked all the same");
        assert!(source(&answer, "CSN").notes.iter().any(|note| note.detail.contains("31 characters")));
        let log = world.log().await;
        let entry = log.iter().find(|entry| entry.entry_id == answer.entry_id).unwrap();
        assert_eq!(entry.case_id, LONG);
        for line in &entry.sources {
            assert_eq!(line.case_alias.is_empty(), line.source != Agency::Csn.code(), "{}", line.source);
        }
        let csn = entry.sources.iter().find(|line| line.source == "CSN").unwrap();
        assert!(csn.case_alias.chars().count() <= 31 && !LONG.contains(&csn.case_alias[2..]));
        aliases.push(csn.case_alias.clone());
    }
    assert_eq!(aliases[0], aliases[1], "one case, one alias");
    let asked = world.soap_question(11, Role::Applicant);
    let reply = world.soap_ask(&Question { case: LONG.into(), ..asked }).await;
    let csn = reply.section("CSN").unwrap();
    assert!(csn.contains("data>") && !csn.contains("-1005"), "the SOAP door asks CSN too: {csn}");
    let short = Ask::with(&world, world.question()).await.unwrap();
    assert!(source(&short, "CSN").notes.iter().all(|note| !note.detail.contains("31 characters")));
}
