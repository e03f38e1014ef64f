use std::collections::BTreeSet;

use ssbtek_domain::{
    NaiveDate, Period, Personnummer, Protection, ProtectionSignal, Role, payment::PaymentState,
    sections::Facts,
};

use super::section;
use crate::population::{Situation, TestPerson};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn somebody(situation: Situation, protection: Protection) -> TestPerson {
    TestPerson {
        number: Personnummer::parse_undated("198001019804").unwrap(),
        given_name: "Test".into(),
        family_name: "Testsson".into(),
        street: "Provgatan 1".into(),
        postal: "123 45 Provstad".into(),
        protection,
        unknown_at: BTreeSet::new(),
        fund: None,
        situation,
        role: Role::Applicant,
        household: vec![],
        protected_household: BTreeSet::new(),
        seed: 7,
    }
}

#[test]
fn the_same_person_is_told_the_same_twice_and_money_comes_monthly() {
    let period = Period::new(day("2026-08-01"), day("2026-11-22")).unwrap();
    for situation in [Situation::Jobseeker, Situation::Parent, Situation::SickListed, Situation::Newcomer] {
        let person = somebody(situation, Protection::None);
        let first = section(&person, &period, day("2026-11-22"));
        assert!(first == section(&person, &period, day("2026-11-22")));
        let lines = first.payments();
        assert_eq!(
            lines.iter().filter(|line| line.state == PaymentState::Paid).count(),
            3,
            "August to October"
        );
        assert_eq!(lines.iter().filter(|line| line.state == PaymentState::Announced).count(), 1, "November");
        assert!(lines.iter().all(|line| line.sub_benefit.is_some() && line.covers.is_some()));
    }
}

#[test]
fn protection_follows_the_population_register() {
    let period = Period::new(day("2026-08-01"), day("2026-11-22")).unwrap();
    let signal = |protection| {
        section(&somebody(Situation::Parent, protection), &period, day("2026-11-22")).protection()
    };
    assert_eq!(signal(Protection::None), ProtectionSignal::NotProtected);
    assert_eq!(signal(Protection::Sekretessmarkering), ProtectionSignal::Sekretessmarkering);
    assert_eq!(signal(Protection::SkyddadFolkbokforing), ProtectionSignal::Sekretessmarkering);
}
