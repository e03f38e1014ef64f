//! Names and words by which a flag is known, and what says no.

/// Parts of names under which a flag stands, in lower case and without signs: skyddad, skyddadIdentitet, identitetsskydd, skyddad
/// folkbokföring, sekretess, sekretessmarkering, kvarskrivning, fingerade personuppgifter, and what others would call it.
const NAMES: [&str; 7] =
    ["skydd", "sekretess", "kvarskriv", "fingera", "protected", "sparrmarkering", "hemlig"];
/// Names that only sound like one: kinds of sickness and pension insurance.
const OTHER_NAMES: [&str; 5] =
    ["högriskskydd", "hogriskskydd", "grundskydd", "efterlevandeskydd", "familjeskydd"];
/// What says no, in lower case. Everything else under a flag's name says yes.
const NO: [&str; 8] = ["", "false", "0", "nej", "n", "no", "null", "none"];
/// Words of a sentence that tell of a flag, in lower case. Whether the sentence denies it is not read.
const WORDS: [&str; 13] = [
    "sekretessmark",
    "skyddad identitet",
    "skyddad folkbok",
    "skyddade personuppgifter",
    "skyddad person",
    "skyddad adress",
    "skyddade adress",
    "identitetsskydd",
    "kvarskriv",
    "fingerade personuppgifter",
    "spärrmark",
    "sparrmark",
    "hemlig adress",
];

pub(super) fn is_flag(name: &str) -> bool {
    let name: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let other = OTHER_NAMES.iter().any(|part| name.contains(part));
    !other && NAMES.iter().any(|part| name.contains(part))
}

pub(super) fn says_yes(text: &str) -> bool {
    !NO.contains(&text.trim().to_lowercase().as_str())
}

/// Whether a value is the name of a flag: one word, or some that tell of one.
pub(super) fn names_a_flag(text: &str) -> bool {
    let word = !text.trim().contains(char::is_whitespace);
    (word && is_flag(text)) || tells_of_a_flag(text)
}

/// Whether words tell of a flag.
pub(super) fn tells_of_a_flag(text: &str) -> bool {
    let words: Vec<String> =
        text.split([' ', '\t', '\n', '\r', '_', '\u{a0}']).map(str::to_lowercase).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
    let words = words.join(" ");
    WORDS.iter().any(|known| words.contains(known))
}
