//! One folder for each agency's own format: its question, how an answer is read, how one is written (adr/0061). Pure functions
//! between domain and bytes: no I/O, no clock. The connectors ask and read with them, the SOAP door and the mocks write with them.
//! Must never keep an answer, and never put an agency's text into an error or a log.
//!
//! What is shared: [`Codec`] (what a format offers to a connector), [`read_answer`] (what every answer must hold to), `fields`,
//! `notes`, `soap_answer`, `failure` (reading as far as it goes), [`flags`] (protection wherever it stands), [`Refused`].

pub mod af;
pub mod belongs;
mod codec;
pub mod csn;
mod echo;
mod element;
mod failure;
mod fields;
pub mod fk;
pub mod flags;
pub mod miv;
mod notes;
mod nothing;
mod reading;
mod refused;
pub mod skv;
pub mod so;
mod soap_answer;
#[cfg(test)]
mod test_schema;
#[cfg(test)]
mod test_world;
pub mod tns;
mod told;
mod unknown;
mod unreadable;
mod who;

pub use codec::{CannotAsk, CaseBound, Codec, HttpAnswer, HttpQuestion};
pub use failure::tells as tells_of_failure;
pub use notes::Notes;
pub use reading::{ReadAnswer, read_answer};
pub use refused::{RefusalCode, Refused};
pub use soap_answer::AnswerElement;
pub use told::{Repeated, Told};
pub use unknown::may_be_more;
pub use who::Named;
