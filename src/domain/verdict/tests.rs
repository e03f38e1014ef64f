//! The table as a whole, and as it is published.

use std::collections::BTreeSet;

use super::*;
use crate::{
    sections::{
        af, fk,
        fk::{
            common::Code,
            person::{Citizenship, GeneralInformation},
        },
        miv, skv, tns,
    },
    verdicts,
};

#[test]
fn every_verdict_has_a_reason_and_stands_once() {
    let mut seen = BTreeSet::new();
    for verdict in verdicts::all() {
        assert!(!verdict.because.is_empty(), "{verdict:?}");
        assert!(seen.insert((verdict.agency, verdict.record, verdict.field)), "{verdict:?} stands twice");
        assert_eq!(verdict.held_from.is_some(), !verdict.withheld_as.is_empty(), "{verdict:?}");
    }
    assert!(Agency::ALL.iter().all(|agency| seen.iter().any(|(of, ..)| of == agency)));
}

#[test]
fn what_is_held_back_for_another_is_held_back_for_the_person_too() {
    for verdict in verdicts::all().filter(|verdict| verdict.held_from.is_some()) {
        assert!(!Withholding::new(HoldBack::Nothing, false).holds(verdict), "{verdict:?}");
        assert!(Withholding::new(HoldBack::Whereabouts, false).holds(verdict), "{verdict:?}");
    }
}

#[test]
fn a_protected_persons_names_go_unless_the_board_has_opened_them() {
    let named = || af::Section {
        given_name: Some("Anna".into()),
        family_name: Some("Nyman".into()),
        ..af::Section::default()
    };
    let fk = || fk::Section {
        general: vec![GeneralInformation {
            name: Some("Nyman, Anna".into()),
            ..GeneralInformation::default()
        }],
        ..fk::Section::default()
    };
    assert_eq!(withhold(&mut named(), HoldBack::Whereabouts, false), ["namn"]);
    assert_eq!(withhold(&mut fk(), HoldBack::Whereabouts, false), ["namn"]);
    for (held, open) in [(HoldBack::Whereabouts, true), (HoldBack::Home, false), (HoldBack::Nothing, false)] {
        assert!(withhold(&mut named(), held, open).is_empty(), "{held:?}");
        assert!(withhold(&mut fk(), held, open).is_empty(), "{held:?}");
    }
    let mut miv = miv::Section { given_name: Some("Anna".into()), ..miv::Section::default() };
    assert_eq!(withhold(&mut miv, HoldBack::Whereabouts, false), ["namn"]);
}

#[test]
fn a_vehicle_goes_for_another_persons_sake_too_and_so_does_that_there_is_none() {
    let text = || "x".to_owned();
    let vehicle = tns::Vehicle {
        registration_number: text(),
        make: text(),
        year: text(),
        kind: text(),
        trade_name: text(),
    };
    let mut owner = tns::Section { vehicles: Some(vec![vehicle]), ..tns::Section::default() };
    assert_eq!(withhold(&mut owner, HoldBack::Home, false), ["fordon"]);
    let mut none = tns::Section { vehicles: Some(vec![]), ..tns::Section::default() };
    assert_eq!(withhold(&mut none, HoldBack::Home, false), ["fordon"]);
    assert!(none.vehicles.is_none());
}

#[test]
fn what_is_held_back_is_named_whether_or_not_it_was_there() {
    let names = |held, open| held_names(Agency::Fk, held, open);
    assert!(names(HoldBack::Nothing, false).is_empty());
    assert!(
        names(HoldBack::Home, false).contains(&"adress") && !names(HoldBack::Home, false).contains(&"namn")
    );
    assert!(names(HoldBack::Whereabouts, false).contains(&"namn"));
    assert!(!names(HoldBack::Whereabouts, true).contains(&"namn"));
    assert_eq!(held_names(Agency::So, HoldBack::Whereabouts, false), [""; 0]);
}

#[test]
fn a_fields_own_name_is_not_told_where_it_would_tell_a_country() {
    let mut abroad = fk::Section { tax_ids: vec!["X".into()], ..fk::Section::default() };
    assert_eq!(withhold(&mut abroad, HoldBack::Home, false), [UNNAMED]);
}

#[test]
fn pay_from_an_agency_a_fund_or_nobody_named_goes_with_the_year_and_an_employers_stays() {
    let payer =
        |number: &str, name: &str| skv::Payer { number: Some(number.into()), name: Some(name.into()) };
    for (payer, stays) in [
        (Some(payer("165560360793", "Bruket")), true),
        (Some(payer("212000-0142", "Kommunen")), true),
        (Some(payer("198001019804", "En snickare")), true),
        (Some(payer("162021005521", "Bruket")), false),
        (Some(payer("202100-6255", "")), false),
        (Some(payer("802005-9474", "Föreningen")), false),
        (Some(payer("165560360793", "Unionens A-kassa")), false),
        (Some(payer("165560360793", "FÖRSÄKRINGSKASSAN")), false),
        (Some(payer("okänt", "Bruket")), false),
        (Some(skv::Payer::default()), false),
        (None, false),
    ] {
        let pay = skv::IndividualStatement { gross: "21000".parse().ok(), payer, ..Default::default() };
        let year = skv::IncomeYear { earned_income: "250000".parse().ok(), ..Default::default() };
        let mut told = skv::Section { statements: vec![pay], years: vec![year], ..Default::default() };
        assert!(withhold(&mut told, HoldBack::Home, false).contains(&"inkomst"));
        assert_eq!(told.statements[0].gross.is_some(), stays);
        assert!(told.years[0].earned_income.is_none() && told.statements[0].payer.is_none());
    }
}

#[test]
fn a_countrys_code_stays_for_anothers_sake_and_its_name_goes() {
    let citizen = |id: &str| fk::Section {
        general: vec![GeneralInformation {
            citizenships: vec![Citizenship { since: None, country: Some(Code::new(id, "SYRIEN, Ön")) }],
            ..GeneralInformation::default()
        }],
        ..fk::Section::default()
    };
    let left = |id: &str, held| {
        let mut told = citizen(id);
        let _ = withhold(&mut told, held, false);
        told.general[0].citizenships.first().and_then(|one| one.country.clone())
    };
    assert!(left("SY", HoldBack::Nothing) == Some(Code::new("SY", "SYRIEN, Ön")));
    assert!(left("SY", HoldBack::Home) == Some(Code::bare("SY")));
    assert!(left("Malmö", HoldBack::Home) == Some(Code { id: Some(String::new()), description: None }));
    assert!(left("SY", HoldBack::Whereabouts).is_none());
}

/// The table as docs/PROTECTION.md publishes it.
fn published() -> String {
    let mut table = String::from(
        "| agency | record | field | what it tells | held back | why |\n|---|---|---|---|---|---|\n",
    );
    for verdict in verdicts::all() {
        let tells = match verdict.reveals {
            Reveals::Nothing => "nothing",
            Reveals::Whereabouts => "whereabouts",
            Reveals::Name => "name",
            Reveals::Relatives => "who others are",
            Reveals::Inference => "to be worked out",
            Reveals::FreeText => "free text",
        };
        let held = match (verdict.held_from, verdict.reveals) {
            (Some(HoldBack::Home), Reveals::FreeText) => "outside the known words, if anybody is protected",
            (Some(HoldBack::Home), _) => "if anybody is protected",
            (Some(_), _) => "if the person is, or may be",
            (None, Reveals::Relatives) => "always",
            (None, _) => "never",
        };
        let Verdict { agency, record, field, because, .. } = verdict;
        table.push_str(&format!("| {agency} | {record} | {field} | {tells} | {held} | {because} |\n"));
    }
    table.push_str("\n## Figures\n\n| name | why it is held back if anybody is protected |\n|---|---|\n");
    for figure in fk::FIGURES.iter().filter(|figure| figure.held_from.is_some()) {
        table.push_str(&format!("| {} | {} |\n", figure.name, figure.because));
    }
    table
}

/// `UPDATE_DOCS=1` writes the table anew.
#[test]
fn the_published_table_is_the_one_that_is_carried_out() {
    const MARK: &str = "<!-- from here on made from src/domain/sections: UPDATE_DOCS=1 cargo nextest run -p ssbtek-domain -->\n";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/PROTECTION.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (prose, table) = text.split_once(MARK).unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, format!("{prose}{MARK}{}", published())).unwrap();
    } else {
        assert!(
            table == published(),
            "docs/PROTECTION.md is older than the verdicts: UPDATE_DOCS=1 writes it anew"
        );
    }
}
