use ssbtek_domain::{
    Agency, HoldBack, Original, Outcome, Personnummer,
    sections::{Section, af, fk, tns},
};
use ssbtek_soap::{AgencyAnswer, InformationQuestion, Payload, Reported, compose};

use super::support::*;

const TNS: &str = r#"<t:HamtaUppgifterResponse xmlns:t="http://schema.transportstyrelsen.se/ssbtek/hamtauppgifterresponder/1"><t:resultat>FEL</t:resultat></t:HamtaUppgifterResponse>"#;

fn original(text: &str) -> Original {
    Original { media_type: "text/xml", bytes: text.as_bytes().to_vec() }
}

fn reported(outcome: Outcome) -> Reported<'static> {
    Reported {
        outcome,
        parts: &[],
        fault_code: None,
        section: None,
        original: None,
        held_back: HoldBack::Nothing,
        withheld: false,
        not_sent: false,
    }
}

fn composed(question: &InformationQuestion, agency: Agency, reported: &Reported<'_>) -> AgencyAnswer {
    compose(question, agency, &question.told(agency), reported)
}

fn code(answer: AgencyAnswer) -> String {
    let AgencyAnswer::Error(error) = answer else { panic!("error expected") };
    error.code
}

fn document(answer: AgencyAnswer) -> String {
    let AgencyAnswer::Data(Payload::Document(bytes)) = answer else { panic!("document expected") };
    String::from_utf8(bytes).unwrap()
}

fn elements(answer: AgencyAnswer) -> String {
    let AgencyAnswer::Data(Payload::Elements(elements)) = answer else { panic!("elements expected") };
    elements.concat()
}

#[test]
fn a_failure_hidden_in_a_successful_answer_is_an_error_and_not_data() {
    let question = Draft::new(V10).asking("TNS", "").read().unwrap();
    let original = original(TNS);
    let failed =
        Reported { original: Some(&original), fault_code: Some("17"), ..reported(Outcome::FailedAtSource) };
    assert_eq!(code(composed(&question, Agency::Tns, &failed)), "17");
    let unknown = Reported { original: Some(&original), ..reported(Outcome::NoSuchPerson) };
    assert!(
        elements(composed(&question, Agency::Tns, &unknown)).contains("FEL"),
        "in the agency's own words"
    );
    assert_eq!(code(composed(&question, Agency::Tns, &reported(Outcome::NoSuchPerson))), "PERSON_SAKNAS");
}

#[test]
fn a_refusal_of_the_question_itself_comes_first() {
    let mut draft = Draft::new(V10).asking("CSN", "");
    draft.asker = draft.asker.replace("anna01", &"1".repeat(32));
    let question = draft.read().unwrap();
    assert_eq!(code(composed(&question, Agency::Csn, &reported(Outcome::NotAsked))), "-1005");
}

#[test]
fn bytes_go_unchanged_unless_something_is_held_back() {
    let question = Draft::new(V10).asking("AF", "").read().unwrap();
    let text = r#"<SvarMeddelande xmlns="http://api.arbetsformedlingen.se/arbetssokande/ersattningsstod/v2"><Svar><Eget/></Svar></SvarMeddelande>"#;
    let (original, section) = (original(text), Section::Af(af::Section::default()));
    let whole =
        Reported { original: Some(&original), section: Some(&section), ..reported(Outcome::Answered) };
    assert!(elements(composed(&question, Agency::Af, &whole)).contains("<Eget/>"));
    let held_back = Reported { held_back: HoldBack::Whereabouts, ..whole };
    let written = elements(composed(&question, Agency::Af, &held_back));
    assert!(
        !written.contains("Eget") && written.contains("StatusSokandeinformationKod"),
        "only what is understood"
    );
}

#[test]
fn vehicles_held_back_are_told_as_held_back() {
    let question = Draft::new(V10).asking("TNS", "").read().unwrap();
    let section = Section::Tns(tns::Section::default());
    let held_back = Reported {
        section: Some(&section),
        held_back: HoldBack::Whereabouts,
        withheld: true,
        ..reported(Outcome::Answered)
    };
    assert_eq!(code(composed(&question, Agency::Tns, &held_back)), "SSBT_SKYDDAD");
}

#[test]
fn general_information_that_the_broker_alone_asked_for_is_not_handed_on() {
    let person = Personnummer::parse_undated(PERSON).ok();
    let section = Section::Fk(fk::Section { person, ..fk::Section::default() });
    let json = format!(
        r#"{{"formansinformation":{{"generellPersoninformation":[{{"personnummer":"{PERSON}","namn":"A","skyddad":false}}]}}}}"#
    );
    let original = Original { media_type: "application/json", ..original(&json) };
    let whole =
        Reported { original: Some(&original), section: Some(&section), ..reported(Outcome::Answered) };
    let asking = |json: &str| Draft::new(V10).asking("FK", &fk(json)).read().unwrap();
    assert_eq!(document(composed(&asking(&lefi_json()), Agency::Fk, &whole)), json, "asked for");
    let without = lefi_json().replace(r#","ovrigInformation":["FK:GEPI"]"#, "");
    assert_eq!(
        document(composed(&asking(&without), Agency::Fk, &whole)),
        json.replace(r#""namn":"A","#, ""),
        "not asked for"
    );
}

#[test]
fn an_answer_without_facts_is_lost_and_not_empty() {
    let question = Draft::new(V10).asking("AF", "").read().unwrap();
    assert_eq!(code(composed(&question, Agency::Af, &reported(Outcome::Answered))), "SSBT_INTERNT_FEL");
}
