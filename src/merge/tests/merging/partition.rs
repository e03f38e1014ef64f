//! Cutting the same facts over sources in any way gives the same merged payments.

use mock_agencies::{Population, facts};
use proptest::prelude::*;
use ssbtek_domain::{
    Agency, SeededEntropy, Source, SourceAnswer,
    sections::{Section, fk::pm::PmPayment},
};
use ssbtek_merge::Report;

use crate::{
    cut::recut,
    reference::Line,
    support::{answered, merged_about, today, whole_period},
};

/// What everybody knows about the `n`th person of a random population, with some payments at both FK and PM.
pub(crate) fn answers(
    seed: u64,
    n: usize,
    draw: &SeededEntropy,
) -> (ssbtek_domain::Personnummer, Vec<SourceAnswer>) {
    let population = Population::generate(seed, 6, today());
    let person = &population.persons()[n % population.persons().len()];
    let section = |agency| facts::section(&Source::Agency(agency), person, &whole_period(), today());
    let mut answers: Vec<SourceAnswer> =
        Agency::ALL.into_iter().map(|agency| answered(section(agency))).collect();
    for answer in &mut answers {
        if let Some(Section::Fk(fk)) = &mut answer.section {
            let copies = fk.paid.iter().filter(|_| draw.below(3) == 0).map(|paid| PmPayment {
                date: paid.date.and_then(|date| date.whole()),
                net: paid.net.as_ref().and_then(|net| net.in_sek()),
                rows: vec![ssbtek_domain::sections::fk::pm::PmPaymentRow {
                    group: paid.benefit_family.clone(),
                    ..Default::default()
                }],
                ..PmPayment::default()
            });
            let copies: Vec<PmPayment> = copies.collect();
            fk.pm.paid.extend(copies);
            // Announced before, and standing there still.
            let still: Vec<_> = fk.paid.iter().filter(|_| draw.below(4) == 0).cloned().collect();
            fk.announced.extend(still);
        }
    }
    (person.number.clone(), answers)
}

fn lines(report: &Report) -> Vec<Line> {
    report.payments.iter().map(Line::of).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_same_facts_give_the_same_payments_however_they_are_cut(seed: u64, n in 0usize..12, cut: u64) {
        let draw = SeededEntropy::new(cut);
        let (person, answers) = answers(seed, n, &draw);
        let whole = merged_about(&person, answers.clone());
        let cut = merged_about(&person, recut(answers, &draw));
        prop_assert!(whole.payments == cut.payments, "same lines in the same order");
        prop_assert_eq!(lines(&whole), lines(&cut));
        prop_assert_eq!(&whole.protection, &cut.protection);
        let outcomes = |report: &Report| report.sources.iter().map(|source| source.outcome).collect::<Vec<_>>();
        prop_assert_eq!(outcomes(&whole), outcomes(&cut));
        prop_assert_eq!(&whole.discrepancies, &cut.discrepancies);
    }
}
