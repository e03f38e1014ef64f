//! Bytes → UTF-8, by byte order mark or by the shape of the first characters (XML 1.0, appendix F).

use std::borrow::Cow;

use crate::XmlError;

/// How the bytes were written, for comparing with what the document says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    Utf16LittleEndian,
    Utf16BigEndian,
}

impl Encoding {
    /// Whether a document in this encoding may declare that name.
    pub(crate) fn may_be_called(self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        match self {
            Encoding::Utf8 => matches!(name.as_str(), "utf-8" | "utf8" | "us-ascii" | "ascii"),
            Encoding::Utf16LittleEndian => matches!(name.as_str(), "utf-16" | "utf-16le"),
            Encoding::Utf16BigEndian => matches!(name.as_str(), "utf-16" | "utf-16be"),
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
        _ => utf8(bytes),
    }
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
