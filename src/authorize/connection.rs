//! The life of a board's connection: which step follows which, and what must be there before access is enabled.

use serde::{Deserialize, Serialize};
use ssbtek_domain::{DateTime, Deadline, NaiveDate, Utc, stockholm_date};

use crate::{Board, BoardState, Provider};

/// SHA-256 of a signed document, 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DocumentHash(String);

impl DocumentHash {
    /// Checks the form.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let fits = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err("must be a SHA-256, 64 lower-case hexadecimal digits")
        }
    }

    /// Of these bytes.
    pub fn of(content: &[u8]) -> Self {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, content);
        Self(digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for DocumentHash {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<DocumentHash> for String {
    fn from(hash: DocumentHash) -> String {
        hash.0
    }
}

/// What is done to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// The application, signed by an authorised signatory, comes in.
    Apply,
    /// Its papers are checked.
    Check,
    /// It is approved.
    Approve,
    /// Access is enabled: the agreement is in force.
    Enable,
    /// Access is suspended.
    Suspend,
    /// Access is enabled again.
    Resume,
    /// Notice: the agreement ends on a day.
    End,
    /// Everything kept for the board has been erased.
    Purge,
}

impl StepKind {
    /// The name in records and commands.
    pub fn as_str(self) -> &'static str {
        match self {
            StepKind::Apply => "apply",
            StepKind::Check => "check",
            StepKind::Approve => "approve",
            StepKind::Enable => "enable",
            StepKind::Suspend => "suspend",
            StepKind::Resume => "resume",
            StepKind::End => "end",
            StepKind::Purge => "purge",
        }
    }
}

/// One step that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What was done.
    pub kind: StepKind,
    /// By whom: an account of the board, or `operator`.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The signed document it rests on.
    pub document: DocumentHash,
    /// For an end: the last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<NaiveDate>,
}

/// Who answers for a party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Function or name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Telephone.
    pub phone: String,
}

/// The two texts of processor agreement that run side by side in a transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProcessorAgreementVariant {
    /// The provider's own text.
    Provider,
    /// The text common to municipalities and regions.
    Common,
}

impl ProcessorAgreementVariant {
    /// The name in records.
    pub fn as_str(self) -> &'static str {
        match self {
            ProcessorAgreementVariant::Provider => "provider",
            ProcessorAgreementVariant::Common => "common",
        }
    }
}

/// A processor agreement (personuppgiftsbiträdesavtal) with its instructions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessorAgreement {
    /// Which text.
    pub variant: ProcessorAgreementVariant,
    /// Its version.
    pub version: String,
    /// Version of the controller's instructions to the processor.
    pub instructions_version: String,
    /// Day of the last signature.
    pub signed_on: NaiveDate,
    /// The signed document.
    pub document: DocumentHash,
}

/// Whether the executive board acts for an independent one, and on what power.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PowerOfAttorney {
    /// Whether one is needed.
    pub needed: bool,
    /// The signed document.
    #[serde(default)]
    pub document: Option<DocumentHash>,
    /// For which text of processor agreement it holds; `None` until one of the two is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<ProcessorAgreementVariant>,
}

impl PowerOfAttorney {
    /// Whether the agreement may rest on it: where one is needed it is there, and for the very text that was signed.
    fn covers(&self, agreement: Option<&ProcessorAgreement>) -> bool {
        let fits = |variant| agreement.is_none_or(|agreement| agreement.variant == variant);
        !self.needed || (self.document.is_some() && self.variant.is_none_or(fits))
    }
}

/// Why a step cannot be taken. The connection is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectionError {
    /// The step does not follow on the connection's state.
    #[error("{} does not follow on {}", .step.as_str(), .state.as_str())]
    Order {
        /// Where the connection stands.
        state: BoardState,
        /// What was to be done.
        step: StepKind,
    },
    /// What is not there and must be before access is enabled, all of it.
    #[error("missing: {}", .0.join(", "))]
    Missing(Vec<&'static str>),
    /// An end without a day, on a day that has passed, or at the end of the calendar.
    #[error("must be a day, today or later, and not the calendar's last")]
    EndDay,
    /// A day was given for what has none.
    #[error("is for an end only")]
    NoDay,
}

impl Board {
    /// Takes a step. Notice leaves access as it is until the end of the last day: access that is to end at once is suspended.
    pub fn take(&mut self, step: Step, provider: &Provider) -> Result<(), ConnectionError> {
        let ready = self.is_ready(provider, step.at);
        self.advance(step, ready)
    }

    /// Takes a step again that was taken elsewhere. What must be there before access is enabled is not judged: access does not
    /// follow from what happened elsewhere.
    pub fn take_again(&mut self, step: Step) -> Result<(), ConnectionError> {
        self.advance(step, Ok(()))
    }

    fn advance(&mut self, step: Step, ready: Result<(), ConnectionError>) -> Result<(), ConnectionError> {
        use BoardState::{Applied, Approved, Checked, Ended, InForce, Purged, Suspended};
        let standing = self.standing(step.at);
        if step.kind != StepKind::End && step.on.is_some() {
            return Err(ConnectionError::NoDay);
        }
        let (state, ends_on) = match (standing, step.kind) {
            (Applied, StepKind::Check) => (Checked, self.ended_on()),
            (Checked, StepKind::Approve) => (Approved, self.ended_on()),
            (Approved, StepKind::Enable) | (Suspended, StepKind::Resume) => {
                ready?;
                (InForce, self.ended_on())
            }
            (InForce, StepKind::Suspend) => (Suspended, self.ended_on()),
            // May be moved until it has passed.
            (Applied | Checked | Approved | InForce | Suspended, StepKind::End) => {
                let fits = |on: &NaiveDate| *on >= stockholm_date(step.at) && Deadline::after(*on).is_some();
                (self.access(), Some(step.on.filter(fits).ok_or(ConnectionError::EndDay)?))
            }
            (Ended { on }, StepKind::Purge) => (Purged, Some(on)),
            _ => return Err(ConnectionError::Order { state: standing, step: step.kind }),
        };
        (self.state, self.ends_on) = (state, ends_on);
        self.history.push(step);
        Ok(())
    }

    /// Whether everything is there that must be before access is enabled; if not, everything that is missing.
    fn is_ready(&self, provider: &Provider, now: DateTime<Utc>) -> Result<(), ConnectionError> {
        let power = &self.power_of_attorney;
        let proven = |c: &crate::RegisteredCertificate| c.is_confirmed() && c.revoked_at.is_none();
        let missing: Vec<_> = [
            (self.certificates.iter().any(proven), "proven certificate"),
            (self.contact.is_some(), "contact"),
            (self.processor_agreement.is_some(), "processor_agreement"),
            (power.covers(self.processor_agreement.as_ref()), "power_of_attorney"),
            (self.assertion_keys.iter().any(|key| key.is_valid_at(now)), "assertion_key"),
            (provider.instructions_at(now).is_some(), "instructions in force"),
            (provider.unapproved_by(self, stockholm_date(now)).is_none(), "approval of sub-processors"),
        ]
        .into_iter()
        .filter_map(|(there, what)| (!there).then_some(what))
        .collect();
        if missing.is_empty() { Ok(()) } else { Err(ConnectionError::Missing(missing)) }
    }
}
