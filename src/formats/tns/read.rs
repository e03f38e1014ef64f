//! `HamtaUppgifterResponse`. A failure hides in `resultat` = FEL, or in a `felresultat` under OK.

use ssbtek_domain::{
    Agency, Fault, Note, Outcome, Question, Source, SourceAnswer,
    sections::{
        Section as AnySection,
        tns::{Section, Vehicle},
    },
};
use ssbtek_xml::Element;

use super::{ANY_RESPONDER, ANY_VEHICLE, RESPONDER};
use crate::{
    HttpAnswer, Refused,
    fields::Fields,
    notes::Notes,
    soap_answer::{self, AnswerElement},
};

const SOURCE: Source = Source::Agency(Agency::Tns);
/// The element that the answer is.
pub const ANSWER: AnswerElement = AnswerElement {
    namespace: RESPONDER,
    space: ANY_RESPONDER,
    name: "HamtaUppgifterResponse",
    failures: &["felresultat"],
};

pub(super) fn read(
    question: &Question,
    answer: &HttpAnswer,
    no_such_person: &[i32],
) -> Result<SourceAnswer, Refused> {
    soap_answer::read(
        &SOURCE,
        question,
        answer,
        &ANSWER,
        |payload, notes| judge(payload, no_such_person, notes),
        |fault| soap_answer::plain_fault(&SOURCE, fault),
    )
}

fn judge(payload: &Element, no_such_person: &[i32], notes: &Notes) -> Result<SourceAnswer, Refused> {
    let known = ["resultat", "fordonsinnehav", "felresultat"];
    let told = Fields::of(payload, ANY_RESPONDER, &known, ANSWER.name, notes);
    // TNS does not say whom its answer is about; where it does, that must be the person.
    if told.names_only_others(&["fordonsinnehav", "felresultat"]) {
        return Err(Refused::ANOTHER_PERSON);
    }
    // Anything but a plain OK is none: a failure must not read as "no vehicles".
    let results: Vec<&str> = told.values("resultat").into_iter().map(Element::trimmed).collect();
    let succeeded = !results.is_empty() && results.iter().all(|result| *result == "OK");
    told.required("resultat");
    notes
        .add_if(results.iter().any(|result| !matches!(*result, "OK" | "FEL")), Note::UnknownCode("resultat"));
    let lists = told.lists("fordonsinnehav");
    let vehicles = (!lists.is_empty()).then(|| {
        let lists =
            lists.iter().map(|list| Fields::of(list, ANY_VEHICLE, &["fordon"], "fordonsinnehav", notes));
        lists
            .flat_map(|list| list.records("fordon", &[]))
            .map(|told| vehicle(told, notes))
            .collect::<Vec<_>>()
    });
    // Words in place of the list are no list.
    let vehicles = vehicles
        .filter(|vehicles| !vehicles.is_empty() || lists.iter().all(|list| list.trimmed().is_empty()));
    let faults: Vec<(Option<i32>, Fault)> =
        told.all("felresultat").map(|element| fault(element, notes)).collect();
    let unknown_person = !faults.is_empty()
        && faults.iter().all(|(code, _)| code.is_some_and(|code| no_such_person.contains(&code)));
    let outcome = match &vehicles {
        Some(_) if succeeded && faults.is_empty() => Outcome::Answered,
        // OK and FEL at once: what is there is kept, and that it may not be all is said.
        Some(vehicles) if !vehicles.is_empty() => Outcome::AnsweredInPart,
        _ if unknown_person => Outcome::NoSuchPerson,
        // An empty list says that there are none; no list at all says nothing.
        _ => Outcome::FailedAtSource,
    };
    let facts = matches!(outcome, Outcome::Answered | Outcome::AnsweredInPart);
    let code = faults.first().and_then(|(code, _)| *code);
    Ok(SourceAnswer {
        section: facts.then_some(AnySection::Tns(Section { person: None, vehicles })),
        fault_code: code.filter(|_| outcome != Outcome::NoSuchPerson).map(|code| code.to_string()),
        faults: faults.into_iter().map(|(_, fault)| fault).collect(),
        ..SourceAnswer::without_facts(SOURCE, outcome)
    })
}

/// The code, where it is one, and TNS's own words.
fn fault(element: &Element, notes: &Notes) -> (Option<i32>, Fault) {
    let told = Fields::of(element, ANY_RESPONDER, &["felkod", "feltext"], "felresultat", notes);
    told.required("felkod");
    let text = told.text("feltext").unwrap_or_default();
    (told.int("felkod"), soap_answer::told(&told.text("felkod").unwrap_or_default(), &text))
}

fn vehicle(element: &Element, notes: &Notes) -> Vehicle {
    let known = ["regnr", "fabrikat", "fordonsar", "fordonsslag", "handelsbeteckning"];
    let told = Fields::of(element, ANY_VEHICLE, &known, "fordon", notes);
    let text = |name| told.required_value(name).unwrap_or_default().to_owned();
    Vehicle {
        registration_number: text("regnr"),
        make: text("fabrikat"),
        year: text("fordonsar"),
        kind: text("fordonsslag"),
        trade_name: text("handelsbeteckning"),
    }
}
