//! What all changes share.

use std::sync::Arc;

use ssbtek_access_log::{AccessLog, ChangeError, Door, LogError};
use ssbtek_authorize::{AskError, Caller, Denial, Duty, FactsKey, Registry, on_duty};
use ssbtek_domain::Clock;

/// Why a change was not made; the registry is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeskError {
    /// A field is wrong.
    #[error(transparent)]
    Invalid(#[from] AskError),
    /// The caller may not; the log says so.
    #[error("refused: {}", .0.as_str())]
    Denied(Denial),
    /// It exists already: names the field.
    #[error("{0}: is registered already")]
    Exists(&'static str),
    /// There is no such thing: names the field.
    #[error("{0}: is not registered")]
    Unknown(&'static str),
    /// Somebody else changed it at the same time.
    #[error("was changed at the same time; try again")]
    Raced,
    /// It could not be logged, and so was not made.
    #[error("the broker cannot take the change now")]
    Unavailable,
}

impl From<LogError> for DeskError {
    fn from(error: LogError) -> Self {
        match error {
            LogError::TokenUsed => DeskError::Denied(Denial::AssertionUsed),
            LogError::Unavailable | LogError::Poisoned => DeskError::Unavailable,
        }
    }
}

impl From<ChangeError> for DeskError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Conflict => DeskError::Raced,
            ChangeError::Log(error) => error.into(),
        }
    }
}

/// Who makes a change.
pub enum By<'a> {
    /// An account of a board.
    Account(&'a Caller),
    /// The provider's operator.
    Operator,
}

impl By<'_> {
    pub(crate) fn name(&self) -> &str {
        match self {
            By::Account(caller) => caller.case_worker.as_str(),
            By::Operator => "operator",
        }
    }
}

/// The desk, over the log (which holds the documents) and the registry (which reads them).
#[derive(Clone)]
pub struct Desk {
    pub(crate) log: AccessLog,
    pub(crate) registry: Arc<dyn Registry>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Desk {
    /// A desk over these ports.
    pub fn new(log: AccessLog, registry: Arc<dyn Registry>, clock: Arc<dyn Clock>) -> Self {
        Self { log, registry, clock }
    }

    /// Whether the caller's account may do this; a refusal is logged.
    pub async fn require(&self, caller: &Caller, duty: Duty) -> Result<(), DeskError> {
        let key = FactsKey { board: caller.board, case_worker: caller.case_worker.clone(), case: None };
        let facts = self.registry.facts(&key).await.map_err(|_| DeskError::Unavailable)?;
        match on_duty(caller, duty, &facts, self.clock.now()) {
            Ok(_) => Ok(()),
            Err(denial) => {
                tracing::info!(denial = denial.as_str(), "a change or reading was refused");
                self.log.refuse(caller, None, denial, facts.versions(), Door::Grpc).await?;
                Err(DeskError::Denied(denial))
            }
        }
    }
}
