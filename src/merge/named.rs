//! Who else stands in the answers: of each, what the board remembers counts, whether or not an agency flags the person this time.

use std::collections::BTreeSet;

use ssbtek_authorize::Permit;
use ssbtek_domain::{Personnummer, SourceAnswer, sections::skv::person_numbers};

/// Others whom the answers name, and what the board remembers of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// By their numbers; of a short number, in each century.
    pub persons: BTreeSet<Personnummer>,
    /// Whether one of them was said to be protected and it has not been lifted.
    pub protected: bool,
}

pub(crate) fn named<'a>(
    permit: &Permit,
    answers: impl Iterator<Item = &'a SourceAnswer>,
) -> BTreeSet<Personnummer> {
    let sections = answers.filter_map(|answer| answer.section.as_ref());
    let texts = sections.flat_map(|section| section.facts().numbers_of_others());
    let known = |person: &Personnummer| person == permit.person() || permit.household().contains(person);
    texts.flat_map(person_numbers).filter(|person| !known(person)).collect()
}
