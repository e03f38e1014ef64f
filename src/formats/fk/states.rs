//! Truthful absence: what each provider's state and the deviations say, together.

use ssbtek_domain::{Note, Outcome, PartOutcome};

use super::{
    PROVIDERS,
    fields::Fields,
    json::Json,
    looked,
    types::{InformationClass, InformationTypes},
};
use crate::{failure, notes::Notes};

/// What became of the whole and of its parts.
pub(super) struct States {
    pub(super) outcome: Outcome,
    pub(super) parts: Vec<PartOutcome>,
    pub(super) fault_code: Option<String>,
}

/// One information type that could not be delivered.
struct Deviation {
    class: InformationClass,
    /// `formansgrupp.kod` or `ovrigInformationstyp.kod`, when it has the shape of a code.
    code: Option<String>,
    outcome: Outcome,
    reason: Option<String>,
}

impl States {
    /// Something of a provider's could not be told: what it answered is a part.
    pub(super) fn lose(&mut self, provider: &str) {
        for part in self.parts.iter_mut().filter(|part| part.part == provider) {
            if part.outcome == Outcome::Answered {
                part.outcome = Outcome::AnsweredInPart;
                self.outcome = Outcome::AnsweredInPart;
            }
        }
    }
}

/// Reads `utlamnare` and `avvikelser` against what was asked for. `held`: whether facts of each provider's came.
pub(super) fn read(answer: Fields<'_>, asked: &InformationTypes, held: [bool; 2]) -> States {
    let deviations = deviations(answer);
    let mut parts = vec![];
    let mut fault_code = None;
    for ((name, _), held) in PROVIDERS.into_iter().zip(held) {
        let prefix = format!("{name}:");
        let wanted = asked.of_provider(&prefix);
        if wanted.is_empty() {
            parts.push(PartOutcome { part: name.to_owned(), outcome: Outcome::NotAsked, code: None });
            continue;
        }
        let (outcome, code) = match provider_state(answer, name) {
            // A provider that is not listed did not say that it delivered anything, or everything.
            None => {
                answer.notes.missing("utlamnare");
                (if held { Outcome::AnsweredInPart } else { Outcome::FailedAtSource }, None)
            }
            Some(State::Ok) => (delivered(&prefix, &wanted, &deviations), None),
            Some(State::OkBut) => match delivered(&prefix, &wanted, &deviations) {
                Outcome::Answered => (Outcome::AnsweredInPart, None),
                outcome => (outcome, None),
            },
            Some(State::Failed(code)) => (Outcome::FailedAtSource, code),
        };
        fault_code = fault_code.or(code.clone());
        parts.push(PartOutcome { part: name.to_owned(), outcome, code });
    }
    let asked_parts = parts.iter().map(|part| part.outcome).filter(|outcome| *outcome != Outcome::NotAsked);
    let outcome = Outcome::of_parts(asked_parts).unwrap_or(Outcome::FailedAtSource);
    parts.extend(deviations.into_iter().map(|deviation| PartOutcome {
        part: format!("{}/{}", deviation.class.field_name(), deviation.code.as_deref().unwrap_or("?")),
        outcome: deviation.outcome,
        code: deviation.reason,
    }));
    States { outcome, parts, fault_code }
}

enum State {
    Ok,
    /// In order, and something is said of that: of what is not there nobody knows why.
    OkBut,
    Failed(Option<String>),
}

/// The state of one provider; the worst, should it be listed twice.
fn provider_state(answer: Fields<'_>, name: &str) -> Option<State> {
    let notes = answer.notes;
    let mut worst = None;
    for listed in answer.each("utlamnare", |fields| fields) {
        let provider = listed.code("utlamnare").and_then(|code| code.id);
        if !PROVIDERS.iter().any(|(known, _)| provider.as_deref() == Some(known)) {
            note(notes, "utlamnare");
        }
        if provider.as_deref() != Some(name) {
            continue;
        }
        let state = listed.code("tillstand").unwrap_or_default();
        let said = state.description.is_some_and(|text| failure::is_said("beskrivning", &text));
        match state.id {
            Some(state) if state == "OK" && said => {
                notes.lose("tillstand");
                worst = worst.filter(|worst| matches!(worst, State::Failed(_))).or(Some(State::OkBut));
            }
            Some(state) if state == "OK" => {
                worst.get_or_insert(State::Ok);
            }
            state => {
                if !matches!(state.as_deref(), Some("FELANDE" | "OTILLGANGLIG")) {
                    note(notes, "tillstand");
                }
                worst = Some(State::Failed(state.filter(|code| is_code(code))));
            }
        }
    }
    worst
}

/// A provider in order may still have failed on some types, or on all that it was asked for.
fn delivered(prefix: &str, wanted: &[(InformationClass, &str)], deviations: &[Deviation]) -> Outcome {
    let concerns = |deviation: &&Deviation| match &deviation.code {
        Some(code) => code.starts_with(prefix),
        None => true,
    };
    let own: Vec<&Deviation> = deviations.iter().filter(concerns).collect();
    let missing = |(class, code): &(InformationClass, &str)| {
        own.iter().any(|deviation| deviation.class == *class && deviation.code.as_deref() == Some(code))
    };
    if own.is_empty() {
        Outcome::Answered
    } else if !wanted.iter().all(missing) {
        Outcome::AnsweredInPart
    } else if own.iter().all(|deviation| deviation.outcome == Outcome::NotPermitted) {
        Outcome::NotPermitted
    } else {
        Outcome::FailedAtSource
    }
}

/// What was not delivered, by type. What is not understood here might be anything that was not delivered: then the answer is one
/// in part.
fn deviations(answer: Fields<'_>) -> Vec<Deviation> {
    let notes = answer.notes;
    let mut found = vec![];
    let lists = match answer.raw("avvikelser", are_deviations) {
        // An empty list is how LEFI says that there are none.
        Some(Json::List(items)) if items.is_empty() => return found,
        None => return found,
        Some(told) => match answer.inside(told) {
            Some(lists) => lists,
            None => {
                notes.lose("avvikelser");
                return found;
            }
        },
    };
    if !lists
        .members
        .iter()
        .all(|(name, _)| InformationClass::ALL.iter().any(|class| name == class.field_name()))
    {
        notes.lose("avvikelser");
    }
    for class in InformationClass::ALL {
        for entry in lists.each(class.field_name(), |fields| fields) {
            let group = entry.code("formansgrupp").or_else(|| entry.code("ovrigInformationstyp"));
            let code = group.and_then(|group| group.id).filter(|code| is_code(code));
            if code.as_deref().is_none_or(|code| class.known(code).is_none()) {
                note(notes, "avvikelser");
            }
            let reason = entry.code("avvikelse").and_then(|reason| reason.id).filter(|code| is_code(code));
            let outcome = match reason.as_deref() {
                Some("OBEHORIG") => Outcome::NotPermitted,
                Some("INTERNT_FEL") => Outcome::FailedAtSource,
                _ => {
                    note(notes, "avvikelse");
                    Outcome::FailedAtSource
                }
            };
            found.push(Deviation { class, code, outcome, reason });
        }
    }
    found
}

/// Whether a value could be the deviations: an object with a list of a class's.
fn are_deviations(json: &Json) -> bool {
    InformationClass::ALL.into_iter().any(|class| looked::has_any(json, &[class.field_name()]))
}

/// The shape of a code, as against free text that must not travel in outcomes.
fn is_code(text: &str) -> bool {
    (1..=24).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase() || matches!(b, b'_' | b':'))
}

fn note(notes: &Notes, field: &'static str) {
    notes.add(Note::UnknownCode(field));
}
