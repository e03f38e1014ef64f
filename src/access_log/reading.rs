//! The log of reading the log: who read which selection, how many entries it held, before any of them leaves.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use ssbtek_authorize::{Caller, TokenUse};
use ssbtek_domain::{EntryId, OrganisationNumber, Personnummer, is_all_seen};
use ssbtek_transparency::Hash;

use crate::{AccessLog, Append, Asker, Criteria, LogError, Payload};

/// Who read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reader {
    /// An account of the board.
    Asker(Asker),
    /// A citizen portal, in the name of the person that the selection names.
    Portal(PortalReader),
    /// One of the provider's operators.
    Operator(OperatorReader),
}

/// An operator as a reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorReader {
    /// SHA-256 fingerprint of the certificate, hexadecimal.
    pub certificate: String,
}

impl OperatorReader {
    /// By the certificate's fingerprint.
    pub fn new(certificate: [u8; 32]) -> Self {
        Self { certificate: Hash::from_bytes(certificate).to_hex() }
    }

    /// The operator as every record names one.
    pub fn name(&self) -> String {
        operator_name(&self.certificate)
    }

    /// What tells it from other operators in that name.
    pub(crate) fn digits(&self) -> &str {
        digits_of(&self.certificate)
    }
}

/// How records name operators where an account would be; alone where they do not say which.
pub const OPERATOR: &str = "operator";
/// How records name all operators together.
pub const OPERATORS: &str = "operators";
/// How records name the broker itself.
pub const BROKER: &str = "broker";
/// How records name what the configuration says at a start.
pub const CONFIGURATION: &str = "configuration";
/// How records name an agent, before its number.
pub const AGENT: &str = "agent";
/// How records name an agency's contact, before the agency.
pub const AGENCY: &str = "agency";
/// How records name a portal, before its number.
const PORTAL: &str = "portal";
/// Between the names of two.
pub(crate) const BOTH: &str = " and ";
/// Digits of a certificate's SHA-256 by which an operator is named.
const DIGITS: usize = 16;

fn digits_of(sha256: &str) -> &str {
    sha256.get(..DIGITS).unwrap_or(sha256)
}

/// An operator, as records name it: by the first 16 digits of the certificate's SHA-256.
pub fn operator_name(sha256: &str) -> String {
    format!("{OPERATOR} {}", digits_of(sha256))
}

/// The digits of an operator's name as [`operator_name`] gives it; `None` of any other name.
pub(crate) fn operator_digits(name: &str) -> Option<&str> {
    let digits = name.strip_prefix(OPERATOR)?.strip_prefix(' ')?;
    let is_digit = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    (digits.len() == DIGITS && digits.bytes().all(is_digit)).then_some(digits)
}

/// Names that stand alone.
const ALONE: [&str; 4] = [OPERATOR, OPERATORS, BROKER, CONFIGURATION];
/// Names with more behind them.
const WITH_MORE: [&str; 4] = [OPERATOR, AGENT, AGENCY, PORTAL];

/// Whether a name is one that records give to who is no account: operators, an agent, an agency's contact, a portal, the broker
/// itself, the configuration.
pub fn is_no_accounts_name(name: &str) -> bool {
    name.to_lowercase().split(BOTH).any(is_partys_name)
}

/// An account's name, as it is shown: one that would be taken for who is no account, or in which something cannot be seen, stands in
/// quotes, for what it is. A refused caller may say any name, and accounts from before names had one form may have any.
pub fn shown_account(name: &str) -> Cow<'_, str> {
    match is_no_accounts_name(name) || !name.split(' ').all(is_all_seen) {
        true => format!("account {name:?}").into(),
        false => name.into(),
    }
}

/// The same of a name in lower case that names nobody else beside.
fn is_partys_name(name: &str) -> bool {
    ALONE.contains(&name) || name.split_once(' ').is_some_and(|(first, _)| WITH_MORE.contains(&first))
}

/// A citizen portal as a reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortalReader {
    /// Who runs it.
    pub organisation: OrganisationNumber,
    /// SHA-256 fingerprint of the certificate, hexadecimal.
    pub certificate: String,
    /// The portal's own name for the log-in that the call rests on.
    pub login: String,
}

/// What was selected, by name and value. Personal data: kept only sealed, never shown by `Debug`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Selection(BTreeMap<String, String>);

impl Selection {
    /// With one more thing selected by.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// The person selected by, 12 digits.
    pub fn person(&self) -> Option<&str> {
        self.0.get("person").map(String::as_str)
    }

    /// Names and values, by name.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

/// A reading of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogRead {
    /// Who read.
    #[serde(flatten)]
    pub by: Reader,
    /// What was done, a fixed word such as `list`.
    pub action: String,
    /// By what was searched: names joined by `+`, `all` if by nothing.
    pub filter: String,
    /// By what was searched, with the values.
    #[serde(default, skip_serializing_if = "Selection::is_empty")]
    pub selection: Selection,
    /// How many entries left, or were counted in what left; `None` where that was not known yet when the reading began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entries: Option<u64>,
    /// How many of them are about persons who were said to be protected, where the reader was told who, or looked for that. Of
    /// everything at once: one at least.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub protected: u64,
    /// Whether something was held back from the reader for the person's protection.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub held_back: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// What is read, for its record.
#[derive(Debug, Clone)]
pub struct Reading {
    action: &'static str,
    filter: String,
    selection: Selection,
    entries: Option<u64>,
    protected: u64,
    held_back: bool,
}

impl Reading {
    /// By several things at once.
    pub fn of(action: &'static str, criteria: &Criteria, entries: Option<u64>) -> Self {
        let (filter, selection) = (criteria.name(), criteria.selection());
        Self { action, filter, selection, entries, protected: 0, held_back: false }
    }

    /// By one thing.
    pub fn by(action: &'static str, name: &'static str, value: &str, entries: Option<u64>) -> Self {
        let selection = Selection::default().with(name, value);
        Self { action, filter: name.to_owned(), selection, entries, protected: 0, held_back: false }
    }

    /// Of an answer that is told again to the account that asked, from memory: the entry of its question, and about whom it is.
    pub fn answer_again(action: &'static str, entry: EntryId, person: &Personnummer) -> Self {
        let selection = Selection::default().with("entry", entry.to_string());
        let selection = selection.with("person", person.expose());
        let filter = "entry".to_owned();
        Self { action, filter, selection, entries: Some(1), protected: 0, held_back: false }
    }

    /// Of what stands for the whole log.
    pub fn whole(action: &'static str, entries: Option<u64>) -> Self {
        let (filter, selection) = ("all".to_owned(), Selection::default());
        Self { action, filter, selection, entries, protected: 0, held_back: false }
    }

    /// The same, about so many protected persons: shown to who reviews.
    #[must_use]
    pub fn of_protected(self, protected: u64) -> Self {
        Self { protected, ..self }
    }

    /// How many protected persons it is about.
    pub fn protected(&self) -> u64 {
        self.protected
    }

    /// The same, from which something was held back for the person's protection.
    #[must_use]
    pub fn held_back(self, held_back: bool) -> Self {
        Self { held_back, ..self }
    }
}

impl AccessLog {
    /// Records that an account reads the log, and spends its assertion. Nothing may leave before this has returned.
    pub async fn record_reading(
        &self,
        caller: &Caller,
        reading: Reading,
        once: Option<TokenUse>,
    ) -> Result<(), LogError> {
        self.record_readings(caller, vec![reading], once).await
    }

    /// The same of several readings at once: all of them, or none.
    pub async fn record_readings(
        &self,
        caller: &Caller,
        readings: Vec<Reading>,
        once: Option<TokenUse>,
    ) -> Result<(), LogError> {
        self.record_reads(caller.board, &Reader::Asker(Asker::from(caller)), readings, once).await
    }

    /// Records that a portal reads a board's log in a person's name. Nothing may leave before this has returned.
    pub async fn record_portal_reading(
        &self,
        board: OrganisationNumber,
        portal: &PortalReader,
        reading: Reading,
    ) -> Result<(), LogError> {
        self.record_reads(board, &Reader::Portal(portal.clone()), vec![reading], None).await
    }

    /// Records that an operator reads what a board's log or registry holds. Nothing may leave before this has returned.
    pub async fn record_operator_reading(
        &self,
        board: OrganisationNumber,
        operator: &OperatorReader,
        reading: Reading,
    ) -> Result<(), LogError> {
        self.record_reads(board, &Reader::Operator(operator.clone()), vec![reading], None).await
    }

    async fn record_reads(
        &self,
        board: OrganisationNumber,
        by: &Reader,
        readings: Vec<Reading>,
        mut once: Option<TokenUse>,
    ) -> Result<(), LogError> {
        let now = self.clock.now();
        let mut appends = Vec::with_capacity(readings.len());
        for reading in readings {
            let Reading { action, filter, selection, entries, protected, held_back } = reading;
            let (by, action) = (by.clone(), action.to_owned());
            let read = LogRead { by, action, filter, selection, entries, protected, held_back };
            let entry = EntryId::draw(&*self.entropy, now);
            let append = self.record(board, entry, now, &Payload::LogRead(read)).await?;
            appends.push(Append { once: once.take(), ..append });
        }
        self.store.append_all(appends).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_from_before_selections_were_kept_are_still_read() {
        let old = r#"{"asker":{"board":"162120009994","case_worker":"greta","certificate":"00"},"action":"list","filter":"person"}"#;
        let read: LogRead = serde_json::from_str(old).unwrap();
        assert!(matches!(&read.by, Reader::Asker(asker) if asker.case_worker.as_str() == "greta"));
        assert_eq!((read.entries, serde_json::to_string(&read).unwrap().as_str()), (None, old));
    }

    #[test]
    fn what_records_call_who_is_no_account_is_told_from_accounts() {
        for taken in [
            "operator",
            "Operator 0123456789abcdef",
            "agent 165560000001",
            "agency FK",
            "configuration",
            "x and operator 0123456789abcdef",
            "x And Operator 1",
            "operators",
            "Broker",
            "portal 212000-0142",
        ] {
            assert!(is_no_accounts_name(taken), "{taken}");
        }
        for free in ["anna", "operator1", "agent", "agenten", "portalen", "agency", "anna operator", "system"]
        {
            assert!(!is_no_accounts_name(free), "{free}");
        }
        for (name, shown) in [
            ("anna", "anna"),
            ("anna operator", "anna operator"),
            ("operator 0123456789abcdef", r#"account "operator 0123456789abcdef""#),
            ("x and Operator 1", r#"account "x and Operator 1""#),
            ("broker", r#"account "broker""#),
            ("an\u{202e}na", r#"account "an\u{202e}na""#),
            ("an\u{7}na", r#"account "an\u{7}na""#),
        ] {
            assert_eq!(shown_account(name), shown);
        }
        assert_eq!(operator_digits(&operator_name(&"0a".repeat(32))), Some("0a0a0a0a0a0a0a0a"));
        for other in [
            "operator",
            "operator 1",
            "operator 0A0A0A0A0A0A0A0A",
            "operator 0a0a0a0a0a0a0a0a and operator 0a0a0a0a0a0a0a0a",
        ] {
            assert_eq!(operator_digits(other), None, "{other}");
        }
    }

    #[test]
    fn debug_names_what_was_selected_by_and_never_whom() {
        let selection = Selection::default().with("person", "198001019804");
        assert_eq!(format!("{selection:?}"), r#"["person"]"#);
    }
}
