//! Försäkringskassan, with Pensionsmyndigheten inside: LEFI v9, JSON over HTTP.
//!
//! A question goes as `POST /lefi-extern-formansinformation/v9/aktorer/{aktorsId}/formansinformation/fraga`. It always asks
//! for `FK:GEPI`: without it LEFI does not say whether the person is protected.
//!
//! A "successful" answer can hide two kinds of failure, and both are read: `utlamnare[].tillstand` says that a whole
//! provider is down, `avvikelser` that single information types could not be delivered. LEFI says neither "no such person"
//! nor which data it left out for want of authority; an empty answer is therefore just that: answered, and empty.

mod codes;
mod failing;
mod fields;
mod figures;
mod json;
mod looked;
mod matter;
mod other;
mod person;
mod pm;
mod question;
mod read;
mod states;
#[cfg(test)]
mod tests;
mod types;
pub mod write;

use ssbtek_domain::{Agency, NaiveDate, Note, Outcome, Period, Question, Source, SourceAnswer};

use crate::{CannotAsk, Codec, HttpAnswer, HttpQuestion, Refused, belongs};

pub use question::{ActorId, Actors};
pub use types::{InformationClass, InformationTypes, UnknownInformationType};

/// The two providers: code and name.
pub const PROVIDERS: [(&str, &str); 2] = [("FK", "Försäkringskassan"), ("PM", "Pensionsmyndigheten")];

/// LEFI's own wire format.
pub struct Lefi {
    actors: Actors,
    standard: InformationTypes,
}

impl Lefi {
    /// `actors` says as which actor each board asks (the id is given out by the service's provider); `standard` which
    /// information types are asked for when the caller has no question of its own.
    pub fn new(actors: Actors, standard: InformationTypes) -> Self {
        Self { actors, standard }
    }
}

impl Codec for Lefi {
    fn derive_period(&self, wanted: Period, _today: NaiveDate) -> Option<(Period, Option<Note>)> {
        Some(question::narrowed(wanted))
    }

    fn question(&self, question: &Question) -> Result<HttpQuestion, CannotAsk> {
        let actor = self.actors.of(&question.asking.organisation)?;
        let asked = question::Asked::of(question, &self.standard)?;
        Ok(HttpQuestion {
            path: format!(
                "/lefi-extern-formansinformation/v9/aktorer/{}/formansinformation/fraga",
                actor.as_str()
            ),
            content_type: "application/json",
            soap_action: None,
            body: asked.to_json(&question.person),
        })
    }

    fn answer(&self, question: &Question, answer: HttpAnswer) -> Result<SourceAnswer, Refused> {
        match answer.status {
            200 => {
                let asked = question::Asked::of(question, &self.standard)
                    .map_err(|_| Refused::breach("answer to a question that cannot be asked of LEFI"))?;
                let read = read::read(&asked, &question.person, answer)?;
                // LEFI sends what both authorities have in one answer.
                Ok(belongs::leave_behind(read, question))
            }
            // The error's text is for operators and stays unread.
            status @ 400..=599 => {
                let source = Source::Agency(Agency::Fk);
                let mut failed = SourceAnswer::without_facts(source, Outcome::FailedAtSource);
                failed.fault_code = Some(status.to_string());
                Ok(failed)
            }
            300..400 => Err(Refused::REDIRECT),
            _ => Err(Refused::breach("LEFI answered with a status outside its contract")),
        }
    }
}
