//! What each agency knows about the generated persons: one population, whatever the wire format.

pub mod af;
pub mod csn;
pub mod fk;
pub mod miv;
pub mod skv;
pub mod so;
pub mod tns;
