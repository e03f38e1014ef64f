//! What Transportstyrelsen knows about a generated person.

use ssbtek_domain::{
    NaiveDate, Period, SeededEntropy,
    sections::tns::{Section, Vehicle},
};

use crate::population::{Situation, TestPerson};

/// Keeps the vehicles apart from what another agency draws from the same seed.
const SALT: u64 = 0x0054_4e53;

/// Make, trade name, kind.
const MODELS: [(&str, &str, &str); 5] = [
    ("VOLVO", "V70", "PERSONBIL"),
    ("SAAB", "9-3", "PERSONBIL"),
    ("VOLKSWAGEN", "GOLF", "PERSONBIL"),
    ("TOYOTA", "HIACE", "LASTBIL"),
    ("HONDA", "CB500", "MOTORCYKEL"),
];

/// The agency's facts about one person; they have no period. As in TNS's own format, the person is not named in them.
pub fn section(person: &TestPerson, _period: &Period, today: NaiveDate) -> Section {
    let draw = SeededEntropy::new(person.seed ^ SALT);
    let count = if person.situation == Situation::Child { 0 } else { draw.below(3) };
    Section { person: None, vehicles: Some((0..count).filter_map(|_| vehicle(&draw, today)).collect()) }
}

fn vehicle(draw: &SeededEntropy, today: NaiveDate) -> Option<Vehicle> {
    // I, Q and V never occur on Swedish plates: no such vehicle exists.
    let letter = || ["I", "Q", "V"].get(draw.below(3) as usize).copied();
    let registration_number = format!("{}{}{}{:03}", letter()?, letter()?, letter()?, draw.below(1000));
    let (make, trade_name, kind) = MODELS.get(draw.below(MODELS.len() as u64) as usize)?;
    let year = i64::from(chrono::Datelike::year(&today)) - draw.below(20) as i64;
    Some(Vehicle {
        registration_number,
        make: (*make).to_owned(),
        year: year.to_string(),
        kind: (*kind).to_owned(),
        trade_name: (*trade_name).to_owned(),
    })
}
