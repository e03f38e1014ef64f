use ssbtek_domain::{
    Agency, HoldBack, Original, Outcome, PartOutcome, Period, Personnummer, ProtectionSignal,
    sections::{Section, af, csn, fk, miv, skv, so, tns},
};
use ssbtek_soap::{
    AgencyAnswer, Answered, Asked, PartAnswer, Payload, Version, payload, relay_without_general,
};
use ssbtek_xml::{Element, Limits, parse_str};

use super::support::*;

fn person() -> Option<Personnummer> {
    Personnummer::parse_undated(PERSON).ok()
}

fn write(
    agency: Agency,
    version: Version,
    section: &Section,
    parts: &[PartOutcome],
    withheld: bool,
) -> AgencyAnswer {
    let namespace = if version == Version::V10 { V10 } else { V11 };
    let question = Draft::new(namespace).asking_all().read().unwrap();
    let asked = &question.agencies[&agency].asked;
    let held_back = if withheld { HoldBack::Whereabouts } else { HoldBack::Nothing };
    payload(
        version,
        &question.told(agency),
        asked,
        &Answered { section, parts, faults: &[], original: None, withheld, held_back },
    )
}

fn elements(agency: Agency, section: &Section) -> Vec<Element> {
    let AgencyAnswer::Data(Payload::Elements(elements)) = write(agency, Version::V10, section, &[], false)
    else {
        panic!("elements expected")
    };
    elements.iter().map(|element| parse_str(element, &Limits::default()).unwrap()).collect()
}

fn error_code(answer: AgencyAnswer) -> String {
    let AgencyAnswer::Error(error) = answer else { panic!("error expected") };
    error.code
}

#[test]
fn the_protected_notice_stands_where_the_contract_has_it() {
    let section = Section::Af(af::Section { protected: Some(true), ..af::Section::default() });
    assert_eq!(section.facts().protection(), ProtectionSignal::Sekretessmarkering);
    assert_eq!(text_at(&elements(Agency::Af, &section)[1], "Sekretessmarkering").as_deref(), Some("true"));
    let section = Section::Af(af::Section::default());
    assert!(at(&elements(Agency::Af, &section)[1], "Sekretessmarkering").is_none(), "unsaid stays unsaid");

    let section = csn::Section { person: person(), sekretess: csn::Mark::Yes, ..csn::Section::default() };
    let written = write(Agency::Csn, Version::V10, &Section::Csn(section), &[], false);
    let AgencyAnswer::Data(Payload::Document(document)) = written else { panic!("document expected") };
    let written = tree(&document);
    assert_eq!(at(&written, "Personer/Person").unwrap().attr("sekretess"), Some("Ja"));
}

#[test]
fn csns_own_code_for_a_part_that_is_down_is_told() {
    let section = Section::Csn(csn::Section { person: person(), ..csn::Section::default() });
    let part = |part: &str, outcome, code: Option<&str>| PartOutcome {
        part: part.to_owned(),
        outcome,
        code: code.map(str::to_owned),
    };
    let parts = [part("SM/SH", Outcome::Answered, None), part("HUT", Outcome::FailedAtSource, Some("-1101"))];
    let AgencyAnswer::Data(Payload::Document(document)) =
        write(Agency::Csn, Version::V10, &section, &parts, false)
    else {
        panic!("document expected")
    };
    let code = text_at(&tree(&document), "GemensamtSvarEkbistand/Resultat/ResultatKod");
    assert_eq!(code.as_deref(), Some("-1101"));
}

#[test]
fn each_fund_has_its_entry_with_both_net_amounts() {
    let day = |text: &str| text.parse().unwrap();
    let payment = so::FundPayment {
        paid_on: Some(day("2026-10-25")),
        net_after_tax: "8123.50".parse().ok(),
        net_after_deductions: "7000".parse().ok(),
        days: "21.5".parse().ok(),
        covers: Period::new(day("2026-10-01"), day("2026-10-31")).ok(),
    };
    let application =
        Some(so::Application { right_decided_on: None, right_not_told: false, claim_submitted: Some(true) });
    let fund = so::Fund {
        name: "A".into(),
        status: "OK".into(),
        payments: vec![payment],
        application,
        ..so::Fund::default()
    };
    let silent = so::Fund { name: "B".into(), status: "Kunde inte nås".into(), ..so::Fund::default() };
    let section = so::Section { person: person(), funds: vec![fund, silent] };
    let written = elements(Agency::So, &Section::So(section));
    assert!(written.iter().all(|element| element.namespace() == Some("http://INT014.UBPService.Schemas")));
    let funds = written.last().unwrap().elements();
    assert_eq!(text_at(&funds[0], "Utbetalningar/NettoEfterSkatt").as_deref(), Some("8123.50"));
    assert_eq!(text_at(&funds[0], "Utbetalningar/NettoEfterAvdrag").as_deref(), Some("7000"));
    assert!(at(&funds[0], "AnsoktOmErsattning/BeslutOmRattTillErsattning").unwrap().is_nil());
    assert_eq!(text_at(&funds[1], "StatusSvarandeOrganisation").as_deref(), Some("Kunde inte nås"));
}

#[test]
fn vehicles_held_back_do_not_read_as_no_vehicles() {
    let section = |vehicles| Section::Tns(tns::Section { person: person(), vehicles });
    let held_back = write(Agency::Tns, Version::V10, &section(None), &[], true);
    assert_eq!(error_code(held_back), "SSBT_SKYDDAD");
    let none = elements(Agency::Tns, &section(Some(vec![])));
    assert_eq!(none.iter().map(Element::name).collect::<Vec<_>>(), ["resultat", "fordonsinnehav"]);
}

#[test]
fn migrationsverkets_elements_are_unqualified() {
    let section =
        miv::Section { person: person(), matters: vec![miv::Matter::default()], ..miv::Section::default() };
    let written = elements(Agency::Miv, &Section::Miv(section));
    assert!(written[0].is("", "response"));
    assert!(written[0].child("", "svarCollection").unwrap().child("", "svar").is_some());
}

fn skv_documents(documents: Vec<(Option<skv::Part>, Option<&str>)>) -> Section {
    let documents = documents
        .into_iter()
        .map(|(part, text)| skv::Document { part, text: text.map(str::to_owned), reduced: None, own: None })
        .collect();
    Section::Skv(skv::Section { documents, ..skv::Section::default() })
}

#[test]
fn skatteverkets_documents_are_carried_verbatim_in_their_own_version_only() {
    let one = skv_documents(vec![(None, Some("<x>å & b</x>"))]);
    assert_eq!(elements(Agency::Skv, &one)[0].text(), "<x>å & b</x>");
    assert_eq!(error_code(write(Agency::Skv, Version::V11, &one, &[], false)), "SSBT_ANNAN_VERSION");

    let five = skv_documents(vec![
        (Some(skv::Part::CompanyInformation), Some("{ }")),
        (Some(skv::Part::TaxAccount), Some("{}")),
    ]);
    assert_eq!(error_code(write(Agency::Skv, Version::V10, &five, &[], false)), "SSBT_ANNAN_VERSION");
    let silent = PartOutcome {
        part: "individuppgifter".into(),
        outcome: Outcome::NoSuchPerson,
        code: Some("404".into()),
    };
    let AgencyAnswer::Data(Payload::Parts(parts)) = write(Agency::Skv, Version::V11, &five, &[silent], false)
    else {
        panic!("parts expected")
    };
    assert_eq!(parts.parts.len(), 2, "the parts asked for, and no others");
    assert_eq!(parts.parts[&skv::Part::CompanyInformation], PartAnswer::Data(b"{ }".to_vec()));
    let PartAnswer::Error(error) = &parts.parts[&skv::Part::IndividualStatements] else {
        panic!("error expected")
    };
    assert_eq!((error.origin.as_str(), error.code.as_str()), ("BT", "404"));
}

#[test]
fn skatteverkets_documents_held_back_are_an_error_in_both_versions() {
    let one = skv_documents(vec![(None, None)]);
    assert_eq!(error_code(write(Agency::Skv, Version::V10, &one, &[], true)), "SSBT_SKYDDAD");
    let part = skv_documents(vec![(Some(skv::Part::CompanyInformation), None)]);
    let AgencyAnswer::Data(Payload::Parts(parts)) = write(Agency::Skv, Version::V11, &part, &[], true) else {
        panic!("parts expected")
    };
    let PartAnswer::Error(error) = &parts.parts[&skv::Part::CompanyInformation] else {
        panic!("error expected")
    };
    assert_eq!(error.code, "SSBT_SKYDDAD");
}

#[test]
fn fks_figures_that_cannot_be_put_back_are_an_honest_error() {
    let figure = |name: &str| fk::common::Figure {
        name: name.to_owned(),
        value: fk::common::FigureValue::Number("1".to_owned()),
    };
    let year = fk::other::PensionYear {
        figures: vec![figure("underlag[999999999].ar")],
        ..fk::other::PensionYear::default()
    };
    let section = Section::Fk(fk::Section { pension_years: vec![year], ..fk::Section::default() });
    let question = Draft::new(V10).asking("FK", "").read().unwrap();
    let answered = Answered {
        section: &section,
        parts: &[],
        faults: &[],
        original: None,
        withheld: false,
        held_back: HoldBack::Nothing,
    };
    let written = payload(Version::V10, &question.told(Agency::Fk), &Asked::Standard, &answered);
    assert_eq!(error_code(written), "SSBT_ANNAN_VERSION");
}

fn without_general(json: &str) -> String {
    let original = Original { media_type: "application/json", bytes: json.as_bytes().to_vec() };
    let Payload::Document(bytes) = relay_without_general(&original).unwrap() else {
        panic!("document expected")
    };
    String::from_utf8(bytes).unwrap()
}

#[test]
fn general_information_nobody_asked_for_is_no_more_than_the_protected_notice() {
    let json = format!(
        r#"{{"formansinformation":{{"generellPersoninformation":[{{"personnummer":"{PERSON}","namn":"A","skyddad":true,"civilstand":{{}}}}],"x":{{"namn":"B"}}}}}}"#
    );
    let expected = format!(
        r#"{{"formansinformation":{{"generellPersoninformation":[{{"personnummer":"{PERSON}","skyddad":true}}],"x":{{"namn":"B"}}}}}}"#
    );
    assert_eq!(without_general(&json), expected);
}

#[test]
fn a_name_that_is_written_in_disguise_is_the_same_name() {
    let json =
        r#"{"generellPersoni\u006eformation":[{"na\u006dn":"A","personnummer":{"namn":"B"}}],"summa":1.50}"#;
    assert_eq!(without_general(json), r#"{"generellPersoninformation":[{}],"summa":1.50}"#);
}

#[test]
fn what_is_no_lefi_answer_is_not_relayed() {
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(60), "]".repeat(60));
    for json in ["", "[]", "1", "{", deep.as_str()] {
        let original = Original { media_type: "application/json", bytes: json.as_bytes().to_vec() };
        assert!(relay_without_general(&original).is_err());
    }
}
