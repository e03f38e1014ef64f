//! Whether a document of unknown form is a failure, or has one beside its facts. Its names are not public, so both are judged by
//! what such fields are called (`failure.rs`).

use ssbtek_domain::{Fault, Personnummer};

use super::tree::Node;
use crate::{failure, soap_answer, who};

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// No failure stands in it.
    Nothing,
    /// A failure stands beside something else.
    Beside,
    /// It says nothing but that something failed, or words in place of facts.
    Alone,
}

/// What stands in a document besides whom it is about.
#[derive(Default)]
struct Told {
    failure: bool,
    words: bool,
    facts: bool,
}

/// Judges a document about `person`.
pub(super) fn judge(root: &Node, person: &Personnummer) -> Found {
    let mut told = Told::default();
    look(root, person, 0, &mut told);
    match told {
        Told { facts: false, failure, words } if failure || words => Found::Alone,
        Told { failure: true, .. } => Found::Beside,
        Told { .. } => Found::Nothing,
    }
}

/// The failure in its own code and words, as far as they can be told from the rest.
pub(super) fn fault(root: &Node, part: Option<&str>) -> Fault {
    let mut fault = Fault { part: part.map(str::to_owned), code: String::new(), texts: vec![] };
    collect(root, false, &mut fault);
    fault
}

/// A status is one of the whole only near the root: deeper it is some fact's own.
const NEAR: usize = 2;

fn look(node: &Node, person: &Personnummer, depth: usize, told: &mut Told) {
    if failure::is_name(&node.name) {
        told.failure |= says_anything(node);
        return;
    }
    let text = node.text.trim();
    if !text.is_empty() && !who::is_asked(person, text) {
        if failure::is_words(&node.name) {
            told.words = true;
            told.failure |= failure::tells(text);
        } else if failure::is_status(&node.name) && depth <= NEAR {
            told.failure |= failure::tells(text);
        } else {
            told.facts |= !failure::is_envelope(&node.name);
        }
    }
    node.children.iter().for_each(|child| look(child, person, depth + 1, told));
}

fn says_anything(node: &Node) -> bool {
    failure::says_so(&node.text) || node.children.iter().any(says_anything)
}

fn collect(node: &Node, inside: bool, fault: &mut Fault) {
    let inside = inside || failure::is_name(&node.name);
    let text = node.text.trim();
    let code = inside || failure::is_status(&node.name) || failure::is_envelope(&node.name);
    if !text.is_empty() && !who::names_anybody(text) {
        if (failure::is_words(&node.name) || inside)
            && (text.contains(' ') || soap_answer::code(text).is_none())
        {
            fault.texts.push(text.to_owned());
        } else if code
            && fault.code.is_empty()
            && failure::says_so(text)
            && text.bytes().any(|b| b.is_ascii_digit())
        {
            fault.code = soap_answer::code(text).unwrap_or_default();
        }
    }
    node.children.iter().for_each(|child| collect(child, inside, fault));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::skv::tree;

    #[test]
    fn a_failure_is_known_alone_and_beside_facts_though_it_names_the_person() {
        let person = Personnummer::parse_undated("199001019802").unwrap();
        for (json, found) in [
            (r#"{"identitet":"199001019802","felkod":"SKV17","felmeddelande":"Tekniskt fel"}"#, Found::Alone),
            (r#"{"identitet":"199001019802","error":{"code":500,"message":"boom"}}"#, Found::Alone),
            (
                r#"{"timestamp":"2026-11-20T10:00:00","status":503,"path":"/x","identitet":"199001019802"}"#,
                Found::Alone,
            ),
            (r#"{"identitet":"199001019802","meddelande":"Inga uppgifter finns"}"#, Found::Alone),
            (r#"{"identitet":"199001019802","resultat":"FEL"}"#, Found::Alone),
            (
                r#"{"identitet":"199001019802","fel":[{"kod":"1"}],"uppgifter":[{"period":"202610"}]}"#,
                Found::Beside,
            ),
            (
                r#"{"kontohavare":"199001019802","saldo":0,"meddelande":"Saldot kunde inte hämtas"}"#,
                Found::Beside,
            ),
            (
                r#"{"kontohavare":"199001019802","saldo":1250,"fel":[],"felkod":"0","status":"OK"}"#,
                Found::Nothing,
            ),
            (r#"{"identitet":"199001019802","uppgifter":[]}"#, Found::Nothing),
            (
                r#"{"identitet":"199001019802","uppgifter":[{"falt":[{"x":{"status":"480"}}],"belopp":1}]}"#,
                Found::Nothing,
            ),
            (r#"{"identitet":"199001019802","upplysning":"Se bilaga","saldo":3}"#, Found::Nothing),
        ] {
            assert!(judge(&tree::of_json("skattekonto", json).unwrap(), &person) == found, "{json}");
        }
        let root = tree::of_json("x", r#"{"fel":{"kod":"SKV17","text":"Tekniskt fel"}}"#).unwrap();
        let told = fault(&root, Some("skattekonto"));
        assert_eq!((told.code.as_str(), told.texts), ("SKV17", vec!["Tekniskt fel".to_owned()]));
    }
}
