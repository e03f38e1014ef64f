//! Names and words by which a flag is known, and what says no.

use unicode_normalization::UnicodeNormalization;

use super::Names;

/// Parts of names under which a flag stands: skyddad, skyddadIdentitet, identitetsskydd, skyddad folkbokföring, sekretess,
/// sekretessmarkering, kvarskrivning, fingerade personuppgifter, spärrmarkering, and what others would call it.
const NAMES: [&str; 7] =
    ["skydd", "sekretess", "kvarskriv", "fingera", "protected", "sparrmarkering", "hemlig"];
/// Names that only sound like one: kinds of sickness and pension insurance, and permits.
const OTHER_NAMES: [&str; 12] = [
    "hogriskskydd",
    "grundskydd",
    "efterlevandeskydd",
    "familjeskydd",
    "hogkostnadsskydd",
    "forsakringsskydd",
    "karensskydd",
    "sgiskydd",
    "skyddadsgi",
    // Grounds of a residence permit.
    "skyddsbehov",
    "skyddsgrund",
    "skyddsstatus",
];
/// What a value that is a flag's name holds where it holds "skydd": other words with it are occupations and much else.
const PROTECTING: [&str; 7] =
    ["skydda", "identitetsskydd", "idskydd", "personskydd", "adresskydd", "adressskydd", "skyddsmark"];
/// What says no. Everything else under a flag's name says yes.
const NO: [&str; 20] = [
    "",
    "false",
    "falskt",
    "nej",
    "n",
    "no",
    "ej",
    "inte",
    "ingen",
    "inget",
    "saknas",
    "null",
    "none",
    "nil",
    "oskyddad",
    "ejskyddad",
    "inteskyddad",
    "ingensekretess",
    "ejsekretess",
    "ingetskydd",
];
/// Words that say by themselves, whatever their place is called, that somebody is protected: these, whole.
const STATES: [&str; 24] = [
    "skydd",
    "skyddad",
    "skyddade",
    "skyddat",
    "skyddadidentitet",
    "skyddadeidentiteter",
    "skyddadid",
    "skyddadperson",
    "skyddadepersoner",
    "skyddadadress",
    "skyddadeadresser",
    "skyddadeuppgifter",
    "skyddadepersonuppgifter",
    "skyddatboende",
    "skyddatnamn",
    "skyddadstatus",
    "personskydd",
    "identitetsskydd",
    "sekretess",
    "sekretesskydd",
    "sekretesskyddad",
    "hemlig",
    "hemligstamplad",
    "protected",
];
/// And what begins with one of these.
const STATES_BEGIN: [&str; 10] = [
    "skyddadfolkbok",
    "sekretessmark",
    "sekretessbelag",
    "kvarskriv",
    "fingerad",
    "sparrmark",
    "hemligadress",
    "protectedident",
    "protectedperson",
    "protectedaddress",
];
/// Words in a sentence that tell of a flag, written together; whether the sentence denies it is not read.
const WORDS: [&str; 5] = ["sekretessmark", "sekretessbelag", "identitetsskydd", "kvarskriv", "sparrmark"];
/// And those that are several.
const PHRASES: [&str; 11] = [
    " skyddad identitet",
    " skyddade identitet",
    " skyddad folkbok",
    " skyddade personuppgifter",
    " skyddad person",
    " skyddad adress",
    " skyddade adress",
    " skyddat boende",
    " fingerad identitet",
    " fingerade personuppgifter",
    " hemlig adress",
];
/// The longest text that can be one of [`STATES`], in bytes.
const MAX_STATE_BYTES: usize = 80;

/// What every name of a flag and every word that tells of one holds: where none of it stands, no more is looked for.
const ROOTS: [&str; 7] = ["skydd", "sekretess", "kvarskriv", "finger", "protected", "sparrmark", "hemlig"];

/// Whether a flag stands under this name, given by its [`letters`].
pub(super) fn is_flag(letters: &str) -> bool {
    NAMES.iter().any(|part| letters.contains(part)) && !OTHER_NAMES.iter().any(|part| letters.contains(part))
}

/// Whether a word that stands as a value can be a flag's name.
fn is_flags_word(letters: &str) -> bool {
    !letters.contains("skydd") || PROTECTING.iter().any(|part| letters.contains(part))
}

/// What a text says of flags, and what it can be the name of.
pub(super) fn read(text: &str) -> (Names, bool, bool) {
    let text = text.trim();
    if text.bytes().all(|byte| byte.is_ascii_digit() || b" +-.,:".contains(&byte)) {
        return (Names::Nothing, says_yes(text, text), false);
    }
    let letters = letters(text);
    let says_yes = says_yes(text, &letters);
    if !ROOTS.iter().any(|root| letters.contains(root)) {
        return (Names::Nothing, says_yes, false);
    }
    let is_word = !text.contains(char::is_whitespace);
    let names = if is_state(&letters) {
        Names::Flag
    } else if is_word && is_flag(&letters) && is_flags_word(&letters) {
        Names::Word
    } else {
        Names::Nothing
    };
    (names, says_yes, tells_of_a_flag(text, &letters))
}

/// Whether words tell of a flag.
pub(super) fn tell_of_a_flag(text: &str) -> bool {
    tells_of_a_flag(text, &letters(text))
}

/// Whether what stands under a flag's name says that it is raised.
fn says_yes(text: &str, letters: &str) -> bool {
    !is_zero(text) && !NO.contains(&letters) && !is_only_signs(text)
}

/// Whether a value says by itself, whatever it stands under, that somebody is protected.
fn is_state(letters: &str) -> bool {
    if letters.len() > MAX_STATE_BYTES {
        return false;
    }
    let is_one =
        |state: &str| STATES.contains(&state) || STATES_BEGIN.iter().any(|begin| state.starts_with(begin));
    is_one(letters)
        || ["ar", "har", "is", "has"].iter().filter_map(|verb| letters.strip_prefix(verb)).any(is_one)
}

fn tells_of_a_flag(text: &str, letters: &str) -> bool {
    if WORDS.iter().any(|known| letters.contains(known)) {
        return true;
    }
    // Most texts hold none of the words that every phrase begins with.
    if !["skydda", "finger", "hemlig"].iter().any(|part| letters.contains(part)) {
        return false;
    }
    let apart = plain(text, |c| Some(if c.is_alphanumeric() { c } else { ' ' }));
    let apart: String = apart.split_whitespace().flat_map(|word| [" ", word]).collect();
    PHRASES.iter().any(|known| apart.contains(known))
}

/// Letters and digits alone, in lower case and without marks, in whatever form of Unicode they came.
pub(super) fn letters(text: &str) -> String {
    plain(text, |c| c.is_alphanumeric().then_some(c))
}

fn plain(text: &str, take: impl Fn(char) -> Option<char>) -> String {
    if text.is_ascii() {
        return text.chars().filter_map(|c| take(c.to_ascii_lowercase())).collect();
    }
    let is_mark = |c: &char| !('\u{300}'..='\u{36f}').contains(c);
    text.nfkd().filter(is_mark).flat_map(char::to_lowercase).filter_map(take).collect()
}

/// A number that is nought, however it is written.
fn is_zero(text: &str) -> bool {
    let is_number = text.bytes().all(|byte| b"0123456789+-.,eE".contains(&byte))
        && text.bytes().any(|byte| byte.is_ascii_digit());
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    is_number && !mantissa.bytes().any(|byte| matches!(byte, b'1'..=b'9'))
}

/// Nothing but signs, such as a dash where nothing is to be said; a cross or a tick is a sign that somebody has set.
fn is_only_signs(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || matches!(c, '-' | '–' | '—' | '.' | '_'))
}
