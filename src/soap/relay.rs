//! An agency's own bytes → contract payload, unchanged.

use ssbtek_domain::{Agency, Original};
use ssbtek_formats::AnswerElement;
use ssbtek_xml::{Document, Limits};

use crate::{
    Payload, Version,
    form::{Carries, place},
};

/// The original cannot be carried as it is. Holds no content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the agency's own bytes are not what the contract carries for it")]
pub struct CannotRelay;

/// Of LEFI's answers.
pub(crate) const LEFI_MEDIA_TYPE: &str = "application/json";

/// What an answer may hold and still be relayed; agencies' answers are read under the same or tighter limits.
const LIMITS: Limits = Limits {
    max_bytes: 4 * 1024 * 1024,
    max_depth: 64,
    max_nodes: 200_000,
    max_attributes_per_element: 64,
    max_namespaces_in_scope: 128,
    skips_instructions: true,
};

/// The payload that one agency sent, as the contract carries it.
///
/// * AF, SO, TNS, MIV and SKV (v10): the answer element's children as they stand, with the namespace declarations they
///   inherit; the bytes inside each are not touched.
/// * CSN and FK: the bytes themselves, to be carried as base64.
///
/// Only for whole answers that nothing is held back from. Answers composed of several (funds), or reduced, are written
/// anew from their facts; so are Skatteverket's five parts.
///
/// # Errors
/// The bytes are not the agency's answer element, or have no form in this contract.
pub fn relay(agency: Agency, original: &Original) -> Result<Payload, CannotRelay> {
    if original.media_type.ends_with("protobuf") {
        // The broker's own agency contract: facts, but not in any form of this contract.
        return Err(CannotRelay);
    }
    // Skatteverket's five parts are written anew; its one document is the same in every version that carries it.
    let answer = match place(agency, Version::V10).ok_or(CannotRelay)?.carries {
        Carries::Json(_) if original.media_type == LEFI_MEDIA_TYPE => {
            return Ok(Payload::Document(original.bytes.clone()));
        }
        Carries::Xml(answer, _) if is(&answer, original)? => {
            return Ok(Payload::Document(original.bytes.clone()));
        }
        Carries::Elements(answer) => answer,
        Carries::Json(_) | Carries::Xml(..) | Carries::Parts => return Err(CannotRelay),
    };
    let document = Document::parse(&original.bytes, &LIMITS).map_err(|_| CannotRelay)?;
    if !answer.is(document.root()) {
        return Err(CannotRelay);
    }
    Ok(Payload::Elements(document.root().elements().iter().map(|child| document.standalone(child)).collect()))
}

fn is(answer: &AnswerElement, original: &Original) -> Result<bool, CannotRelay> {
    let document = Document::parse(&original.bytes, &LIMITS).map_err(|_| CannotRelay)?;
    Ok(answer.is(document.root()))
}
