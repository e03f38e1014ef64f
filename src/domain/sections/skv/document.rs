//! Skatteverket's documents, verbatim, and whom they name.

use crate::{Personnummer, moments, plain_decimal};

/// The five parts of contract v11.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// `foretagsinformation`.
    CompanyInformation,
    /// `individuppgifter`.
    IndividualStatements,
    /// `skattekonto`.
    TaxAccount,
    /// `skatteuppgifter`.
    TaxData,
    /// `beskattningsbilagor`.
    TaxAppendices,
}

impl Part {
    /// All parts, in the contract's order.
    pub const ALL: [Part; 5] = [
        Part::CompanyInformation,
        Part::IndividualStatements,
        Part::TaxAccount,
        Part::TaxData,
        Part::TaxAppendices,
    ];

    /// The contract's name.
    pub const fn name(self) -> &'static str {
        match self {
            Part::CompanyInformation => "foretagsinformation",
            Part::IndividualStatements => "individuppgifter",
            Part::TaxAccount => "skattekonto",
            Part::TaxData => "skatteuppgifter",
            Part::TaxAppendices => "beskattningsbilagor",
        }
    }
}

/// One document as Skatteverket sent it. Two are equal that say the same, whether or not one knows what may be left of it.
#[derive(Clone)]
pub struct Document {
    /// The part of v11 (JSON); `None` for v10's only document (XML).
    pub part: Option<Part>,
    /// The document's text; `None` when it was withheld.
    pub text: Option<String>,
    /// The text without everything that is not known to lead nowhere: what is left when somebody is protected. Only where it
    /// could be made.
    pub reduced: Option<String>,
    /// The text without everything that is not known to be the person's own: what is left when it names somebody else. Only
    /// where it could be made.
    pub own: Option<String>,
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        (self.part, &self.text) == (other.part, &other.text)
    }
}

impl Eq for Document {}

impl Document {
    /// A document as it came, of which nothing can be left if it must be held back.
    pub fn verbatim(part: Option<Part>, text: String) -> Self {
        Self { part, text: Some(text), reduced: None, own: None }
    }

    /// Leaves what leads nowhere; `Some` if anything was taken out by that.
    pub(crate) fn reduce(&mut self) -> Option<()> {
        let whole = self.text.take()?;
        self.text = self.reduced.clone();
        (self.text.as_ref() != Some(&whole)).then_some(())
    }

    /// Leaves what is the person's own.
    pub(super) fn leave_own(&mut self) {
        self.text = self.text.take().and(self.own.clone());
    }
}

/// Whether a valid person number other than `person`'s stands anywhere in the text: see [`names_others`].
pub fn names_another(text: &str, person: Option<&Personnummer>) -> bool {
    names_others(text, person.map(std::slice::from_ref).unwrap_or_default())
}

/// Whether a valid person number other than those of `known`, or a number that stands for one, stands anywhere in the text: see
/// [`person_numbers`]. Organisation numbers are no calendar dates and do not count, nor does a day with a time of day behind it.
pub fn names_others(text: &str, known: &[Personnummer]) -> bool {
    names_others_by_number(text, known) || names_by_another(text)
}

/// The same of personal numbers alone.
pub fn names_others_by_number(text: &str, known: &[Personnummer]) -> bool {
    let is_own = |digits: &str| known.iter().any(|person| person.expose().ends_with(digits));
    let named = written(text).into_iter().filter(|number| !number.is_a_moment);
    named.map(|number| number.digits).any(|digits| is_person_number(&digits) && !is_own(&digits))
}

/// Whether a number stands in the text that an authority has given somebody who has no personal number: a day of birth and four signs
/// that begin with a T, such as `19750202TF61`, `750202-T061`. Whose it is nobody can tell.
fn names_by_another(text: &str) -> bool {
    let seen = plain_signs(text).to_uppercase();
    let is_one = |word: &str| {
        let joined = word.replace(['-', '+'], "");
        let digits = joined.bytes().take_while(u8::is_ascii_digit).count();
        let (day, rest) = joined.split_at(digits);
        let letters = rest.bytes().take_while(u8::is_ascii_uppercase).count();
        let has_form = rest.len() == 4
            && rest.starts_with('T')
            && (1..=3).contains(&letters)
            && rest.bytes().skip(letters).all(|b| b.is_ascii_digit());
        let day = match digits {
            8 if matches!(day.get(..2), Some("19" | "20")) => day.get(2..),
            6 => Some(day),
            _ => None,
        };
        has_form && day.is_some_and(is_day)
    };
    seen.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '+')).any(is_one)
}

/// `YYMMDD`, the day perhaps with 60 added.
fn is_day(digits: &str) -> bool {
    let number = |at: std::ops::Range<usize>| digits.get(at).and_then(|part| part.parse::<u8>().ok());
    let (month, day) = (number(2..4), number(4..6));
    month.is_some_and(|month| (1..=12).contains(&month))
        && day.is_some_and(|day| (1..=31).contains(&day) || (61..=91).contains(&day))
}

/// As it is seen ([`crate::written`]), and with one hyphen for all that may stand in one's place.
fn plain_signs(text: &str) -> String {
    crate::written::seen(text).replace(['~', '_', '\u{30fc}', '\u{b7}', '\u{2022}'], "-")
}

/// Digits that have the form of a number.
struct Written {
    digits: String,
    /// They may as well be a day and a time of day: `2026-10-23 1324`.
    is_a_moment: bool,
}

/// Most digits that stand in one run with a number: twelve, and the three of a place of work.
const MAX_DIGITS: usize = 15;

/// The runs of digits in a text that have the form of a number: ten or twelve, in whatever writing JSON, XML and Unicode allow
/// ([`crate::written`]), in one run or in several that a single blank, or a hyphen or plus with blanks beside it, sets apart; of a text that
/// is nothing but a number, set apart by whatever is no letter. Also those with which a longer number begins: see [`hers`]. What
/// can only be a day or a time ([`moments`]) is none. A number that is /// printed as a double is the number that it is of.
fn written(text: &str) -> Vec<Written> {
    let text = moments::left_out(plain_signs(text).into());
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits < 10 {
        return vec![];
    }
    let mut found = Vec::new();
    let is_outside = |c: char| !c.is_ascii_digit() && !matches!(c, '-' | '+' | ' ');
    let mut at = 0;
    for run in text.split_inclusive(is_outside) {
        let (before, groups) = (&text[..at], groups(run.trim_end_matches(is_outside)));
        at += run.len();
        let is_vat = !groups.is_empty() && is_vat(before);
        for from in 0..groups.len() {
            let (mut joined, mut parts) = (String::new(), Vec::new());
            for (nth, (gap, group)) in groups.iter().enumerate().skip(from) {
                let length = joined.len() + group.len();
                let is_near = match gap {
                    Gap::Near => true,
                    // `2026-03-12 -4500` is a day and an amount.
                    Gap::Sign => length == 10,
                    Gap::Far => false,
                };
                if (nth > from && !is_near) || length > MAX_DIGITS {
                    break;
                }
                joined.push_str(group);
                parts.push(*group);
                let is_a_moment = is_a_moment(&parts);
                let numbers = hers(&joined, is_vat && from == 0);
                found.extend(numbers.into_iter().map(|digits| Written { digits, is_a_moment }));
            }
        }
    }
    let bare = text.trim_start();
    let vat = bare.get(..2).filter(|country| country.eq_ignore_ascii_case("SE"));
    let bare = if vat.is_some() { &bare[2..] } else { bare };
    if (10..=MAX_DIGITS).contains(&digits) && !bare.chars().any(char::is_alphabetic) {
        let digits: String = bare.chars().filter(char::is_ascii_digit).collect();
        for digits in hers(&digits, vat.is_some()) {
            if !found.iter().any(|known| known.digits == digits) {
                found.push(Written { digits, is_a_moment: false });
            }
        }
    }
    let doubles = text
        .split(|c: char| !c.is_ascii_digit() && !matches!(c, '-' | '+' | '.' | 'e' | 'E'))
        .filter(|run| run.contains(['e', 'E']))
        .filter_map(|run| Some(plain_decimal(run)?.split('.').next()?.to_owned()));
    let doubles = doubles.flat_map(|digits| hers(&digits, false));
    found.extend(doubles.map(|digits| Written { digits, is_a_moment: false }));
    found
}

/// What stands between two groups of digits.
#[derive(Clone, Copy)]
enum Gap {
    /// A single blank, or hyphens or pluses with any blanks around.
    Near,
    /// A hyphen or plus that has a blank before it and none behind it, as a sign has.
    Sign,
    /// Blanks.
    Far,
}

/// The groups of digits in a run, each with what stands before it.
fn groups(run: &str) -> Vec<(Gap, &str)> {
    let (mut groups, mut rest) = (Vec::new(), run);
    loop {
        let start = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (between, behind) = rest.split_at(start);
        if behind.is_empty() {
            return groups;
        }
        let gap = match between {
            " " => Gap::Near,
            _ if !between.contains(['-', '+']) => Gap::Far,
            _ if between.starts_with(' ') && !between.ends_with(' ') => Gap::Sign,
            _ => Gap::Near,
        };
        let end = behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len());
        let (group, next) = behind.split_at(end);
        groups.push((gap, group));
        rest = next;
    }
}

/// Whether what stands before a number says that it is one for value added tax.
fn is_vat(before: &str) -> bool {
    let before = before.trim_end_matches(|c: char| !c.is_alphanumeric());
    let Some((start, country)) = before.len().checked_sub(2).and_then(|at| before.split_at_checked(at))
    else {
        return false;
    };
    country.eq_ignore_ascii_case("SE") && !start.ends_with(char::is_alphanumeric)
}

/// The number of ten or twelve digits that a run of digits is, or with which it begins where it is one that is made of somebody's:
///
/// * ten digits behind `16` or `00`, in the place of the century;
/// * `SE`, ten digits (or twelve) and two more, a number for value added tax; without the `SE`, ten and `01`;
/// * twelve digits and the check digit of them all, as they stand on a payment to Skatteverket;
/// * twelve digits and three more, or ten and `00` and one more, a place of work.
///
/// What merely is long enough is none: of longer ones it must be a valid number that stands there.
fn hers(run: &str, is_vat: bool) -> Vec<String> {
    let valid = |digits: Option<&str>| digits.filter(|digits| is_person_number(digits)).map(str::to_owned);
    // The twelve at the beginning, or the ten of them behind what is no century.
    let twelve = || {
        let ten = run.strip_prefix("16").or_else(|| run.strip_prefix("00"));
        valid(run.get(..12)).or_else(|| valid(ten?.get(..10)))
    };
    let ten = || valid(run.get(..10));
    let found = match run.len() {
        10 => Some(run.to_owned()),
        12 => {
            let whole = twelve();
            let vat = if is_vat || whole.is_none() && run.ends_with("01") { ten() } else { None };
            return whole.into_iter().chain(vat).collect();
        }
        13 if crate::luhn_holds(run.as_bytes()) => twelve(),
        13 if run.get(10..12) == Some("00") => ten(),
        14 if is_vat => twelve(),
        15 => twelve(),
        _ => None,
    };
    found.into_iter().collect()
}

/// Whether the groups are those of a day and a time of day.
fn is_a_moment(groups: &[&str]) -> bool {
    let [year, month, day, time] = groups else { return false };
    let is_below = |digits: &str, bound: u8| digits.parse::<u8>().is_ok_and(|value| value < bound);
    (year.len(), month.len(), day.len(), time.len()) == (4, 2, 2, 4)
        && is_below(&time[..2], 24)
        && is_below(&time[2..], 60)
}

/// The persons whose numbers stand in a text, in the order found. Of a short number, each century in which it is one.
pub fn person_numbers(text: &str) -> Vec<Personnummer> {
    written(text).into_iter().flat_map(|number| read_as(&number.digits)).collect()
}

fn is_person_number(digits: &str) -> bool {
    !read_as(digits).is_empty()
}

fn read_as(digits: &str) -> Vec<Personnummer> {
    let centuries: &[&str] = if digits.len() == 12 { &[""] } else { &["19", "20"] };
    let numbers = centuries.iter().map(|century| Personnummer::parse_undated(&format!("{century}{digits}")));
    numbers.filter_map(Result::ok).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_one_however_its_digits_are_set_apart_and_other_digits_are_none() {
        for text in [
            "198506079824",
            "19850607-9824",
            "850607+9824",
            "850607 9824",
            "Avser 19850607\u{a0}9824 m.fl.",
            "850607\u{2013}9824",
            "850607\u{fe63}9824",
            "850607\u{ff0d}9824",
            "850607~9824",
            "850607\u{202f}9824",
            "８５０６０７－９８２４",
            "19750202TF61",
            "19750202-TF61",
            "750202-T061",
            "750202T061",
            "19750262\u{2013}tf61",
            "avser 19750202T123",
            "1985\u{200b}0607\u{2060}9824",
            "8506679821",
            "1.98506079824E11",
            r#"{"nummer":8.506079824e9}"#,
            "1985 0607 9824",
            "1985-06-07-9824",
            "85 06 07 98 24",
            "19850607  9824",
            "1985.06.07/9824",
            "avser 1985-06-07 9824.",
            // A number that is made of hers.
            "SE850607982401",
            "se 850607982402",
            "SE 850607-9824-01",
            "SE8506.0798.2401",
            "SE19850607982401",
            r#"{"momsregistreringsnummer":"SE850607982401"}"#,
            r#"{"moms":"850607982401","nummer":"x"}"#,
            "nr 850607-982401 x",
            "168506079824",
            "008506079824",
            "avser 16850607-9824.",
            "198506079824001",
            "19850607-9824001",
            "avser 168506079824017 x",
            "8506079824001",
            "1985060798247",
            // Set apart by a hyphen with blanks beside it.
            "nr 850607  -  9824",
            "nr 850607 - 9824",
            "nr 19850607  -  9824",
            "nr 850607- 9824",
            "nr 850607 -9824",
            "nr 850607\u{a0}\u{2009}\u{2013}\u{a0} 9824",
            "nr 850607--9824",
            r#"{"nr":"\u0031\u0039\u0038\u0035\u0030\u0036\u0030\u0037\u0039\u0038\u0032\u0034"}"#,
            r#"{"inre":"{\"nr\":\"\\u00319850607-982\\u0034\"}"}"#,
            "<nr>1985&#48;607&#x2011;9824</nr>",
            "<nr>1985<!-- -->0607<![CDATA[9824]]></nr>",
            "<nr>1</nr><!-- avser 198506079824 --><?avser 1?>",
            "<nr>1</nr><?avser 850607-9824?>",
            "\u{ff11}\u{ff19}\u{ff18}\u{ff15}\u{ff10}\u{ff16}\u{ff10}\u{ff17}\u{ff0d}\u{ff19}\u{ff18}\u{ff12}\u{ff14}",
            "\u{661}\u{669}\u{668}\u{665}\u{660}\u{666}\u{660}\u{667}\u{669}\u{668}\u{662}\u{664}",
        ] {
            assert!(names_others(text, &[]), "{text}");
        }
        let own = [Personnummer::parse_undated("198506079824").unwrap()];
        for text in [
            "198506079824",
            "850607-9824",
            "850607 9824",
            "Avser 19850607\u{2013}9824",
            "1.98506079824E11",
            "SE850607982401",
            "168506079824",
            "198506079824001",
            "avser 850607  -  9824",
        ] {
            assert!(!names_others(text, &own), "{text}");
        }
        for text in [
            "198506079825",
            "2026-03-14+01:00",
            "2026-03-14-01:00",
            "2026-03-14 01:00",
            "2012-03-14+01:00",
            "2012-03-14T10:00:00.198506+01:00",
            "12:10:08+01:00",
            "beslut 2026-01-08+01:00, 2012-03-14 10:15",
            "2026-10-23T10:00:00",
            "20261023T101500",
            "202610ABCD",
            "750202A123",
            "ABC123",
            "19759902TF61",
            "1985060798241",
            "19850607982412",
            "20261023101501",
            "8506079824101",
            "85060798241",
            "850607982402",
            "basel 850607982402",
            "1985060798240012",
            "SE556036079301",
            "165560360793001",
            "den 2026-03-12 -4500",
            "den 20260312  -4500",
            "rad 19850607   9824",
            "2026-10-23 1324",
            "16556036-0793",
            "556036-0793",
            "08-123 45 67",
            "rad 19850607  9824",
            "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
            "13272.300000000001",
        ] {
            assert!(!names_others(text, &[]), "{text}");
        }
    }
}
