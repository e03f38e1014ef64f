//! The SO section out of funds that were asked one by one.

use super::{Fund, Section, StatusTexts};
use crate::Outcome;

impl Section {
    /// The section as SO composes it: one entry per fund, in the order given, with its name and a status, whether or
    /// not it answered. A fund that answered keeps its own status text; for one that did not, or gave none, the broker's
    /// own text for the outcome stands there. A fund's section with more or less than one entry counts as none.
    pub fn compose(answers: Vec<(String, Outcome, Option<Section>)>) -> Self {
        let mut composed = Section::default();
        for (name, outcome, section) in answers {
            let (person, mut funds) =
                section.map_or((None, vec![]), |section| (section.person, section.funds));
            composed.person = composed.person.or(person);
            let answered = if funds.len() == 1 { funds.pop() } else { None };
            let status = StatusTexts::own_text(outcome).to_owned();
            composed.funds.push(match answered {
                Some(fund) if fund.status.is_empty() => Fund { name, status, ..fund },
                Some(fund) => Fund { name, ..fund },
                None => Fund { name, status, ..Fund::default() },
            });
        }
        composed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fund_that_did_not_answer_stands_there_with_its_status() {
        let answer = |status: &str| Section {
            funds: vec![Fund { name: "x".to_owned(), status: status.to_owned(), ..Fund::default() }],
            ..Section::default()
        };
        let composed = Section::compose(vec![
            ("A".to_owned(), Outcome::Answered, Some(answer("egen text"))),
            ("B".to_owned(), Outcome::TimedOut, None),
            ("C".to_owned(), Outcome::NoSuchPerson, None),
            ("D".to_owned(), Outcome::Answered, Some(answer(""))),
        ]);
        let names: Vec<_> =
            composed.funds.iter().map(|fund| (fund.name.as_str(), fund.status.as_str())).collect();
        assert_eq!(
            names,
            [("A", "egen text"), ("B", "Inget svar i tid"), ("C", "Personen finns inte"), ("D", "OK")]
        );
        let outcomes: Vec<_> =
            composed.parts(&StatusTexts::default()).into_iter().map(|p| p.outcome).collect();
        assert_eq!(
            outcomes,
            [Outcome::FailedAtSource, Outcome::TimedOut, Outcome::NoSuchPerson, Outcome::Answered]
        );
    }
}
