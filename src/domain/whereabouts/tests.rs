//! Every row of the table, on a section that holds nothing but that field.

use super::*;
use crate::sections::{
    Section,
    fk::{
        self,
        common::Code,
        matter::{Decision, Matter, MatterKind, Placement},
        person::{Address, Citizenship, GeneralInformation, Municipality, Workplace},
    },
    miv,
    skv::{self, Company, Document, IncomeYear, IndividualStatement, Payer, Property},
    tns::{self, Vehicle},
};

fn text() -> Option<String> {
    Some("Hemligstad".to_owned())
}

fn general(set: impl FnOnce(&mut GeneralInformation)) -> Section {
    let mut known = GeneralInformation::default();
    set(&mut known);
    Section::Fk(fk::Section { general: vec![known], ..fk::Section::default() })
}

fn taxed(set: impl FnOnce(&mut skv::Section)) -> Section {
    let mut section = skv::Section::default();
    set(&mut section);
    Section::Skv(section)
}

fn address() -> Address {
    Address { town: text(), ..Address::default() }
}

fn placed() -> Section {
    let placement = Placement { name: text(), address: Some(address()), ..Placement::default() };
    let decision = Decision { placements: vec![placement], ..Decision::default() };
    let matter = Matter { decisions: vec![decision], ..Matter::new(MatterKind::MottagareAvBarnbidrag) };
    Section::Fk(fk::Section { matters: vec![matter], ..fk::Section::default() })
}

fn vehicle() -> Vehicle {
    let text = || "x".to_owned();
    Vehicle { registration_number: text(), make: text(), year: text(), kind: text(), trade_name: text() }
}

/// A section with that one field in it.
fn with(field: &LocatingField) -> Section {
    match (field.agency, field.name) {
        (Agency::Fk, "adress") => general(|known| known.addresses = vec![address()]),
        (Agency::Fk, "folkbokford") => general(|known| known.registered_in = vec![Municipality::default()]),
        (Agency::Fk, "institutionsplacering") => placed(),
        (Agency::Fk, "arbetsstallen") => general(|known| known.workplaces = vec![Workplace::default()]),
        (Agency::Fk, "skatteredovisningsnummer") => {
            Section::Fk(fk::Section { tax_ids: text().into_iter().collect(), ..fk::Section::default() })
        }
        (Agency::Fk, "medborgarskap") => general(|known| {
            known.citizenships = vec![Citizenship { since: None, country: Some(Code::bare("XX")) }];
        }),
        (Agency::Skv, "fastighetsbeteckning") => taxed(|section| {
            let properties = vec![Property { designation: text(), assessed_value: None }];
            section.years = vec![IncomeYear { properties, ..IncomeYear::default() }];
        }),
        (Agency::Skv, "arbetsgivare") => taxed(|section| {
            let payer = Some(Payer { name: text(), number: None });
            section.statements = vec![IndividualStatement { payer, ..IndividualStatement::default() }];
        }),
        (Agency::Skv, "foretag") => {
            taxed(|section| section.companies = vec![Company { name: text(), ..Company::default() }])
        }
        (Agency::Skv, "dokument") => {
            taxed(|section| section.documents = vec![Document::verbatim(None, "Hemligstad".to_owned())])
        }
        (Agency::Tns, "fordon") => {
            Section::Tns(tns::Section { vehicles: Some(vec![vehicle()]), ..tns::Section::default() })
        }
        (Agency::Miv, "hemland") => {
            Section::Miv(miv::Section { home_country: text(), ..miv::Section::default() })
        }
        _ => panic!("a row without a test: {field:?}"),
    }
}

#[test]
fn every_field_is_held_back_from_its_level_up_and_not_below() {
    for field in &LOCATING_FIELDS {
        for held in [HoldBack::Nothing, HoldBack::Home, HoldBack::Whereabouts] {
            let whole = with(field);
            let mut section = whole.clone();
            let withheld = section.facts_mut().withhold_location(held);
            if held >= field.held_from {
                assert_eq!(withheld, [field.name], "{held:?}");
                assert!(section != whole, "{field:?} {held:?}: named and still there");
                assert_eq!(section.facts_mut().withhold_location(HoldBack::Whereabouts), [""; 0]);
            } else {
                assert_eq!(withheld, [""; 0], "{field:?} {held:?}");
                assert!(section == whole, "{field:?} {held:?}: gone without being named");
            }
        }
    }
}

#[test]
fn what_is_held_back_for_another_is_held_back_for_the_person_too() {
    for field in LOCATING_FIELDS {
        assert!(field.held_from.is_something(), "{field:?}");
        assert!(HoldBack::Whereabouts.holds(field.agency, field.name), "{field:?}");
    }
    assert!(HoldBack::Home.holds(Agency::Af, "a field that nobody has thought of"));
    assert!(!HoldBack::Nothing.holds(Agency::Af, "a field that nobody has thought of"));
}
