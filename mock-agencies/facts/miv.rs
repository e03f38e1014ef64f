//! What Migrationsverket knows about a generated person.

use ssbtek_domain::{
    NaiveDate, Period, SeededEntropy,
    sections::miv::{Matter, Section, Validity},
};

use crate::population::{Situation, TestPerson};

/// Keeps the permits apart from what another agency draws from the same seed.
const SALT: u64 = 0x004d_4956;

/// The agency's facts about one person; they have no period. Only newcomers have matters there.
pub fn section(person: &TestPerson, _period: &Period, today: NaiveDate) -> Section {
    let named = Section {
        person: Some(person.number.clone()),
        given_name: Some(person.given_name.clone()),
        family_name: Some(person.family_name.clone()),
        ..Section::default()
    };
    if person.situation != Situation::Newcomer {
        return named;
    }
    let draw = SeededEntropy::new(person.seed ^ SALT);
    let entered_on = today - chrono::Days::new(400 + draw.below(900));
    let country = ["Afghanistan", "Eritrea", "Syrien", "Ukraina"].get(draw.below(4) as usize);
    Section {
        home_country: country.map(|country| (*country).to_owned()),
        entered_on: Some(entered_on),
        matters: matters(entered_on, &draw),
        ..named
    }
}

fn matters(entered_on: NaiveDate, draw: &SeededEntropy) -> Vec<Matter> {
    let text = |text: &str| Some(text.to_owned());
    let decided_on = entered_on + chrono::Days::new(60 + draw.below(200));
    let permanent = draw.below(4) == 0;
    let permit = Matter {
        ground_code: text("FL"),
        ground: text("Flykting"),
        applied_on: Some(entered_on),
        kind_code: text("UT"),
        kind: text("Uppehållstillstånd"),
        decision_code: text("B"),
        decision: text("Bifall"),
        decision_kind_code: text("GR"),
        decision_kind: text("Grundbeslut"),
        decided_on: Some(decided_on),
        valid_from: Some(decided_on),
        valid_to: (!permanent).then(|| decided_on + chrono::Days::new(1095)),
        validity: Some(if permanent { Validity::Permanent } else { Validity::TimeLimited }),
    };
    // An application that waits for its decision: most fields are simply not there.
    let waiting = Matter {
        applied_on: Some(decided_on + chrono::Days::new(30)),
        kind_code: text("AT"),
        kind: text("Arbetstillstånd"),
        ..Matter::default()
    };
    if draw.below(2) == 0 { vec![permit, waiting] } else { vec![permit] }
}
