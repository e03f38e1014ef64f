//! What the broker promises, tried through its real doors: real TLS, real SQLite, mock agencies, a clock that is moved.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says what went wrong by failing, what it saw or skipped by printing"
)]

mod harness;

mod agencies_alone;
mod asked_again;
mod bad_input;
mod canaries;
mod check_agency;
mod clock;
mod command_line;
mod commands;
mod crash;
mod damaged_keys;
mod doors;
mod erasure;
mod every_call;
mod faults;
mod first_answer;
mod gap;
mod hostile_agencies;
mod identities;
mod image;
mod law;
mod log_keys;
mod log_of_the_board;
mod memory;
mod merge_failures;
mod merge_fencing;
mod metrics;
mod named_by;
mod neighbours;
mod one_boards_fault;
mod one_form;
mod others_things;
mod portal;
mod postgres;
mod powers;
mod protected_reads;
mod protection;
mod questions_an_hour;
mod refusals;
mod reloading;
mod remembered;
mod replaced;
mod restored;
mod rights;
mod same_facts;
mod soap;
mod streaming;
mod two_boards;
mod two_histories;
mod web;
mod who_may_ask;
mod whole_directory;
mod whole_log;
mod witness_gone;
mod witness_turns;
