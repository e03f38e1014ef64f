//! The merge over whole answers: against a second, straight-line merge; under every way of cutting the same facts; and
//! case by case where a failure, a mark or a payment has its own form.
#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

mod ahead;
mod contradictions;
mod cut;
mod family_names;
mod household;
mod partition;
mod payment_paths;
mod protection;
mod reference;
mod support;
mod truthful_absence;
