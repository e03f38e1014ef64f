//! The ways in which a text can be written.

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};

/// A form's name, and the bytes.
pub(crate) type Forms = Vec<(&'static str, Vec<u8>)>;

/// A person number of 12 digits: with and without century and hyphen, and each of the encodings.
pub(crate) fn of_number(number: &str) -> Forms {
    let ten = number.get(2..).unwrap_or_default();
    let hyphen = |text: &str, at: usize| format!("{}-{}", &text[..at], &text[at..]).into_bytes();
    let mut forms = vec![
        ("plain", number.as_bytes().to_vec()),
        ("hyphenated", hyphen(number, 8)),
        ("ten digits", ten.as_bytes().to_vec()),
        ("ten digits hyphenated", hyphen(ten, 6)),
    ];
    forms.extend(encoded(ten));
    forms.extend(base64(number));
    forms
}

/// A name or an address.
pub(crate) fn of_text(text: &str) -> Forms {
    let latin1: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    let escaped: String = text
        .chars()
        .map(|c| if c.is_ascii() { c.to_string() } else { format!("\\u{:04x}", u32::from(c)) })
        .collect();
    let query: String = text.bytes().map(|byte| in_query(byte, "+")).collect();
    let path: String = text.bytes().map(|byte| in_query(byte, "%20")).collect();
    let mut forms = vec![
        ("plain", text.as_bytes().to_vec()),
        ("upper case", text.to_uppercase().into_bytes()),
        ("json escapes", escaped.into_bytes()),
        ("percent, query", query.into_bytes()),
        ("percent, path", path.into_bytes()),
    ];
    forms.extend(latin1.map(|bytes| ("latin-1", bytes)));
    forms.extend(encoded(text));
    forms.extend(base64(text));
    forms
}

fn encoded(text: &str) -> Forms {
    let wide = || text.encode_utf16();
    let bytes = |form: fn(u8) -> String| text.bytes().map(form).collect::<String>().into_bytes();
    vec![
        ("hex", bytes(|byte| format!("{byte:02x}"))),
        ("hex, upper case", bytes(|byte| format!("{byte:02X}"))),
        ("percent, every byte", bytes(|byte| format!("%{byte:02X}"))),
        ("utf-16, little-endian", wide().flat_map(u16::to_le_bytes).collect()),
        ("utf-16, big-endian", wide().flat_map(u16::to_be_bytes).collect()),
    ]
}

/// Base64 of a text has three faces, by where in a group of three bytes the text begins. Of each, what does not depend on
/// its neighbours.
fn base64(text: &str) -> Forms {
    [("base64", 0), ("base64, second face", 1), ("base64, third face", 2)]
        .into_iter()
        .map(|(form, skip)| {
            let whole = (skip + text.len()) / 3 * 4;
            let encoded = STANDARD_NO_PAD.encode([&b"\0\0"[..skip], text.as_bytes()].concat());
            let from = if skip == 0 { 0 } else { 4 };
            (form, encoded.as_bytes()[from..whole].to_vec())
        })
        .collect()
}

fn in_query(byte: u8, space: &str) -> String {
    match byte {
        b' ' => space.to_owned(),
        byte if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    }
}
