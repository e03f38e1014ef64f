//! Skatteverket's documents, verbatim, and whom they name.

use crate::{Personnummer, plain_decimal};

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

/// Whether a valid person number other than those of `known`, or a number that stands for one, stands anywhere in the text: 10 or 12 digits in a row, with or
/// without a separator before the last four. Organisation numbers are no calendar dates and do not count.
pub fn names_others(text: &str, known: &[Personnummer]) -> bool {
    names_others_by_number(text, known) || names_by_another(text)
}

/// The same of personal numbers alone.
pub fn names_others_by_number(text: &str, known: &[Personnummer]) -> bool {
    let is_own = |digits: &str| known.iter().any(|person| person.expose().ends_with(digits));
    written(text).into_iter().any(|digits| is_person_number(&digits) && !is_own(&digits))
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

/// Without signs that are not seen, and with one hyphen for all that look like one; digits of any width are digits.
fn plain_signs(text: &str) -> String {
    let seen = text
        .chars()
        .filter(|c| !matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}'));
    seen.map(|c| match c {
        '\u{2010}'..='\u{2015}'
        | '\u{2043}'
        | '\u{2212}'
        | '\u{2e3a}'
        | '\u{2e3b}'
        | '\u{fe58}'
        | '\u{fe63}'
        | '\u{ff0d}'
        | '\u{02d7}'
        | '~'
        | '_'
        | '\u{30fc}'
        | '\u{b7}'
        | '\u{2022}' => '-',
        '\u{ff10}'..='\u{ff19}' => char::from(b'0' + u8::try_from(c as u32 - 0xff10).unwrap_or_default()),
        '\u{ff0b}' => '+',
        '\t' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => ' ',
        other => other,
    })
    .collect()
}

/// The runs of digits in a text that have the form of a number. Signs that look like a hyphen are one, those that are not seen are
/// nothing, and a single space separates as a hyphen does. A number that is printed as a double is the number that it is of.
fn written(text: &str) -> Vec<String> {
    let text = plain_signs(text);
    // The least that a number has.
    if text.bytes().filter(u8::is_ascii_digit).count() < 10 {
        return vec![];
    }
    let runs: Vec<&str> =
        text.split(|c: char| !c.is_ascii_digit() && !matches!(c, '-' | '+' | ' ' | '\u{a0}')).collect();
    let spaced = runs.iter().flat_map(|run| {
        let parts: Vec<&str> = run.split([' ', '\u{a0}']).collect();
        let whole = |pair: &[&str]| {
            let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
            let [before, after] = pair else { return None };
            (matches!(before.len(), 6 | 8) && after.len() == 4 && digits(before) && digits(after))
                .then(|| [*before, *after].concat())
        };
        parts.windows(2).filter_map(whole).collect::<Vec<String>>()
    });
    let alone = runs.iter().flat_map(|run| run.split([' ', '\u{a0}'])).filter_map(digits);
    let doubles = text
        .split(|c: char| !c.is_ascii_digit() && !matches!(c, '-' | '+' | '.' | 'e' | 'E'))
        .filter(|run| run.contains(['e', 'E']))
        .filter_map(|run| digits(plain_decimal(run)?.split('.').next()?));
    alone.chain(spaced).chain(doubles).collect()
}

/// The digits of a run, if it has the form of a number: a separator only before the last four.
fn digits(run: &str) -> Option<String> {
    let run = run.trim_matches(['-', '+']);
    let joined = match run.find(['-', '+']) {
        None => run.to_owned(),
        Some(at) if at + 5 == run.len() => [run.get(..at)?, run.get(at + 1..)?].concat(),
        Some(_) => return None,
    };
    matches!(joined.len(), 10 | 12).then_some(joined)
}

/// The persons whose numbers stand in a text, in the order found. Of a short number, each century in which it is one.
pub fn person_numbers(text: &str) -> Vec<Personnummer> {
    written(text).into_iter().flat_map(|digits| read_as(&digits)).collect()
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
        ] {
            assert!(names_others(text, &[]), "{text}");
        }
        let own = [Personnummer::parse_undated("198506079824").unwrap()];
        for text in
            ["198506079824", "850607-9824", "850607 9824", "Avser 19850607\u{2013}9824", "1.98506079824E11"]
        {
            assert!(!names_others(text, &own), "{text}");
        }
        for text in [
            "198506079825",
            "2026-10-23T10:00:00",
            "20261023T101500",
            "202610ABCD",
            "750202A123",
            "ABC123",
            "19759902TF61",
            "1985060798241",
            "2026-10-23 1324",
            "16556036-0793",
            "556036-0793",
            "08-123 45 67",
            "19850607  9824",
            "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
            "13272.300000000001",
        ] {
            assert!(!names_others(text, &[]), "{text}");
        }
    }
}
