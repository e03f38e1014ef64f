//! The mock side of each agency's own wire format: reads a question as bytes, answers as bytes.

use ssbtek_domain::NaiveDate;

use crate::population::TestPerson;

/// A question as the mock received it.
pub struct Request<'a> {
    /// Path and query.
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
}
