//! Who may ask: the query path over a real database, with sources that only count.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

mod agents;
mod bad_input;
mod changed_facts;
mod cut_off;
mod ending;
mod extract;
mod household;
mod instructions;
mod law_days;
mod life;
mod matrix;
mod races;
mod replay;
mod rules;
mod sub_processors;
mod tokens;
mod twins;
mod world;
