//! Agents (ombud): companies that connect on behalf of boards, and what must hold for each question they carry.

use std::collections::BTreeMap;

use chrono::Months;
use serde::{Deserialize, Serialize};
use ssbtek_domain::{DateTime, NaiveDate, OrganisationNumber, Processor, Utc, stockholm_date};

use crate::{Caller, Denial, DocumentHash, RegisteredCertificate, board::registered};

/// One line of an agent's qualification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QualificationItem {
    /// Taxes paid, by an extract not older than three months.
    TaxesPaid,
    /// No insolvency, no payment defaults.
    NoFinancialTrouble,
    /// No manager convicted of the crimes listed.
    ManagersNotConvicted,
    /// No manager under a trading prohibition (näringsförbud).
    NoTradingProhibition,
    /// An information-security management system.
    InformationSecurity,
    /// A data protection officer.
    DataProtectionOfficer,
}

impl QualificationItem {
    /// All of them; each is needed.
    pub const ALL: [QualificationItem; 6] = [
        QualificationItem::TaxesPaid,
        QualificationItem::NoFinancialTrouble,
        QualificationItem::ManagersNotConvicted,
        QualificationItem::NoTradingProhibition,
        QualificationItem::InformationSecurity,
        QualificationItem::DataProtectionOfficer,
    ];

    /// The name in records and commands.
    pub fn as_str(self) -> &'static str {
        match self {
            QualificationItem::TaxesPaid => "taxes_paid",
            QualificationItem::NoFinancialTrouble => "no_financial_trouble",
            QualificationItem::ManagersNotConvicted => "managers_not_convicted",
            QualificationItem::NoTradingProhibition => "no_trading_prohibition",
            QualificationItem::InformationSecurity => "information_security",
            QualificationItem::DataProtectionOfficer => "data_protection_officer",
        }
    }

    /// Whether a document may be recorded as evidence of it on `today`; if not, which of its days is wrong and why.
    pub fn accepts(self, evidence: &Evidence, today: NaiveDate) -> Result<(), (&'static str, &'static str)> {
        let oldest_extract = today.checked_sub_months(Months::new(3)).unwrap_or(today);
        if evidence.dated > today {
            Err(("dated", "lies in the future"))
        } else if evidence.valid_to.is_some_and(|to| to < today) {
            Err(("valid_to", "has passed"))
        } else if self == QualificationItem::TaxesPaid && evidence.dated < oldest_extract {
            Err(("dated", "is an extract older than three months"))
        } else {
            Ok(())
        }
    }

    /// The item with that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|item| item.as_str() == name)
    }
}

/// Evidence for one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The document's SHA-256.
    pub document: DocumentHash,
    /// The day the document bears.
    pub dated: NaiveDate,
    /// Last day it counts, where it says so.
    #[serde(default)]
    pub valid_to: Option<NaiveDate>,
}

/// A signature under a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Who signed, as far as the broker knows: an account, a certificate's fingerprint or `operator`.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What was signed.
    pub document: DocumentHash,
}

/// An agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// Organisation number.
    pub organisation: OrganisationNumber,
    /// Name.
    pub name: String,
    /// Its TLS client certificates.
    pub certificates: Vec<RegisteredCertificate>,
    /// Its qualification, item by item.
    #[serde(default)]
    pub qualification: BTreeMap<QualificationItem, Evidence>,
    /// The agent agreement, once signed.
    #[serde(default)]
    pub agreement: Option<Signature>,
    /// Last day of the agent agreement, once notice has been given.
    #[serde(default)]
    pub ended_on: Option<NaiveDate>,
}

impl Agent {
    /// Whether a certificate is registered and not revoked at `now`.
    pub fn accepts_certificate(&self, fingerprint: &[u8; 32], now: DateTime<Utc>) -> bool {
        registered(&self.certificates, fingerprint, now).is_some()
    }

    /// Whether every item of the qualification holds on `today`.
    pub fn is_qualified(&self, today: NaiveDate) -> bool {
        self.lacks(today).is_empty()
    }

    /// What its qualification lacks on `today`: item by item, and why.
    pub fn lacks(&self, today: NaiveDate) -> Vec<String> {
        let lacks = |item: &QualificationItem| match self.qualification.get(item) {
            None => Some(format!("{}: no evidence", item.as_str())),
            Some(evidence) => {
                let judged = item.accepts(evidence, today);
                judged.err().map(|(field, reason)| format!("{}: {field} {reason}", item.as_str()))
            }
        };
        QualificationItem::ALL.iter().filter_map(lacks).collect()
    }

    /// Whether its own agreement is signed and stands on a day; if not, why.
    pub fn stands(&self, day: NaiveDate) -> Result<(), &'static str> {
        if self.agreement.is_none() {
            Err("has not signed the agent agreement")
        } else if self.ended_on.is_some_and(|on| on < day) {
            Err("has ended its agreement")
        } else {
            Ok(())
        }
    }
}

/// An agent's notification that it connects a customer. In force once both have signed the same document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentNotification {
    /// The board.
    pub board: OrganisationNumber,
    /// The agent.
    pub agent: OrganisationNumber,
    /// First day.
    pub from: NaiveDate,
    /// The notification's own SHA-256.
    pub document: DocumentHash,
    /// The processor agreement between board and agent.
    pub processor_agreement: DocumentHash,
    /// Organisations between the board and the agent, nearest the board first.
    #[serde(default)]
    pub processors_before: Vec<Processor>,
    /// The agent's signature.
    pub signed_by_agent: Option<Signature>,
    /// The board's signature.
    pub signed_by_board: Option<Signature>,
    /// When notice was given; nothing is asked from then on.
    #[serde(default)]
    pub ended_at: Option<DateTime<Utc>>,
}

impl AgentNotification {
    /// Whether both have signed the notification itself.
    pub fn is_signed_by_both(&self) -> bool {
        let signed = |side: &Option<Signature>| side.as_ref().is_some_and(|s| s.document == self.document);
        signed(&self.signed_by_agent) && signed(&self.signed_by_board)
    }
}

/// The processors between board and broker, nearest the board first: those the notification names, then the agent.
pub fn registered_chain(agent: &Agent, notification: Option<&AgentNotification>) -> Vec<Processor> {
    let before = notification.into_iter().flat_map(|known| &known.processors_before).cloned();
    before.chain([Processor { organisation: agent.organisation, name: agent.name.clone() }]).collect()
}

/// Whether a question names the registered chain, by number and in order.
fn is_chain(named: &[Processor], agent: &Agent, notification: &AgentNotification) -> bool {
    let registered = registered_chain(agent, Some(notification));
    named.iter().map(|link| link.organisation).eq(registered.iter().map(|link| link.organisation))
}

/// The chain from agent to board, link by link.
pub(crate) fn chain(
    agent: Option<&Agent>,
    notification: Option<&AgentNotification>,
    caller: &Caller,
    now: DateTime<Utc>,
) -> Result<(), Denial> {
    let today = stockholm_date(now);
    let agent = agent.ok_or(Denial::AgentUnknown)?;
    for (holds, otherwise) in [
        (agent.accepts_certificate(&caller.certificate, now), Denial::CertificateNotRegistered),
        (agent.agreement.is_some(), Denial::AgentAgreementNotSigned),
        (agent.ended_on.is_none_or(|on| today <= on), Denial::AgentAgreementEnded),
        (agent.is_qualified(today), Denial::AgentNotQualified),
    ] {
        crate::decide::require(holds, otherwise)?;
    }
    let notification = notification.ok_or(Denial::AgentNotNotified)?;
    for (holds, otherwise) in [
        (notification.agent == agent.organisation, Denial::AgentNotNotified),
        (notification.is_signed_by_both(), Denial::AgentNotificationNotSigned),
        (notification.from <= today, Denial::AgentNotNotified),
        (notification.ended_at.is_none(), Denial::AgentNotificationEnded),
        (is_chain(&caller.processors, agent, notification), Denial::AgentChainDiffers),
    ] {
        crate::decide::require(holds, otherwise)?;
    }
    Ok(())
}
