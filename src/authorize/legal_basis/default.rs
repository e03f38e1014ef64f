//! The list that holds where a deployment's configuration says nothing: what the statutes themselves name. Which kinds of information
//! the ordinance names, the agencies' profiles say.

use ssbtek_domain::{Information, NaiveDate, sections::skv::Part};

use super::{Covers, LegalBases, LegalBasisRule};

/// The social services act of 2001, with the sections on what a board may ask other authorities for.
const ACT_OF_2001: &str = "11 kap. 11–11 b §§ socialtjänstlagen (2001:453)";
/// The act of 2025.
const ACT_OF_2025: &str = "15 kap. 10–12 §§ socialtjänstlagen (2025:400)";

/// First day of ordinance 2008:975.
const ORDINANCE: (i32, u32, u32) = (2009, 1, 1);
/// Last day of the act of 2001, first of the act of 2025.
const LAST_OF_2001: (i32, u32, u32) = (2025, 6, 30);
const FIRST_OF_2025: (i32, u32, u32) = (2025, 7, 1);
/// From when a board may ask for employers' declarations for each employee (by the bill).
const DECLARATIONS: (i32, u32, u32) = (2025, 12, 1);

impl Default for LegalBases {
    /// What social services act and ordinance 2008:975 name, under the act of the day; and employers' declarations from when
    /// the act names them. What is not on it has no ground until the deployment's configuration says one. That configuration
    /// replaces this list whole.
    fn default() -> Self {
        let of_ordinance = Information::all().filter_map(|kind| Some((kind, kind.ordinance()?)));
        let mut rules: Vec<LegalBasisRule> = of_ordinance
            .flat_map(|(kind, section)| {
                let text = |act: &str| format!("{act}; {section} förordningen (2008:975)");
                [
                    rule(kind, text(ACT_OF_2001), ORDINANCE, Some(LAST_OF_2001)),
                    rule(kind, text(ACT_OF_2025), FIRST_OF_2025, None),
                ]
            })
            .collect();
        let declarations = Information::skv(Part::IndividualStatements);
        rules.push(rule(declarations, ACT_OF_2025.to_owned(), DECLARATIONS, None));
        Self(rules)
    }
}

fn rule(
    kind: Information,
    text: String,
    from: (i32, u32, u32),
    to: Option<(i32, u32, u32)>,
) -> LegalBasisRule {
    // The dates above exist; one that did not would make a provision that never holds.
    let day = |(year, month, day)| NaiveDate::from_ymd_opt(year, month, day).unwrap_or(NaiveDate::MAX);
    LegalBasisRule { covers: Covers::Kind(kind), text, valid_from: day(from), valid_to: to.map(day) }
}
