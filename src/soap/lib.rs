//! The published composed contract, SSBTEK v10 and v11, as a codec: SOAP 1.1 bytes in, typed question out; typed answer
//! in, SOAP 1.1 bytes out. No I/O, no clock, no decisions about who may ask what.
//!
//! In here: [`parse`] (the question), [`answer`] and [`test_answer`] (the answers), [`fault`] (refusals), [`wsdl`] and
//! [`schema`] (what a client downloads); and three ways from an agency's answer to the contract's payload: [`relay`] (its
//! own bytes), [`relay_without_general`] (FK's bytes without what the caller did not ask for), [`payload`] (written from its
//! typed facts); [`compose`] picks.
//!
//! It never puts content into an error: a fault names the element and the rule. It never writes a question or an
//! answer other than asked for: no personal data reaches `Debug`, and nothing here logs.
//!
//! # Where the contract speaks of protected identity
//!
//! The contract has no field of its own for it. It is said, if at all, inside the payloads of three agencies, which are
//! relayed as they came:
//!
//! | agency | place |
//! |---|---|
//! | AF | `data/af:Svar/af:Sekretessmarkering`, a boolean that may be absent |
//! | CSN | `data/svar` (base64) → `Personer/Person/@sekretess`, `Ja` or blanks |
//! | FK | `data/lefiJsonSvar` (base64) → `formansinformation.generellPersoninformation[].skyddad`, when `FK:GEPI` is asked |
//!
//! SO, TNS, MIV and SKV have no place for it; their silence says nothing.

mod agency_error;
mod answer;
mod codes;
mod compose;
mod contract;
mod echo;
mod envelope;
mod fault;
mod flaws;
mod form;
mod lefi;
mod lexical;
mod payload;
mod question;
mod read;
mod reduce;
mod relay;
mod says_more;
mod test_answer;
mod version;

pub use agency_error::{AgencyError, Origin};
pub use answer::{AgencyAnswer, PartAnswer, Payload, SkvParts, answer, answer_told};
pub use codes::FaultCode;
pub use compose::{Reported, compose};
pub use contract::{schema, schema_names, wsdl};
pub use envelope::LIMITS;
pub use fault::{FaultClass, SoapFault, fault};
pub use form::AGENCIES;
pub use lefi::LefiQuestion;
pub use lexical::AskedAt;
pub use payload::{Answered, payload};
pub use question::{
    AgencyQuestion, Asked, Asker, InformationQuestion, NumberedProcessor, Sender, SoapQuestion,
};
pub use read::{parse, sender};
pub use reduce::relay_without_general;
pub use relay::{CannotRelay, relay};
pub use test_answer::{TestResult, test_answer};
pub use version::{Call, Operation, SkvForm, Version};

/// `Content-Type` of every answer and fault.
pub const CONTENT_TYPE: &str = ssbtek_xml::soap::CONTENT_TYPE;
