//! The fixed list of checks.

use serde::Serialize;

/// One check. Each asks one or more questions of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// A connection can be had, and the service proves the name in its address.
    Connection,
    /// A caller without a client certificate learns nothing.
    Certificate,
    /// A person that the service knows, the last weeks.
    Ordinary,
    /// The same question again: the same answer.
    Again,
    /// Another person that the service knows.
    SecondPerson,
    /// A person that nobody knows.
    AbsentPerson,
    /// A person with a samordningsnummer that nobody knows.
    AbsentSamordningsnummer,
    /// One day.
    OneDay,
    /// More time than the service's own rule allows, or ten years where it has no rule.
    LongPeriod,
    /// Every text as long as it may be, with letters and marks that need care.
    LongestFields,
    /// Several questions at once, about more than one person where there is more than one.
    AtOnce,
}

impl Check {
    /// In the order in which they are made.
    pub const ALL: [Check; 11] = [
        Check::Connection,
        Check::Certificate,
        Check::Ordinary,
        Check::Again,
        Check::SecondPerson,
        Check::AbsentPerson,
        Check::AbsentSamordningsnummer,
        Check::OneDay,
        Check::LongPeriod,
        Check::LongestFields,
        Check::AtOnce,
    ];

    /// What is asked, for a reader.
    pub fn describe(self) -> &'static str {
        match self {
            Check::Connection => "a connection, with the service's name verified",
            Check::Certificate => "a caller without a client certificate",
            Check::Ordinary => "a person that the service knows",
            Check::Again => "the same question again",
            Check::SecondPerson => "another person that the service knows",
            Check::AbsentPerson => "a person that nobody knows",
            Check::AbsentSamordningsnummer => "a samordningsnummer that nobody knows",
            Check::OneDay => "a period of one day",
            Check::LongPeriod => "ten years, whatever the service's own rule",
            Check::LongestFields => "every text as long as it may be, with å, & and <",
            Check::AtOnce => "several questions at once",
        }
    }
}
