//! Hardened reading and plain writing of XML.
//!
//! Reading refuses what no answer between agencies needs and what attacks are made of: DOCTYPE, entities of one's own,
//! processing instructions, depth, bytes and nodes over a limit, broken encoding. There is no resolver of any kind: no
//! file and no socket can be touched. UTF-8, UTF-16 and, where declared, ISO-8859-1 are read. Errors name the rule, never the content.
//!
//! In here: [`parse`] and [`Document`] (in), [`Element`] (the tree), [`Writer`] (out), [`soap`] (SOAP 1.1 envelopes).

mod decode;
mod document;
mod element;
mod error;
mod limits;
mod names;
mod parse;
pub mod soap;
mod writer;

pub use document::Document;
pub use element::{Attribute, Element};
pub use error::XmlError;
pub use limits::Limits;
pub use parse::{parse, parse_str};
pub use writer::Writer;

/// Namespace of `xsi:nil` and `xsi:type`.
pub const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
