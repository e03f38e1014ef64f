//! Whose things are no other's: members of the case's own household, where everybody is known not to be protected (adr/0050).

use ssbtek_authorize::Permit;
use ssbtek_domain::{HoldBack, Personnummer};

use crate::SourceReport;

/// The members of the household whose numbers and names may stay in the person's answer. None at all where anybody, in the answer
/// or in the household, is or may be protected: `held` says so of those who are; of who stands in an answer, the agency must
/// have said "not protected" in so many words, and no other agency anything else.
pub(crate) fn open(permit: &Permit, sources: &[SourceReport], held: HoldBack) -> Vec<Personnummer> {
    if held.is_something() {
        return vec![];
    }
    let sections = || sources.iter().filter_map(|source| source.section.as_ref());
    let mut open = vec![];
    for member in permit.household() {
        let said: Vec<Option<bool>> =
            sections().filter_map(|section| section.facts().says_of(member)).collect();
        if said.is_empty() {
            // Who stands nowhere is not told of.
            continue;
        }
        if said.contains(&Some(true)) || !said.contains(&Some(false)) {
            return vec![];
        }
        open.push(member.clone());
    }
    open
}
