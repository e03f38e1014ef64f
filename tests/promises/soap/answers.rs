//! What case systems get: whole answers in both versions, over both wires, and errors that say whose fault it is.

use mock_agencies::{Behaviour, Outage};
use ssbtek_domain::{Agency, Role, Source};
use ssbtek_soap::AGENCIES;

use super::client::{PLAIN, Question, Reply};
use crate::harness::{Wires, World};

fn assert_whole(reply: &Reply, what: &str) {
    for agency in AGENCIES {
        let section = reply.section(agency.code()).unwrap();
        // Somebody in the household is protected, and a vehicle leads to the home; so does an employer.
        let held_back = matches!(agency, Agency::Tns | Agency::Skv);
        assert_eq!(section.contains("SSBT_SKYDDAD"), held_back, "{what} {agency}: {section}");
        // Instead of the vehicles, and beside the parts that are left; v10 has room within the document alone.
        let error = agency == Agency::Tns || held_back && what.starts_with("v11");
        assert_eq!(section.contains("error>"), error, "{what} {agency}: {section}");
        assert_eq!(section.contains("data>"), agency != Agency::Tns, "{what} {agency}: {section}");
    }
}

#[tokio::test]
async fn an_unchanged_client_gets_a_whole_answer_in_both_versions_and_over_both_wires() {
    let own = World::start(Wires::Own).await;
    for version in [10, 11] {
        let reply = own.soap_ask(&own.soap_question(version, Role::Applicant)).await;
        assert_whole(&reply, &format!("v{version}"));
        assert!(reply.head.contains("content-type: text/xml"));
    }
    let grpc = World::start(Wires::Grpc).await;
    assert_whole(&grpc.soap_ask(&grpc.soap_question(11, Role::Applicant)).await, "v11 over gRPC");
    let older = grpc.soap_ask(&grpc.soap_question(10, Role::Applicant)).await;
    for agency in AGENCIES {
        let section = older.section(agency.code()).unwrap();
        let honest = section.contains("SSBT_ANNAN_VERSION");
        assert_eq!(honest, agency == Agency::Skv, "v10 has no form for five parts: {section}");
    }
}

#[tokio::test]
async fn nobody_who_was_not_asked_for_is_asked_or_told_about() {
    let world = World::start(Wires::Own).await;
    let reply = world.soap_ask(&world.soap_question(11, Role::Applicant).only(&[Agency::Csn])).await;
    assert!(reply.section("CSN").is_some());
    assert!(AGENCIES.iter().all(|agency| (*agency == Agency::Csn) == reply.section(agency.code()).is_some()));
    assert_eq!(world.agencies.control().total_calls(), 1);
    let none = world.soap_ask(&world.soap_question(10, Role::Applicant).only(&[])).await;
    assert!(AGENCIES.iter().all(|agency| none.section(agency.code()).is_none()));
    assert_eq!(world.agencies.control().total_calls(), 1);
}

#[tokio::test]
async fn one_agency_that_is_gone_costs_its_own_section_and_no_other() {
    let world = World::start(Wires::Own).await;
    let gone = Behaviour { outage: Outage::Refuse, ..Behaviour::default() };
    for agency in AGENCIES.into_iter().filter(|agency| *agency != Agency::So) {
        world.agencies.control().reset();
        let source = world.agencies.control().source(agency.code()).unwrap();
        world.agencies.control().set(source, gone.clone()).unwrap();
        let reply = world.soap_ask(&world.soap_question(11, Role::Applicant)).await;
        for other in AGENCIES {
            let section = reply.section(other.code()).unwrap();
            let told = section.contains("SSBT_EJ_NABAR") && section.contains(">SSBT<");
            assert_eq!(told, other == agency, "{agency} gone, {other}: {section}");
        }
    }
}

#[tokio::test]
async fn a_protected_persons_answer_says_so_where_the_contract_can_and_locates_nobody() {
    let world = World::start(Wires::Own).await;
    let person = world.member(Role::CoApplicant);
    for version in [10, 11] {
        let reply = world.soap_ask(&world.soap_question(version, Role::CoApplicant)).await;
        assert!(!reply.body.contains(&person.street));
        let said =
            [("AF", "Sekretessmarkering>true<"), ("CSN", "sekretess=\"Ja\""), ("FK", "\"skyddad\":true")];
        let said = said.map(|(agency, text)| {
            let section = reply.section(agency).unwrap();
            let inside = if agency == "AF" { section } else { decoded(&section) };
            assert!(!inside.contains(&person.street), "{agency}");
            inside.contains(text)
        });
        assert_eq!(said, [true; 3], "in every place that the contract has");
    }
}

#[tokio::test]
async fn what_holds_nothing_to_hold_back_leaves_as_it_came_also_where_somebody_is_protected() {
    let world = World::start(Wires::Own).await;
    // Written anew, an answer has no line breaks.
    let spaced = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace("><", ">\n<").into_bytes();
    world.agencies.control().twist(&Source::Agency(Agency::Af), spaced).unwrap();
    let reply = world.soap_ask(&world.soap_question(11, Role::Applicant)).await;
    assert!(reply.section("TNS").unwrap().contains("SSBT_SKYDDAD"), "somebody is");
    let section = reply.section("AF").unwrap();
    assert!(
        section.contains("NamnPaPersonuppgiftsbitrade") && section.matches(">\n<").count() > 10,
        "{section}"
    );
}

/// The base64 documents in a section, as text.
fn decoded(section: &str) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let texts = section.split(['<', '>']).filter(|text| text.len() > 40);
    texts.filter_map(|text| STANDARD.decode(text).ok()).map(|it| String::from_utf8(it).unwrap()).collect()
}

#[tokio::test]
async fn skatteverket_in_one_version_only_is_an_honest_error_in_the_other_and_not_asked() {
    for (spoken, version) in [(10, 11), (11, 10)] {
        let world = World::start_with(Wires::Own, |config| {
            let skv = config.sources.iter_mut().find(|source| source.code == "SKV").unwrap();
            skv.options.skv_versions = vec![spoken];
        })
        .await;
        let question = world.soap_question(version, Role::Applicant).only(&[Agency::Skv, Agency::Tns]);
        let reply = world.soap_ask(&question).await;
        let section = reply.section("SKV").unwrap();
        assert!(section.contains("SSBT_ANNAN_VERSION") && section.contains("inte tillfrågats"), "{section}");
        assert_eq!(world.agencies.control().total_calls(), 1, "TNS alone is asked");
    }
}

#[tokio::test]
async fn questions_about_years_and_periods_are_bounded_and_the_element_is_named() {
    let world = World::start(Wires::Own).await;
    let refused = async |change: &dyn Fn(&mut Question), named: &str| {
        let mut question = world.soap_question(11, Role::Applicant);
        change(&mut question);
        let reply = world.soap_ask(&question).await;
        assert_eq!(reply.status, 500);
        assert!(reply.fault().contains(named), "{named}: {}", reply.body);
        assert!(!reply.body.contains(&question.person), "nothing that was sent is repeated");
    };
    let years = |years: &'static str| {
        move |question: &mut Question| {
            let skv = question.agencies.iter_mut().find(|(agency, _)| *agency == Agency::Skv).unwrap();
            skv.1 = skv.1.replace("<ar>2025</ar>", years);
        }
    };
    refused(&years(""), "SKV/fraga/ar: saknas").await;
    refused(&years("<ar>2027</ar>"), "SKV/fraga/ar: ett av åren har inte börjat").await;
    refused(&years("<ar>2020</ar><ar>2021</ar><ar>2022</ar><ar>2023</ar>"), "SKV/fraga/ar: högst 3").await;
    refused(&|question| question.to = "2029-01-01".into(), "tidsperiod: slutar mer än 62 dagar framåt").await;
    refused(&|question| question.from = "2020-01-01".into(), "tidsperiod: är längre än 1098 dagar").await;
    refused(
        &|question| (question.from, question.to) = ("2026-11-23".into(), "2026-11-24".into()),
        "tidsperiod: börjar i framtiden",
    )
    .await;
    refused(&|question| question.person = "198001019805".into(), "personidentitet: kontrollsiffran").await;
    refused(&|question| question.legal_basis = String::new(), "lagtext").await;
    let no_question = |question: &mut Question| {
        question.agencies.iter_mut().for_each(|(_, inside)| inside.clear());
    };
    refused(&no_question, "SKV/fraga: saknas").await;
    assert_eq!(world.agencies.control().total_calls(), 0);
}

#[tokio::test]
async fn a_case_with_a_longer_identity_than_csn_takes_is_asked_about_at_csn_too() {
    let world = World::start(Wires::Own).await;
    let case = "EB-".to_owned() + &"1".repeat(30);
    world.register_case(&case, &["anna"]).await;
    let question = Question { case, ..world.soap_question(10, Role::Applicant) };
    let reply = world.soap_ask(&question).await;
    assert!(!reply.section("CSN").unwrap().contains("-1005"));
    assert!(!reply.section("AF").unwrap().contains("error>"));
}

#[tokio::test]
async fn the_trial_operation_says_who_can_be_reached_and_asks_nobody() {
    let world = World::start(Wires::Own).await;
    for version in [10, 11] {
        let trial = format!(
            r#"<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><testaBastjanstInformation xmlns="http://schema.forsakringskassan.se/integration/ssbt/{version}"/></e:Body></e:Envelope>"#
        );
        let reply = world.soap_post(PLAIN, trial.as_bytes()).await;
        assert_eq!(reply.status, 200);
        assert!(reply.body.contains("testaBastjanstInformationResponse"));
    }
    assert_eq!(world.agencies.control().total_calls(), 0);
    assert!(world.newest_question().await.is_none(), "nothing is disclosed, so nothing is logged");
}
