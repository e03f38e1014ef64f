//! Holds tests only: what is sent to exhaust a parser is refused quickly and in little memory. A crate of its own, so that
//! it can be built optimised without the rest (`tests/slow.sh`).
