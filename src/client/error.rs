//! What can go wrong, in one line and with one exit status. No text here repeats personal data.

use std::{error::Error, io};

use ssbtek_pki::ConnectError;
use ssbtek_present::Language;
use tonic::{Code, Status};

use crate::{page::plain, settings::SettingsError};

/// Longest text of the server's that is shown, in characters.
const MAX_SERVER_TEXT_CHARS: usize = 300;

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Wrong usage.
    #[error("{0}")]
    Usage(&'static str),
    /// What was handed in cannot be used, in the language of the command.
    #[error("{0}")]
    Input(String),
    /// The settings do not do.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The broker refuses, for this reason.
    #[error("refused: {0}")]
    Refused(String),
    /// There is no such thing, or not for this account.
    #[error("refused: {0}")]
    NotFound(String),
    /// The receipt does not prove what it should.
    #[error("the receipt does not hold: {0}")]
    Receipt(String),
    /// The log, or a bundle of it, is not what it claims to be.
    #[error("DOES NOT HOLD: {0}")]
    Log(String),
    /// Somebody else has changed what was to be changed.
    #[error("refused: {0}")]
    Changed(String),
    /// The broker could not be reached or could not take it.
    #[error("failed: {0}")]
    Failed(String),
    /// The connection could not be made, or broke off: whether it was done is not known.
    #[error("failed: {0}")]
    Cut(String),
    /// The output could not be written.
    #[error("the output cannot be written")]
    Output(io::ErrorKind),
}

/// What a field of a question is to a case worker, in Swedish.
fn refused_field(why: &str) -> Option<&'static str> {
    Some(match why.split_once(':')?.0 {
        "follows_entry_id" => "--again (posten som frågan följer på)",
        "case_id" => "ärendets nummer",
        "person_number" => "personnumret",
        "period" => "tiden som det frågas om",
        "period.from" => "första dagen som det frågas om",
        "period.to" => "sista dagen som det frågas om",
        "agencies" => "valet av myndigheter",
        "purpose" => "ändamålet",
        _ => return None,
    })
}

impl ClientError {
    /// In this language. What the server says stands as it came.
    pub(crate) fn told(&self, language: Language) -> String {
        match (language, self) {
            (
                Language::Swedish,
                ClientError::Refused(why) | ClientError::Changed(why) | ClientError::NotFound(why),
            ) => match refused_field(why) {
                Some(field) => format!("nekat: {field} godtas inte ({why})"),
                None => format!("nekat: {why}"),
            },
            (Language::Swedish, ClientError::Failed(why) | ClientError::Cut(why)) => {
                format!("misslyckades: {why}")
            }
            (Language::Swedish, ClientError::Receipt(why)) => format!("kvittot stämmer inte: {why}"),
            (Language::Swedish, ClientError::Output(_)) => "utdata kan inte skrivas".to_owned(),
            _ => self.to_string(),
        }
    }

    /// The process's exit status: 1 a log that does not hold, 2 usage and settings, 4 refused, 5 failed.
    pub fn exit_status(&self) -> u8 {
        match self {
            ClientError::Usage(_) | ClientError::Input(_) | ClientError::Settings(_) => 2,
            ClientError::Log(_) => 1,
            ClientError::Refused(_)
            | ClientError::NotFound(_)
            | ClientError::Changed(_)
            | ClientError::Receipt(_) => 4,
            ClientError::Failed(_) | ClientError::Cut(_) | ClientError::Output(_) => 5,
        }
    }

    /// Whether what was to be changed was changed by somebody else meanwhile.
    pub(crate) fn is_changed_meanwhile(&self) -> bool {
        matches!(self, ClientError::Changed(_))
    }

    /// From a call's status: refusals apart from failures, and our own trouble with the connection in our own words.
    pub(crate) fn of_call(status: &Status, timeout_s: u64) -> Self {
        if let Some(error) = cause::<ConnectError>(status) {
            return ClientError::Cut(format!("the broker cannot be reached: {error}"));
        }
        match status.code() {
            Code::DeadlineExceeded | Code::Cancelled => ClientError::Failed(format!(
                "no answer within {timeout_s} s; what was asked may have been asked and logged all the same"
            )),
            _ if status.source().is_some() => ClientError::Cut(
                "the connection broke off; is the client certificate still accepted?".to_owned(),
            ),
            Code::NotFound => ClientError::NotFound(text(status)),
            Code::InvalidArgument
            | Code::AlreadyExists
            | Code::PermissionDenied
            | Code::Unauthenticated
            | Code::FailedPrecondition
            | Code::OutOfRange
            | Code::ResourceExhausted => ClientError::Refused(text(status)),
            Code::Aborted if status.message().starts_with("expected_version") => {
                ClientError::Changed(text(status))
            }
            _ => ClientError::Failed(text(status)),
        }
    }
}

impl From<io::Error> for ClientError {
    fn from(error: io::Error) -> Self {
        ClientError::Output(error.kind())
    }
}

fn text(status: &Status) -> String {
    let text: String = plain(status.message()).chars().take(MAX_SERVER_TEXT_CHARS).collect();
    let text = without_numbers(text.trim());
    if text.is_empty() { status.code().description().to_owned() } else { text }
}

fn cause<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// The text with whatever may be a person number (10 digits or more, perhaps with a hyphen or plus) left out.
pub(crate) fn without_numbers(text: &str) -> String {
    const PERSON_NUMBER_DIGITS: usize = 10;
    let mut kept = String::with_capacity(text.len());
    let mut number = String::new();
    let flush = |number: &mut String, kept: &mut String| {
        let digits = number.chars().filter(char::is_ascii_digit).count();
        kept.push_str(if digits >= PERSON_NUMBER_DIGITS { "…" } else { number });
        number.clear();
    };
    for c in text.chars() {
        if c.is_ascii_digit() || (!number.is_empty() && matches!(c, '-' | '+')) {
            number.push(c);
        } else {
            flush(&mut number, &mut kept);
            kept.push(c);
        }
    }
    flush(&mut number, &mut kept);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_error_text_carries_a_person_number_but_days_stay() {
        assert_eq!(without_numbers("a 198001019804 b"), "a … b");
        assert_eq!(without_numbers("'19800101-9804'"), "'…'");
        assert_eq!(without_numbers("800101+9804"), "…");
        assert_eq!(without_numbers("from 2026-11-22, at most 36"), "from 2026-11-22, at most 36");
        let status = Status::invalid_argument("person_number: 198001019804\nis\u{1b}[31m wrong");
        let error = ClientError::of_call(&status, 1);
        assert_eq!(error.to_string(), "refused: person_number: … is[31m wrong");
    }

    #[test]
    fn a_refused_field_is_named_in_swedish_before_the_reason_as_it_came() {
        let told = |why: &str| ClientError::Refused(why.to_owned()).told(Language::Swedish);
        assert_eq!(
            told("follows_entry_id: must be 32 lower-case hexadecimal digits"),
            "nekat: --again (posten som frågan följer på) godtas inte \
             (follows_entry_id: must be 32 lower-case hexadecimal digits)"
        );
        let ahead = "period.to: lies more than 62 days ahead";
        assert_eq!(told(ahead), format!("nekat: sista dagen som det frågas om godtas inte ({ahead})"));
        assert_eq!(told("case: is closed"), "nekat: case: is closed");
    }

    #[test]
    fn refusals_and_failures_have_their_own_exit_status() {
        let exit = |code| ClientError::of_call(&Status::new(code, "text"), 1).exit_status();
        for code in [Code::PermissionDenied, Code::Unauthenticated, Code::InvalidArgument, Code::NotFound] {
            assert_eq!(exit(code), 4, "{code:?}");
        }
        for code in [Code::Unavailable, Code::Internal, Code::DeadlineExceeded, Code::DataLoss, Code::Aborted]
        {
            assert_eq!(exit(code), 5, "{code:?}");
        }
    }
}
