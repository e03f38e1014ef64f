//! A second merge, written straight down from the description of the formats, that the real one must agree with.

use mock_agencies::{Population, facts, population::TestPerson};
use proptest::prelude::*;
use ssbtek_domain::{
    Agency, Amount, FundCode, Outcome, Personnummer, Protection, SeededEntropy, Source, SourceAnswer,
    payment::PaymentState,
    sections::{
        Section,
        csn::{Case, PaymentStatus},
        fk::{
            common::{Code, Money},
            paid::FkPayment,
            pm::PmPayment,
        },
    },
};
use ssbtek_merge::PaymentLine;

use crate::{
    partition::answers,
    support::{all_funds, merged_about, today, whole_period},
};

/// One payment as texts, so that two merges can be compared whatever types they use.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Line {
    source: String,
    payer: String,
    benefit: String,
    nets: Vec<String>,
    date: Option<String>,
    covers: Option<String>,
    days: Option<String>,
    paid: bool,
    twin: bool,
}

impl Line {
    pub(crate) fn of(line: &PaymentLine) -> Self {
        let payment = &line.payment;
        Self {
            source: line.source.code().into(),
            payer: payment.payer.clone(),
            benefit: payment.benefit.clone(),
            nets: payment.net.iter().map(|(_, amount)| amount.to_string()).collect(),
            date: payment.paid_on.map(|day| day.to_string()),
            covers: payment.covers.map(|covers| format!("{}/{}", covers.from(), covers.to())),
            days: payment.days.map(|days| days.to_string()),
            paid: payment.state == PaymentState::Paid,
            twin: line.perhaps_duplicate,
        }
    }
}

/// What the second merge says.
struct Plain {
    outcomes: Vec<Outcome>,
    level: Protection,
    lines: Vec<Line>,
}

fn plain(person: &Personnummer, answers: &[SourceAnswer]) -> Plain {
    let mut plain = Plain { outcomes: vec![], level: Protection::None, lines: vec![] };
    let mut nos = 0;
    for agency in Agency::ALL {
        let mine: Vec<&SourceAnswer> = answers.iter().filter(|a| a.source.agency() == agency).collect();
        let mut outcomes = vec![];
        for answer in &mine {
            let right = match &answer.section {
                Some(section) => section.facts().person().is_none_or(|about| about == person),
                None => true,
            };
            outcomes.push(match &answer.section {
                _ if !right => Outcome::AnswerRefused,
                Some(Section::Af(af)) if af_failed(af) => Outcome::AnsweredInPart,
                _ => answer.outcome,
            });
            if right {
                answer.section.iter().for_each(|section| tell(section, &mut plain.lines));
            }
            if agency == Agency::Af || agency == Agency::Csn || agency == Agency::Fk {
                // Nobody's word, but for a flag, whoever's it is.
                let flagged = answer.section.as_ref().is_some_and(|section| section.facts().flags() > 0);
                let flag =
                    if right { answer.section.as_ref().map(flag) } else { Some(flagged.then_some(true)) };
                match flag {
                    Some(Some(true)) => plain.level = plain.level.max(Protection::Sekretessmarkering),
                    Some(Some(false)) => nos += 1,
                    None if answer.outcome == Outcome::NoSuchPerson => {}
                    None | Some(None) => plain.level = plain.level.max(Protection::NotKnown),
                }
            }
        }
        if mine.is_empty() && matches!(agency, Agency::Af | Agency::Csn | Agency::Fk) {
            plain.level = plain.level.max(Protection::NotKnown);
        }
        plain.outcomes.push(together(&outcomes));
    }
    if nos == 0 {
        plain.level = plain.level.max(Protection::NotKnown);
    }
    mark_twins(&mut plain.lines);
    plain.lines.sort();
    plain
}

fn together(outcomes: &[Outcome]) -> Outcome {
    let Some(first) = outcomes.first() else { return Outcome::NotAsked };
    if outcomes.iter().all(|outcome| outcome == first) {
        return *first;
    }
    let good =
        |o: &&Outcome| matches!(o, Outcome::Answered | Outcome::NoSuchPerson | Outcome::AnsweredInPart);
    let full = |o: &&Outcome| matches!(o, Outcome::Answered | Outcome::NoSuchPerson);
    if outcomes.iter().filter(full).count() == outcomes.len() {
        Outcome::Answered
    } else if outcomes.iter().filter(good).count() > 0 {
        Outcome::AnsweredInPart
    } else {
        Outcome::FailedAtSource
    }
}

/// AF's own look-up, or that of the activity report.
fn af_failed(af: &ssbtek_domain::sections::af::Section) -> bool {
    let report =
        af.registration.as_ref().and_then(|known| Some(known.activity_report.as_ref()?.message.code()));
    af.status_code != 0 || report.is_some_and(|code| code != "200" && code != "501")
}

/// Protected, not protected, not said.
fn flag(section: &Section) -> Option<bool> {
    match section {
        Section::Af(af) => af.protected,
        Section::Csn(csn) => match &csn.sekretess {
            ssbtek_domain::sections::csn::Mark::Yes => Some(true),
            ssbtek_domain::sections::csn::Mark::Blank => Some(false),
            _ => None,
        },
        Section::Fk(fk) => fk.general.first().and_then(|general| general.protected),
        _ => None,
    }
}

fn tell(section: &Section, lines: &mut Vec<Line>) {
    match section {
        Section::So(so) => {
            for fund in &so.funds {
                for payment in &fund.payments {
                    lines.push(Line {
                        source: "SO".into(),
                        payer: fund.name.clone(),
                        benefit: "Arbetslöshetsersättning".into(),
                        nets: [payment.net_after_tax, payment.net_after_deductions]
                            .map(|net| net.unwrap().to_string())
                            .to_vec(),
                        date: payment.paid_on.map(|day| day.to_string()),
                        covers: payment.covers.map(|days| format!("{}/{}", days.from(), days.to())),
                        days: payment.days.map(|days| days.to_string()),
                        paid: true,
                        twin: false,
                    });
                }
            }
        }
        Section::Csn(csn) => {
            let lists =
                [&csn.studiemedel, &csn.studiehjalp, &csn.studiestartsstod, &csn.omstallningsstudiestod];
            lists.into_iter().flatten().for_each(|case| csn_lines(case, lines));
        }
        Section::Fk(fk) => {
            fk.paid.iter().for_each(|payment| fk_line(payment, true, lines));
            fk.announced.iter().for_each(|payment| fk_line(payment, false, lines));
            fk.pm.paid.iter().for_each(|payment| pm_line(payment, true, lines));
            fk.pm.announced.iter().for_each(|payment| pm_line(payment, false, lines));
        }
        _ => {}
    }
}

fn csn_lines(case: &Case, lines: &mut Vec<Line>) {
    for payment in &case.plan {
        let Some(total) = payment.total else { continue };
        let mut covers = None;
        for time in &payment.times {
            let Some(span) = time.span.days() else {
                covers = None;
                break;
            };
            let (from, to) = covers.unwrap_or((span.from(), span.to()));
            covers = Some((from.min(span.from()), to.max(span.to())));
        }
        lines.push(Line {
            source: "CSN".into(),
            payer: "CSN".into(),
            benefit: [&case.label, &case.support, &case.number]
                .into_iter()
                .find(|text| !text.is_empty())
                .cloned()
                .unwrap_or_default(),
            nets: vec![total.to_string()],
            date: payment.date.map(|day| day.to_string()),
            covers: covers.map(|(from, to)| format!("{from}/{to}")),
            days: None,
            paid: payment.status == PaymentStatus::Paid,
            twin: false,
        });
    }
}

fn text(code: &Option<Code>) -> Option<String> {
    let code = code.as_ref()?;
    let said = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    said(&code.description).or(said(&code.id))
}

fn kronor(money: &Option<Money>) -> Option<Amount> {
    let money = money.as_ref()?;
    let swedish =
        money.currency.as_deref().is_none_or(|currency| currency.trim().is_empty() || currency == "SEK");
    money.amount.filter(|_| swedish)
}

fn fk_line(payment: &FkPayment, paid: bool, lines: &mut Vec<Line>) {
    let Some(net) = kronor(&payment.net) else { return };
    let rows: Vec<String> = payment.details.iter().filter_map(|row| text(&row.benefit)).collect();
    let only = if rows.len() == 1 { rows.first().cloned() } else { None };
    let covers = payment.period.and_then(|span| Some((span.from?.first_day(), span.to?.last_day())));
    let days: Vec<i64> = payment.details.iter().filter_map(|row| row.days).collect();
    let pm = payment.company.as_ref().and_then(|company| company.id.as_deref()) == Some("1003");
    lines.push(Line {
        source: "FK".into(),
        payer: if pm { "PM".into() } else { "FK".into() },
        benefit: text(&payment.benefit_family).or(only).unwrap_or("förmån ej angiven".into()),
        nets: vec![net.to_string()],
        date: payment.date.and_then(|date| date.whole()).map(|day| day.to_string()),
        covers: covers.map(|(from, to)| format!("{from}/{to}")),
        days: match days[..] {
            [days] => Some(Amount::from_kronor(days).unwrap().to_string()),
            _ => None,
        },
        paid,
        twin: false,
    });
}

fn pm_line(payment: &PmPayment, paid: bool, lines: &mut Vec<Line>) {
    let Some(net) = payment.net else { return };
    let mut groups: Vec<String> = vec![];
    for row in &payment.rows {
        if let Some(group) = text(&row.group).filter(|group| !groups.contains(group)) {
            groups.push(group);
        }
    }
    let covers = payment.period.and_then(|span| Some((span.from?.first_day(), span.to?.last_day())));
    lines.push(Line {
        source: "FK".into(),
        payer: "PM".into(),
        benefit: if groups.is_empty() { "förmån ej angiven".into() } else { groups.join(" + ") },
        nets: vec![net.to_string()],
        date: payment.date.map(|day| day.to_string()),
        covers: covers.map(|(from, to)| format!("{from}/{to}")),
        days: None,
        paid,
        twin: false,
    });
}

/// The same day, amounts and benefit, by another payer or in another state.
fn mark_twins(lines: &mut [Line]) {
    for n in 0..lines.len() {
        let twin = lines.iter().enumerate().any(|(m, other)| {
            let one = &lines[n];
            m != n
                && one.date.is_some()
                && (&one.date, &one.nets) == (&other.date, &other.nets)
                && one.benefit.to_lowercase() == other.benefit.to_lowercase()
                && (&one.payer, one.paid) != (&other.payer, other.paid)
        });
        lines[n].twin = twin;
    }
}

/// Some sources out, some about somebody else, some not asked.
fn disturbed(answers: Vec<SourceAnswer>, draw: &SeededEntropy, other: &TestPerson) -> Vec<SourceAnswer> {
    let by_fund = draw.below(2) == 0;
    let answers: Vec<SourceAnswer> = answers
        .into_iter()
        .flat_map(|answer| match &answer.section {
            Some(Section::So(so)) if by_fund => all_funds()
                .into_iter()
                .map(|source| {
                    let name = name_of(&source);
                    let funds = so.funds.iter().filter(|fund| fund.name == name).cloned().collect();
                    let section = ssbtek_domain::sections::so::Section { person: so.person.clone(), funds };
                    SourceAnswer::with_facts(source, Section::So(section))
                })
                .collect(),
            _ => vec![answer],
        })
        .collect();
    let failures = [
        Outcome::NoSuchPerson,
        Outcome::FailedAtSource,
        Outcome::TimedOut,
        Outcome::NotReachable,
        Outcome::AnswerRefused,
    ];
    answers
        .into_iter()
        .filter_map(|mut answer| match draw.below(8) {
            0 if !matches!(answer.source, Source::Fund(_)) => None,
            1 | 2 => {
                let failure = failures[draw.below(failures.len() as u64) as usize];
                Some(SourceAnswer::without_facts(answer.source, failure))
            }
            3 => {
                let theirs = || facts::section(&answer.source, other, &whole_period(), today());
                answer.section = answer.section.as_ref().map(|_| theirs());
                Some(answer)
            }
            _ => Some(answer),
        })
        .collect()
}

fn name_of(source: &Source) -> String {
    facts::so::fund_name(&FundCode::parse(source.code()).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_straight_line_merge_agrees_on_random_persons_and_failures(seed: u64, n in 0usize..12, fate: u64) {
        let draw = SeededEntropy::new(fate);
        let (person, answers) = answers(seed, n, &draw);
        let population = Population::generate(seed, 6, today());
        let likeness = population.persons()[n % population.persons().len()].clone();
        let other = TestPerson { number: Personnummer::parse_undated("190102039807").unwrap(), ..likeness };
        let answers = disturbed(answers, &draw, &other);
        let expected = plain(&person, &answers);
        let report = merged_about(&person, answers);
        let mut lines: Vec<Line> = report.payments.iter().map(Line::of).collect();
        let newest_first = lines.clone();
        lines.sort();
        prop_assert_eq!(lines, expected.lines);
        prop_assert_eq!(report.protection.level, expected.level);
        let outcomes: Vec<Outcome> = report.sources.iter().map(|source| source.outcome).collect();
        prop_assert_eq!(outcomes, expected.outcomes);
        let dates: Vec<_> = newest_first.iter().map(|line| line.date.clone()).collect();
        let dated = dates.iter().take_while(|date| date.is_some()).count();
        prop_assert!(dates[..dated].is_sorted_by(|a, b| a >= b) && dates[dated..].iter().all(Option::is_none));
    }
}
