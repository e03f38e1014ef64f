//! The table as a whole. That each row is carried out is shown with a canary in every field, in `tests/protection`.

use std::collections::BTreeSet;

use super::*;
use crate::{
    sections::{af, fk, fk::person::GeneralInformation, miv, tns},
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
fn a_vehicle_goes_for_another_persons_sake_too_and_that_there_is_none_stays() {
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
    assert!(withhold(&mut none, HoldBack::Whereabouts, false).is_empty());
    assert!(none.vehicles.is_some_and(|list| list.is_empty()));
}

#[test]
fn a_fields_own_name_is_not_told_where_it_would_tell_a_country() {
    let mut abroad = fk::Section { tax_ids: vec!["X".into()], ..fk::Section::default() };
    assert_eq!(withhold(&mut abroad, HoldBack::Home, false), [UNNAMED]);
}
