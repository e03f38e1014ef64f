//! The contract's enums as words: lower case and without prefix for programs, as phrases for people.

pub(crate) use ssbtek_proto::facts::word;
use ssbtek_proto::{
    agency::v1::{Outcome, note},
    broker::v1::{AccountKind, EntryState, PaymentState, Protection, Role, discrepancy, net_amount},
};

macro_rules! words {
    ($($name:ident: $enum:ty, $prefix:literal;)*) => {$(
        pub(crate) fn $name(number: i32) -> String {
            match <$enum>::try_from(number) {
                Ok(value) => word(value.as_str_name(), $prefix),
                // A newer broker's value, as it came.
                Err(_) => number.to_string(),
            }
        }
    )*};
}

words! {
    outcome: Outcome, "OUTCOME_";
    role: Role, "ROLE_";
    account_kind: AccountKind, "ACCOUNT_KIND_";
    protection: Protection, "PROTECTION_";
    payment_state: PaymentState, "PAYMENT_STATE_";
    entry_state: EntryState, "ENTRY_STATE_";
    net: net_amount::Kind, "KIND_";
    note: note::Kind, "KIND_";
    discrepancy: discrepancy::Kind, "KIND_";
}

/// The outcome in a count: `23 answered, 1 timed out`.
pub(crate) fn outcome_short(outcome: i32) -> String {
    self::outcome(outcome).replace('_', " ")
}
