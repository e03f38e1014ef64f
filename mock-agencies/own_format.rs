//! The mock side of each agency's own wire format: reads a question as bytes, answers as bytes. How an answer is written, `ssbtek-formats`
//! knows; what is told, and what goes wrong, is said here.

pub mod af;
pub mod csn;
pub mod fk;
pub mod miv;
pub mod skv;
pub mod so;
mod soap_reply;
pub mod tns;

use ssbtek_domain::{Format, NaiveDate, Source, sections::Section};

use crate::population::TestPerson;

/// A question as the mock received it.
pub struct Request<'a> {
    /// Path and query below the agency's base URL; `/` where nothing follows it.
    pub path: &'a str,
    /// The body.
    pub body: &'a [u8],
}

/// The mock's answer.
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type` header.
    pub content_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
}

/// What the mock side of a wire format may look up.
pub trait World {
    /// The generated person with these 12 digits.
    fn find(&self, number: &str) -> Option<&TestPerson>;
    /// Today, as the mocks see it.
    fn today(&self) -> NaiveDate;
    /// A failure of the agency's own kind that is switched on, by the name the wire format documents (such as CSN's
    /// `-1101`).
    fn scripted(&self) -> Option<&str>;
    /// What to tell about whomever is asked about, in place of what is known.
    fn told(&self) -> Option<&Section> {
        None
    }
}

/// The truthful answer of one source in its own wire format. Who has none is not there.
pub(crate) fn answer(source: &Source, request: &Request<'_>, world: &dyn World) -> Response {
    match source.format() {
        Some(Format::Af) => af::answer(request, world),
        Some(Format::Csn) => csn::answer(request, world),
        Some(Format::Lefi) => fk::answer(request, world),
        Some(Format::Skv) => skv::answer(request, world),
        Some(Format::So) => match source {
            Source::Agency(_) => so::answer(request, world),
            Source::Fund(fund) => so::answer_fund(request, world, fund),
        },
        Some(Format::Tns) => tns::answer(request, world),
        Some(Format::Miv) => miv::answer(request, world),
        None => Response { status: 404, content_type: "text/plain", body: vec![] },
    }
}
