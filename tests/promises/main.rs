//! What the broker promises, tried through its real doors: real TLS, real SQLite, mock agencies, a clock that is moved.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

mod harness;

mod bad_input;
mod crash;
mod erasure;
mod first_answer;
mod log_of_the_board;
mod protection;
mod soap;
