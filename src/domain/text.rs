//! What people type as an identity, or as the name of one: one form for what looks the same, and nothing in it that nobody sees.

use unicode_normalization::{UnicodeNormalization, is_nfc};
use unicode_security::skeleton;

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

/// How a text reads: of two that read the same, both say the same here. Letters beyond ASCII are told by what they look like
/// (skeleton, UTS 39); those of ASCII stay apart, as `l`, `I` and `1` are told apart in case ids. For finding accounts that
/// nobody could keep apart.
pub(crate) fn reads_as(text: &str) -> String {
    let seen = text.nfkc().filter(|c| !c.is_control() && !is_unseen(*c));
    let mut like = String::new();
    for c in seen {
        match c.is_ascii() {
            true => like.push(c),
            false => like.extend(skeleton(c.encode_utf8(&mut [0; 4]))),
        }
    }
    like.split_whitespace().collect::<Vec<_>>().join(" ").nfc().collect()
}

/// Whether a text is in its normal form as an identity.
pub(crate) fn is_normal_identity(text: &str, max_chars: usize) -> bool {
    is_nfc(text) && normal_identity(text, max_chars).is_ok_and(|normal| normal == text)
}

/// ASCII's signs, digits and letters and the space, and the Latin letters in which names of today are written: those of Latin-1 and
/// Latin Extended-A, Romania's, Wales's and Vietnam's. Left out are ligatures, letters that are two, and letters that look like
/// another of these: `ı`, `ĸ`, and the breves over e, i and o, which no alphabet has beside Vietnam's and which look like carons.
fn is_plain(c: char) -> bool {
    match c {
        ' '..='~' => true,
        '\u{d7}' | '\u{f7}' => false,
        '\u{114}'
        | '\u{115}'
        | '\u{12c}'
        | '\u{12d}'
        | '\u{131}'..='\u{133}'
        | '\u{138}'
        | '\u{13f}'
        | '\u{140}'
        | '\u{149}'
        | '\u{14e}'
        | '\u{14f}'
        | '\u{17f}' => false,
        '\u{c0}'..='\u{17f}' => true,
        '\u{1a0}' | '\u{1a1}' | '\u{1af}' | '\u{1b0}' | '\u{218}'..='\u{21b}' => true,
        '\u{1e80}'..='\u{1e85}' | '\u{1e9e}' | '\u{1ea0}'..='\u{1ef9}' => true,
        _ => false,
    }
}

/// Whether every character leaves a mark: no white space, nothing invisible, no control.
pub fn is_all_seen(text: &str) -> bool {
    !text.chars().any(|c| c == ' ' || c.is_control() || is_unseen(c))
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
    use std::collections::HashMap;

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
            "k\u{131}ra",
            "\u{237}an",
            "\u{192}ia",
            "\u{1bf}ia",
            "\u{1ce}n",
            "\u{115}va",
            "\u{138}ari",
        ] {
            assert_eq!(normal_identity(like, 64), Err(IdError::NotPlain), "{like}");
        }
        for good in [
            "anna.berg",
            "Åsa Öberg-Müller",
            "SN-2026/17:3",
            "łukasz_żak",
            "a@b.se",
            "Þóra",
            "ngô",
            "Nguyễn",
            "Ŋiŋŋá",
            "Ștefan",
            "Ěva",
            "Siôn Ŵyn",
        ] {
            assert_eq!(normal_identity(good, 64).as_deref(), Ok(good));
        }
        assert_eq!(
            normal_name("Försörjningsstöd – \u{3bf}m\u{e5}det 2\u{b2}", 64).as_deref(),
            Ok("Försörjningsstöd – \u{3bf}m\u{e5}det 2\u{b2}")
        );
    }

    #[test]
    fn letters_that_look_alike_are_refused_or_read_the_same_and_only_those_of_ascii_stay_apart() {
        let plain: Vec<char> = ('\u{20}'..='\u{2fff}').filter(|c| is_plain(*c)).collect();
        let mut alike = HashMap::<String, Vec<char>>::new();
        for c in &plain {
            let looks: String = skeleton(&c.to_string()).collect();
            alike.entry(looks).or_default().push(*c);
        }
        for letters in alike.values() {
            for (one, other) in letters.iter().flat_map(|one| letters.iter().map(move |other| (one, other))) {
                let same = reads_as(&one.to_string()) == reads_as(&other.to_string());
                assert!(same || one.is_ascii() && other.is_ascii(), "{one} {other}");
            }
        }
        // What looks like letters of ASCII is refused, but for four that names are written with.
        let like_ascii =
            plain.iter().filter(|c| !c.is_ascii() && skeleton(&c.to_string()).all(|c| c.is_ascii()));
        assert_eq!(like_ascii.collect::<String>(), "ÆæþŒœ");
        for (one, other) in
            [("kıra", "kira"), ("Đan", "Ðan"), ("ionuş", "ionuș"), ("kjær", "kjaer"), ("ǎ", "ă")]
        {
            assert_eq!(reads_as(one), reads_as(other), "{one} {other}");
        }
        assert_ne!(reads_as("EB-l"), reads_as("EB-1"), "case systems count with these");
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
                // Of two that read the same and are not the same, the second is not registered.
                prop_assert!(parsed != own || reads_as(&parsed) == reads_as(&own), "{:x}", u32::from(put));
                prop_assert_eq!(normal_identity(&parsed, 64), Ok(parsed));
            }
            let apart: String = text.nfd().collect();
            prop_assert_eq!(normal_identity(&apart, 64), Ok(own));
        }
    }
}
