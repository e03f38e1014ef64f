//! Documents that came beside typed facts, over `ssbtek.agency.v1`: held to what is asked of them in Skatteverket's own contracts.

use ssbtek_domain::{
    Personnummer,
    sections::skv::{Document, Part, Section},
};
use ssbtek_xml::Limits;

use super::{
    facts,
    failing::{self, Found},
    reduce, source,
    tree::{self, Node},
};
use crate::{Refused, belongs, notes::Notes, unreadable, who::Named};

/// Leaves out documents that are about others, that cannot be read, and that say nothing but that something failed. Refuses the
/// answer where the one document of v10 is about somebody else, or about two persons, and where nothing in it names the person.
pub fn documents(section: &mut Section, person: &Personnummer, notes: &Notes) -> Result<(), Refused> {
    let mut names_asked = section.person.is_some();
    let holds_something = facts::count(section) > 0 || !section.documents.is_empty();
    for document in std::mem::take(&mut section.documents) {
        names_asked |= document.text.as_deref().is_some_and(|text| {
            read(document.part, text).is_ok_and(|root| root.names(person) == Named::Asked)
        });
        let place = document.part.map_or("dokument", Part::name);
        match judge(&document, person) {
            Ok((found, names_others)) => {
                if names_others {
                    notes.leave_to_another(place);
                }
                if found != Found::Nothing {
                    notes.fail_at(place);
                }
                if found != Found::Alone {
                    section.documents.push(document);
                }
            }
            Err(refused) if document.part.is_none() => return Err(refused),
            Err(refused) => {
                belongs::alarm_part(&source(), place, refused);
                match document.text.is_some_and(|text| notes.is_anothers(&text)) {
                    true => notes.leave_to_another(place),
                    false => notes.fail_at(place),
                }
            }
        }
    }
    // Who is asked about says nothing of whose the facts are.
    if holds_something && !names_asked {
        return Err(Refused::NOBODY_NAMED);
    }
    reduce::documents(section, person);
    Ok(())
}

/// What the document is, and whether anything in it is somebody else's.
fn judge(document: &Document, person: &Personnummer) -> Result<(Found, bool), Refused> {
    let Some(text) = &document.text else { return Ok((Found::Nothing, false)) };
    let mut root = read(document.part, text)?;
    match root.names(person) {
        Named::Others => return Err(Refused::ANOTHER_PERSON),
        Named::Asked if root.names_two(person) => return Err(Refused::SEVERAL_PERSONS),
        Named::Asked | Named::Nobody => {}
    }
    let found = failing::judge(&root, person);
    Ok((found, root.leave_to_others(person)))
}

fn read(part: Option<Part>, text: &str) -> Result<Node, Refused> {
    let text = text.trim().trim_start_matches('\u{feff}');
    match part {
        Some(part) => tree::of_json(part.name(), text),
        None => match ssbtek_xml::parse_str(text, &Limits::of_answers()) {
            Ok(root) => Ok(tree::of_xml(&root)),
            Err(error) => Err(unreadable::refused(error)),
        },
    }
}
