use ssbtek_domain::sections::skv::Part;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn kind(name: &str) -> Information {
    Information::parse(name).unwrap()
}

fn names(kinds: &[Information]) -> Vec<&'static str> {
    kinds.iter().map(|kind| kind.name()).collect()
}

#[test]
fn each_kind_is_asked_for_under_the_act_of_its_day_and_its_own_section() {
    let law = LegalBases::default();
    let text = |kind, on: &str| law.on(kind, day(on)).map(|rule| rule.text.clone()).unwrap_or_default();
    assert_eq!(
        text(kind("CSN"), "2025-06-30"),
        "11 kap. 11–11 b §§ socialtjänstlagen (2001:453); 2 § förordningen (2008:975)"
    );
    assert_eq!(
        text(kind("CSN"), "2025-07-01"),
        "15 kap. 10–12 §§ socialtjänstlagen (2025:400); 2 § förordningen (2008:975)"
    );
    for (kind, section) in [
        (Information::FK, "3 §"),
        (kind("SO"), "4 §"),
        (kind("AF"), "5 §"),
        (Information::skv(Part::TaxData), "6 §"),
        (Information::skv(Part::TaxAccount), "6 §"),
        (Information::PM, "7 §"),
    ] {
        assert!(text(kind, "2026-11-27").contains(&format!("{section} förordningen (2008:975)")), "{kind}");
    }
    assert_eq!(text(kind("AF"), "2008-12-31"), "", "the ordinance is of 2009");
}

#[test]
fn what_no_statute_names_has_no_ground_until_the_deployment_says_one() {
    let mut law = LegalBases::default();
    let missing = ["SKV.foretagsinformation", "SKV.beskattningsbilagor", "TNS", "MIV"];
    assert_eq!(names(&law.without_ground(day("2026-11-27"))), missing);
    let before = [missing[0], "SKV.individuppgifter", missing[1], missing[2], missing[3]];
    assert_eq!(names(&law.without_ground(day("2025-11-30"))), before, "declarations begin in December 2025");
    law.0.push(LegalBasisRule {
        covers: Covers::Agency(Agency::Tns),
        text: "lagen (2019:370) om fordons registrering".into(),
        valid_from: day("2020-01-01"),
        valid_to: None,
    });
    assert!(!law.without_ground(day("2026-11-27")).contains(&kind("TNS")));
}

#[test]
fn an_agency_is_told_each_of_its_provisions_once() {
    let law = LegalBases::default();
    let lefi = law.ground([Information::FK, Information::PM], day("2026-11-27")).unwrap();
    assert_eq!(lefi.basis.0.matches("3 § förordningen").count(), 1);
    assert_eq!(lefi.basis.0.matches("7 § förordningen").count(), 1);
    let skv = law.ground(Information::of(Agency::Skv), day("2026-11-27")).unwrap();
    assert_eq!(skv.basis.0.matches("6 §").count(), 1, "two parts, one section: {}", skv.basis.0);
    assert_eq!(skv.kinds.len(), 3);
    assert!(skv.basis.0.chars().count() <= 1000);
    assert_eq!(law.ground(Information::of(Agency::Miv), day("2026-11-27")), None);
}

#[test]
fn lists_of_before_that_name_agencies_are_read_and_written_as_they_were() {
    let old = r#"[{"agency":"SKV","text":"Socialtjänstlagen; förordningen (2008:975)","valid_from":"2008-12-15","valid_to":null}]"#;
    let law: LegalBases = serde_json::from_str(old).unwrap();
    assert_eq!(serde_json::to_string(&law).unwrap(), old);
    assert_eq!(law.ground(Information::of(Agency::Skv), day("2026-11-27")).unwrap().kinds.len(), 5);
    let new = serde_json::to_string(&LegalBases::default()).unwrap();
    assert_eq!(serde_json::from_str::<LegalBases>(&new).unwrap(), LegalBases::default());
}

/// Decisions of before rest on them: a bound of today is no reason not to read them.
#[test]
fn a_list_that_was_stored_is_read_whatever_is_bounded_in_a_configuration_today() {
    let text = "lagtext ".repeat(60);
    let old =
        format!(r#"[{{"agency":"SKV","text":"{text}","valid_from":"2008-12-15","valid_to":"2008-12-01"}}]"#);
    assert_eq!(serde_json::from_str::<LegalBases>(&old).unwrap().0[0].text, text);
}

#[test]
fn a_provision_that_covers_nothing_or_never_holds_is_refused_by_name() {
    let read = |text: &str| match serde_json::from_str::<LegalBasisRule>(text) {
        Ok(rule) => LegalBases(vec![rule]).check().unwrap_err().to_string(),
        Err(refused) => refused.to_string(),
    };
    assert_eq!(LegalBases::default().check(), Ok(()));
    assert!(read(r#"{"text":"x","valid_from":"2026-01-01"}"#).contains("`information` or `agency`"));
    let both = r#"{"agency":"AF","information":"AF","text":"x","valid_from":"2026-01-01"}"#;
    assert!(read(both).contains("`information` or `agency`"));
    assert!(read(r#"{"agency":"AF","text":" ","valid_from":"2026-01-01"}"#).contains("text"));
    let ends = r#"{"agency":"AF","text":"x","valid_from":"2026-01-02","valid_to":"2026-01-01"}"#;
    assert!(read(ends).contains("valid_to"));
    assert!(
        read(r#"{"information":"SKV","text":"x","valid_from":"2026-01-01"}"#).contains("SKV.skattekonto")
    );
}
