//! What the pages look like. Each is a function of plain data; everything that is put in is escaped by the template's compiler.

pub(crate) mod answer;
pub(crate) mod case;
pub(crate) mod instructions;
mod layout;
mod money;
mod parts;
pub(crate) mod start;
pub(crate) mod trouble;

/// The one style sheet.
pub(crate) const STYLE: &str = include_str!("pages/style.css");
