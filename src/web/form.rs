//! What a form sends: `application/x-www-form-urlencoded`, within bounds.

use http::{HeaderMap, header};
use zeroize::Zeroizing;

/// Most fields of one form.
const MAX_FIELDS: usize = 64;

/// The fields of a form.
#[derive(Default)]
pub(crate) struct Form(Vec<(String, Zeroizing<String>)>);

impl Form {
    /// Whether a request says that it carries one.
    pub(crate) fn is_said(headers: &HeaderMap) -> bool {
        let said = headers.get(header::CONTENT_TYPE).and_then(|said| said.to_str().ok()).unwrap_or_default();
        said.split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .eq_ignore_ascii_case("application/x-www-form-urlencoded")
    }

    /// Reads a body, or the query of an address; `None` if it has another form.
    pub(crate) fn parse(body: &[u8]) -> Option<Self> {
        let mut fields = Vec::new();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if fields.len() == MAX_FIELDS {
                return None;
            }
            let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            let (name, value) = pair.split_at(at);
            let value = decoded(value.get(1..).unwrap_or_default())?;
            fields.push((decoded(name)?.to_string(), value));
        }
        Some(Self(fields))
    }

    /// A field that stands once; empty where it does not stand at all; `None` where it stands twice.
    pub(crate) fn one<'f>(&'f self, name: &'f str) -> Option<&'f str> {
        let mut found = self.all(name);
        let first = found.next().unwrap_or_default();
        found.next().is_none().then_some(first)
    }

    /// Every value of a field.
    pub(crate) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

fn decoded(text: &[u8]) -> Option<Zeroizing<String>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut at = text.iter();
    while let Some(byte) = at.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: Option<&u8>| char::from(*byte?).to_digit(16);
                let (high, low) = (digit(at.next())?, digit(at.next())?);
                u8::try_from(high * 16 + low).ok()?
            }
            byte => *byte,
        });
    }
    String::from_utf8(bytes.to_vec()).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_as_browsers_write_it_and_what_is_cut_or_twice_is_not() {
        let form = Form::parse(b"case=EB%2D1+%C3%A5&agency=AF&agency=FK&empty=").unwrap();
        assert_eq!(form.one("case"), Some("EB-1 å"));
        assert_eq!((form.one("empty"), form.one("other")), (Some(""), Some("")));
        assert_eq!(form.one("agency"), None, "twice");
        assert_eq!(form.all("agency").collect::<Vec<_>>(), ["AF", "FK"]);
        for wrong in [&b"a=%"[..], b"a=%4", b"a=%zz", b"a=%ff", b"%=1"] {
            assert!(Form::parse(wrong).is_none(), "{wrong:?}");
        }
        assert!(Form::parse("a=1&".repeat(65).as_bytes()).is_none(), "too many fields");
    }
}
