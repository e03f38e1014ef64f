//! What is told of an agency before the others have spoken: over all combinations of who flags, who is silent, and in which order
//! they answer.

use ssbtek_access_log::Manifest;
use ssbtek_domain::{
    Agency, Outcome, Protection, SourceAnswer,
    sections::{
        Section, af,
        csn::{self, Mark},
        fk::{self, person::GeneralInformation},
        miv, skv, so, tns,
    },
};
use ssbtek_fan_out::Timed;
use ssbtek_merge::{Merging, Named, OriginalsWanted, Report, SourceReport, merge};

use crate::support::{all_funds, answered, manifest, permit, permit_of_protected, person, without};

/// What an agency does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Does {
    /// Answers, and says or implies that nobody is protected.
    Answers,
    /// Answers, and flags somebody: the person, or in some form that nobody reads.
    Flags,
    /// Says nothing in time.
    Silent,
}

const ALL: [Does; 3] = [Does::Answers, Does::Flags, Does::Silent];

/// An answer with something in it that can locate, wherever the agency has such a thing.
fn answer(agency: Agency, does: Does) -> SourceAnswer {
    if does == Does::Silent {
        return without(agency, Outcome::TimedOut);
    }
    let flags = does == Does::Flags;
    let (own, text) = (Some(person()), || "x".to_owned());
    let section = match agency {
        Agency::Af => Section::Af(af::Section {
            person: own,
            given_name: Some(text()),
            family_name: Some(text()),
            protected: Some(flags),
            ..Default::default()
        }),
        Agency::Csn => Section::Csn(csn::Section {
            person: own,
            sekretess: if flags { Mark::Yes } else { Mark::Blank },
            ..Default::default()
        }),
        Agency::Fk => Section::Fk(fk::Section {
            person: own,
            general: vec![GeneralInformation {
                name: Some(text()),
                protected: Some(flags),
                addresses: vec![Default::default()],
                ..Default::default()
            }],
            ..Default::default()
        }),
        Agency::Skv => Section::Skv(skv::Section {
            years: vec![skv::IncomeYear {
                year: 2025,
                properties: vec![skv::Property { designation: Some(text()), assessed_value: None }],
                ..Default::default()
            }],
            ..Default::default()
        }),
        Agency::So => Section::So(so::Section { person: own, ..Default::default() }),
        Agency::Tns => Section::Tns(tns::Section {
            person: own,
            vehicles: Some(vec![tns::Vehicle {
                registration_number: text(),
                make: text(),
                year: text(),
                kind: text(),
                trade_name: text(),
            }]),
        }),
        Agency::Miv => Section::Miv(miv::Section {
            person: own,
            given_name: Some(text()),
            family_name: Some(text()),
            home_country: Some(text()),
            ..Default::default()
        }),
    };
    let has_a_field = matches!(agency, Agency::Af | Agency::Csn | Agency::Fk);
    SourceAnswer { unread_flag: flags && !has_a_field, ..answered(section) }
}

/// Whether anything in it can locate, said without the table of verdicts.
fn locates(report: &SourceReport) -> bool {
    match &report.section {
        None => false,
        Some(Section::Af(af)) => af.given_name.is_some() || af.family_name.is_some(),
        Some(Section::Fk(fk)) => fk.general.iter().any(|one| one.name.is_some() || !one.addresses.is_empty()),
        Some(Section::Skv(skv)) => skv.years.iter().any(|year| !year.properties.is_empty()),
        Some(Section::Tns(tns)) => tns.vehicles.is_some(),
        Some(Section::Miv(miv)) => {
            miv.given_name.is_some() || miv.family_name.is_some() || miv.home_country.is_some()
        }
        Some(Section::Csn(_) | Section::So(_)) => false,
    }
}

fn same(one: &SourceReport, other: &SourceReport) -> bool {
    one.section == other.section
        && (one.agency, one.outcome, &one.parts) == (other.agency, other.outcome, &other.parts)
        && (&one.withheld, &one.notes) == (&other.withheld, &other.notes)
        && (&one.faults, &one.fault_code) == (&other.faults, &other.fault_code)
}

fn timed(answer: SourceAnswer) -> Timed {
    Timed { answer, duration_ms: 1 }
}

/// The `n`th order of these.
fn order<T>(mut items: Vec<T>, mut n: usize) -> Vec<T> {
    let mut ordered = vec![];
    while !items.is_empty() {
        ordered.push(items.remove(n % items.len()));
        n /= items.len() + 1;
    }
    ordered
}

/// Lets them answer in an order: what was told of each ahead, and the whole.
fn told(manifest: &Manifest, answers: Vec<SourceAnswer>) -> (Vec<SourceReport>, Report) {
    let permit = permit(&person());
    let mut merging = Merging::new(&permit, manifest, OriginalsWanted::No);
    let mut ahead = vec![];
    for answer in answers {
        let agency = merging.take(timed(answer));
        ahead.extend(merging.ahead(agency).map(|section| section.report().clone()));
    }
    (ahead, merging.whole(Named::default()))
}

fn does(mut n: usize) -> [Does; 7] {
    [(); 7].map(|()| {
        let does = ALL[n % 3];
        n /= 3;
        does
    })
}

/// One combination in one order.
fn hold(does: [Does; 7], nth_order: usize) {
    let answers: Vec<_> =
        Agency::ALL.into_iter().zip(does).map(|(agency, does)| answer(agency, does)).collect();
    let manifest = manifest(&answers);
    let what = format!("{does:?}, order {nth_order}");
    let (ahead, whole) = told(&manifest, order(answers.clone(), nth_order));
    assert_eq!(ahead.len(), answers.len(), "{what}: each once");
    let timed_answers = || answers.iter().cloned().map(timed).collect();
    let of_protected =
        merge(&permit_of_protected(&person()), &manifest, timed_answers(), OriginalsWanted::No);
    for section in &ahead {
        assert!(!locates(section), "{what}: {} tells too early where the person is", section.agency);
        let of = |report: &Report| report.sources.iter().find(|one| one.agency == section.agency).cloned();
        assert!(
            same(section, &of(&of_protected).unwrap()),
            "{what}: {} as of who is protected",
            section.agency
        );
        if whole.protection.level > Protection::None {
            assert!(same(section, &of(&whole).unwrap()), "{what}: {} is told twice", section.agency);
        }
    }
    let in_order = merge(&permit(&person()), &manifest, timed_answers(), OriginalsWanted::No);
    assert_eq!(whole.protection, in_order.protection, "{what}");
    assert_eq!(whole.disclosure(), in_order.disclosure(), "{what}");
    assert_eq!(whole.discrepancies, in_order.discrepancies, "{what}");
    assert!(whole.payments == in_order.payments, "{what}");
    assert!(whole.sources.iter().zip(&in_order.sources).all(|(one, other)| same(one, other)), "{what}");
    // Silence tells something of those three only; a flag counts whoever raises it.
    let silent = does.iter().take(3).any(|does| *does == Does::Silent);
    let clear = !silent && !does.contains(&Does::Flags);
    assert_eq!(whole.sources.iter().any(locates), clear, "{what}: whole, only where everybody said no");
}

#[test]
fn nothing_that_can_locate_is_told_before_all_have_spoken_whoever_flags_or_is_silent() {
    for n in 0..3usize.pow(7) {
        hold(does(n), n * 7);
    }
}

#[test]
fn nothing_that_can_locate_is_told_before_all_have_spoken_in_whatever_order() {
    for nth_order in 0..5040 {
        hold([Does::Answers; 7], nth_order);
    }
}

#[test]
fn the_funds_are_told_of_once_when_the_last_has_spoken() {
    let funds = all_funds();
    let answers: Vec<_> =
        funds.iter().map(|fund| SourceAnswer::without_facts(fund.clone(), Outcome::NoSuchPerson)).collect();
    let manifest = manifest(&answers);
    let permit = permit(&person());
    let mut merging = Merging::new(&permit, &manifest, OriginalsWanted::No);
    for (n, answer) in answers.into_iter().rev().enumerate() {
        assert!(merging.ahead(Agency::So).is_none(), "{n} of {}", funds.len());
        merging.take(timed(answer));
    }
    let ahead = merging.ahead(Agency::So).unwrap();
    assert_eq!((ahead.report().outcome, ahead.report().parts.len()), (Outcome::NoSuchPerson, funds.len()));
    let whole = merging.whole(Named::default());
    assert!(same(ahead.report(), &whole.sources[4]), "in the order of the manifest");
}

#[test]
fn what_was_said_so_far_is_what_those_have_said_who_were_told_of() {
    let answers = [answer(Agency::Tns, Does::Answers), answer(Agency::Csn, Does::Flags)];
    let (permit, manifest) = (permit(&person()), manifest(&answers));
    let mut merging = Merging::new(&permit, &manifest, OriginalsWanted::No);
    assert_eq!(merging.said_ahead(), (Protection::NotKnown, false));
    for (answer, said) in
        answers.into_iter().zip([(Protection::NotKnown, false), (Protection::Sekretessmarkering, true)])
    {
        let agency = merging.take(timed(answer));
        merging.ahead(agency).unwrap();
        assert_eq!(merging.said_ahead(), said);
    }
}
