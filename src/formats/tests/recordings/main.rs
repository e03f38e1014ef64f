//! Answers as today's service gives them (`tests/recordings`), read by the connectors' own readers: what departs from a schema is
//! noted and costs no source; what is about somebody else, or could turn a failure into "nothing there", is refused with its code.

#![expect(clippy::unwrap_used, reason = "tests")]

mod amounts;
mod bad_input;
mod beside_nothing;
mod changed;
mod flags;
mod lost;
mod names;
mod others;
mod read;
mod skv_v11;
mod stored;
mod table;
mod twice;
mod understood;
mod walked;
mod whose;
mod words;
