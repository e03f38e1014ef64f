use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use ssbtek_domain::{Agency, Outcome, sections::skv::Part};
use ssbtek_soap::{
    AGENCIES, AgencyAnswer, AgencyError, PartAnswer, Payload, SkvParts, TestResult, Version, answer,
    test_answer,
};

use super::support::*;

fn failed() -> AgencyAnswer {
    AgencyAnswer::Error(AgencyError::of_outcome(Outcome::TimedOut, None).unwrap())
}

#[test]
fn the_question_is_given_back_when_asked_for_and_reads_the_same() {
    for namespace in [V10, V11] {
        let mut draft = Draft::new(namespace).asking_all();
        draft.before =
            "<frageTidpunkt>2026-11-22T10:15:00</frageTidpunkt><korrelationsid>&lt;1&gt;</korrelationsid>\
                        <fraganSkallInkluderasISvaret>true</fraganSkallInkluderasISvaret>"
                .to_owned();
        let question = draft.read().unwrap();
        let written = tree(&answer(&question, &BTreeMap::new()));
        let response = written
            .child(SOAP, "Body")
            .unwrap()
            .child(namespace, "hamtaBastjanstInformationResponse")
            .unwrap();
        let names: Vec<_> = response.elements().iter().map(|child| child.name()).collect();
        assert_eq!(names, ["fraga", "frageTidpunkt", "korrelationsid", "svarsdata"]);
        assert_eq!(response.child_text(namespace, "korrelationsid"), Some("<1>"));

        let mut again = String::new();
        let echo = response.child(namespace, "fraga").unwrap();
        for child in echo.elements() {
            again += &ssbtek_xml::Writer::new().tree(child).finish();
        }
        let again =
            format!(r#"<hamtaBastjanstInformation xmlns="{namespace}">{again}</hamtaBastjanstInformation>"#);
        let again = information(read(envelope(&again).as_bytes()).unwrap()).unwrap();
        assert_eq!(answer(&again, &BTreeMap::new()), answer(&question, &BTreeMap::new()));
    }
}

#[test]
fn the_question_is_not_given_back_unless_asked_for() {
    let written = answer(&Draft::new(V10).asking_all().read().unwrap(), &BTreeMap::new());
    assert!(!String::from_utf8(written).unwrap().contains(PERSON));
}

#[test]
fn an_agency_asked_always_has_a_section_and_one_not_asked_never() {
    let question = Draft::new(V10).asking("SO", "").asking("AF", "").read().unwrap();
    let sections = [(Agency::So, failed()), (Agency::Tns, failed())].into();
    let written = tree(&answer(&question, &sections));
    let data = at(&written, "Body/hamtaBastjanstInformationResponse/svarsdata").unwrap();
    let names: Vec<_> = data.elements().iter().map(|child| child.name()).collect();
    assert_eq!(names, ["AF", "SO"]);
    assert_eq!(text_at(data, "AF/error/felkod").as_deref(), Some("SSBT_INTERNT_FEL"), "lost is not absent");
    assert_eq!(text_at(data, "SO/error/kalla").as_deref(), Some("SSBT"));
    assert_eq!(text_at(data, "SO/error/felkod").as_deref(), Some("SSBT_TIDSGRANS"));
}

#[test]
fn each_agency_is_answered_in_its_own_form() {
    let question = Draft::new(V11).asking_all().read().unwrap();
    let parts = SkvParts {
        parts: [
            (Part::TaxAccount, PartAnswer::Error(AgencyError::of_agency("404", "Källan har inget"))),
            (Part::CompanyInformation, PartAnswer::Data(b"{}".to_vec())),
        ]
        .into(),
        error: None,
    };
    let sections = [
        (Agency::Af, AgencyAnswer::Data(Payload::Elements(vec!["<a xmlns=\"urn:a\">1</a>".to_owned()]))),
        (Agency::Csn, AgencyAnswer::Data(Payload::Document(b"<CSNSvar/>".to_vec()))),
        (Agency::Fk, AgencyAnswer::Data(Payload::Document(b"{}".to_vec()))),
        (Agency::Skv, AgencyAnswer::Data(Payload::Parts(parts))),
        (Agency::So, AgencyAnswer::Data(Payload::Document(vec![]))),
    ]
    .into();
    let written = tree(&answer(&question, &sections));
    let data = at(&written, "Body/hamtaBastjanstInformationResponse/svarsdata").unwrap();
    assert!(at(data, "AF/data").unwrap().child("urn:a", "a").is_some());
    assert_eq!(text_at(data, "CSN/data/svar"), Some(STANDARD.encode("<CSNSvar/>")));
    assert_eq!(text_at(data, "FK/data/lefiJsonSvar"), Some(STANDARD.encode("{}")));
    let skv: Vec<_> = at(data, "SKV").unwrap().elements().iter().map(|child| child.name()).collect();
    assert_eq!(skv, ["foretagsinformation", "skattekonto"], "in the contract's order");
    assert_eq!(text_at(data, "SKV/foretagsinformation/data"), Some(STANDARD.encode("{}")));
    assert_eq!(text_at(data, "SKV/skattekonto/error/kalla").as_deref(), Some("BT"));
    assert_eq!(text_at(data, "SO/error/felkod").as_deref(), Some("SSBT_ANNAN_VERSION"), "not a form SO has");
}

#[test]
fn five_parts_are_no_answer_to_a_question_in_version_10() {
    let question = Draft::new(V10).asking("SKV", "").read().unwrap();
    let sections = [(Agency::Skv, AgencyAnswer::Data(Payload::Parts(SkvParts::default())))].into();
    let written = tree(&answer(&question, &sections));
    let felkod = text_at(&written, "Body/hamtaBastjanstInformationResponse/svarsdata/SKV/error/felkod");
    assert_eq!(felkod.as_deref(), Some("SSBT_ANNAN_VERSION"));
}

#[test]
fn every_outcome_without_data_tells_who_failed() {
    for outcome in Outcome::ALL {
        let error = AgencyError::of_outcome(outcome, Some("-1103"));
        let with_data = matches!(outcome, Outcome::NotAsked | Outcome::Answered | Outcome::AnsweredInPart);
        assert_eq!(error.is_none(), with_data, "{outcome}");
        if let Some(error) = error {
            let by_agency = matches!(outcome, Outcome::NoSuchPerson | Outcome::FailedAtSource);
            assert_eq!(error.origin.as_str(), if by_agency { "BT" } else { "SSBT" });
            assert_eq!(error.code == "-1103", by_agency, "an agency's code is not ours to use");
        }
    }
}

#[test]
fn the_trial_answer_leaves_out_agencies_without_a_test_service() {
    let result = |error| TestResult { called: true, error };
    let results = AGENCIES
        .map(|agency| (agency, result((agency == Agency::Fk).then(|| AgencyError::of_agency("1", "fel")))))
        .into();
    let written = tree(&test_answer(Version::V11, &results));
    let response =
        written.child(SOAP, "Body").unwrap().child(V11, "testaBastjanstInformationResponse").unwrap();
    let names: Vec<_> = response.elements().iter().map(|child| child.name()).collect();
    assert_eq!(names, ["AF", "CSN", "FK", "SKV", "SO"]);
    assert_eq!(text_at(response, "AF/anropad").as_deref(), Some("true"));
    assert!(at(response, "FK/error/kalla").is_some() && at(response, "AF/error").is_none());
}
