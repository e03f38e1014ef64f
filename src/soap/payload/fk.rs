//! What became of Försäkringskassan's and Pensionsmyndigheten's parts, as a LEFI answer says it.

use ssbtek_domain::{Outcome, sections::fk::Section};
use ssbtek_formats::fk::{
    InformationClass, PROVIDERS,
    write::{CannotWrite, Deviation, State, Wanted, answer},
};

use super::{Answered, HELD_BACK};
use crate::Asked;

/// What was asked for out of `facts`.
///
/// # Errors
/// A named figure cannot be put back where it came from.
pub(super) fn write(asked: &Asked, facts: &Section, answered: &Answered<'_>) -> Result<Vec<u8>, CannotWrite> {
    let wanted = match asked {
        Asked::Lefi(question) => Wanted::only(question.types()),
        Asked::Standard | Asked::Skv(_) | Asked::SkvDocument => Wanted::everything(),
    };
    let states: Vec<State<'_>> = PROVIDERS.iter().filter_map(|(code, _)| state(code, answered)).collect();
    let deviations: Vec<Deviation<'_>> =
        InformationClass::ALL.into_iter().flat_map(|class| deviations(class, answered)).collect();
    Ok(answer(&wanted, &states, &deviations, facts)?.into_bytes())
}

/// A provider's state; a provider of which nothing is known is taken to be in order if there are no parts at all, since
/// the facts then came from a source that has no such parts.
fn state(provider: &'static str, answered: &Answered<'_>) -> Option<State<'static>> {
    let parts = answered.parts;
    let told = parts.iter().find(|part| part.part == provider);
    let state = match told.map(|part| part.outcome) {
        Some(Outcome::NotAsked) => return None,
        Some(Outcome::Answered | Outcome::AnsweredInPart | Outcome::NoSuchPerson | Outcome::NotPermitted) => {
            "OK"
        }
        None if parts.is_empty() => "OK",
        Some(Outcome::NotReachable | Outcome::TimedOut | Outcome::IdentityRefused) => "OTILLGANGLIG",
        Some(Outcome::FailedAtSource | Outcome::AnswerRefused) | None => "FELANDE",
    };
    Some(State { provider, state, description: answered.withheld.then_some(HELD_BACK) })
}

/// Parts named `list/type` are single information types that were not delivered.
fn deviations<'a>(
    class: InformationClass,
    answered: &Answered<'a>,
) -> impl Iterator<Item = Deviation<'a>> + use<'a> {
    answered.parts.iter().filter_map(move |part| {
        let code = part.part.strip_prefix(class.field_name())?.strip_prefix('/')?;
        let reason = if part.outcome == Outcome::NotPermitted { "OBEHORIG" } else { "INTERNT_FEL" };
        Some(Deviation { class, code, reason })
    })
}
