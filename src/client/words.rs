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

/// Whether the source spoke for itself on everything it was asked.
pub(crate) fn is_conclusive(outcome: i32) -> bool {
    matches!(Outcome::try_from(outcome), Ok(Outcome::Answered | Outcome::NoSuchPerson))
}

/// Whether the source was never meant to speak.
pub(crate) fn is_unasked(outcome: i32) -> bool {
    matches!(Outcome::try_from(outcome), Ok(Outcome::NotAsked | Outcome::NotPermitted))
}

/// The outcome of one source, for people.
pub(crate) fn outcome_phrase(outcome: i32) -> &'static str {
    match Outcome::try_from(outcome) {
        Ok(Outcome::NotAsked) => "not asked",
        Ok(Outcome::NotPermitted) => "not asked: the permit does not cover it",
        Ok(Outcome::Answered) => "answered",
        Ok(Outcome::AnsweredInPart) => "answered in part",
        Ok(Outcome::NoSuchPerson) => "says that it knows no such person",
        Ok(Outcome::FailedAtSource) => "failed at the source",
        Ok(Outcome::TimedOut) => "timed out",
        Ok(Outcome::NotReachable) => "not reachable",
        Ok(Outcome::IdentityRefused) => "not asked: who answered there could not prove to be the source",
        Ok(Outcome::AnswerRefused) => "answer refused: it broke the contract or was about another person",
        Ok(Outcome::Unspecified) | Err(_) => "not known",
    }
}

/// The outcome in a count: `23 answered, 1 timed out`.
pub(crate) fn outcome_short(outcome: i32) -> String {
    self::outcome(outcome).replace('_', " ")
}

/// A role, for people.
pub(crate) fn role_phrase(role: i32) -> &'static str {
    match Role::try_from(role) {
        Ok(Role::Applicant) => "applicant (sökande)",
        Ok(Role::CoApplicant) => "co-applicant (medsökande)",
        Ok(Role::Child) => "child (barn)",
        Ok(Role::Unspecified) | Err(_) => "role not known",
    }
}

/// What kind of remark, for people.
pub(crate) fn note_phrase(kind: i32) -> &'static str {
    match note::Kind::try_from(kind) {
        Ok(note::Kind::PeriodNarrowed) => "asked about less time than wanted",
        Ok(note::Kind::PeriodWidened) => "asked about more time than wanted",
        Ok(note::Kind::PerhapsTruncated) => "a list is as long as the source allows; there may be more",
        Ok(note::Kind::UnknownCode) => "a code outside the published list, kept as it came",
        Ok(note::Kind::NotAskedFor) => "the answer held what was not asked for, and it is left behind",
        Ok(note::Kind::CaseAlias) => {
            "the case has another identity towards the source, which takes no longer one"
        }
        Ok(note::Kind::CannotBeAsked) => "the question breaks the source's own rule and was not sent",
        Ok(note::Kind::Missing) => "a field that the source's contract requires was not there",
        Ok(note::Kind::NotUnderstood) => "a field could not be understood and is left out",
        Ok(note::Kind::PassedOver) => "something that the source's contract does not have was passed over",
        Ok(note::Kind::Rounded) => "no exact amount: rounded to öre",
        Ok(note::Kind::OtherVersion) => "of another version of the source's contract; read as far as it goes",
        Ok(note::Kind::Unspecified) | Err(_) => "note",
    }
}
