//! Named figures back to where they came from: `inkomster[0].summa` becomes a list with an object in it.

use ssbtek_domain::sections::fk::common::{Figure, FigureValue};

use super::{
    CannotWrite,
    json::{Json, Object},
};

/// Deepest path; LEFI's own have some eight steps.
const MAX_STEPS: usize = 24;
/// Items that may be missing before one that is there, since a reader leaves out what it does not understand.
const MAX_GAP: usize = 64;

enum Step<'a> {
    Member(&'a str),
    Item(usize),
}

/// `object` with the figures in it.
pub(super) fn put(object: Object, figures: &[Figure]) -> Result<Object, CannotWrite> {
    let mut root = Json::Object(object.into_members());
    for figure in figures {
        let value = match &figure.value {
            FigureValue::Number(number) => Json::Plain(plain_number(number)?.to_owned()),
            FigureValue::Text(text) => Json::text(text),
            FigureValue::Flag(flag) => Json::flag(*flag),
        };
        let steps = steps(&figure.name)?;
        insert(&mut root, &steps, value)?;
    }
    match root {
        Json::Object(members) => Ok(members.into()),
        _ => Err(CannotWrite),
    }
}

/// A text that JSON reads as a number.
fn plain_number(number: &str) -> Result<&str, CannotWrite> {
    let digits = number.strip_prefix('-').unwrap_or(number);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    if all_digits(whole) && all_digits(fraction) && !leading_zero { Ok(number) } else { Err(CannotWrite) }
}

fn steps(name: &str) -> Result<Vec<Step<'_>>, CannotWrite> {
    let mut steps = vec![];
    for part in name.split('.') {
        let (member, items) = part.split_at(part.find('[').unwrap_or(part.len()));
        if member.is_empty() {
            return Err(CannotWrite);
        }
        steps.push(Step::Member(member));
        for item in items.split_terminator(']') {
            let index = item.strip_prefix('[').and_then(|index| index.parse().ok()).ok_or(CannotWrite)?;
            steps.push(Step::Item(index));
        }
    }
    if steps.len() > MAX_STEPS { Err(CannotWrite) } else { Ok(steps) }
}

/// Puts `value` at the end of the path; two values at one place, or a place of another kind, is refused.
fn insert(at: &mut Json, steps: &[Step<'_>], value: Json) -> Result<(), CannotWrite> {
    let Some((step, rest)) = steps.split_first() else {
        return if matches!(at, Json::Null) {
            *at = value;
            Ok(())
        } else {
            Err(CannotWrite)
        };
    };
    match step {
        Step::Member(name) => {
            if matches!(at, Json::Null) {
                *at = Json::Object(vec![]);
            }
            let Json::Object(members) = at else { return Err(CannotWrite) };
            let found = match members.iter().position(|(known, _)| known == name) {
                Some(found) => found,
                None => {
                    members.push(((*name).to_owned(), Json::Null));
                    members.len() - 1
                }
            };
            insert(&mut members.get_mut(found).ok_or(CannotWrite)?.1, rest, value)
        }
        Step::Item(index) => {
            if matches!(at, Json::Null) {
                *at = Json::List(vec![]);
            }
            let Json::List(items) = at else { return Err(CannotWrite) };
            if *index > items.len() + MAX_GAP {
                return Err(CannotWrite);
            }
            while items.len() <= *index {
                items.push(Json::Null);
            }
            insert(items.get_mut(*index).ok_or(CannotWrite)?, rest, value)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(name: &str, number: &str) -> Figure {
        Figure { name: name.to_owned(), value: FigureValue::Number(number.to_owned()) }
    }

    #[test]
    fn paths_are_taken_apart_and_put_together() {
        let figures =
            [number("inkomster[0].summa", "1.5"), number("inkomster[2].summa", "-2"), number("ar", "3")];
        let written = put(Object::default().text("x", Some("y")), &figures).unwrap().done().to_string();
        assert_eq!(written, r#"{"x":"y","inkomster":[{"summa":1.5},null,{"summa":-2}],"ar":3}"#);
    }

    #[test]
    fn a_path_that_leads_nowhere_is_refused_and_costs_no_memory() {
        for name in ["", "a..b", "a[", "a[x]", "[0]", "a[9999999999]", "a[70]", &"a.".repeat(30)] {
            assert!(put(Object::default(), &[number(name, "1")]).is_err(), "{name}");
        }
        assert!(put(Object::default(), &[number("a", "1"), number("a", "2")]).is_err());
        assert!(put(Object::default(), &[number("a", "1"), number("a.b", "2")]).is_err());
        for text in ["", "1e5", "NaN", "01", "1.", ".5", "1 ", "\"x\""] {
            assert!(put(Object::default(), &[number("a", text)]).is_err(), "{text}");
        }
    }
}
