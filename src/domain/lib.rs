//! The nouns of a question about a person, and their invariants.
//!
//! No I/O, no clock reading, no randomness: those come in as [`Clock`] and [`Entropy`]. A value of these types exists
//! only valid; whoever holds a [`Personnummer`] or a [`Period`] need not check it again. Nothing personal has a
//! `Display`, and `Debug` of personal values is redacted.

mod amount;
mod answer;
pub mod calendar;
mod clock;
mod day;
mod decimal;
mod entropy;
mod ids;
mod information;
mod moments;
mod organisation_number;
mod outcome;
pub mod payment;
mod period;
mod personnummer;
mod profile;
mod protection;
mod question;
mod role;
pub mod sections;
mod source;
mod text;
pub mod verdict;
pub mod verdicts;
mod watched;
mod whereabouts;
mod written;

pub use amount::{Amount, AmountError};
pub use answer::{Fault, Note, Original, PartOutcome, RefusedPart, SourceAnswer};
pub use calendar::Deadline;
pub use clock::{Clock, FixedClock, SystemClock, stockholm, stockholm_date};
pub use day::{is_year, of_our_time, parse_day, parse_month, parse_time_of_day};
pub use decimal::plain_decimal;
pub use entropy::{Entropy, SeededEntropy, SystemEntropy};
pub use ids::{CaseId, CaseWorkerId, EntryId, IdError, Purpose, Unit};
pub use information::{Information, Kinds, UnknownInformation};
pub use organisation_number::{OrganisationNumber, OrganisationNumberError};
pub use outcome::Outcome;
pub use period::{Period, PeriodError, Week};
pub use personnummer::{Personnummer, PersonnummerError, as_text};
pub use profile::{Format, Kind, Profile};
pub use protection::{Protection, ProtectionSignal};
pub use question::{AskingParty, LegalBasis, Processor, Question, SkvRequest, Wanted};
pub use role::Role;
pub use sections::{Agency, UnknownAgency};
pub use source::{FUNDS, FundCode, Source};
pub use text::{is_all_seen, normal_name};
pub use watched::WatchedClock;
pub use whereabouts::HoldBack;
pub use written::text_of;

pub use chrono::{DateTime, NaiveDate, Utc};

/// Luhn's check over decimal digits (`b'0'..=b'9'`), the last being the check digit.
/// Used by personnummer and organisation numbers alike (SS 01 41 ..: modulus 10).
pub(crate) fn luhn_holds(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, d)| {
            let d = u32::from(d - b'0');
            if i % 2 == 0 { d } else { d * 2 / 10 + d * 2 % 10 }
        })
        .sum();
    sum.is_multiple_of(10)
}
