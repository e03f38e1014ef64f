//! What Skatteverket states of somebody's pay in a month: it is no payment, and stands beside what was stated.

use ssbtek_domain::{Amount, parse_day};
use ssbtek_proto::agency::v1::{SkvIndividualStatement, section::Agency};

use crate::{Month, payments::Person, plain::plain, writing::kr};

const WAGES: [&str; 6] = ["lön", "löner", "lönen", "inkomst", "salary", "pay"];

/// Whether a figure that is called so is pay for work, which no payment of a benefit shows.
pub(crate) fn is_wage(what: &str) -> bool {
    let what = what.to_lowercase();
    let mut words = what.split(|c: char| !c.is_alphanumeric());
    words.any(|word| WAGES.contains(&word) || word.ends_with("lön") || word.starts_with("wage"))
}

/// Cash pay before tax, of each payer.
pub(crate) struct Pay(Vec<(String, String)>);

impl Pay {
    pub(crate) fn of(people: &[Person<'_>], month: Month) -> Self {
        let mut found = vec![];
        for person in people {
            let whose = if people.len() > 1 { format!("{}: ", person.label) } else { String::new() };
            for source in &person.answer.sources {
                let section = source.section.as_ref().and_then(|section| section.agency.as_ref());
                let Some(Agency::Skv(skv)) = section else { continue };
                let here = skv.statements.iter().filter(|statement| is_in(statement, month));
                let gross = here.filter_map(|statement| statement.gross.clone());
                found.extend(gross.map(|gross| (whose.clone(), gross)));
            }
        }
        Self(found)
    }

    /// Whether the figure is one of them.
    pub(crate) fn agrees(&self, amount: Amount) -> bool {
        self.0.iter().any(|(_, gross)| gross.parse() == Ok(amount))
    }

    /// All of them, where there are any.
    pub(crate) fn told(&self) -> Option<String> {
        let each: Vec<String> = self.0.iter().map(|(whose, gross)| format!("{whose}{}", kr(gross))).collect();
        (!each.is_empty()).then(|| plain(&each.join(" + ")))
    }
}

fn is_in(statement: &SkvIndividualStatement, month: Month) -> bool {
    let Some(of) = &statement.month else { return false };
    let within = |day: &str| parse_day(day).map(Month::of) == Some(month);
    within(&of.from) && within(&of.to)
}
