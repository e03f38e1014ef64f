//! Whether the person bears the asking account's family name: what the monthly review is pointed at.

use ssbtek_domain::{
    SourceAnswer,
    sections::{
        Section, af,
        fk::{self, person::GeneralInformation},
        miv,
    },
};

use crate::support::{answered, merged, merged_open, person};

fn af(family_name: &str) -> SourceAnswer {
    answered(Section::Af(af::Section {
        person: Some(person()),
        given_name: Some("Erik".into()),
        family_name: Some(family_name.into()),
        ..Default::default()
    }))
}

fn miv(given_name: &str, family_name: &str) -> SourceAnswer {
    answered(Section::Miv(miv::Section {
        person: Some(person()),
        given_name: Some(given_name.into()),
        family_name: Some(family_name.into()),
        ..Default::default()
    }))
}

/// FK tells a name in no stated order.
fn fk(name: &str) -> SourceAnswer {
    let general = vec![GeneralInformation { name: Some(name.into()), ..Default::default() }];
    answered(Section::Fk(fk::Section { person: Some(person()), general, ..Default::default() }))
}

#[test]
fn a_family_name_is_borne_whole_or_in_part_whatever_its_case() {
    for (told, asked) in [
        ("Lindqvist", "Lindqvist"),
        ("LINDQVIST", "lindqvist"),
        ("Ek-Lindqvist", "Lindqvist"),
        ("Lindqvist", "Ek Lindqvist"),
        ("von Essen", "Essen"),
        ("Åkesson", "ÅKESSON"),
    ] {
        assert!(merged_open(vec![af(told)]).bears_name(asked), "{told} and {asked}");
    }
    for asked in ["Lindqvist", "Erik"] {
        assert!(
            merged_open(vec![fk("Lindqvist, Erik")]).bears_name(asked),
            "no order is stated: any word counts"
        );
    }
    assert!(
        merged_open(vec![af("Ek"), miv("Erik", "Lindqvist")]).bears_name("Lindqvist"),
        "any source counts"
    );
}

#[test]
fn a_given_name_a_particle_a_part_of_a_word_or_no_name_is_no_family_name_in_common() {
    for (told, asked) in
        [("Lindqvist", "Erik"), ("von Essen", "von Rosen"), ("Lindqvist", "Lind"), ("Ek", ""), ("Ek", "- af")]
    {
        assert!(!merged_open(vec![af(told)]).bears_name(asked), "{told} and {asked}");
    }
    assert!(!merged_open(vec![]).bears_name("Ek"), "no source told a name");
}

#[test]
fn a_protected_persons_name_is_told_to_nobody_by_a_mark_in_the_log_either() {
    assert!(!merged(vec![af("Lindqvist")]).bears_name("Lindqvist"));
}
