//! Försäkringskassan with Pensionsmyndigheten: a whole LEFI answer, written from the typed facts. For facts that did not
//! come from LEFI, or that something is held back from; otherwise what LEFI said itself is relayed (`relay`).

mod codes;
mod figures;
mod json;
mod matter;
mod other;
mod person;
mod pm;
mod wanted;

use ssbtek_domain::{
    Outcome, PartOutcome,
    sections::fk::{Section, matter::MatterKind},
};

use self::{
    json::{Json, Object},
    wanted::{List, Wanted},
};
use super::{Answered, HELD_BACK};
use crate::{Asked, CannotRelay};

/// The two providers, with their names.
const PROVIDERS: [(&str, &str); 2] = [("FK", "Försäkringskassan"), ("PM", "Pensionsmyndigheten")];

/// What was asked for out of `facts`, as LEFI v9 writes it.
///
/// # Errors
/// A named figure cannot be put back where it came from.
pub(super) fn write(asked: &Asked, facts: &Section, answered: &Answered<'_>) -> Result<Vec<u8>, CannotRelay> {
    let parts = answered.parts;
    let wanted = Wanted::of(asked);
    let answer = Object::default()
        .list("utlamnare", PROVIDERS.iter().filter_map(|(code, name)| provider(code, name, answered)))
        .put("avvikelser", deviations(parts))
        .put("formansinformation", benefits(&wanted, facts)?.some());
    Ok(pm::write(answer, &wanted, &facts.pm)?.done().to_string().into_bytes())
}

/// A provider's state; a provider of which nothing is known is taken to be in order if there are no parts at all, since
/// the facts then came from a source that has no such parts.
fn provider(code: &str, name: &str, answered: &Answered<'_>) -> Option<Json> {
    let parts = answered.parts;
    let told = parts.iter().find(|part| part.part == code);
    let state = match told.map(|part| part.outcome) {
        Some(Outcome::NotAsked) => return None,
        Some(Outcome::Answered | Outcome::AnsweredInPart | Outcome::NoSuchPerson | Outcome::NotPermitted) => {
            "OK"
        }
        None if parts.is_empty() => "OK",
        Some(Outcome::NotReachable | Outcome::TimedOut | Outcome::IdentityRefused) => "OTILLGANGLIG",
        Some(Outcome::FailedAtSource | Outcome::AnswerRefused) | None => "FELANDE",
    };
    let provider = Object::default().text("kod", Some(code)).text("namn", Some(name));
    let held_back = answered.withheld.then_some(HELD_BACK);
    let state = Object::default().text("kod", Some(state)).text("beskrivning", held_back);
    Some(Object::default().put("utlamnare", provider.some()).put("tillstand", state.some()).done())
}

/// Parts named `list/type` are single information types that were not delivered.
fn deviations(parts: &[PartOutcome]) -> Option<Json> {
    let lists = List::ALL.map(|list| {
        let of_list = parts.iter().filter_map(move |part| {
            let code = part.part.strip_prefix(list.name())?.strip_prefix('/')?;
            let reason = if part.outcome == Outcome::NotPermitted { "OBEHORIG" } else { "INTERNT_FEL" };
            let kind = if list == List::Other { "ovrigInformationstyp" } else { "formansgrupp" };
            Some(
                Object::default().put("avvikelse", codes::known(reason)).put(kind, codes::known(code)).done(),
            )
        });
        (list.name(), of_list)
    });
    let all = lists.into_iter().fold(Object::default(), |all, (name, entries)| all.list(name, entries));
    Some(all.done())
}

fn benefits(wanted: &Wanted<'_>, facts: &Section) -> Result<Object, CannotRelay> {
    let general = wanted.has(List::Other, "FK:GEPI");
    let paid = facts.paid.iter().filter(|_| wanted.any(List::Paid, "FK:"));
    let announced = facts.announced.iter().filter(|_| wanted.any(List::Announced, "FK:"));
    let mut all = Object::default()
        .list("generellPersoninformation", facts.general.iter().map(|known| person::general(known, general)))
        .list("utbetalningsuppgift", paid.map(other::payment))
        .list("preliminarautbetalningar", announced.map(other::payment));
    for kind in MatterKind::ALL {
        let of_kind = facts.matters.iter().filter(|matter| matter.kind == *kind);
        let of_kind = of_kind.filter(|_| wanted.has(List::Benefits, kind.group()));
        let written = of_kind.map(matter::write).collect::<Result<Vec<_>, _>>()?;
        all = all.list(kind.list_name(), written);
    }
    other::rest(all, wanted, facts)
}
