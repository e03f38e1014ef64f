//! Names: two agencies that state them apart are compared part by part; FK states one text with all names in no order.

use std::collections::BTreeSet;

use ssbtek_domain::{Agency, sections::Section};

use crate::{Discrepancy, DiscrepancyKind, SourceReport};

/// A name as one agency has it, in words without case.
enum Name {
    Apart { given: BTreeSet<String>, family: BTreeSet<String> },
    Whole(BTreeSet<String>),
}

/// Pairs of agencies that cannot mean the same name.
pub(super) fn find(sources: &[SourceReport]) -> Vec<Discrepancy> {
    let named: Vec<(Agency, Name)> =
        sources.iter().filter_map(|source| Some((source.agency, name(source.section.as_ref()?)?))).collect();
    let mut found = vec![];
    for (i, (agency, name)) in named.iter().enumerate() {
        for (other_agency, other) in &named[i + 1..] {
            found.extend(name.differs(other).map(|detail| Discrepancy {
                kind: DiscrepancyKind::Name,
                sources: vec![*agency, *other_agency],
                detail,
            }));
        }
    }
    found
}

fn name(section: &Section) -> Option<Name> {
    if let Some((given, family)) = section.facts().name() {
        let (given, family) = (words(given), words(family));
        return (!given.is_empty() || !family.is_empty()).then_some(Name::Apart { given, family });
    }
    let Section::Fk(fk) = section else { return None };
    let whole = fk.general.iter().find_map(|general| general.name.as_deref()).map(words)?;
    (!whole.is_empty()).then_some(Name::Whole(whole))
}

/// Words of letters and digits, in lower case: hyphens, commas and spaces differ between registers and mean nothing.
fn words(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

const FAMILY: &str = "the agencies have different family names for the person";
const GIVEN: &str = "the agencies have no given name in common for the person";

impl Name {
    /// What differs. Family names must be the same; of given names one must be shared, for registers leave some out.
    /// What one of them does not state differs from nothing.
    fn differs(&self, other: &Name) -> Option<&'static str> {
        match (self, other) {
            (Name::Apart { given, family }, Name::Apart { given: other_given, family: other_family }) => {
                if !family.is_empty() && !other_family.is_empty() && family != other_family {
                    return Some(FAMILY);
                }
                let nothing_shared = given.is_disjoint(other_given);
                (nothing_shared && !given.is_empty() && !other_given.is_empty()).then_some(GIVEN)
            }
            (Name::Apart { given, family }, Name::Whole(whole))
            | (Name::Whole(whole), Name::Apart { given, family }) => {
                if !family.is_subset(whole) {
                    return Some(FAMILY);
                }
                (!given.is_empty() && given.is_disjoint(whole)).then_some(GIVEN)
            }
            (Name::Whole(one), Name::Whole(other)) => (one != other).then_some(FAMILY),
        }
    }
}
