//! Typed reading of one element's children by the rules of its schema: right namespace, right number, right type.

use std::str::FromStr;

use ssbtek_domain::{Amount, NaiveDate};
use ssbtek_xml::Element;

use crate::Refused;

/// The name of a child and the refusal that names it.
#[derive(Clone, Copy)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) refused: Refused,
}

/// A [`Field`] by its name.
macro_rules! field {
    ($name:literal) => {
        $crate::fields::Field {
            name: $name,
            refused: $crate::Refused(concat!($name, " is missing, malformed or repeated")),
        }
    };
}
pub(crate) use field;

/// The children of one element.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    element: &'a Element,
    namespace: &'static str,
}

impl<'a> Fields<'a> {
    /// Children by a schema without wildcard: only `known` names, all in `namespace` (`""` for none). A child in another
    /// namespace is refused, for whoever overlooks it would report "nothing there".
    pub(crate) fn closed(
        element: &'a Element,
        namespace: &'static str,
        known: &[&str],
    ) -> Result<Self, Refused> {
        if element.elements().iter().all(|child| known.contains(&child.name())) {
            Self::open(element, namespace, known)
        } else {
            Err(Refused("an element stands where the schema has none"))
        }
    }

    /// Children by a schema with a wildcard: other names are passed over, `known` ones must be in `namespace`.
    pub(crate) fn open(
        element: &'a Element,
        namespace: &'static str,
        known: &[&str],
    ) -> Result<Self, Refused> {
        let strays = |child: &Element| {
            known.contains(&child.name()) && child.namespace().unwrap_or_default() != namespace
        };
        if element.elements().iter().any(strays) {
            Err(Refused("an element of the schema stands in another namespace"))
        } else {
            Ok(Self { element, namespace })
        }
    }

    /// All children with that name.
    pub(crate) fn all(&self, name: &'static str) -> impl Iterator<Item = &'a Element> {
        self.element.children(self.namespace, name)
    }

    /// The child, if it is there; two of it are refused.
    pub(crate) fn one(&self, field: Field) -> Result<Option<&'a Element>, Refused> {
        let mut found = self.all(field.name);
        match (found.next(), found.next()) {
            (child, None) => Ok(child),
            (_, Some(_)) => Err(field.refused),
        }
    }

    /// The child, which must be there.
    pub(crate) fn required(&self, field: Field) -> Result<&'a Element, Refused> {
        self.one(field)?.ok_or(field.refused)
    }

    /// Text without surrounding space; `None` where absent, nil or empty.
    pub(crate) fn text(&self, field: Field) -> Result<Option<String>, Refused> {
        Ok(self.one(field)?.and_then(Element::value).map(str::to_owned))
    }

    /// Text of a child that must be there, though it may be empty.
    pub(crate) fn required_text(&self, field: Field) -> Result<String, Refused> {
        Ok(self.required(field)?.trimmed().to_owned())
    }

    /// `xs:date`; `None` where absent, nil or empty.
    pub(crate) fn date(&self, field: Field) -> Result<Option<NaiveDate>, Refused> {
        self.parsed(field, date)
    }

    /// `xs:date` that must be there.
    pub(crate) fn required_date(&self, field: Field) -> Result<NaiveDate, Refused> {
        self.date(field)?.ok_or(field.refused)
    }

    /// `xs:boolean`; `None` where absent, nil or empty.
    pub(crate) fn boolean(&self, field: Field) -> Result<Option<bool>, Refused> {
        self.parsed(field, |text| match text {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        })
    }

    /// `xs:int`; `None` where absent, nil or empty.
    pub(crate) fn int(&self, field: Field) -> Result<Option<i32>, Refused> {
        self.parsed(field, |text| i32::from_str(text).ok())
    }

    /// `xs:int` that must be there.
    pub(crate) fn required_int(&self, field: Field) -> Result<i32, Refused> {
        self.int(field)?.ok_or(field.refused)
    }

    /// `xs:decimal` that must be there, exactly.
    pub(crate) fn required_amount(&self, field: Field) -> Result<Amount, Refused> {
        self.parsed(field, |text| text.parse().ok())?.ok_or(field.refused)
    }

    fn parsed<T>(&self, field: Field, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Refused> {
        let Some(text) = self.one(field)?.and_then(Element::value) else { return Ok(None) };
        parse(text).map(Some).ok_or(field.refused)
    }
}

/// `xs:date`: `YYYY-MM-DD`, perhaps with a time zone, which does not change the day that the agency meant.
fn date(text: &str) -> Option<NaiveDate> {
    let (day, zone) = text.split_at_checked(10)?;
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let zoned = match zone.as_bytes() {
        [] | [b'Z'] => true,
        [b'+' | b'-', time @ ..] => {
            std::str::from_utf8(time).ok().and_then(|time| time.split_once(':')).is_some_and(
                |(hours, minutes)| hours.len() == 2 && minutes.len() == 2 && digits(hours) && digits(minutes),
            )
        }
        _ => false,
    };
    let fixed =
        day.bytes().enumerate().all(|(i, b)| if matches!(i, 4 | 7) { b == b'-' } else { b.is_ascii_digit() });
    (zoned && fixed).then(|| day.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(inside: &str) -> Element {
        let text = format!(r#"<x xmlns="urn:a" xmlns:b="urn:b">{inside}</x>"#);
        ssbtek_xml::parse(text.as_bytes(), &ssbtek_xml::Limits::default()).unwrap()
    }

    #[test]
    fn a_date_may_have_a_zone_and_nothing_else() {
        for text in ["2026-01-31", "2026-01-31Z", "2026-01-31+01:00", "2026-01-31-11:00"] {
            assert_eq!(date(text).map(|day| day.to_string()).as_deref(), Some("2026-01-31"), "{text}");
        }
        for text in
            ["2026-02-30", "2026-1-31", "20260131", "2026-01-31T00:00:00", "2026-01-31+1", "", "+026-01-31"]
        {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn a_known_name_in_another_namespace_is_refused_and_never_overlooked() {
        let stray = element("<b:y>1</b:y>");
        assert!(Fields::open(&stray, "urn:a", &["y"]).is_err());
        assert!(Fields::open(&stray, "urn:a", &["z"]).is_ok());
        assert!(Fields::closed(&stray, "urn:a", &["z"]).is_err());
    }

    #[test]
    fn a_repeated_or_malformed_field_is_refused_by_name() {
        let twice = element("<y>1</y><y>2</y>");
        let fields = Fields::closed(&twice, "urn:a", &["y"]).unwrap();
        assert_eq!(fields.int(field!("y")), Err(Refused("y is missing, malformed or repeated")));
        let wrong = element("<y>one</y>");
        let fields = Fields::closed(&wrong, "urn:a", &["y", "z"]).unwrap();
        assert!(fields.int(field!("y")).is_err() && fields.boolean(field!("y")).is_err());
        assert_eq!(fields.int(field!("z")), Ok(None));
        assert!(fields.required_int(field!("z")).is_err());
    }
}
