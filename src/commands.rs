//! Operator commands: each is asked by a person at a terminal and ends with an answer.

pub mod check_agency;
