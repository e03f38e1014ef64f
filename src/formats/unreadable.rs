//! Bytes that are no document that can be read safely, and which code each fault has.

use ssbtek_xml::XmlError;

use crate::{RefusalCode, Refused};

/// What is wrong with XML.
pub(crate) fn refused(error: XmlError) -> Refused {
    let (reason, code) = match error {
        XmlError::TooManyBytes => ("the answer is larger than allowed", RefusalCode::TooLarge),
        XmlError::TooDeep => return Refused::TOO_DEEP,
        XmlError::TooManyNodes | XmlError::TooManyAttributes | XmlError::TooManyNamespaces => {
            ("the answer has more elements, attributes or namespaces than allowed", RefusalCode::TooLarge)
        }
        XmlError::Doctype => ("the answer holds a DOCTYPE", RefusalCode::Doctype),
        XmlError::Entity => ("the answer holds an entity reference", RefusalCode::Doctype),
        XmlError::ProcessingInstruction => {
            ("the answer holds a processing instruction", RefusalCode::Doctype)
        }
        XmlError::Encoding => {
            ("the answer's encoding is broken or not UTF-8, UTF-16 or ISO-8859-1", RefusalCode::Encoding)
        }
        XmlError::Namespace => ("the answer has a prefix without a namespace", RefusalCode::NotWellFormed),
        XmlError::Malformed => ("the answer is not well-formed XML", RefusalCode::NotWellFormed),
    };
    Refused(reason, code)
}

/// The byte order mark, in UTF-8. JSON should have none, and says nothing by it where it has.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Without the byte order mark that it may begin with.
pub(crate) fn without_mark(json: &[u8]) -> &[u8] {
    json.strip_prefix(MARK).unwrap_or(json)
}

/// JSON comes in UTF-8 and nothing else (RFC 8259), perhaps after a byte order mark.
pub(crate) fn utf_8(json: &[u8]) -> Result<&str, Refused> {
    std::str::from_utf8(without_mark(json))
        .ok()
        .filter(|text| !text.contains('\0'))
        .ok_or(Refused("not a JSON document in UTF-8", RefusalCode::Encoding))
}

/// Whether the bytes are compressed, whatever a header says of them.
pub(crate) fn is_compressed(bytes: &[u8]) -> bool {
    const MAGIC: [&[u8]; 4] = [b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"BZh"];
    MAGIC.iter().any(|magic| bytes.starts_with(magic))
}
