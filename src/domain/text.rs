//! What people type as an identity, or as the name of one: one form for what looks the same, and nothing in it that nobody sees.

use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::IdError;

/// A name: composed (NFC), trimmed, one space between words; nothing invisible and nothing that changes the direction of what
/// follows.
pub fn normal_name(text: &str, max_chars: usize) -> Result<String, IdError> {
    // Composing shortens by a factor of a few at most: what is longer than this is too long, and is not looked at.
    if text.chars().nth(max_chars.saturating_mul(4)).is_some() {
        return Err(IdError::TooLong(max_chars));
    }
    let text = text.trim();
    if text.is_empty() {
        return Err(IdError::Empty);
    }
    if text.chars().any(char::is_control) {
        return Err(IdError::Control);
    }
    if text.chars().any(is_unseen) {
        return Err(IdError::Unseen);
    }
    let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    let normal: String = words.join(" ").nfc().collect();
    if normal.chars().count() > max_chars { Err(IdError::TooLong(max_chars)) } else { Ok(normal) }
}

/// An identity: a name of Latin letters, digits and the signs of ASCII, so that no letter of another alphabet and no variant of a
/// sign stands in for one that looks like it.
pub(crate) fn normal_identity(text: &str, max_chars: usize) -> Result<String, IdError> {
    let normal = normal_name(text, max_chars)?;
    if normal.chars().all(is_plain) { Ok(normal) } else { Err(IdError::NotPlain) }
}

/// How a text reads: of two that read the same, both say the same here. For finding what was stored before there was a form.
pub(crate) fn reads_as(text: &str) -> String {
    let seen = text.nfkc().filter(|c| !c.is_control() && !is_unseen(*c));
    let seen: String = seen.collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ").nfc().collect()
}

/// Whether a text is in its normal form as an identity.
pub(crate) fn is_normal_identity(text: &str, max_chars: usize) -> bool {
    is_nfc(text) && normal_identity(text, max_chars).is_ok_and(|normal| normal == text)
}

/// Letters of the Latin alphabets, digits, and the signs and the space of ASCII. Ligatures, and letters that are two, are left out:
/// they read like the two.
fn is_plain(c: char) -> bool {
    match c {
        ' '..='~' => true,
        '\u{d7}'
        | '\u{f7}'
        | '\u{132}'
        | '\u{133}'
        | '\u{13f}'
        | '\u{140}'
        | '\u{149}'
        | '\u{17f}'
        | '\u{1c0}'..='\u{1cc}' => false,
        '\u{1f1}'..='\u{1f3}' | '\u{1e9a}'..='\u{1e9b}' => false,
        '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => true,
        _ => false,
    }
}

/// What leaves no mark of its own, or turns what follows: white space other than the space, Unicode's Default_Ignorable_Code_Point
/// and Bidi_Control, other format characters (Cf), the blank of Braille, private use and non-characters.
fn is_unseen(c: char) -> bool {
    if c.is_whitespace() {
        return c != ' ';
    }
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}'
        | '\u{8e2}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{ffff}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{10ffff}'
    ) || u32::from(c) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn composed_and_decomposed_are_one_identity_and_so_is_one_space_and_two() {
        for (one, other) in [
            ("åsa.öberg", "a\u{30a}sa.o\u{308}berg"),
            ("Ångström", "\u{212b}ngstro\u{308}m"),
            ("EB 1", " EB  1 "),
            ("é", "e\u{301}"),
        ] {
            let parsed = [one, other].map(|text| normal_identity(text, 64).unwrap());
            assert_eq!(parsed[0], parsed[1], "{one}");
            assert!(is_normal_identity(&parsed[0], 64));
            assert_eq!(reads_as(one), reads_as(other));
        }
        assert!(!is_normal_identity("a\u{30a}sa", 64));
    }

    #[test]
    fn what_nobody_sees_or_what_turns_the_rest_is_refused_everywhere() {
        for unseen in "\u{ad}\u{34f}\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\u{202a}\u{202e}\u{2060}\u{2066}\u{2069}\u{feff}\
            \u{180e}\u{3164}\u{ffa0}\u{fe0f}\u{e0001}\u{e0100}\u{2800}\u{a0}\u{2003}\u{2028}\u{3000}\u{61c}\u{e000}\u{fffe}\
            \u{1d173}\u{115f}"
            .chars()
        {
            for text in [format!("an{unseen}na"), format!("a{unseen}"), format!("a {unseen} b")] {
                let refused = [normal_name(&text, 64), normal_identity(&text, 64)];
                // White space at an end is trimmed, as it always was.
                let trimmed = text.trim() != text;
                assert!(refused.iter().all(|told| told.is_err() || trimmed), "{:x}", u32::from(unseen));
                assert_eq!(reads_as(&format!("an{unseen}na")).replace(' ', ""), "anna");
            }
        }
    }

    #[test]
    fn no_letter_of_another_alphabet_and_no_variant_of_a_sign_stands_in_for_one_in_an_identity() {
        for like in [
            "\u{430}nna",
            "\u{3bf}la",
            "EB\u{2010}1",
            "EB\u{2212}1",
            "\u{ff41}nna",
            "\u{fb01}lip",
            "i\u{307}da",
            "1\u{660}",
            "anna\u{2019}s",
        ] {
            assert_eq!(normal_identity(like, 64), Err(IdError::NotPlain), "{like}");
        }
        for good in ["anna.berg", "Åsa Öberg-Müller", "SN-2026/17:3", "łukasz_żak", "a@b.se", "Þóra", "ngô"]
        {
            assert_eq!(normal_identity(good, 64).as_deref(), Ok(good));
        }
        assert_eq!(
            normal_name("Försörjningsstöd – \u{3bf}m\u{e5}det 2\u{b2}", 64).as_deref(),
            Ok("Försörjningsstöd – \u{3bf}m\u{e5}det 2\u{b2}")
        );
    }

    #[test]
    fn a_text_is_bounded_before_and_after_it_is_composed() {
        assert_eq!(normal_name(&"a\u{30a}".repeat(64), 64).unwrap().chars().count(), 64);
        assert_eq!(normal_name(&"a\u{30a}".repeat(65), 64), Err(IdError::TooLong(64)));
        assert_eq!(normal_name(&"a".repeat(1_000_000), 64), Err(IdError::TooLong(64)));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2_000, ..Default::default() })]
        #[test]
        fn two_identities_that_read_the_same_are_the_same_or_one_is_refused(
            text in "[a-cåäöé]{1,6}", at in 0..6usize, put in proptest::char::any(),
        ) {
            let at = text.char_indices().nth(at).map_or(text.len(), |(at, _)| at);
            let mut other = text.clone();
            other.insert(at, put);
            let own = normal_identity(&text, 64).unwrap();
            if let Ok(parsed) = normal_identity(&other, 64) {
                prop_assert_eq!(parsed == own, reads_as(&parsed) == reads_as(&own), "{:x}", u32::from(put));
                prop_assert_eq!(normal_identity(&parsed, 64), Ok(parsed));
            }
            let apart: String = text.nfd().collect();
            prop_assert_eq!(normal_identity(&apart, 64), Ok(own));
        }
    }
}
