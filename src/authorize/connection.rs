//! The life of a board's connection: which step follows which, and what must be there before access is enabled.

use serde::{Deserialize, Serialize};
use ssbtek_domain::{DateTime, NaiveDate, Utc, stockholm_date};

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
}

/// Why a step cannot be taken. The connection is as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConnectionError {
    /// The step does not follow on the connection's state.
    #[error("{} does not follow on {}", .step.as_str(), .state.as_str())]
    Order {
        /// Where the connection stands.
        state: BoardState,
        /// What was to be done.
        step: StepKind,
    },
    /// Something is not there that must be before access is enabled.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// An end without a day, or on a day that has passed.
    #[error("must be today or later")]
    EndDay,
    /// A day was given for what has none.
    #[error("is for an end only")]
    NoDay,
}

impl Board {
    /// Takes a step. An end today holds at once; a later one from the first moment of the day after.
    pub fn take(&mut self, step: Step, provider: &Provider) -> Result<(), ConnectionError> {
        let now = step.at;
        self.take_as_of(step, provider, now)
    }

    /// Takes a step of the past again; what must be there before access is enabled is judged at `now`.
    pub fn take_as_of(
        &mut self,
        step: Step,
        provider: &Provider,
        now: DateTime<Utc>,
    ) -> Result<(), ConnectionError> {
        use BoardState::{Applied, Approved, Checked, Ended, InForce, Purged, Suspended};
        let order = ConnectionError::Order { state: self.state, step: step.kind };
        if step.kind != StepKind::End && step.on.is_some() {
            return Err(ConnectionError::NoDay);
        }
        let next = match (self.state, step.kind) {
            (Applied, StepKind::Check) => Checked,
            (Checked, StepKind::Approve) => Approved,
            (Approved, StepKind::Enable) => {
                self.is_ready(provider, now)?;
                InForce
            }
            (InForce, StepKind::Suspend) => Suspended,
            (Suspended, StepKind::Resume) => {
                self.is_ready(provider, now)?;
                InForce
            }
            (Applied | Checked | Approved | InForce | Suspended, StepKind::End) => {
                let on =
                    step.on.filter(|on| *on >= stockholm_date(step.at)).ok_or(ConnectionError::EndDay)?;
                Ended { on }
            }
            (Ended { .. }, StepKind::Purge) if self.has_ended(step.at) => Purged,
            _ => return Err(order),
        };
        match next {
            Ended { on } => self.end_on(on, step.at),
            next => self.state = next,
        }
        self.history.push(step);
        Ok(())
    }

    /// Sets the last day, or moves it: an end today holds at once; a later one from the first moment of the day after, if the
    /// connection is in force until then.
    pub fn end_on(&mut self, on: NaiveDate, now: DateTime<Utc>) {
        let goes_on = self.in_force(now).is_ok() && on > stockholm_date(now);
        self.in_force_until = goes_on.then(|| day_after(on)).flatten();
        self.state = BoardState::Ended { on };
    }

    /// Whether everything is there that must be before access is enabled.
    fn is_ready(&self, provider: &Provider, now: DateTime<Utc>) -> Result<(), ConnectionError> {
        let power = &self.power_of_attorney;
        let proven = |c: &crate::RegisteredCertificate| c.is_confirmed() && c.revoked_at.is_none();
        for (there, what) in [
            (self.certificates.iter().any(proven), "proven certificate"),
            (self.contact.is_some(), "contact"),
            (self.processor_agreement.is_some(), "processor_agreement"),
            (!power.needed || power.document.is_some(), "power_of_attorney"),
            (self.assertion_keys.iter().any(|key| key.is_valid_at(now)), "assertion_key"),
            (provider.instructions_at(now).is_some(), "instructions in force"),
            (provider.unapproved_by(self, stockholm_date(now)).is_none(), "approval of sub-processors"),
        ] {
            if !there {
                return Err(ConnectionError::Missing(what));
            }
        }
        Ok(())
    }
}

/// The first moment of the day after `day` in Stockholm.
fn day_after(day: NaiveDate) -> Option<DateTime<Utc>> {
    let midnight = day.succ_opt()?.and_hms_opt(0, 0, 0)?;
    Some(midnight.and_local_timezone(chrono_tz::Europe::Stockholm).earliest()?.with_timezone(&Utc))
}
