//! The closed list of reasons for which a question is refused.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a well-formed question from an authenticated caller is refused. Precise in the log; outwardly as precise as it can
/// be without telling a person's circumstances (see [`Denial::outward`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Denial {
    /// The board's agreement is not in force.
    BoardNotInForce,
    /// The certificate is no longer registered with the board.
    CertificateNotRegistered,
    /// An operator has registered the certificate, and the board has not confirmed it.
    CertificateNotConfirmed,
    /// No such account at the board.
    CaseWorkerUnknown,
    /// The account is blocked.
    CaseWorkerBlocked,
    /// The account's duties do not cover this.
    CaseWorkerMayNot,
    /// No such case at this board.
    CaseUnknown,
    /// The case is not assigned to this account.
    CaseNotAssigned,
    /// The case is closed.
    CaseClosed,
    /// Nobody in the case has the role.
    RoleNotInCase,
    /// Several persons have the role, and no number was given.
    PersonNumberNeeded,
    /// The person given does not have that role in the case.
    PersonNotInCase,
    /// The person's data are in dispute: nobody at the board may ask.
    PersonRestricted,
    /// No agency that was asked for may be asked.
    NoAgencyPermitted,
    /// The board's connection is suspended.
    BoardSuspended,
    /// The board's agreement has ended.
    BoardEnded,
    /// The account has not confirmed the instructions in force.
    InstructionsNotConfirmed,
    /// The provisional case was not confirmed in time.
    CaseLapsed,
    /// Outside the hours the board has set.
    OutsideHours,
    /// The account has asked as many questions as the board allows within an hour.
    TooManyQuestions,
    /// The person's identity is, or may be, protected, and the account is not among those the board has named.
    ProtectedNotForAccount,
    /// The agent is not registered.
    AgentUnknown,
    /// The agent has not signed the agent agreement.
    AgentAgreementNotSigned,
    /// The agent agreement has ended.
    AgentAgreementEnded,
    /// An item of the agent's qualification is missing or has lapsed.
    AgentNotQualified,
    /// The agent has not notified that it connects this board from today or earlier.
    AgentNotNotified,
    /// Agent and board have not both signed the notification.
    AgentNotificationNotSigned,
    /// The agent's connection of this board has ended.
    AgentNotificationEnded,
    /// The chain of processors that the question names is not the registered one.
    AgentChainDiffers,
    /// The certificate has expired or been revoked, or its issuer's list no longer tells.
    CertificateNotValid,
    /// The key that signed the assertion is no longer in use.
    AssertionKeyRetired,
    /// Something that the question rests on was changed while it was under way.
    FactsChanged,
    /// The assertion was used before.
    AssertionUsed,
    /// A sub-processor works for the provider that the board has not approved.
    SubProcessorNotApproved,
    /// A field of the question is missing or malformed.
    Malformed,
    /// What was to be registered is registered already.
    RegisteredAlready,
    /// What was named is not registered.
    NotRegistered,
    /// Somebody else changed it at the same time.
    ChangedMeanwhile,
    /// The session has ended: signed out, idle too long, too old, or over with the broker's last start.
    SessionEnded,
    /// The sign-in does not lead to the account, or does not any more.
    SignInNotRegistered,
}

/// How a refusal looks from outside; one table in the gateway turns it into gRPC, SOAP and HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DenialClass {
    /// Who calls could not be established.
    NotAuthenticated,
    /// The caller may not.
    NotAllowed,
    /// The answer that was made is no longer the right one; a new question gets a new one.
    AskAgain,
}

impl Denial {
    /// All denials.
    pub const ALL: [Denial; 40] = [
        Denial::BoardNotInForce,
        Denial::CertificateNotRegistered,
        Denial::CertificateNotConfirmed,
        Denial::CaseWorkerUnknown,
        Denial::CaseWorkerBlocked,
        Denial::CaseWorkerMayNot,
        Denial::CaseUnknown,
        Denial::CaseNotAssigned,
        Denial::CaseClosed,
        Denial::RoleNotInCase,
        Denial::PersonNumberNeeded,
        Denial::PersonNotInCase,
        Denial::PersonRestricted,
        Denial::NoAgencyPermitted,
        Denial::BoardSuspended,
        Denial::BoardEnded,
        Denial::InstructionsNotConfirmed,
        Denial::CaseLapsed,
        Denial::OutsideHours,
        Denial::TooManyQuestions,
        Denial::ProtectedNotForAccount,
        Denial::AgentUnknown,
        Denial::AgentAgreementNotSigned,
        Denial::AgentAgreementEnded,
        Denial::AgentNotQualified,
        Denial::AgentNotNotified,
        Denial::AgentNotificationNotSigned,
        Denial::AgentNotificationEnded,
        Denial::AgentChainDiffers,
        Denial::CertificateNotValid,
        Denial::AssertionKeyRetired,
        Denial::FactsChanged,
        Denial::AssertionUsed,
        Denial::SubProcessorNotApproved,
        Denial::Malformed,
        Denial::RegisteredAlready,
        Denial::NotRegistered,
        Denial::ChangedMeanwhile,
        Denial::SessionEnded,
        Denial::SignInNotRegistered,
    ];

    /// The denial with that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|denial| denial.as_str() == name)
    }

    /// The name in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Denial::BoardNotInForce => "board_not_in_force",
            Denial::CertificateNotRegistered => "certificate_not_registered",
            Denial::CertificateNotConfirmed => "certificate_not_confirmed",
            Denial::CaseWorkerUnknown => "case_worker_unknown",
            Denial::CaseWorkerBlocked => "case_worker_blocked",
            Denial::CaseWorkerMayNot => "case_worker_may_not",
            Denial::CaseUnknown => "case_unknown",
            Denial::CaseNotAssigned => "case_not_assigned",
            Denial::CaseClosed => "case_closed",
            Denial::RoleNotInCase => "role_not_in_case",
            Denial::PersonNumberNeeded => "person_number_needed",
            Denial::PersonNotInCase => "person_not_in_case",
            Denial::PersonRestricted => "person_restricted",
            Denial::NoAgencyPermitted => "no_agency_permitted",
            Denial::BoardSuspended => "board_suspended",
            Denial::BoardEnded => "board_ended",
            Denial::InstructionsNotConfirmed => "instructions_not_confirmed",
            Denial::CaseLapsed => "case_lapsed",
            Denial::OutsideHours => "outside_hours",
            Denial::TooManyQuestions => "too_many_questions",
            Denial::ProtectedNotForAccount => "protected_not_for_account",
            Denial::AgentUnknown => "agent_unknown",
            Denial::AgentAgreementNotSigned => "agent_agreement_not_signed",
            Denial::AgentAgreementEnded => "agent_agreement_ended",
            Denial::AgentNotQualified => "agent_not_qualified",
            Denial::AgentNotNotified => "agent_not_notified",
            Denial::AgentNotificationNotSigned => "agent_notification_not_signed",
            Denial::AgentNotificationEnded => "agent_notification_ended",
            Denial::AgentChainDiffers => "agent_chain_differs",
            Denial::CertificateNotValid => "certificate_not_valid",
            Denial::AssertionKeyRetired => "assertion_key_retired",
            Denial::FactsChanged => "facts_changed",
            Denial::AssertionUsed => "assertion_used",
            Denial::SubProcessorNotApproved => "sub_processor_not_approved",
            Denial::Malformed => "malformed",
            Denial::RegisteredAlready => "registered_already",
            Denial::NotRegistered => "not_registered",
            Denial::ChangedMeanwhile => "changed_meanwhile",
            Denial::SessionEnded => "session_ended",
            Denial::SignInNotRegistered => "sign_in_not_registered",
        }
    }

    /// The class of the refusal.
    pub fn class(self) -> DenialClass {
        match self {
            Denial::AssertionUsed
            | Denial::AssertionKeyRetired
            | Denial::CertificateNotRegistered
            | Denial::CertificateNotConfirmed
            | Denial::CertificateNotValid
            | Denial::SessionEnded
            | Denial::SignInNotRegistered => DenialClass::NotAuthenticated,
            Denial::FactsChanged => DenialClass::AskAgain,
            _ => DenialClass::NotAllowed,
        }
    }

    /// The fixed outward text. An unknown case, another board's case and a case that is not the caller's own read the
    /// same, so that nobody learns whether a case exists that is not theirs; so does a person whose identity is protected.
    pub fn outward(self) -> &'static str {
        match self {
            Denial::BoardNotInForce | Denial::BoardSuspended | Denial::BoardEnded => {
                "board: the board's agreement is not in force"
            }
            Denial::CertificateNotRegistered => {
                "certificate: has been revoked, or is not registered for the board in the assertion"
            }
            Denial::CertificateNotConfirmed => {
                "certificate: the board's administrator has not confirmed it yet"
            }
            Denial::CaseWorkerUnknown | Denial::CaseWorkerBlocked | Denial::CaseWorkerMayNot => {
                "case_worker: no active account at this board that may do this"
            }
            Denial::CaseUnknown | Denial::CaseNotAssigned | Denial::ProtectedNotForAccount => {
                "case_id: no such case is assigned to this case worker"
            }
            Denial::InstructionsNotConfirmed => {
                "case_worker: must first confirm the instructions in the version in force"
            }
            Denial::CaseLapsed => "case_id: the provisional case has lapsed",
            Denial::OutsideHours => "board: does not ask at this hour",
            Denial::TooManyQuestions => {
                "case_worker: has asked as many questions as the board allows within an hour"
            }
            Denial::AgentUnknown
            | Denial::AgentAgreementNotSigned
            | Denial::AgentAgreementEnded
            | Denial::AgentNotQualified
            | Denial::AgentNotNotified
            | Denial::AgentNotificationNotSigned
            | Denial::AgentNotificationEnded => "agent: may not ask for this board now",
            Denial::AgentChainDiffers => "processors: not the chain that is registered for this board",
            Denial::CaseClosed => "case_id: the case is closed",
            Denial::RoleNotInCase => "role: nobody in the case has this role",
            Denial::PersonNumberNeeded => "person_number: needed, since several persons have this role",
            Denial::PersonNotInCase => "person_number: does not belong to anybody with this role in the case",
            Denial::PersonRestricted => {
                "person_number: is restricted; the board's administrator can tell why"
            }
            Denial::NoAgencyPermitted => "agencies: none of those asked for may be asked in this case today",
            Denial::CertificateNotValid => "certificate: has expired or been revoked",
            Denial::AssertionKeyRetired => "assertion: its key is no longer in use",
            Denial::FactsChanged => "what the question rests on was changed meanwhile; ask again",
            Denial::AssertionUsed => "assertion: has been used before",
            Denial::SubProcessorNotApproved => "board: must first approve the provider's sub-processors",
            // The door names the field instead.
            Denial::Malformed => "a field is missing or malformed",
            Denial::RegisteredAlready => "is registered already",
            Denial::NotRegistered => "is not registered",
            Denial::ChangedMeanwhile => "was changed at the same time; try again",
            Denial::SessionEnded => "session: has ended; sign in again",
            Denial::SignInNotRegistered => "sign-in: leads to no account of the board",
        }
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.outward())
    }
}

impl std::error::Error for Denial {}
