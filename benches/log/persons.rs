//! Whom an entry is about.

use ssbtek_domain::Personnummer;

/// Entries among which a few persons are strewn who never come up again.
pub(crate) const FEW: u64 = 100_000;
/// Every so manieth of those is about one of them.
const EVERY: u64 = 400;

/// Ten persons with 20 entries each, and one with 50, all among the first hundred thousand: their reports stay the same
/// while the log grows.
pub(crate) fn strewn(which: u64) -> Personnummer {
    numbered(1925, 1, 1, 980 + which % 11)
}

/// How many entries a strewn person has in a log of at least [`FEW`].
pub(crate) fn entries_of(which: u64) -> usize {
    if which == 10 { 50 } else { 20 }
}

/// Somebody who is asked about again and again: every thousandth entry is about this person.
pub(crate) fn common() -> Personnummer {
    numbered(1926, 1, 1, 980)
}

/// Which person entry `n` is about: each of some 470,000 comes up again and again, in no order.
pub(crate) fn person(n: u64) -> Personnummer {
    if n < FEW && n.is_multiple_of(EVERY) {
        let place = n / EVERY;
        return strewn(if place.is_multiple_of(5) { 10 } else { (place - place / 5 - 1) % 10 });
    }
    if n % 1000 == 7 {
        return common();
    }
    let at = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    numbered(1930 + at % 70, 1 + at / 70 % 12, 1 + at / 840 % 28, 980 + at / 23_520 % 20)
}

/// A test number of that day.
fn numbered(year: u64, month: u64, day: u64, birth: u64) -> Personnummer {
    let nine = format!("{:02}{month:02}{day:02}{birth}", year % 100);
    let sum: u32 = nine
        .bytes()
        .enumerate()
        .map(|(place, digit)| {
            let product = u32::from(digit - b'0') * if place % 2 == 0 { 2 } else { 1 };
            product / 10 + product % 10
        })
        .sum();
    let text = format!("{:02}{nine}{}", year / 100, (10 - sum % 10) % 10);
    Personnummer::parse(&text, "2026-11-22".parse().expect("a date")).expect("a test number")
}
