//! Draws personnummer and samordningsnummer from the birth numbers that are never given to people.

use std::collections::HashMap;

use chrono::{Datelike, Days};
use ssbtek_domain::{NaiveDate, Personnummer, SeededEntropy};

/// Reserved birth numbers; odd for men, even for women.
const RESERVED: [u16; 22] = [
    980, 981, 982, 983, 984, 985, 986, 987, 988, 989, 990, 991, 992, 993, 994, 995, 996, 997, 998, 999, 238,
    239,
];

/// How often to draw before an age group counts as used up.
const MAX_DRAWS: usize = 500;

/// What the number should say.
pub(super) struct Wish {
    /// Youngest age, whole years.
    pub(super) min_age: u32,
    /// Oldest age, whole years, at least `min_age`.
    pub(super) max_age: u32,
    /// A samordningsnummer instead of a personnummer.
    pub(super) samordningsnummer: bool,
}

/// A number that is not among `taken`; `None` when the age group's numbers are used up.
pub(super) fn draw(
    random: &SeededEntropy,
    wish: &Wish,
    today: NaiveDate,
    taken: &HashMap<Personnummer, usize>,
) -> Option<Personnummer> {
    (0..MAX_DRAWS).find_map(|_| {
        let birth = birth_date(random, wish, today)?;
        let birth_number = RESERVED.get(random.below(RESERVED.len() as u64) as usize)?;
        let number = with_check_digit(birth, *birth_number, wish.samordningsnummer)?;
        (!taken.contains_key(&number)).then_some(number)
    })
}

/// Whether the number is a man's.
pub(super) fn is_man(number: &Personnummer) -> bool {
    number.expose().as_bytes().get(10).is_some_and(|digit| digit % 2 == 1)
}

fn birth_date(random: &SeededEntropy, wish: &Wish, today: NaiveDate) -> Option<NaiveDate> {
    // 1461 days are four years; the margins keep the age right whichever years are leap years.
    let youngest = u64::from(wish.min_age) * 1461 / 4 + 1;
    let oldest = (u64::from(wish.max_age) + 1) * 1461 / 4 - 2;
    today.checked_sub_days(Days::new(youngest + random.below(oldest - youngest)))
}

fn with_check_digit(birth: NaiveDate, birth_number: u16, samordningsnummer: bool) -> Option<Personnummer> {
    let day = birth.day() + if samordningsnummer { 60 } else { 0 };
    let digits = format!("{:04}{:02}{day:02}{birth_number:03}", birth.year(), birth.month());
    let sum: u32 = digits
        .bytes()
        .skip(2)
        .enumerate()
        .map(|(i, digit)| {
            let digit = u32::from(digit - b'0');
            if i % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { digit }
        })
        .sum();
    Personnummer::parse_undated(&format!("{digits}{}", (10 - sum % 10) % 10)).ok()
}
