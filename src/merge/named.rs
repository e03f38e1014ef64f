//! Who else stands in the answers: of each, what the board remembers counts, whether or not an agency flags the person this time.

use std::collections::BTreeSet;

use ssbtek_domain::{Personnummer, SourceAnswer, sections::skv::person_numbers, text_of};

/// Others whom the answers name, of the household or not, and what the board remembers of those who are not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// By their numbers; of a short number, in each century.
    pub persons: BTreeSet<Personnummer>,
    /// Whether one of them was said to be protected, or may live with somebody who was, and it has not been lifted.
    pub protected: bool,
}

/// Most others whom one answer names: somebody's children, parents, partners and payers. One that names more is nobody's word about
/// anything.
pub(crate) const MAX_NAMED: usize = 200;

/// Everybody but the person whom an answer names by number: in its facts, and in the bytes that came, in which something may stand that no
/// reader knows. There the person's own number stands without its century.
pub(crate) fn named(person: &Personnummer, answer: &SourceAnswer) -> BTreeSet<Personnummer> {
    let known = answer.section.iter().flat_map(|section| section.facts().numbers_of_others());
    let known = known.flat_map(person_numbers).filter(|named| named != person);
    let bytes = answer.original.iter().map(|original| text_of(&original.bytes));
    let sent = bytes.flat_map(|text| person_numbers(&text));
    known.chain(sent.filter(|named| named.ten_digits() != person.ten_digits())).collect()
}
