//! Flags in a message of `ssbtek.agency.v1`, whole or not: by the names that the contract's descriptors give its fields.

use prost_types::field_descriptor_proto::Type;
use ssbtek_formats::flags::Walk;

use super::{
    contract::{ANSWER, CONTRACT},
    raw::{take, varint},
};

/// Messages within messages; the contract has fewer.
const MAX_DEPTH: usize = 16;
/// How many flags say yes in the bytes of a message, and in the documents in its texts. What stands after a fault is not read.
pub(super) fn in_message(mut bytes: &[u8]) -> usize {
    let mut walk = Walk::new();
    walk.open(String::new(), false);
    message(&mut bytes, ANSWER, &mut walk, 0);
    walk.end()
}

/// Reads as far as it goes.
fn message(bytes: &mut &[u8], of: &str, walk: &mut Walk, depth: usize) -> Option<()> {
    let known = CONTRACT.messages.get(of);
    while !bytes.is_empty() {
        let tag = varint(bytes)?;
        let field = u32::try_from(tag >> 3).ok().and_then(|number| known?.fields.get(&number));
        let name = field.map_or("", |field| field.name.as_str());
        match tag & 7 {
            0 => {
                let value = varint(bytes)?;
                let says_yes = field.and_then(|field| CONTRACT.enums.get(&field.of)?.get(&value).copied());
                walk.yes_or_no(name, says_yes.unwrap_or(value != 0));
            }
            1 => drop(take(bytes, 8)?),
            2 => {
                let length = usize::try_from(varint(bytes)?).unwrap_or(usize::MAX);
                let whole = take(bytes, length.min(bytes.len()))?;
                let is_message = field.is_some_and(|field| field.kind == Type::Message);
                if let Some(field) = field.filter(|_| is_message && depth < MAX_DEPTH) {
                    walk.open(field.name.clone(), false);
                    let mut nested = whole;
                    message(&mut nested, &field.of, walk, depth + 1);
                    walk.close();
                } else {
                    walk.text(name, whole, whole.len() == length);
                }
            }
            5 => drop(take(bytes, 4)?),
            _ => return None,
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use prost::{
        Message,
        encoding::{WireType, encode_key, encode_varint},
    };

    use super::*;

    fn field(number: u32, content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![];
        encode_key(number, WireType::LengthDelimited, &mut bytes);
        encode_varint(content.len() as u64, &mut bytes);
        bytes.extend_from_slice(content);
        bytes
    }

    /// Every field of a kind in the answer, with the fields that lead to it.
    fn paths(of: &str, kind: Type, within: &[u32], into: &mut Vec<(Vec<u32>, String)>) {
        for (number, field) in &CONTRACT.messages[of].fields {
            let path = [within, &[*number]].concat();
            if field.kind == Type::Message && path.len() < 8 {
                paths(&field.of, kind, &path, into);
            } else if field.kind == kind {
                into.push((path, field.name.clone()));
            }
        }
    }

    fn all(kind: Type) -> Vec<(Vec<u32>, String)> {
        let mut found = vec![];
        paths(ANSWER, kind, &[], &mut found);
        found
    }

    fn nested(path: &[u32], last: Vec<u8>) -> Vec<u8> {
        path.iter().rev().skip(1).fold(last, |content, number| field(*number, &content))
    }

    #[test]
    fn words_and_documents_tell_of_a_flag_in_every_text_of_every_sources_answer_whole_or_cut_off() {
        let texts = all(Type::String);
        assert!(texts.len() > 200, "{}", texts.len());
        for (path, name) in texts {
            for (text, flags) in [
                ("Personen har sekretessmarkering", 1),
                ("skyddad", 1),
                (r#"{"skyddad":"Ja"}"#, 1),
                ("eyJza3lkZGFkIjoiSmEifQ", 1),
                ("Stockholm", usize::from(name == "unknown_sekretess")),
                ("Nej", 0),
            ] {
                let bytes = nested(&path, field(path[path.len() - 1], text.as_bytes()));
                assert_eq!(in_message(&bytes).min(1), flags, "{path:?} {name}: {text}");
                let cut = &[bytes.as_slice(), &[0xff]].concat();
                assert_eq!(in_message(cut).min(1), flags, "{path:?} {name}: {text}, cut off");
            }
        }
    }

    #[test]
    fn the_contracts_own_flags_are_found_by_their_names_and_no_other_yes_is_one() {
        let mut flags = vec![];
        for (path, name) in all(Type::Bool) {
            let mut yes = vec![];
            encode_key(path[path.len() - 1], WireType::Varint, &mut yes);
            yes.push(1);
            if in_message(&nested(&path, yes)) > 0 {
                flags.push(name);
            }
        }
        flags.sort_unstable();
        flags.dedup();
        assert_eq!(flags, ["protected_identity", "sekretessmarkering"]);
    }

    #[test]
    fn nothing_in_generated_ordinary_answers_is_taken_for_a_flag_but_what_the_facts_hold() {
        use ssbtek_domain::{Agency, Outcome, Period, Source};
        let day = |text: &str| text.parse().unwrap();
        let period = Period::new(day("2026-05-01"), day("2026-11-22")).unwrap();
        let mut flags = 0;
        for seed in 0..6 {
            let population = mock_agencies::Population::generate(seed, 12, day("2026-11-22"));
            for (person, agency) in
                population.persons().iter().flat_map(|one| Agency::ALL.map(|of| (one, of)))
            {
                let source = Source::Agency(agency);
                let section = mock_agencies::facts::section(&source, person, &period, day("2026-11-22"));
                let message = ssbtek_proto::agency::v1::GetPersonFactsResponse {
                    outcome: ssbtek_wire::outcome_to_proto(Outcome::Answered).into(),
                    section: Some(ssbtek_wire::section(&section)),
                    ..Default::default()
                };
                let found = in_message(&message.encode_to_vec());
                assert_eq!(found, section.facts().flags(), "{agency}, seed {seed}");
                flags += found;
            }
        }
        assert!(flags > 10, "{flags}");
    }
}
