//! What is done about sources without any question of a board: with the broker's own connectors.

pub mod check_agency;
pub mod read_answer;
