//! Payment paths, protection encodings and withholding.

use super::{
    Section,
    common::{Code, Extent, Figure, FigureValue, Money, PartialDate, PersonRole, Span},
    matter::{Decision, Matter, MatterKind, Placement},
    other::{ChildDecision, PensionYear},
    paid::{FkPayment, PaymentDetail},
    person::{
        Address, Citizenship, Contact, Employer, GeneralInformation, Municipality, Person, PersonInRole,
        Workplace,
    },
    pm::{PensionAgency, PmDecision, PmDeduction, PmPayment, PmPaymentRow},
};
use crate::{
    Amount, HoldBack, NaiveDate, Period, Personnummer, ProtectionSignal,
    payment::{NetKind, Payment, PaymentState},
    sections::Facts,
    verdict::withhold,
};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn kronor(text: &str) -> Amount {
    text.parse().unwrap()
}

fn sek(text: &str) -> Option<Money> {
    Some(Money::sek(kronor(text)))
}

fn code(id: &str, description: &str) -> Option<Code> {
    Some(Code::new(id, description))
}

fn march() -> Period {
    Period::new(day("2026-03-01"), day("2026-03-31")).unwrap()
}

fn fk_payment() -> FkPayment {
    FkPayment {
        company: code("1001", "Försäkringskassan"),
        benefit_family: code("SJP", "Sjukpenning"),
        date: Some(PartialDate::day(day("2026-03-25"))),
        period: Some(Span::of(&march())),
        gross: sek("1000"),
        tax: sek("300"),
        deduction: sek("350"),
        net: sek("650.5"),
        details: vec![PaymentDetail {
            benefit: code("SJP1", "Normalnivå"),
            amount_type: code("DAG", "Dagersättning"),
            days: Some(12),
            ..PaymentDetail::default()
        }],
        ..FkPayment::default()
    }
}

fn pm_payment() -> PmPayment {
    PmPayment {
        date: Some(day("2026-03-18")),
        period: Some(Span::of(&march())),
        gross: Some(kronor("12000")),
        net: Some(kronor("9600")),
        deductions: vec![PmDeduction {
            amount: Some(kronor("2400")),
            kind: code("PM:PS", "Preliminär skatt"),
        }],
        rows: vec![PmPaymentRow {
            group: code("PM:AP", "Allmän pension"),
            amount: Some(kronor("12000")),
            benefit: code("PM:AP38", "Pension"),
            amount_type: code("PM:IP", "Inkomstpension"),
        }],
    }
}

fn fk_line(state: PaymentState) -> Payment {
    Payment {
        payer: "FK".into(),
        benefit: "Sjukpenning".into(),
        sub_benefit: Some("Normalnivå".into()),
        amount_type: Some("Dagersättning".into()),
        net: vec![(NetKind::Net, kronor("650.5"))],
        gross: Some(kronor("1000")),
        tax: Some(kronor("300")),
        deduction: Some(kronor("350")),
        paid_on: Some(day("2026-03-25")),
        covers: Some(march()),
        days: Some(kronor("12")),
        state,
    }
}

fn pm_line(state: PaymentState) -> Payment {
    Payment {
        payer: "PM".into(),
        benefit: "Allmän pension".into(),
        sub_benefit: Some("Pension".into()),
        amount_type: Some("Inkomstpension".into()),
        net: vec![(NetKind::Net, kronor("9600"))],
        gross: Some(kronor("12000")),
        tax: None,
        deduction: Some(kronor("2400")),
        paid_on: Some(day("2026-03-18")),
        covers: Some(march()),
        days: None,
        state,
    }
}

#[test]
fn each_of_the_four_paths_gives_its_line_in_order() {
    let section = Section {
        paid: vec![fk_payment()],
        announced: vec![fk_payment()],
        pm: PensionAgency {
            paid: vec![pm_payment()],
            announced: vec![pm_payment()],
            ..PensionAgency::default()
        },
        ..Section::default()
    };
    use PaymentState::{Announced, Paid};
    assert_eq!(section.payments(), [fk_line(Paid), fk_line(Announced), pm_line(Paid), pm_line(Announced)]);
}

/// One payment changed in one way, and how its line changes.
#[test]
fn what_fk_leaves_out_or_says_twice_is_not_guessed() {
    type Change = fn(&mut FkPayment);
    type Expected = fn(&mut Payment);
    let cases: [(&str, Change, Expected); 12] = [
        (
            "no description: the code",
            |p| p.benefit_family = Some(Code::bare("SJP")),
            |l| l.benefit = "SJP".into(),
        ),
        ("blank description", |p| p.benefit_family = code("SJP", " "), |l| l.benefit = "SJP".into()),
        (
            "no family: the only row's benefit",
            |p| p.benefit_family = None,
            |l| l.benefit = "Normalnivå".into(),
        ),
        (
            "nothing says which benefit",
            |p| {
                p.benefit_family = None;
                p.details.clear();
            },
            |l| {
                l.benefit = "förmån ej angiven".into();
                (l.sub_benefit, l.amount_type, l.days) = (None, None, None);
            },
        ),
        (
            "two rows say it",
            |p| p.details.push(p.details[0].clone()),
            |l| (l.sub_benefit, l.amount_type, l.days) = (None, None, None),
        ),
        ("a second row says nothing", |p| p.details.push(PaymentDetail::default()), |_| {}),
        ("rows beyond the total", |p| p.details[0].gross = sek("99999"), |_| {}),
        ("PM pays", |p| p.company = code("1003", "Pensionsmyndigheten"), |l| l.payer = "PM".into()),
        ("a date without day", |p| p.date = PartialDate::parse("2026-03"), |l| l.paid_on = None),
        (
            "months as period",
            |p| {
                let month = PartialDate::parse("2026-03");
                p.period = Some(Span { from: month, to: month });
            },
            |_| {},
        ),
        ("an open period", |p| p.period = Some(Span::since(day("2026-03-01"))), |l| l.covers = None),
        ("öre without currency", |p| p.net = Some(Money { currency: None, ..sek("650.5").unwrap() }), |_| {}),
    ];
    for (name, change, expected) in cases {
        let (mut payment, mut line) = (fk_payment(), fk_line(PaymentState::Paid));
        change(&mut payment);
        expected(&mut line);
        assert_eq!(payment.line(PaymentState::Paid), Some(line), "{name}");
    }
}

#[test]
fn a_payment_without_a_net_amount_makes_no_line_and_stays_in_the_section() {
    let changes: [fn(&mut FkPayment); 3] = [
        |payment| payment.net = None,
        |payment| payment.net = Some(Money::default()),
        |payment| payment.net = Some(Money { currency: Some("EUR".into()), ..sek("1").unwrap() }),
    ];
    for change in changes {
        let mut payment = fk_payment();
        change(&mut payment);
        let pm =
            PensionAgency { paid: vec![PmPayment { net: None, ..pm_payment() }], ..PensionAgency::default() };
        let section = Section { paid: vec![payment], pm, ..Section::default() };
        assert_eq!(section.payments(), []);
        assert_eq!((section.paid.len(), section.pm.paid.len()), (1, 1));
    }
}

#[test]
fn a_pension_payment_of_several_benefits_carries_all_their_names_and_is_not_split() {
    let mut payment = pm_payment();
    payment.rows.push(PmPaymentRow { group: code("PM:BTI", "Bostadsstöd"), ..payment.rows[0].clone() });
    payment.rows.push(payment.rows[0].clone());
    payment.deductions.push(PmDeduction::default());
    let line = payment.line(PaymentState::Paid).unwrap();
    assert_eq!(line.benefit, "Allmän pension + Bostadsstöd");
    assert_eq!((line.sub_benefit, line.amount_type, line.deduction), (None, None, None));
    payment.rows.clear();
    assert_eq!(payment.line(PaymentState::Paid).unwrap().benefit, "förmån ej angiven");
}

#[test]
fn every_encoding_of_protection_is_heard_and_silence_is_no_denial() {
    use ProtectionSignal::{NotProtected, Sekretessmarkering, Unsaid};
    for (flags, signal) in [
        (vec![], Unsaid),
        (vec![None], Unsaid),
        (vec![Some(false)], NotProtected),
        (vec![Some(true)], Sekretessmarkering),
        (vec![Some(false), None], Unsaid),
        (vec![Some(false), Some(true)], Sekretessmarkering),
        (vec![None, Some(true)], Sekretessmarkering),
    ] {
        let general = |protected| GeneralInformation { protected, ..GeneralInformation::default() };
        let section = Section { general: flags.iter().copied().map(general).collect(), ..Section::default() };
        assert_eq!(section.protection(), signal, "{flags:?}");
    }
}

fn somebody() -> Person {
    Person {
        number: Some("201001019802".into()),
        born: Some("2010-01-01".into()),
        name: Some("Hemlig Hemligsson".into()),
        protected: Some(true),
        died: vec!["2026-01-01".into()],
    }
}

fn in_role(role: PersonRole) -> PersonInRole {
    PersonInRole { role, person: somebody() }
}

fn full() -> Section {
    let person = Personnummer::parse_undated("198001019804").unwrap();
    let address = || Some(Address { town: Some("HEMLIGSTAD".into()), ..Address::default() });
    let general = GeneralInformation {
        person: Some(person.clone()),
        protected: Some(true),
        addresses: address().into_iter().collect(),
        workplaces: vec![Workplace {
            address: address(),
            employer: Some(Employer { contact_name: Some("Hemlig Chef".into()), ..Employer::default() }),
            contact: Some(Contact { name: Some("Hemlig Kontakt".into()), ..Contact::default() }),
            ..Workplace::default()
        }],
        children: vec![somebody()],
        registered_in: vec![Municipality { county: Some("14".into()), municipality: Some("80".into()) }],
        citizenships: vec![Citizenship { since: None, country: code("XX", "HEMLAND") }],
        relatives: vec![somebody()],
        ..GeneralInformation::default()
    };
    let own = Person { number: Some(person.expose().into()), ..Person::default() };
    let decision = Decision {
        persons: PersonRole::ALL.into_iter().map(in_role).collect(),
        placements: vec![Placement { name: Some("Hemliga hemmet".into()), address: address(), kind: None }],
        ..Decision::default()
    };
    let matter = Matter {
        persons: vec![
            in_role(PersonRole::Medsokande),
            PersonInRole { role: PersonRole::Personuppgift, person: own },
        ],
        decisions: vec![decision],
        ..Matter::new(MatterKind::MottagareAvBarnbidrag)
    };
    let child_decision = ChildDecision {
        parent: Some(somebody()),
        remark: Some("om föräldern".into()),
        ..ChildDecision::default()
    };
    Section {
        person: Some(person),
        general: vec![general],
        matters: vec![matter],
        tax_ids: vec!["XX123".into()],
        pension_years: vec![PensionYear { child_decisions: vec![child_decision], ..PensionYear::default() }],
        pm: PensionAgency {
            decisions: vec![PmDecision {
                persons: vec![in_role(PersonRole::Avliden)],
                ..PmDecision::default()
            }],
            ..PensionAgency::default()
        },
        ..Section::default()
    }
}

#[test]
fn every_field_that_can_locate_is_withheld_and_named() {
    let mut section = full();
    assert_eq!(
        withhold(&mut section, HoldBack::Whereabouts, false),
        [
            "adress",
            "arbetsstallen",
            "namn",
            "folkbokford",
            "medborgarskap",
            "institutionsplacering",
            "uppgifter"
        ]
    );
    let general = &section.general[0];
    assert!(general.addresses.is_empty() && general.workplaces.is_empty());
    assert!(general.registered_in.is_empty() && general.citizenships.is_empty());
    assert!(section.matters[0].decisions[0].placements.is_empty());
    assert!(section.tax_ids.is_empty());
    assert_eq!(section.protection(), ProtectionSignal::Sekretessmarkering, "the flag itself stays");
    assert_eq!(
        withhold(&mut section, HoldBack::Whereabouts, false),
        Vec::<&str>::new(),
        "a second time there is nothing left"
    );
}

#[test]
fn other_persons_lose_number_name_and_dates_and_keep_their_place_and_protection() {
    let mut section = full();
    let named = section.withhold_third_parties();
    for field in [
        "barn",
        "samhorig",
        "kontakt",
        "arbetsgivare.namn",
        "medsokande",
        "avliden",
        "foralder",
        "upplysning",
    ] {
        assert!(named.contains(&field), "{field}");
    }
    for role in PersonRole::ALL {
        assert!(named.contains(&role.field_name()), "{role:?}");
    }
    let hidden = Person { protected: Some(true), ..Person::default() };
    assert!(section.general[0].children[0] == hidden && section.general[0].relatives[0] == hidden);
    assert!(section.matters[0].decisions[0].persons.iter().all(|found| found.person == hidden));
    assert!(section.pension_years[0].child_decisions[0].parent.as_ref() == Some(&hidden));
    assert!(section.pm.decisions[0].persons[0].person == hidden);
    let own = &section.matters[0].persons[1].person;
    assert!(own.number.is_some(), "the person's own number is no third party's");
    assert_eq!(section.withhold_third_parties(), Vec::<&str>::new());
}

/// Everywhere another person can stand.
#[test]
fn an_employer_who_is_somebody_else_is_looked_up_and_loses_the_number_and_a_company_keeps_it() {
    let kept = |number: &str| {
        let mut section = full();
        let employer = section.general[0].workplaces[0].employer.as_mut().unwrap();
        employer.organisation_number = Some(number.to_owned());
        assert!(section.numbers_of_others().contains(&number));
        let named = section.withhold_third_parties();
        let employer = section.general[0].workplaces[0].employer.as_ref().unwrap();
        assert_eq!(
            named.contains(&"arbetsgivare.organisationsnummer"),
            employer.organisation_number.is_none()
        );
        employer.organisation_number.is_some()
    };
    assert!(kept("5560360793") && kept("165560360793"));
    assert!(!kept("850607-9824") && !kept("198506079824"), "a sole trader's is a person's");
}

#[test]
fn a_protected_person_is_seen_wherever_that_person_stands() {
    let role = || vec![in_role(PersonRole::Utbetalningsmottagare)];
    let general = |set: fn(&mut GeneralInformation)| {
        let mut known = GeneralInformation::default();
        set(&mut known);
        Section { general: vec![known], ..Section::default() }
    };
    let matter = |matter: Matter| Section { matters: vec![matter], ..Section::default() };
    let empty = || Matter::new(MatterKind::Barnbidrag);
    let decision = Decision { persons: role(), ..Decision::default() };
    let parent = ChildDecision { parent: Some(somebody()), ..ChildDecision::default() };
    let year = PensionYear { child_decisions: vec![parent], ..PensionYear::default() };
    let pm = PmDecision { persons: role(), ..PmDecision::default() };
    for (place, section) in [
        ("barn", general(|known| known.children = vec![somebody()])),
        ("samhorig", general(|known| known.relatives = vec![somebody()])),
        ("arende", matter(Matter { persons: role(), ..empty() })),
        ("beslut", matter(Matter { decisions: vec![decision], ..empty() })),
        ("barnbeslut", Section { pension_years: vec![year], ..Section::default() }),
        (
            "PM beslut",
            Section {
                pm: PensionAgency { decisions: vec![pm], ..PensionAgency::default() },
                ..Section::default()
            },
        ),
    ] {
        assert!(section.flags_another(), "{place}");
        assert_eq!(
            section.protection(),
            ProtectionSignal::Unsaid,
            "{place}: another's flag is not the person's"
        );
    }
    let silent = [None, Some(false)].map(|protected| Person { protected, ..somebody() });
    let known = GeneralInformation { children: silent.into(), ..GeneralInformation::default() };
    assert!(!Section { general: vec![known], ..Section::default() }.flags_another());
}

#[test]
fn a_flag_beside_the_persons_own_number_is_the_persons_own_wherever_it_stands() {
    let person = Personnummer::parse_undated("198001019804").unwrap();
    for number in [person.expose(), person.ten_digits()] {
        let own = Person { number: Some(number.to_owned()), ..somebody() };
        let known = GeneralInformation {
            protected: Some(false),
            relatives: vec![own],
            ..GeneralInformation::default()
        };
        let section = Section { person: Some(person.clone()), general: vec![known], ..Section::default() };
        assert_eq!(section.protection(), ProtectionSignal::Sekretessmarkering);
        assert!(!section.flags_another());
    }
}

#[test]
fn a_date_keeps_the_precision_it_was_written_with() {
    for (text, first, last) in [
        ("2026-02-03", "2026-02-03", "2026-02-03"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2026", "2026-01-01", "2026-12-31"),
    ] {
        let date = PartialDate::parse(text).unwrap();
        assert_eq!(date.to_string(), text);
        assert_eq!((date.first_day(), date.last_day()), (day(first), day(last)));
    }
    assert_eq!(PartialDate::parse("2026-02-03T04:05:06").unwrap().to_string(), "2026-02-03");
    for text in
        ["", "2026-2-3", "2026-13", "2026-02-30", "20260203", "02-2026", "2026-02-", "åååå", "2026-0å"]
    {
        assert!(PartialDate::parse(text).is_none(), "{text}");
    }
}

#[test]
fn an_application_without_a_decision_is_pending() {
    let mut matter = Matter { active: Some(true), ..Matter::new(MatterKind::Sjukpenning) };
    assert!(matter.is_pending());
    matter.decisions.push(Decision::default());
    assert!(!matter.is_pending());
    let rejected =
        Matter { active: Some(true), rejected: Some(true), ..Matter::new(MatterKind::Sjukpenning) };
    assert!(!rejected.is_pending());
}

#[test]
fn kinds_of_matter_have_lists_of_their_own() {
    let lists: std::collections::BTreeSet<_> = MatterKind::ALL.iter().map(|kind| kind.list_name()).collect();
    assert_eq!(lists.len(), 28);
}

#[test]
fn figures_and_extents_compare_by_value() {
    let figure = |value| Figure { name: "faktor".into(), value };
    assert!(figure(FigureValue::Number("1".into())) != figure(FigureValue::Text("1".into())));
    assert!(Extent::default() != Extent { numerator: Some(0), denominator: Some(0) });
}

#[test]
fn a_flag_left_off_one_child_beside_another_or_stated_as_neither_is_not_known_of_that_child() {
    let child = |protected| Person { protected, ..Person::default() };
    let family = |flags: &[Option<bool>]| Section {
        general: vec![GeneralInformation {
            children: flags.iter().copied().map(child).collect(),
            relatives: vec![child(None)],
            ..GeneralInformation::default()
        }],
        ..Section::default()
    };
    assert!(!family(&[None, None]).leaves_another_open(), "FK says nothing of them at all");
    assert!(!family(&[Some(false), Some(false)]).leaves_another_open());
    assert!(family(&[Some(false), None]).leaves_another_open());
    assert!(Section { others_not_known: true, ..family(&[Some(false)]) }.leaves_another_open());
}
