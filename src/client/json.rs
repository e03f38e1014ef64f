//! Answers and log entries for programs. Keys are those of the contract in `proto/`, and stay; enums are lower-case
//! words, amounts exact decimals in text, days and times text, hashes hexadecimal. In the frame every key is always
//! there, `null` where there is no value. In a section lists are always there, and a missing key means what the
//! contract says of the field.

mod answer;
mod entry;
mod household;
mod receipt;

pub use answer::Answer;
pub use entry::Entry;
pub use household::Household;
pub use receipt::Receipt;
