//! Bytes → UTF-8, by byte order mark or by the shape of the first characters (XML 1.0, appendix F).

use std::borrow::Cow;

use crate::XmlError;

/// How the bytes were written, for comparing with what the document says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    Utf16LittleEndian,
    Utf16BigEndian,
    Latin1,
}

impl Encoding {
    /// Whether a document in this encoding may declare that name.
    pub(crate) fn may_be_called(self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        match self {
            Encoding::Utf8 => matches!(name.as_str(), "utf-8" | "utf8" | "us-ascii" | "ascii"),
            Encoding::Utf16LittleEndian => matches!(name.as_str(), "utf-16" | "utf-16le"),
            Encoding::Utf16BigEndian => matches!(name.as_str(), "utf-16" | "utf-16be"),
            Encoding::Latin1 => LATIN_1.contains(&name.as_str()),
        }
    }
}

/// The document as UTF-8 without a byte order mark, and how it was written.
pub(crate) fn decode(bytes: &[u8]) -> Result<(Cow<'_, str>, Encoding), XmlError> {
    let utf8 = |bytes| {
        let text = std::str::from_utf8(bytes).map_err(|_| XmlError::Encoding)?;
        Ok((Cow::Borrowed(text), Encoding::Utf8))
    };
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, Encoding::Utf16LittleEndian, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, Encoding::Utf16BigEndian, u16::from_be_bytes),
        [b'<', 0, ..] => utf16(bytes, Encoding::Utf16LittleEndian, u16::from_le_bytes),
        [0, b'<', ..] => utf16(bytes, Encoding::Utf16BigEndian, u16::from_be_bytes),
        _ if declares_latin_1(bytes) => latin_1(bytes),
        _ => utf8(bytes),
    }
}

/// Names of ISO-8859-1, in lower case.
const LATIN_1: [&str; 5] = ["iso-8859-1", "iso_8859-1", "iso8859-1", "latin1", "latin-1"];
/// Longer than any declaration.
const MAX_DECLARATION_BYTES: usize = 256;

/// Whether the document says of itself that it is written in ISO-8859-1.
fn declares_latin_1(bytes: &[u8]) -> bool {
    let head = bytes.get(..MAX_DECLARATION_BYTES.min(bytes.len())).unwrap_or_default();
    let end = head.windows(2).position(|pair| pair == b"?>");
    let declaration = end.and_then(|end| std::str::from_utf8(head.get(..end)?).ok());
    let declared = declaration
        .and_then(|declaration| declaration.strip_prefix("<?xml"))
        .and_then(|attributes| attributes.split_once("encoding"))
        .and_then(|(_, rest)| rest.trim_start().strip_prefix('='))
        .map(|rest| rest.trim_start().to_ascii_lowercase());
    let is_one = |declared: &str| {
        let name = declared.trim_start_matches(['"', '\'']).split(['"', '\'']).next().unwrap_or_default();
        LATIN_1.contains(&name)
    };
    declared.as_deref().is_some_and(is_one)
}

/// Each byte is the sign of that number. What is UTF-8 all the same has been declared wrongly: what its signs are nobody knows.
fn latin_1(bytes: &[u8]) -> Result<(Cow<'_, str>, Encoding), XmlError> {
    if !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok() {
        return Err(XmlError::Encoding);
    }
    Ok((Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect()), Encoding::Latin1))
}

fn utf16(
    bytes: &[u8],
    encoding: Encoding,
    unit: fn([u8; 2]) -> u16,
) -> Result<(Cow<'_, str>, Encoding), XmlError> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    if !odd.is_empty() {
        return Err(XmlError::Encoding);
    }
    let text: Result<String, _> = char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect();
    Ok((Cow::Owned(text.map_err(|_| XmlError::Encoding)?), encoding))
}
