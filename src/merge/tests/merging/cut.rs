//! Other ways of cutting the same facts: over answers, entries, cases, and in another order.

use ssbtek_domain::{
    FUNDS, Outcome, SeededEntropy, Source, SourceAnswer,
    sections::{Section, csn, so},
};

use crate::support::fund;

/// The same facts in another order and in other pieces.
pub(crate) fn recut(answers: Vec<SourceAnswer>, draw: &SeededEntropy) -> Vec<SourceAnswer> {
    let mut out = vec![];
    for mut answer in answers {
        match (&mut answer.section, &answer.source) {
            (Some(Section::So(so)), Source::Agency(_)) if draw.below(2) == 0 => {
                out.extend(fund_by_fund(so));
                continue;
            }
            (Some(Section::So(so)), Source::Agency(_)) => cut_entries(so, draw),
            (Some(Section::Csn(csn)), _) => {
                for list in [
                    &mut csn.studiemedel,
                    &mut csn.studiehjalp,
                    &mut csn.studiestartsstod,
                    &mut csn.omstallningsstudiestod,
                ] {
                    cut_cases(list, draw);
                }
            }
            (Some(Section::Fk(fk)), _) => {
                shuffle(&mut fk.paid, draw);
                shuffle(&mut fk.announced, draw);
                shuffle(&mut fk.pm.paid, draw);
                shuffle(&mut fk.pm.announced, draw);
            }
            _ => {}
        }
        out.push(answer);
    }
    shuffle(&mut out, draw);
    out
}

/// What SO told of all funds, as each of them tells it.
fn fund_by_fund(so: &so::Section) -> Vec<SourceAnswer> {
    let direct = |(code, name): &(&str, &str)| {
        let funds: Vec<so::Fund> = so.funds.iter().filter(|fund| fund.name == *name).cloned().collect();
        if funds.is_empty() {
            return SourceAnswer::without_facts(fund(code), Outcome::NoSuchPerson);
        }
        let section = so::Section { person: so.person.clone(), funds };
        SourceAnswer::with_facts(fund(code), Section::So(section))
    };
    FUNDS.iter().map(direct).collect()
}

/// Funds in another order, some of them as two entries.
fn cut_entries(so: &mut so::Section, draw: &SeededEntropy) {
    for n in 0..so.funds.len() {
        let at = draw.below(so.funds[n].payments.len() as u64 + 1) as usize;
        let payments = so.funds[n].payments.split_off(at);
        let second = so::Fund { payments, ..so.funds[n].clone() };
        so.funds.push(second);
    }
    shuffle(&mut so.funds, draw);
}

/// A case with several payments as several cases of the same kind.
fn cut_cases(cases: &mut Vec<csn::Case>, draw: &SeededEntropy) {
    for n in 0..cases.len() {
        let at = draw.below(cases[n].plan.len() as u64 + 1) as usize;
        let plan = cases[n].plan.split_off(at);
        let second = csn::Case { plan, ..cases[n].clone() };
        cases.push(second);
    }
    shuffle(cases, draw);
}

pub(crate) fn shuffle<T>(items: &mut [T], draw: &SeededEntropy) {
    for n in (1..items.len()).rev() {
        items.swap(n, draw.below(n as u64 + 1) as usize);
    }
}
