//! The contract, from bytes to bytes.

#![expect(clippy::unwrap_used, reason = "tests")]

mod contract {
    mod answers;
    mod asking;
    mod composing;
    mod faults;
    mod hostile;
    mod payloads;
    mod relaying;
    pub(crate) mod support;
}
