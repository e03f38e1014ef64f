//! A whole LEFI answer, written from the facts.

mod codes;
mod figures;
mod json;
mod matter;
mod other;
mod person;
mod pm;
mod wanted;

use ssbtek_domain::sections::fk::{Section, matter::MatterKind};

use self::json::{Json, Object};
use super::{InformationClass, PROVIDERS};

pub use wanted::Wanted;

/// A named figure cannot be put back where it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a figure cannot be written where it came from")]
pub struct CannotWrite;

/// What LEFI says of one provider.
pub struct State<'a> {
    /// `FK` or `PM`.
    pub provider: &'a str,
    /// `OK`, `FELANDE`, `OTILLGANGLIG`.
    pub state: &'a str,
    /// In words.
    pub description: Option<&'a str>,
}

/// One information type that was not delivered.
pub struct Deviation<'a> {
    /// The list it was asked for in.
    pub class: InformationClass,
    /// Its code.
    pub code: &'a str,
    /// Why: `OBEHORIG`, `INTERNT_FEL`.
    pub reason: &'a str,
}

/// What was asked for out of `facts`, as LEFI v9 writes it.
///
/// # Errors
/// A named figure cannot be put back where it came from.
pub fn answer(
    wanted: &Wanted<'_>,
    states: &[State<'_>],
    deviations: &[Deviation<'_>],
    facts: &Section,
) -> Result<String, CannotWrite> {
    let answer = Object::default()
        .list("utlamnare", states.iter().map(provider))
        .put("avvikelser", Some(not_delivered(deviations)))
        .put("formansinformation", benefits(wanted, facts)?.some());
    Ok(pm::write(answer, wanted, &facts.pm)?.done().to_string())
}

fn provider(told: &State<'_>) -> Json {
    let name = PROVIDERS.iter().find(|(code, _)| *code == told.provider).map(|(_, name)| *name);
    let provider = Object::default().text("kod", Some(told.provider)).text("namn", name);
    let state = Object::default().text("kod", Some(told.state)).text("beskrivning", told.description);
    Object::default().put("utlamnare", provider.some()).put("tillstand", state.some()).done()
}

fn not_delivered(deviations: &[Deviation<'_>]) -> Json {
    let of = |class: InformationClass| {
        let kind = match class {
            InformationClass::OvrigInformation => "ovrigInformationstyp",
            InformationClass::Formansinformation
            | InformationClass::Ansprak
            | InformationClass::Beslut
            | InformationClass::PreliminaraUtbetalningar
            | InformationClass::Utbetalningar => "formansgrupp",
        };
        deviations.iter().filter(move |told| told.class == class).map(move |told| {
            Object::default()
                .put("avvikelse", codes::known(told.reason))
                .put(kind, codes::known(told.code))
                .done()
        })
    };
    let all = InformationClass::ALL.into_iter();
    all.fold(Object::default(), |written, class| written.list(class.field_name(), of(class))).done()
}

fn benefits(wanted: &Wanted<'_>, facts: &Section) -> Result<Object, CannotWrite> {
    let general = wanted.has(InformationClass::OvrigInformation, "FK:GEPI");
    let paid = facts.paid.iter().filter(|_| wanted.any(InformationClass::Utbetalningar, "FK:"));
    let announced =
        facts.announced.iter().filter(|_| wanted.any(InformationClass::PreliminaraUtbetalningar, "FK:"));
    let mut all = Object::default()
        .list("generellPersoninformation", facts.general.iter().map(|known| person::general(known, general)))
        .list("utbetalningsuppgift", paid.map(other::payment))
        .list("preliminarautbetalningar", announced.map(other::payment));
    for kind in MatterKind::ALL {
        let of_kind = facts.matters.iter().filter(|matter| matter.kind == *kind);
        let of_kind = of_kind.filter(|_| wanted.has(InformationClass::Formansinformation, kind.group()));
        let written = of_kind.map(matter::write).collect::<Result<Vec<_>, _>>()?;
        all = all.list(kind.list_name(), written);
    }
    other::rest(all, wanted, facts)
}
