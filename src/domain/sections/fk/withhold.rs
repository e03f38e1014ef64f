//! What belongs to other persons. What must not leave when somebody is protected is stated in `verdicts`.

use std::mem;

use super::{Section, person::Person, person::PersonInRole};
use crate::{Personnummer, sections::skv::names_others};

/// Names of fields that were withheld, each once, in the order found.
struct Withheld(Vec<&'static str>);

impl Withheld {
    fn add(&mut self, name: &'static str) {
        if !self.0.contains(&name) {
            self.0.push(name);
        }
    }

    fn field<T>(&mut self, field: &mut Option<T>, name: &'static str) {
        if field.take().is_some() {
            self.add(name);
        }
    }

    /// Empties what identifies; leaves whether the person is protected, so that readers know someone is there.
    fn person(&mut self, person: &mut Person, own: &[String], name: &'static str) {
        if person.number.as_ref().is_some_and(|number| own.contains(number)) {
            return;
        }
        let identified = person.number.take().is_some()
            | person.born.take().is_some()
            | person.name.take().is_some()
            | !mem::take(&mut person.died).is_empty();
        if identified {
            self.add(name);
        }
    }

    fn in_roles(&mut self, persons: &mut [PersonInRole], own: &[String]) {
        for person in persons {
            let name = person.role.field_name();
            self.person(&mut person.person, own, name);
        }
    }
}

/// Removes numbers, names and birth dates of children, relatives, co-applicants, parents, payees, the deceased and
/// contact persons.
pub(super) fn third_parties(section: &mut Section, open: &[Personnummer]) -> Vec<&'static str> {
    let own: Vec<String> = section
        .person
        .iter()
        .chain(open)
        .flat_map(|person| [person.expose().to_owned(), person.ten_digits().to_owned()])
        .collect();
    let known: Vec<Personnummer> = section.person.iter().chain(open).cloned().collect();
    let mut withheld = Withheld(vec![]);
    for general in &mut section.general {
        for person in &mut general.children {
            withheld.person(person, &own, "barn");
        }
        for person in &mut general.relatives {
            withheld.person(person, &own, "samhorig");
        }
        for workplace in &mut general.workplaces {
            withheld.field(&mut workplace.contact, "kontakt");
            if let Some(employer) = &mut workplace.employer {
                withheld.field(&mut employer.contact_name, "arbetsgivare.namn");
                // A sole trader's is a person's.
                let another =
                    employer.organisation_number.as_deref().is_some_and(|it| names_others(it, &known));
                if another {
                    withheld.field(&mut employer.organisation_number, "arbetsgivare.organisationsnummer");
                }
            }
        }
    }
    for matter in &mut section.matters {
        withheld.in_roles(&mut matter.persons, &own);
        for decision in &mut matter.decisions {
            withheld.in_roles(&mut decision.persons, &own);
        }
    }
    for decision in section.pension_years.iter_mut().flat_map(|year| &mut year.child_decisions) {
        if let Some(parent) = &mut decision.parent {
            withheld.person(parent, &own, "foralder");
        }
        // A remark is free text, about the parent or whomever.
        withheld.field(&mut decision.remark, "upplysning");
    }
    for decision in &mut section.pm.decisions {
        withheld.in_roles(&mut decision.persons, &own);
    }
    withheld.0
}
