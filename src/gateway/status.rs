//! Error → status, in one table. Texts are fixed; none repeats personal data.

use std::panic::Location;

use ssbtek_access_log::ReadError;
use ssbtek_authenticate::AuthenticationError;
use ssbtek_authorize::{AskError, Denial, DenialClass};
use ssbtek_domain::{DateTime, Utc};
use ssbtek_purge::TermsError;
use ssbtek_query::QueryError;
use ssbtek_registry::DeskError;
use ssbtek_telemetry::{Fault, FaultKind};
use tonic::{Code, Status};

/// Every way a call can be refused, whatever the door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Who calls could not be established.
    Authentication(AuthenticationError),
    /// The call is for operators, and no operator's certificate was presented.
    OperatorsOnly,
    /// The call is for agents, and no agent's certificate was presented.
    AgentsOnly,
    /// The call is for citizen portals, and no portal's certificate was presented.
    PortalsOnly,
    /// A field is wrong.
    Invalid(AskError),
    /// The caller may not; the log says so.
    Denied(Denial),
    /// The assertion was used before; the log does not say so yet.
    Replayed,
    /// Something else must be in order first: a fixed text.
    NotNow(String),
    /// It exists already.
    Exists(&'static str),
    /// No answer is kept under the entry named, for this account.
    NotKept,
    /// There is no such thing.
    Unknown(&'static str),
    /// Proposed until then, and not done: another operator must make the same call.
    AwaitsSecond(DateTime<Utc>),
    /// Another version is there by now than was read: this one.
    HasChanged(u64),
    /// It would replace what is there, in this version, and does not say that it was read.
    NotRead(u64),
    /// Changed at the same time.
    Raced,
    /// Not now.
    Unavailable,
    /// Asked, perhaps, and its record could not be made.
    Unrecorded,
    /// As many calls are under way as may be.
    TooManyUnderWay,
    /// The caller's own time was over before anything was done.
    TooLate,
    /// The message did not arrive in time.
    NotArrived,
    /// The log was tampered with.
    Tampered,
}

impl Refusal {
    /// The gRPC code.
    pub fn grpc_code(&self) -> Code {
        match self {
            Refusal::Authentication(AuthenticationError::Unavailable | AuthenticationError::ClockSetBack) => {
                Code::Unavailable
            }
            Refusal::Authentication(_) => Code::Unauthenticated,
            Refusal::OperatorsOnly | Refusal::AgentsOnly | Refusal::PortalsOnly => Code::PermissionDenied,
            Refusal::Invalid(_) => Code::InvalidArgument,
            Refusal::Denied(denial) => match denial.class() {
                DenialClass::NotAuthenticated => Code::Unauthenticated,
                DenialClass::NotAllowed => Code::PermissionDenied,
                DenialClass::AskAgain => Code::Aborted,
            },
            Refusal::Replayed => Code::Unauthenticated,
            Refusal::NotNow(_) => Code::FailedPrecondition,
            Refusal::Exists(_) => Code::AlreadyExists,
            Refusal::Unknown(_) | Refusal::NotKept => Code::NotFound,
            Refusal::AwaitsSecond(_) => Code::FailedPrecondition,
            Refusal::NotRead(_) => Code::FailedPrecondition,
            Refusal::Raced | Refusal::HasChanged(_) => Code::Aborted,
            Refusal::Unavailable | Refusal::Unrecorded => Code::Unavailable,
            Refusal::TooManyUnderWay => Code::ResourceExhausted,
            Refusal::TooLate | Refusal::NotArrived => Code::DeadlineExceeded,
            Refusal::Tampered => Code::DataLoss,
        }
    }

    /// The outward text.
    pub fn text(&self) -> String {
        match self {
            Refusal::Authentication(error) => error.to_string(),
            Refusal::OperatorsOnly => "certificate: not one of the operators'".to_owned(),
            Refusal::AgentsOnly => "certificate: not an agent's".to_owned(),
            Refusal::PortalsOnly => "certificate: not a citizen portal's".to_owned(),
            Refusal::Invalid(error) => error.to_string(),
            Refusal::Denied(denial) => denial.outward().to_owned(),
            Refusal::Replayed => Denial::AssertionUsed.outward().to_owned(),
            Refusal::NotNow(text) => text.clone(),
            Refusal::Exists(field) => format!("{field}: is registered already"),
            Refusal::Unknown(field) => format!("{field}: is not registered"),
            Refusal::NotKept => {
                "entry_id: no answer is kept under it for this account; asking again is a new question"
                    .to_owned()
            }
            Refusal::AwaitsSecond(until) => DeskError::AwaitsSecond(*until).to_string(),
            Refusal::HasChanged(version) => DeskError::HasChanged(*version).to_string(),
            Refusal::NotRead(version) => DeskError::NotRead(*version).to_string(),
            Refusal::Raced => "was changed at the same time; try again".to_owned(),
            Refusal::Unavailable => {
                "the broker cannot take this now; nothing was asked or changed".to_owned()
            }
            Refusal::Unrecorded => {
                "the answer could not be recorded, so nothing more of it leaves; agencies may have been asked"
                    .to_owned()
            }
            Refusal::TooManyUnderWay => {
                "calls: as many are under way as may be at once; nothing was asked or changed".to_owned()
            }
            Refusal::TooLate => {
                "grpc-timeout: was over before anybody was asked; nothing was asked or recorded".to_owned()
            }
            Refusal::NotArrived => {
                "message: did not arrive in time; nothing was asked or recorded".to_owned()
            }
            Refusal::Tampered => {
                "the access log does not hold together; the operator must look at it".to_owned()
            }
        }
    }
}

/// What is told when something of ours ended in a panic; told of as a fault here.
#[track_caller]
pub(crate) fn panicked(what: &'static str) -> Refusal {
    Fault::new(Location::caller(), FaultKind::Panic).alarm("panic").tell(&what);
    Refusal::Unavailable
}

/// Whether a text refuses a connection's certificate, whatever is asked with it: there is nothing to hope for on that connection.
pub(crate) fn refuses_the_certificate(text: &str) -> bool {
    let for_good = [
        AuthenticationError::CertificateExpired,
        AuthenticationError::CertificateNotYetValid,
        AuthenticationError::CertificateRevoked,
        AuthenticationError::CertificateNotTrusted,
        AuthenticationError::CertificateOfNobody,
    ];
    for_good.iter().any(|error| error.to_string() == text)
        || text == Denial::CertificateNotRegistered.outward()
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        Status::new(refusal.grpc_code(), refusal.text())
    }
}

impl From<AuthenticationError> for Refusal {
    fn from(error: AuthenticationError) -> Self {
        Refusal::Authentication(error)
    }
}

impl From<AskError> for Refusal {
    fn from(error: AskError) -> Self {
        Refusal::Invalid(error)
    }
}

impl From<QueryError> for Refusal {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Denied(denial) => Refusal::Denied(denial),
            QueryError::Unavailable => Refusal::Unavailable,
            QueryError::Unrecorded => Refusal::Unrecorded,
            QueryError::TooLate => Refusal::TooLate,
            QueryError::NothingToAskAgain => {
                let why = "must be an answered question of this account's, in this case and about this person, at which an agency failed";
                Refusal::Invalid(AskError::new("follows_entry_id", why))
            }
            QueryError::NotKept => Refusal::NotKept,
            QueryError::Replayed => Refusal::Replayed,
        }
    }
}

impl From<DeskError> for Refusal {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Invalid(error) => Refusal::Invalid(error),
            DeskError::Denied(denial) => Refusal::Denied(denial),
            DeskError::AssertionUsed => Refusal::Replayed,
            DeskError::Exists(field) => Refusal::Exists(field),
            DeskError::Unknown(field) => Refusal::Unknown(field),
            DeskError::AwaitsSecond(until) => Refusal::AwaitsSecond(until),
            error @ DeskError::DoneAlready(_) => Refusal::NotNow(error.to_string()),
            DeskError::HasChanged(version) => Refusal::HasChanged(version),
            DeskError::NotRead(version) => Refusal::NotRead(version),
            DeskError::Raced => Refusal::Raced,
            DeskError::Unavailable => Refusal::Unavailable,
        }
    }
}

impl From<TermsError> for Refusal {
    fn from(error: TermsError) -> Self {
        match error {
            TermsError::Invalid(error) => Refusal::Invalid(error),
            TermsError::Unknown => Refusal::Unknown("organisation_number"),
            TermsError::Raced => Refusal::Raced,
            TermsError::AwaitsSecond(until) => Refusal::AwaitsSecond(until),
            TermsError::AssertionUsed => Refusal::Replayed,
            TermsError::Unavailable => Refusal::Unavailable,
        }
    }
}

impl From<ReadError> for Refusal {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unavailable | ReadError::Newer { .. } => Refusal::Unavailable,
            ReadError::AssertionUsed => Refusal::Replayed,
            ReadError::Tampered { .. } => Refusal::Tampered,
        }
    }
}
