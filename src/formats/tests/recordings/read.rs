//! What is read.

use base64::{Engine, engine::general_purpose::STANDARD};
use ssbtek_domain::{
    Note, Outcome, ProtectionSignal,
    sections::{Section, skv::Part},
};

use crate::stored::{ALL, ASKED, bytes, read};

#[test]
fn every_recording_is_read_in_full_or_in_part_for_a_reason_that_a_note_names() {
    use Note::{Missing, NotUnderstood, OtherVersion, PassedOver, Rounded, UnknownCode};
    let table: [(&str, Outcome, &[Note]); 9] = [
        ("af.xml", Outcome::Answered, &[Missing("AktivetetsRapportDatum"), PassedOver("Svar")]),
        ("csn.xml", Outcome::Answered, &[]),
        (
            "csn-3.0.xml",
            Outcome::AnsweredInPart,
            &[
                Missing("Omstallningsstudiestod"),
                Missing("Studiestartsstod"),
                Missing("omstallningsstudiestod"),
                Missing("studiestartsstod"),
                OtherVersion("CSNSvar"),
            ],
        ),
        ("fk.json", Outcome::Answered, &[Rounded("nettobelopp"), Rounded("summa")]),
        ("so.xml", Outcome::Answered, &[Rounded("NettoEfterAvdrag"), Rounded("NettoEfterSkatt")]),
        ("tns.xml", Outcome::Answered, &[Missing("handelsbeteckning")]),
        ("miv.xml", Outcome::Answered, &[Missing("correlationid"), PassedOver("response")]),
        ("skv-v10.xml", Outcome::Answered, &[]),
        (
            "skv-v11",
            Outcome::AnsweredInPart,
            &[UnknownCode("felkod"), Missing("foretag"), Missing("individuppgifter"), Rounded("saldo")],
        ),
    ];
    let names: Vec<&str> = table.iter().map(|(name, ..)| *name).collect();
    assert_eq!(names, ALL);
    for (name, outcome, notes) in table {
        let answer = read(name, bytes(name)).unwrap_or_else(|refused| panic!("{name}: {refused}"));
        assert_eq!(answer.outcome, outcome, "{name}");
        for note in notes {
            assert!(answer.notes.contains(note), "{name}: {note:?} in {:?}", answer.notes);
        }
        let lost = answer.notes.iter().any(|note| matches!(note, NotUnderstood(_)));
        assert!(!lost, "{name}: {:?}", answer.notes);
        assert!(answer.section.is_some(), "{name}");
    }
}

#[test]
fn the_person_is_found_by_the_number_that_was_asked_whatever_its_field_is_called() {
    for name in ALL.into_iter().filter(|name| *name != "tns.xml") {
        let section = read(name, bytes(name)).unwrap().section.unwrap();
        assert_eq!(section.facts().person().map(|person| person.expose()), Some(ASKED), "{name}");
    }
    let Some(Section::Skv(mut skv)) = read("skv-v11", bytes("skv-v11")).unwrap().section else { panic!() };
    let documents = skv.documents.clone();
    assert!(ssbtek_domain::sections::Facts::withhold_third_parties(&mut skv).is_empty());
    assert!(skv.documents == documents, "the person's own tax data is nobody else's");
}

#[test]
fn amounts_that_are_no_amounts_are_rounded_to_ore_and_none_is_lost() {
    let nets = |name: &str| -> Vec<String> {
        let section = read(name, bytes(name)).unwrap().section.unwrap();
        let lines = section.facts().payments();
        lines.iter().flat_map(|line| line.net.iter().map(|(_, amount)| amount.to_string())).collect()
    };
    assert_eq!(nets("fk.json"), ["13272.3", "2100"]);
    assert_eq!(nets("so.xml"), ["8123.5", "8123.5"]);
    assert_eq!(nets("csn.xml"), ["13248", "13248"]);
    assert_eq!(nets("csn-3.0.xml"), nets("csn.xml"), "an older version has the same payments");
}

#[test]
fn what_each_says_of_protection_is_heard() {
    for (name, signal) in [
        ("af.xml", ProtectionSignal::NotProtected),
        ("csn.xml", ProtectionSignal::NotProtected),
        ("csn-3.0.xml", ProtectionSignal::NotProtected),
        ("fk.json", ProtectionSignal::NotProtected),
        ("miv.xml", ProtectionSignal::CannotSay),
    ] {
        let section = read(name, bytes(name)).unwrap().section.unwrap();
        assert_eq!(section.facts().protection(), signal, "{name}");
    }
}

#[test]
fn a_fault_of_one_part_costs_that_part_alone() {
    let part = |broken: &str, data: &str| {
        let text = String::from_utf8(bytes("skv-v11")).unwrap();
        let document = text.split_once(&format!(r#""{broken}":{{"data":""#)).unwrap().1;
        let document = document.split('"').next().unwrap();
        read("skv-v11", text.replacen(document, data, 1).into_bytes()).unwrap()
    };
    let encoded = |text: &str| STANDARD.encode(text);
    for data in ["inte base64!".to_owned(), encoded("{\"saldo\":"), encoded("<html/>"), String::new()] {
        let answer = part("skattekonto", &data);
        assert_eq!(answer.outcome, Outcome::AnsweredInPart, "{data}");
        for told in &answer.parts {
            let failed = matches!(told.part.as_str(), "skattekonto" | "beskattningsbilagor");
            let has_facts = matches!(told.outcome, Outcome::Answered | Outcome::AnsweredInPart);
            assert_eq!(has_facts, !failed, "{data} {}", told.part);
        }
        let named =
            |note: &Note| matches!(note, Note::NotUnderstood("skattekonto") | Note::Missing("skattekonto"));
        assert!(answer.notes.iter().any(named), "{data}: {:?}", answer.notes);
    }
    // Words where data should be.
    let answer = part("skattekonto", &encoded("404 NOT_FOUND"));
    let told = answer.parts.iter().find(|told| told.part == "skattekonto").unwrap();
    assert_eq!((told.outcome, told.code.as_deref()), (Outcome::FailedAtSource, Some("404")));
}

#[test]
fn a_part_about_somebody_else_is_refused_and_those_that_name_the_person_are_not() {
    let other = "198506079824";
    let body = crate::stored::skv_v11(|part, text| match part {
        "skattekonto" => text.replace(ASKED, other),
        _ => text,
    });
    let answer = read("skv-v11", body).unwrap();
    let Some(Section::Skv(skv)) = &answer.section else { panic!() };
    let parts: Vec<Option<Part>> = skv.documents.iter().map(|document| document.part).collect();
    assert!(!parts.contains(&Some(Part::TaxAccount)) && parts.len() == 3);
    assert!(skv.tax_account.is_none());
    let told = answer.parts.iter().find(|told| told.part == "skattekonto").unwrap();
    assert_eq!(told.outcome, Outcome::AnswerRefused);
}
