//! Every path of a payment, as one table: where it stands in the answer, and the line it must give.

use ssbtek_domain::{
    Agency, Amount, Week,
    payment::{NetKind, PaymentState},
    sections::{
        Section,
        csn::{self, Moment},
        fk::{
            self,
            common::{Code, Money, PartialDate, Span},
            paid::{FkPayment, PaymentDetail},
            pm::{PmPayment, PmPaymentRow},
        },
        so,
    },
};
use ssbtek_merge::PaymentLine;

use crate::support::{answered, day, kronor, merged, merged_open, now, period, person};

fn fk_payment() -> FkPayment {
    FkPayment {
        benefit_family: Some(Code::new("SJP", "Sjukpenning")),
        date: Some(PartialDate::day(day("2026-11-25"))),
        period: Some(Span::of(&period("2026-11-01", "2026-11-15"))),
        gross: Some(Money::sek(kronor(9_000))),
        tax: Some(Money::sek(kronor(2_700))),
        deduction: Some(Money::sek(kronor(3_000))),
        net: Some(Money::sek(kronor(6_000))),
        details: vec![PaymentDetail {
            benefit: Some(Code::new("1", "Sjukpenning, hel")),
            amount_type: Some(Code::new("2", "Dagersättning")),
            days: Some(15),
            ..PaymentDetail::default()
        }],
        ..FkPayment::default()
    }
}

fn pm_payment() -> PmPayment {
    let row = |group: &str| PmPaymentRow { group: Some(Code::bare(group)), ..PmPaymentRow::default() };
    PmPayment {
        date: Some(day("2026-11-18")),
        period: Some(Span::of(&period("2026-11-01", "2026-11-30"))),
        gross: Some(kronor(12_000)),
        net: Some(kronor(9_500)),
        rows: vec![row("PM:AP"), row("PM:BTP")],
        ..PmPayment::default()
    }
}

fn fund_payment() -> so::FundPayment {
    so::FundPayment {
        paid_on: Some(day("2026-11-13")),
        net_after_tax: "7100.55".parse().ok(),
        net_after_deductions: "6850.05".parse().ok(),
        days: "9.5".parse().ok(),
        covers: Some(period("2026-10-26", "2026-11-08")),
    }
}

fn csn_case(status: csn::PaymentStatus, date: Option<&str>) -> csn::Case {
    let week = |text| Some(Moment::Week(Week::parse(text).unwrap()));
    let time = |from, to| csn::PaidTime {
        span: csn::Span::new(week(from), week(to)).unwrap(),
        amounts: vec![csn::AmountRow {
            kind: "B".into(),
            label: "Bidrag".into(),
            ..csn::AmountRow::default()
        }],
        total: None,
    };
    csn::Case {
        number: "1".into(),
        support: "SM".into(),
        label: "Studiemedel, grundutbildning".into(),
        plan: vec![csn::PlanPayment {
            date: date.map(day),
            status,
            times: vec![time("202645", "202648")],
            total: Some(kronor(12_944)),
        }],
        ..csn::Case::default()
    }
}

fn fk(change: impl FnOnce(&mut fk::Section)) -> Section {
    let mut section = fk::Section { person: Some(person()), ..fk::Section::default() };
    change(&mut section);
    Section::Fk(section)
}

fn csn(change: impl FnOnce(&mut csn::Section)) -> Section {
    let mut section = csn::Section { person: Some(person()), ..csn::Section::default() };
    change(&mut section);
    Section::Csn(section)
}

fn so() -> Section {
    let fund = so::Fund {
        name: "Unionens a-kassa".into(),
        status: "OK".into(),
        payments: vec![fund_payment()],
        ..so::Fund::default()
    };
    Section::So(so::Section { person: Some(person()), funds: vec![fund] })
}

/// Path, facts, and the line: payer, benefit, first net, payment date, covered period, days, state.
type Row = (
    &'static str,
    Section,
    &'static str,
    &'static str,
    &'static str,
    Option<&'static str>,
    (&'static str, &'static str),
    Option<&'static str>,
    PaymentState,
);

#[rustfmt::skip]
fn table() -> Vec<Row> {
    use PaymentState::{Announced, Paid};
    use csn::PaymentStatus as Csn;
    let weeks = ("2026-11-02", "2026-11-29");
    let (sick, pension) = (("2026-11-01", "2026-11-15"), ("2026-11-01", "2026-11-30"));
    let paid = || csn_case(Csn::Paid, Some("2026-10-25"));
    let label = "Studiemedel, grundutbildning";
    vec![
        ("formansinformation.utbetalningsuppgift[]", fk(|fk| fk.paid.push(fk_payment())),
            "FK", "Sjukpenning", "6000", Some("2026-11-25"), sick, Some("15"), Paid),
        ("formansinformation.preliminarautbetalningar[]", fk(|fk| fk.announced.push(fk_payment())),
            "FK", "Sjukpenning", "6000", Some("2026-11-25"), sick, Some("15"), Announced),
        ("the same, paid by PM", fk(|fk| fk.paid.push(FkPayment { company: Some(Code::bare("1003")), ..fk_payment() })),
            "PM", "Sjukpenning", "6000", Some("2026-11-25"), sick, Some("15"), Paid),
        ("utbetalningar[]", fk(|fk| fk.pm.paid.push(pm_payment())),
            "PM", "PM:AP + PM:BTP", "9500", Some("2026-11-18"), pension, None, Paid),
        ("preliminaraUtbetalningar[]", fk(|fk| fk.pm.announced.push(pm_payment())),
            "PM", "PM:AP + PM:BTP", "9500", Some("2026-11-18"), pension, None, Announced),
        ("Utbetalningar[]", so(),
            "Unionens a-kassa", "Arbetslöshetsersättning", "7100.55", Some("2026-11-13"),
            ("2026-10-26", "2026-11-08"), Some("9.5"), Paid),
        ("Studiemedel", csn(|csn| csn.studiemedel.push(paid())),
            "CSN", label, "12944", Some("2026-10-25"), weeks, None, Paid),
        ("Studiehjalp", csn(|csn| csn.studiehjalp.push(paid())),
            "CSN", label, "12944", Some("2026-10-25"), weeks, None, Paid),
        ("Studiestartsstod", csn(|csn| csn.studiestartsstod.push(paid())),
            "CSN", label, "12944", Some("2026-10-25"), weeks, None, Paid),
        ("Omstallningsstudiestod", csn(|csn| csn.omstallningsstudiestod.push(paid())),
            "CSN", label, "12944", Some("2026-10-25"), weeks, None, Paid),
        ("Planerad, utbetdatum 0", csn(|csn| csn.studiemedel.push(csn_case(Csn::Planned, None))),
            "CSN", label, "12944", None, weeks, None, Announced),
        ("a status nobody knows", csn(|csn| csn.studiemedel.push(csn_case(Csn::Unknown("X".into()), None))),
            "CSN", label, "12944", None, weeks, None, Announced),
    ]
}

#[test]
fn every_path_gives_its_line_with_source_time_and_basis() {
    for (path, section, payer, benefit, net, date, covers, days, state) in table() {
        let agency = section.agency();
        let report = merged(vec![answered(section)]);
        let [line] = report.payments.as_slice() else { panic!("{path}: one line") };
        let payment = &line.payment;
        assert_eq!((payment.payer.as_str(), payment.benefit.as_str()), (payer, benefit), "{path}");
        assert_eq!(payment.net[0].1, net.parse::<Amount>().unwrap(), "{path}");
        assert_eq!(payment.paid_on, date.map(day), "{path}");
        assert_eq!(payment.covers, Some(period(covers.0, covers.1)), "{path}");
        assert_eq!(payment.days, days.map(|days| days.parse().unwrap()), "{path}");
        assert_eq!(payment.state, state, "{path}");
        assert_eq!((line.source, line.asked_at), (agency, now()), "{path}");
        assert!(line.basis.0.contains("2008:975"), "{path}");
    }
}

#[test]
fn both_net_amounts_of_a_fund_are_carried_each_under_its_own_name() {
    let report = merged(vec![answered(so())]);
    let expected = [
        (NetKind::AfterTax, "7100.55".parse().unwrap()),
        (NetKind::AfterDeductions, "6850.05".parse().unwrap()),
    ];
    assert_eq!(report.payments[0].payment.net, expected);
}

#[test]
fn sub_benefit_amount_type_and_days_need_exactly_one_detail_row() {
    let mut two = fk_payment();
    two.details.push(two.details[0].clone());
    let lines = |payment: FkPayment| merged(vec![answered(fk(|fk| fk.paid.push(payment)))]).payments;
    let of = |lines: &[PaymentLine]| {
        let payment = lines[0].payment.clone();
        (payment.sub_benefit, payment.amount_type, payment.days)
    };
    let one = of(&lines(fk_payment()));
    assert_eq!(one, (Some("Sjukpenning, hel".into()), Some("Dagersättning".into()), Some(kronor(15))));
    assert_eq!(of(&lines(two)), (None, None, None));
}

#[test]
fn detail_rows_are_never_added_up_and_a_payment_without_net_stays_in_the_section() {
    let mut exceeding = fk_payment();
    exceeding.details[0].gross = Some(Money::sek(kronor(50_000)));
    let unpaid = FkPayment { net: None, ..fk_payment() };
    let report = merged_open(vec![answered(fk(|fk| fk.paid.extend([exceeding, unpaid])))]);
    assert_eq!(report.payments.len(), 1);
    assert_eq!(report.payments[0].payment.gross, Some(kronor(9_000)));
    let Some(Section::Fk(section)) = &report.sources[2].section else { panic!("FK's section") };
    assert_eq!(section.paid.len(), 2);
}

#[test]
fn where_somebody_is_protected_only_what_is_paid_out_is_told() {
    let report = merged(vec![answered(fk(|fk| fk.paid.push(fk_payment())))]);
    let payment = &report.payments[0].payment;
    assert!(payment.gross.is_none() && payment.tax.is_none() && payment.deduction.is_none());
    assert_eq!(payment.net.len(), 1);
}

#[test]
fn the_label_is_the_description_else_the_code_else_says_that_there_is_none() {
    let label = |family: Option<Code>| {
        let payment = FkPayment { benefit_family: family, details: vec![], ..fk_payment() };
        merged(vec![answered(fk(|fk| fk.paid.push(payment)))]).payments[0].payment.benefit.clone()
    };
    assert_eq!(label(Some(Code::new("SJP", "Sjukpenning"))), "Sjukpenning");
    assert_eq!(label(Some(Code::new("SJP", " "))), "SJP");
    assert_eq!(label(None), "förmån ej angiven");
}

#[test]
fn facts_that_are_no_payments_make_no_lines() {
    let loan = csn(|csn| csn.hemutrustningslan.push(csn_case(csn::PaymentStatus::Paid, Some("2026-10-25"))));
    assert!(merged(vec![answered(loan)]).payments.is_empty());
    for agency in [Agency::Af, Agency::Skv, Agency::Tns, Agency::Miv] {
        let population = mock_agencies::Population::generate(3, 4, crate::support::today());
        for person in population.persons() {
            let source = ssbtek_domain::Source::Agency(agency);
            let section = mock_agencies::facts::section(
                &source,
                person,
                &crate::support::whole_period(),
                crate::support::today(),
            );
            let report = crate::support::merged_about(&person.number, vec![answered(section)]);
            assert!(report.payments.is_empty(), "{agency}");
        }
    }
}

#[test]
fn a_benefit_at_both_fk_and_pm_is_marked_and_neither_is_dropped() {
    let pm = PmPayment {
        date: Some(day("2026-11-25")),
        net: Some(kronor(6_000)),
        rows: vec![PmPaymentRow { group: Some(Code::bare("SJUKPENNING")), ..PmPaymentRow::default() }],
        ..PmPayment::default()
    };
    let other = PmPayment { net: Some(kronor(6_001)), ..pm.clone() };
    let report = merged(vec![answered(fk(|fk| {
        fk.paid.push(fk_payment());
        fk.pm.paid.extend([pm, other]);
    }))]);
    let marked: Vec<_> =
        report.payments.iter().map(|line| (line.payment.payer.as_str(), line.perhaps_duplicate)).collect();
    assert_eq!(marked.len(), 3);
    assert_eq!(marked.iter().filter(|(_, duplicate)| *duplicate).count(), 2);
    assert!(marked.contains(&("FK", true)) && marked.contains(&("PM", true)));
}

#[test]
fn what_is_still_announced_when_paid_is_marked_and_two_equal_payments_are_two() {
    let report = merged(vec![answered(fk(|fk| {
        fk.paid.push(fk_payment());
        fk.announced.push(fk_payment());
    }))]);
    assert_eq!(report.payments.iter().filter(|line| line.perhaps_duplicate).count(), 2);
    let report = merged(vec![answered(fk(|fk| fk.paid.extend([fk_payment(), fk_payment()])))]);
    assert_eq!(report.payments.iter().filter(|line| !line.perhaps_duplicate).count(), 2);
}

#[test]
fn lines_come_newest_first_and_undated_last() {
    let undated = FkPayment { date: Some(PartialDate::month(day("2026-11-01"))), ..fk_payment() };
    let report = merged(vec![
        answered(fk(|fk| {
            fk.paid.push(undated);
            fk.pm.paid.push(pm_payment());
        })),
        answered(so()),
        answered(csn(|csn| csn.studiemedel.push(csn_case(csn::PaymentStatus::Paid, Some("2026-11-20"))))),
    ]);
    let dates: Vec<_> = report.payments.iter().map(|line| line.payment.paid_on).collect();
    let expected = [Some(day("2026-11-20")), Some(day("2026-11-18")), Some(day("2026-11-13")), None];
    assert_eq!(dates, expected);
}
