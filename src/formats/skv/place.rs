//! Where a document has the number of whom it, or a record of it, is about. What stands there and is no number of the person's is
//! somebody else: a number for tax alone, one whose check digit is wrong, or words.

use ssbtek_domain::Personnummer;

use super::tree::Node;
use crate::who;

/// Names of fields that hold the number, in lower case.
const NUMBERS: [&str; 6] =
    ["kontohavare", "identitet", "personidentitet", "personnummer", "skattskyldig", "foretagid"];
/// Names of records that hold nothing but whom it is about, in lower case.
const HOLDERS: [&str; 3] = ["kontohavare", "skattskyldig", "person"];

/// Whom a document or record names where its own number stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Own {
    /// The person asked about.
    Asked,
    /// The person, and in a field of the same name somebody else.
    Two,
    /// Somebody else, though by no number.
    Another,
    /// Nothing stands there.
    Nobody,
}

/// Reads a record's own place.
pub(super) fn own(record: &Node, asked: &Personnummer) -> Own {
    let told = places(record);
    let hers: Vec<&(String, &str)> = told.iter().filter(|(_, text)| is_hers(asked, text)).collect();
    let another =
        |(name, text): &(String, &str)| !is_hers(asked, text) && hers.iter().any(|(same, _)| same == name);
    match (told.is_empty(), hers.is_empty()) {
        (true, _) => Own::Nobody,
        (_, true) => Own::Another,
        _ if told.iter().any(another) => Own::Two,
        _ => Own::Asked,
    }
}

fn places(record: &Node) -> Vec<(String, &str)> {
    let mut told = vec![];
    for child in &record.children {
        let name = child.name.to_lowercase();
        if is_number(&name, child) {
            told.push((name.clone(), child.text.trim()));
        }
        if HOLDERS.contains(&name.as_str()) {
            for inside in &child.children {
                let within = inside.name.to_lowercase();
                if is_number(&within, inside) || within == "id" && !inside.text.trim().is_empty() {
                    told.push((format!("{name}/{within}"), inside.text.trim()));
                }
            }
        }
    }
    told
}

fn is_number(name: &str, node: &Node) -> bool {
    let text = node.text.trim();
    let company = name == "foretagid" && is_company(text);
    NUMBERS.contains(&name) && node.children.is_empty() && !text.is_empty() && !company
}

/// The number of a company that is no person: its third digit is at least 2, as no month's is.
fn is_company(text: &str) -> bool {
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    let ten = if digits.len() == 12 { digits.strip_prefix("16") } else { Some(digits.as_str()) };
    plain && ten.is_some_and(|ten| ten.len() == 10 && ten.as_bytes()[2] >= b'2')
}

/// However it is written, perhaps within words.
fn is_hers(asked: &Personnummer, text: &str) -> bool {
    who::is_asked(asked, text) || who::names_anybody(text) && !who::names_another(asked, text)
}
