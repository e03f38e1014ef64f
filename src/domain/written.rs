//! Texts as whoever reads them sees them: bytes as signs, escapes as what they stand for, digits of every script as digits. For finding
//! numbers in what agencies send, in whatever writing JSON, XML and Unicode allow; never for what is told on.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// Texts inside texts inside texts, each escaped in the next: so many are undone.
const MAX_INSIDE: usize = 4;
/// The longest reference in XML that stands for one sign, in bytes: `&#x0010FFFF;` and some zeros.
const MAX_REFERENCE_BYTES: usize = 16;

/// The zeros of the scripts that have ten digits in a row of their own, beside those that look like ASCII's (NFKC folds those).
const ZEROS: [u32; 55] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
    0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50,
    0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136,
    0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50,
    0x11da0, 0x16a60, 0x16ac0, 0x16b50,
];

/// The text of a document in UTF-8 or UTF-16; what is neither is read sign by sign, so that nothing in it is overlooked.
pub fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    let utf_16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.as_chunks::<2>().0.iter().map(|pair| unit(*pair));
        Cow::Owned(char::decode_utf16(units).map(|sign| sign.unwrap_or('\u{fffd}')).collect::<String>())
    };
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => text_of(rest),
        [0xff, 0xfe, rest @ ..] => utf_16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf_16(rest, u16::from_be_bytes),
        [first, 0, ..] if *first != 0 => utf_16(bytes, u16::from_le_bytes),
        [0, second, ..] if *second != 0 => utf_16(bytes, u16::from_be_bytes),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => Cow::Owned(bytes.utf8_chunks().fold(String::new(), |mut text, chunk| {
                text.push_str(chunk.valid());
                text.extend(chunk.invalid().iter().copied().map(char::from));
                text
            })),
        },
    }
}

/// The same text with its escapes undone, however deep, digits as ASCII's, all dashes as hyphens and all blanks as spaces, and without
/// what is not seen.
pub(crate) fn seen(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for _ in 0..MAX_INSIDE {
        let has_escapes =
            text.contains('\\') || text.contains('&') || text.contains("<!") || text.contains("<?");
        let undone = has_escapes.then(|| unescaped(&text)).filter(|undone| *undone != text);
        let Some(undone) = undone else { break };
        text = Cow::Owned(undone);
    }
    if text.is_ascii() {
        return text;
    }
    let mut seen = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            sign if sign.is_ascii() => seen.push(sign),
            sign if is_unseen(sign) => {}
            sign if is_dash(sign) => seen.push('-'),
            '\u{ff0b}' | '\u{fe62}' => seen.push('+'),
            sign if sign.is_whitespace() => seen.push(' '),
            sign if sign.is_numeric() => match digit(sign) {
                Some(digit) => seen.push(digit),
                None => seen.extend(sign.nfkc()),
            },
            sign => seen.push(sign),
        }
    }
    Cow::Owned(seen)
}

/// JSON's `\u0031` and XML's `&#49;` as the sign that they stand for, once; and what may stand in XML between two signs of one text behind
/// it all, each on a line of its own.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let (mut rest, mut open, mut beside) = (text, [true; 2], String::new());
    while let Some(at) = rest.find(['\\', '&', '<', ']']) {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let slashes = rest.len() - rest.trim_start_matches('\\').len();
        let found = match rest.as_bytes() {
            [b'\\', ..] => json_escape(&rest[slashes..]).map(|(sign, length)| (Some(sign), slashes + length)),
            [b'&', ..] => reference(rest),
            _ => between(rest, &mut open),
        };
        let (sign, length) = found.unwrap_or((None, 0));
        match length {
            0 => {
                let (as_it_is, behind) = rest.split_at(slashes.max(1));
                plain.push_str(as_it_is);
                rest = behind;
            }
            _ => {
                plain.extend(sign);
                let (undone, behind) = rest.split_at(length);
                if undone.starts_with("<!--") || undone.starts_with("<?") {
                    beside.push('\n');
                    beside.push_str(
                        undone.trim_start_matches(['<', '!', '?', '-']).trim_end_matches(['-', '?', '>']),
                    );
                }
                rest = behind;
            }
        }
    }
    plain.push_str(rest);
    plain.push_str(&beside);
    plain
}

/// What stands behind the backslashes of an escape, in a string of JSON or in one that stands in another: its sign and its length.
fn json_escape(bare: &str) -> Option<(char, usize)> {
    match bare.bytes().next()? {
        b'u' => {
            let first = unit(bare)?;
            if let Some(sign) = char::from_u32(first.into()) {
                return Some((sign, 5));
            }
            let second = bare.get(5..)?;
            let more = second.len() - second.trim_start_matches('\\').len();
            let sign = char::decode_utf16([first, unit(second.get(more..)?)?]).next()?.ok()?;
            Some((sign, 5 + more + 5))
        }
        b't' | b'n' | b'r' => Some((' ', 1)),
        _ => None,
    }
}

fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix('u')?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

/// The sign that a reference in XML stands for, and its length; `&amp;#49;` is one inside another.
fn reference(text: &str) -> Option<(Option<char>, usize)> {
    let inside = text.get(1..)?;
    if let Some(rest) = inside.strip_prefix("amp;") {
        return rest.starts_with(['#', 'a']).then_some((Some('&'), 5));
    }
    let head = inside.as_bytes().get(..inside.len().min(MAX_REFERENCE_BYTES))?;
    let end = head.iter().position(|byte| *byte == b';')?;
    let digits = inside.get(..end)?.strip_prefix('#')?;
    let sign = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => digits.parse(),
    };
    Some((Some(char::from_u32(sign.ok()?)?), 1 + end + 1))
}

/// The length of what may stand between two signs of one text in XML and is none of it. `open`: whether a comment, or an instruction,
/// may still end; looked for in vain once.
fn between(text: &str, open: &mut [bool; 2]) -> Option<(Option<char>, usize)> {
    let mut until = |nth: usize, end: &str| {
        let open = open.get_mut(nth).filter(|open| **open)?;
        let found = text.find(end).map(|at| (None, at + end.len()));
        *open = found.is_some();
        found
    };
    if text.starts_with("<!--") {
        until(0, "-->")
    } else if text.starts_with("<?") {
        until(1, "?>")
    } else {
        let marks = ["<![CDATA[", "]]>"];
        marks.into_iter().find(|mark| text.starts_with(mark)).map(|mark| (None, mark.len()))
    }
}

fn digit(sign: char) -> Option<char> {
    let sign = u32::from(sign);
    let zero = ZEROS.iter().rev().find(|zero| **zero <= sign)?;
    char::from_digit(sign - zero, 10)
}

fn is_dash(sign: char) -> bool {
    matches!(
        sign,
        '\u{58a}' | '\u{5be}' | '\u{1400}' | '\u{1806}' | '\u{2010}'
            ..='\u{2015}'
                | '\u{2043}'
                | '\u{207b}'
                | '\u{208b}'
                | '\u{2212}'
                | '\u{2e17}'
                | '\u{2e1a}'
                | '\u{2e3a}'
                | '\u{2e3b}'
                | '\u{2e40}'
                | '\u{301c}'
                | '\u{3030}'
                | '\u{30a0}'
                | '\u{fe31}'
                | '\u{fe32}'
                | '\u{fe58}'
                | '\u{fe63}'
                | '\u{ff0d}'
                | '\u{2d7}'
    )
}

/// Signs that leave no trace, or only change how another is drawn.
fn is_unseen(sign: char) -> bool {
    matches!(
        sign,
        '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_seen_as_who_reads_it_sees_it() {
        for (written, is) in [
            (r"\u0031\u0039", "19"),
            (r"\\u0031\\\\u0039", "19"),
            (r"\ud835\udfcf\uD835\uDFD7", "19"),
            ("&#49;&#x39;&#0057;", "199"),
            ("&amp;#49;&amp;amp;#57;", "19"),
            ("1<!-- x -->9<![CDATA[8]]>5<?y?>0", "19850\n x \ny"),
            ("\u{ff11}\u{ff19}\u{661}\u{969}\u{2460}\u{b9}", "191311"),
            ("1\u{301}\u{200b}9\u{20e3}", "19"),
            ("1\u{2011}9\u{a0}8\u{2009}5\u{3000}0", "1-9 8 5 0"),
            (r"1\t9\\n8", "1 9 8"),
            // What is none is left as it stands.
            (
                r"C:\users\x \ud835 &#; &#x110000; &x; < <b \u12",
                r"C:\users\x \ud835 &#; &#x110000; &x; < <b \u12",
            ),
            ("", ""),
        ] {
            assert_eq!(seen(written), is, "{written}");
        }
    }

    #[test]
    fn what_never_ends_is_looked_through_once() {
        for part in ["<!--", "<?", "\\", "&amp;", "]", "\\u"] {
            let text = part.repeat(1 << 18);
            assert!(seen(&text).len() <= text.len());
        }
    }

    #[test]
    fn every_digit_of_a_row_is_the_digit_that_it_is() {
        for zero in ZEROS {
            for value in 0..10 {
                let sign = char::from_u32(zero + value).unwrap();
                assert!(sign.is_numeric(), "{zero:x}");
                assert_eq!(seen(&sign.to_string()), value.to_string(), "{zero:x}");
            }
        }
    }
}
