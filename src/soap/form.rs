//! What the contract has for each agency: the one table of the seven.

use ssbtek_domain::{Agency, Format};
use ssbtek_formats::{AnswerElement, af, csn, miv, skv, so, tns};

use crate::{SkvForm, Version};

/// The agencies of the contract, in its order. What else the broker can ask has no place in it.
pub const AGENCIES: [Agency; 7] =
    [Agency::Af, Agency::Csn, Agency::Fk, Agency::Skv, Agency::So, Agency::Tns, Agency::Miv];

/// One agency's place in the contract.
pub(crate) struct Place {
    pub(crate) asks: Asks,
    pub(crate) carries: Carries,
    /// Whether it can be tried without a question about anybody.
    pub(crate) has_test_service: bool,
}

/// What stands in an agency's block of the question.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asks {
    /// Nothing.
    Nothing,
    /// `tidsperiod`.
    Period,
    /// A question to LEFI.
    Lefi,
    /// Years and parts.
    Parts,
    /// Skatteverket's one document.
    Document,
}

/// How an agency's answer is carried.
pub(crate) enum Carries {
    /// The children of its answer's element.
    Elements(AnswerElement),
    /// An XML document with that root, as base64 under that name.
    Xml(AnswerElement, &'static str),
    /// A JSON document, as base64 under that name.
    Json(&'static str),
    /// Skatteverket's parts.
    Parts,
}

/// `None`: the contract has no place for it.
pub(crate) fn place(agency: Agency, version: Version) -> Option<Place> {
    let format = agency.profile().format?;
    let elements =
        |asks, answer, has_test_service| Place { asks, carries: Carries::Elements(answer), has_test_service };
    Some(match (format, version.skv()) {
        (Format::Af, _) => elements(Asks::Period, af::ANSWER, true),
        (Format::Csn, _) => {
            Place { asks: Asks::Period, carries: Carries::Xml(csn::ANSWER, "svar"), has_test_service: true }
        }
        (Format::Lefi, _) => {
            Place { asks: Asks::Lefi, carries: Carries::Json("lefiJsonSvar"), has_test_service: true }
        }
        (Format::Skv, SkvForm::Document) => elements(Asks::Document, skv::ANSWER, true),
        (Format::Skv, SkvForm::Parts) => {
            Place { asks: Asks::Parts, carries: Carries::Parts, has_test_service: true }
        }
        (Format::So, _) => elements(Asks::Period, so::ANSWER, true),
        (Format::Tns, _) => elements(Asks::Period, tns::ANSWER, false),
        (Format::Miv, _) => elements(Asks::Nothing, miv::ANSWER, false),
    })
}
