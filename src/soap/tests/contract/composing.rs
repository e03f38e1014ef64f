use ssbtek_domain::{
    Agency, Fault, HoldBack, Original, Outcome, Personnummer,
    sections::{Section, af, csn, fk, miv, skv, so, tns},
};
use ssbtek_soap::{AgencyAnswer, InformationQuestion, PartAnswer, Payload, Reported, SkvParts, compose};

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
        faults: &[],
        household: &[],
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

#[test]
fn what_must_be_held_back_is_decided_by_what_stands_in_the_payload() {
    let question = Draft::new(V10).asking("TNS", "").read().unwrap();
    let section = Section::Tns(tns::Section { person: None, vehicles: Some(vec![]) });
    let namespace = "http://schema.transportstyrelsen.se/ssbtek/hamtauppgifterresponder/1";
    let answer = |more: &str| {
        let text = format!(
            r#"<t:HamtaUppgifterResponse xmlns:t="{namespace}"><t:resultat>OK</t:resultat><t:fordonsinnehav/>{more}</t:HamtaUppgifterResponse>"#
        );
        let original = original(&text);
        let protected = Reported {
            original: Some(&original),
            section: Some(&section),
            held_back: HoldBack::Whereabouts,
            ..reported(Outcome::Answered)
        };
        elements(composed(&question, Agency::Tns, &protected))
    };
    assert!(answer("").contains("<t:resultat"), "nothing in it is held back, so it leaves as it came");
    let cut = answer(r#"<x:adress xmlns:x="urn:x">PROVGATAN 1</x:adress>"#);
    assert!(!cut.contains("PROVGATAN") && !cut.contains("<t:resultat"), "what is not understood does not");
    assert!(!answer("<!-- PROVGATAN 1 -->").contains("PROVGATAN"));
}

#[test]
fn where_something_is_held_back_each_form_says_so() {
    let question = Draft::new(V10).asking_all().read().unwrap();
    let held_back = |agency, section: Section| {
        let protected = Reported {
            section: Some(&section),
            held_back: HoldBack::Whereabouts,
            withheld: true,
            ..reported(Outcome::Answered)
        };
        composed(&question, agency, &protected)
    };
    let af = elements(held_back(Agency::Af, Section::Af(af::Section::default())));
    assert!(
        af.contains("<ssbt:felkod>SSBT_SKYDDAD</ssbt:felkod>") && af.contains("</Svar><ssbt:error"),
        "{af}"
    );
    let person = Personnummer::parse_undated(PERSON).ok();
    let section = Section::Csn(csn::Section { person: person.clone(), ..csn::Section::default() });
    assert!(document(held_back(Agency::Csn, section)).contains("SSBT_SKYDDAD"));
    let section = Section::Fk(fk::Section { person: person.clone(), ..fk::Section::default() });
    assert!(
        document(held_back(Agency::Fk, section))
            .contains(r#""kod":"OK","beskrivning":"Uppgifter hålls inne"#)
    );
    let funds = vec![so::Fund { status: "OK".into(), ..so::Fund::default() }];
    let section = Section::So(so::Section { person: person.clone(), funds });
    assert!(elements(held_back(Agency::So, section)).contains("SSBT_SKYDDAD"));
    let section = Section::Miv(miv::Section { person: person.clone(), ..miv::Section::default() });
    assert_eq!(code(held_back(Agency::Miv, section)), "SSBT_SKYDDAD");
    let document = skv::Document::verbatim(None, "<u><ar>2025</ar></u>".to_owned());
    let section = Section::Skv(skv::Section { person, documents: vec![document], ..Default::default() });
    let skv = elements(held_back(Agency::Skv, section));
    assert!(skv.contains("2025") && skv.contains("SSBT_SKYDDAD"), "{skv}");
}

fn skv_parts(texts: [&str; 2], withheld: bool, original: Option<&Original>) -> SkvParts {
    let question = Draft::new(V11).asking("SKV", &skv()).read().unwrap();
    let parts = [skv::Part::CompanyInformation, skv::Part::IndividualStatements];
    let documents = parts.into_iter().zip(texts);
    let documents = documents.map(|(part, text)| skv::Document::verbatim(Some(part), text.to_owned()));
    let section = Section::Skv(skv::Section { documents: documents.collect(), ..Default::default() });
    let told = Reported {
        section: Some(&section),
        original,
        held_back: if withheld { HoldBack::Home } else { HoldBack::Nothing },
        withheld,
        ..reported(Outcome::Answered)
    };
    let AgencyAnswer::Data(Payload::Parts(parts)) = composed(&question, Agency::Skv, &told) else { panic!() };
    parts
}

#[test]
fn a_document_that_nothing_is_left_of_is_an_error_and_no_empty_object() {
    let parts = skv_parts([r#"{"inkomstar":[{"ar":2025}]}"#, r#"{"uppgifter":[{}]}"#], true, None);
    assert!(matches!(parts.parts[&skv::Part::CompanyInformation], PartAnswer::Data(_)));
    assert!(matches!(parts.parts[&skv::Part::IndividualStatements], PartAnswer::Error(_)));
    assert_eq!(parts.error.unwrap().code, "SSBT_SKYDDAD", "an error beside what is left");
    let whole = skv_parts(["{}", "{}"], false, None);
    assert!(whole.error.is_none());
    assert!(matches!(whole.parts[&skv::Part::CompanyInformation], PartAnswer::Data(_)), "as it came");
}

#[test]
fn base64_leaves_letter_for_letter_as_it_came() {
    let (text, came) = (r#"{"a":1}"#, "eyJh\r\nIjoxfQ==");
    let json = format!(r#"{{"foretagsinformation":{{"data":"{}"}}}}"#, came.escape_default());
    let original = Original { media_type: "application/json", bytes: json.into_bytes() };
    let parts = skv_parts([text, "{}"], false, Some(&original));
    assert_eq!(parts.parts[&skv::Part::CompanyInformation], PartAnswer::AsItCame(came.to_owned()));
    assert_eq!(parts.parts[&skv::Part::IndividualStatements], PartAnswer::Data(b"{}".to_vec()));
}

#[test]
fn an_agencys_fault_is_told_in_its_own_code_and_words_and_ours_in_ours() {
    let question = Draft::new(V10).asking("TNS", "").read().unwrap();
    let fault =
        Fault { part: None, code: "1017".to_owned(), texts: vec!["Tjänsten är stängd".to_owned()] };
    let faults = [fault];
    let failed = |outcome| Reported { faults: &faults, fault_code: Some("1017"), ..reported(outcome) };
    let AgencyAnswer::Error(error) = composed(&question, Agency::Tns, &failed(Outcome::FailedAtSource))
    else {
        panic!()
    };
    assert_eq!((error.origin.as_str(), error.code.as_str()), ("BT", "1017"));
    assert_eq!(error.messages(), ["Tjänsten är stängd"]);
    let AgencyAnswer::Error(error) = composed(&question, Agency::Tns, &failed(Outcome::TimedOut)) else {
        panic!()
    };
    assert_eq!((error.origin.as_str(), error.code.as_str()), ("SSBT", "SSBT_TIDSGRANS"));
    assert!(!error.messages().concat().contains("stängd"));
}
