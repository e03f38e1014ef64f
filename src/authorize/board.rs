//! A board, the certificates and keys registered with its agreement, and its own rules.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ssbtek_domain::{
    Agency, CaseWorkerId, DateTime, Deadline, NaiveDate, OrganisationNumber, Utc, stockholm_date,
};

use crate::{Attestation, Contact, Denial, PowerOfAttorney, ProcessorAgreement, Rules, Step, StepKind};

/// Where a board's connection stands (SSBTEK § 1.2). Steps lead from one to the next; that the agreement has ended is no
/// step but follows from its last day: see [`Board::standing`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BoardState {
    /// The application has come in.
    Applied,
    /// Its papers have been checked.
    Checked,
    /// Approved; access is not enabled yet.
    Approved,
    /// Access is enabled.
    InForce,
    /// Suspended by the provider or the board.
    Suspended,
    /// The agreement's last day has passed.
    Ended {
        /// The last day, in Stockholm.
        on: NaiveDate,
    },
    /// Everything kept for the board has been erased.
    Purged,
}

impl BoardState {
    /// The name in records.
    pub fn as_str(self) -> &'static str {
        match self {
            BoardState::Applied => "applied",
            BoardState::Checked => "checked",
            BoardState::Approved => "approved",
            BoardState::InForce => "in_force",
            BoardState::Suspended => "suspended",
            BoardState::Ended { .. } => "ended",
            BoardState::Purged => "purged",
        }
    }
}

/// A board (socialnämnd or the board the council has named): the controller of what is asked in its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Board {
    /// Organisation number.
    pub organisation: OrganisationNumber,
    /// Name, as the agencies are told.
    pub name: String,
    /// To where the steps of its life have led, whether the agreement has ended since or not: for that see
    /// [`Board::standing`]. Records from before version 0.2 hold `Ended` here once notice had been given.
    pub state: BoardState,
    /// TLS client certificates registered with the agreement.
    pub certificates: Vec<RegisteredCertificate>,
    /// Keys that sign its case workers' assertions; several while a key is rotated.
    pub assertion_keys: Vec<AssertionKey>,
    /// Agencies the board has chosen never to ask.
    #[serde(default)]
    pub never_asked: BTreeSet<Agency>,
    /// The agreement's last day, once notice has been given. The one ending: access, the published list, what is shown and
    /// when everything is erased all follow from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_on: Option<NaiveDate>,
    /// Every step of the connection's life, oldest first.
    #[serde(default)]
    pub history: Vec<Step>,
    /// Who answers for the board.
    #[serde(default)]
    pub contact: Option<Contact>,
    /// The processor agreement in force.
    #[serde(default)]
    pub processor_agreement: Option<ProcessorAgreement>,
    /// Whether the executive board acts for an independent one, and on what power.
    #[serde(default)]
    pub power_of_attorney: PowerOfAttorney,
    /// Sub-processors of the provider that the board has approved.
    #[serde(default)]
    pub approved_sub_processors: BTreeSet<OrganisationNumber>,
    /// Rules of its own, which can only tighten.
    #[serde(default)]
    pub rules: Rules,
    /// Citizen portals that may show persons what the board has asked about them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub portals: BTreeSet<OrganisationNumber>,
    /// SHA-256 of the portals' certificates that the board has named: through no other is anybody shown anything of it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub portal_certificates: BTreeSet<String>,
    /// Whether the board itself attests cases that are not registered, and from when until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attests_cases: Option<Attestation>,
}

impl Board {
    /// A board whose application has just come in, with nothing registered but this.
    pub fn applied(
        organisation: OrganisationNumber,
        name: String,
        certificates: Vec<RegisteredCertificate>,
        assertion_keys: Vec<AssertionKey>,
        application: Step,
    ) -> Self {
        Self {
            organisation,
            name,
            state: BoardState::Applied,
            certificates,
            assertion_keys,
            never_asked: BTreeSet::new(),
            ends_on: None,
            history: vec![application],
            contact: None,
            processor_agreement: None,
            power_of_attorney: PowerOfAttorney::default(),
            approved_sub_processors: BTreeSet::new(),
            portals: BTreeSet::new(),
            portal_certificates: BTreeSet::new(),
            rules: Rules::default(),
            attests_cases: None,
        }
    }

    /// Whether a certificate opens doors at `now`; if not, why. One that an operator has registered opens none until the
    /// board's administrator has confirmed it.
    pub fn accepts_certificate(&self, fingerprint: &[u8; 32], now: DateTime<Utc>) -> Result<(), Denial> {
        let registered = registered(&self.certificates, fingerprint, now);
        let registered = registered.ok_or(Denial::CertificateNotRegistered)?;
        crate::decide::require(registered.is_confirmed(), Denial::CertificateNotConfirmed)
    }

    /// Whether the agreement lets questions be asked at `now`; if not, precisely why.
    pub fn in_force(&self, now: DateTime<Utc>) -> Result<(), Denial> {
        match self.standing(now) {
            BoardState::InForce => Ok(()),
            BoardState::Ended { .. } | BoardState::Purged => Err(Denial::BoardEnded),
            BoardState::Suspended => Err(Denial::BoardSuspended),
            BoardState::Applied | BoardState::Checked | BoardState::Approved => Err(Denial::BoardNotInForce),
        }
    }

    /// Where the connection stands at `now`: where its steps have led, until the end of the agreement's last day.
    pub fn standing(&self, now: DateTime<Utc>) -> BoardState {
        match (self.access(), self.ended_on()) {
            (BoardState::Purged, _) => BoardState::Purged,
            (_, Some(on)) if on < stockholm_date(now) => BoardState::Ended { on },
            (access, _) => access,
        }
    }

    /// To where the steps have led, whatever the last day.
    pub(crate) fn access(&self) -> BoardState {
        let BoardState::Ended { .. } = self.state else { return self.state };
        // A record from before the last day had a field of its own: the steps before the notice tell.
        let led = |step: &Step| match step.kind {
            StepKind::Apply => Some(BoardState::Applied),
            StepKind::Check => Some(BoardState::Checked),
            StepKind::Approve => Some(BoardState::Approved),
            StepKind::Enable | StepKind::Resume => Some(BoardState::InForce),
            StepKind::Suspend => Some(BoardState::Suspended),
            StepKind::End | StepKind::Purge => None,
        };
        self.history.iter().rev().find_map(led).unwrap_or(BoardState::Suspended)
    }

    /// The last day of the agreement, once notice has been given.
    pub fn ended_on(&self) -> Option<NaiveDate> {
        self.ends_on.or_else(|| match self.state {
            BoardState::Ended { on } => Some(on),
            BoardState::Purged => self.history.iter().rev().find_map(|step| step.on),
            _ => None,
        })
    }

    /// What follows from the last day, once notice has been given.
    pub fn deadline(&self) -> Option<Deadline> {
        self.ended_on().and_then(Deadline::after)
    }

    /// Whether the agreement has run out at `now`.
    pub fn has_ended(&self, now: DateTime<Utc>) -> bool {
        matches!(self.standing(now), BoardState::Ended { .. } | BoardState::Purged)
    }

    /// Whether this account may be told of a person whose identity is protected.
    pub fn may_see_protected(&self, account: &CaseWorkerId) -> bool {
        self.rules.protected_only_for.as_ref().is_none_or(|named| named.contains(account))
    }
}

/// The certificate among those registered, if it is not revoked at `now`.
pub(crate) fn registered<'a>(
    certificates: &'a [RegisteredCertificate],
    fingerprint: &[u8; 32],
    now: DateTime<Utc>,
) -> Option<&'a RegisteredCertificate> {
    let sha256 = hex(fingerprint);
    certificates
        .iter()
        .find(|certificate| certificate.sha256 == sha256 && certificate.revoked_at.is_none_or(|at| now < at))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A TLS client certificate of a board or an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisteredCertificate {
    /// SHA-256 over the certificate's DER, lower-case hexadecimal.
    pub sha256: String,
    /// From when it is refused, although its issuer may not have revoked it.
    #[serde(default)]
    pub revoked_at: Option<DateTime<Utc>>,
    /// When the board's administrator first connected with it, and so confirmed it.
    #[serde(default)]
    pub proven_at: Option<DateTime<Utc>>,
    /// When the board's administrator confirmed it over another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<DateTime<Utc>>,
}

impl RegisteredCertificate {
    /// A certificate that nobody has confirmed yet.
    pub fn new(fingerprint: &[u8; 32]) -> Self {
        Self { sha256: hex(fingerprint), revoked_at: None, proven_at: None, confirmed_at: None }
    }

    /// Whether the board itself has said that it is its own, by an assertion of its administrator.
    pub fn is_confirmed(&self) -> bool {
        self.proven_at.is_some() || self.confirmed_at.is_some()
    }

    /// The same certificate, as if nobody had confirmed it.
    #[must_use]
    pub fn unconfirmed(self) -> Self {
        Self { proven_at: None, confirmed_at: None, ..self }
    }
}

/// Signature algorithms accepted for assertions; no other is even parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyAlgorithm {
    /// ECDSA over P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

/// A public key that signs assertions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssertionKey {
    /// Key id, as in the assertion's header.
    pub kid: String,
    /// The one algorithm this key is used with.
    pub algorithm: KeyAlgorithm,
    /// Public key, PEM (SubjectPublicKeyInfo).
    pub public_pem: String,
    /// First moment it may have signed.
    pub valid_from: DateTime<Utc>,
    /// From when it is refused.
    #[serde(default)]
    pub valid_until: Option<DateTime<Utc>>,
}

impl AssertionKey {
    /// Whether the key is in use at `now`.
    pub fn is_valid_at(&self, now: DateTime<Utc>) -> bool {
        self.valid_from <= now && self.valid_until.is_none_or(|until| now < until)
    }
}

/// To whom a certificate belongs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "owner")]
pub enum CertificateOwner {
    /// A board's case system.
    Board {
        /// The board.
        organisation: OrganisationNumber,
    },
    /// An agent that connects on behalf of boards.
    Agent {
        /// The agent.
        organisation: OrganisationNumber,
    },
    /// A citizen portal: shows persons what was asked about them, and can do nothing else.
    Portal {
        /// Who runs it.
        organisation: OrganisationNumber,
    },
    /// An agency's contact.
    Agency {
        /// The agency.
        agency: Agency,
    },
    /// The provider's own operators.
    Operator,
}
