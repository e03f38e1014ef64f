//! Agencies and funds that speak the broker's own contract, `ssbtek.agency.v1` over gRPC.
//!
//! The call is made on HTTP/2 directly. One question asks some thirty sources at once, so this is the path that costs;
//! and only here are the message's bytes at hand as they came.

mod answer;
mod call;
mod contract;
mod endpoint;
mod flags;
mod question;
mod raw;
mod record;
mod weigh;
mod whom;

use std::sync::Arc;

use async_trait::async_trait;
use ssbtek_domain::{Outcome, Question, Source, SourceAnswer};
use ssbtek_formats::Refused;
use ssbtek_pki::{ConnectError, IdentityRefusal};
use tokio::time::{Instant, timeout_at};

pub use endpoint::{GrpcEndpoint, GrpcLimits};

use crate::{Connector, alarms};

/// How a call can end without a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CallError {
    /// No connection, or it broke before the answer was whole.
    NotReachable,
    /// Who answers there is not the agency.
    Impostor(IdentityRefusal),
    /// The agency gave up at its deadline.
    TimedOut,
    /// The agency reports an error.
    Failed,
    /// What came is no answer under the contract.
    Refused(Refused),
}

impl From<ConnectError> for CallError {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::Identity(refusal) => CallError::Impostor(refusal),
            _ => CallError::NotReachable,
        }
    }
}

/// One source behind a gRPC endpoint.
#[derive(Debug)]
pub struct GrpcAgency {
    source: Source,
    endpoint: Arc<GrpcEndpoint>,
    keep_original: bool,
}

impl GrpcAgency {
    /// `source` at `endpoint`; several sources may share one endpoint and its connections. With `keep_original`, the
    /// answer carries the message's bytes as they came.
    pub fn new(source: Source, endpoint: Arc<GrpcEndpoint>, keep_original: bool) -> Self {
        Self { source, endpoint, keep_original }
    }

    async fn call(&self, question: &Question, deadline: Instant) -> Result<SourceAnswer, CallError> {
        let message = question::message(&self.source, question);
        let message = call::unary(&self.endpoint, &self.source, &message, deadline).await?;
        let told = flags::in_message(&message);
        let read = answer::read(&self.source, question, message, self.keep_original);
        // What is refused is nobody's word about anything, but for a flag of protected identity.
        let mut answer = read.unwrap_or_else(|refused| {
            let outcome = self.without(CallError::Refused(refused));
            SourceAnswer::without_facts(self.source.clone(), outcome)
        });
        answer.unread_flag |= ssbtek_formats::flags::unread(told, answer.section.as_ref());
        Ok(answer)
    }

    fn without(&self, error: CallError) -> Outcome {
        match error {
            CallError::NotReachable => Outcome::NotReachable,
            CallError::Impostor(refusal) => {
                alarms::impostor(&self.source, refusal);
                Outcome::IdentityRefused
            }
            CallError::TimedOut => Outcome::TimedOut,
            CallError::Failed => Outcome::FailedAtSource,
            CallError::Refused(refused) => {
                alarms::alarm(&self.source, refused);
                Outcome::AnswerRefused
            }
        }
    }
}

#[async_trait]
impl Connector for GrpcAgency {
    fn source(&self) -> &Source {
        &self.source
    }

    async fn reach(&self, deadline: Instant) -> Result<(), Outcome> {
        match timeout_at(deadline, self.endpoint.turn()).await {
            Ok(turn) => turn.map(drop).map_err(|error| self.without(error.into())),
            Err(_) => Err(Outcome::TimedOut),
        }
    }

    async fn ask(&self, question: &Question, deadline: Instant) -> SourceAnswer {
        let outcome = match timeout_at(deadline, self.call(question, deadline)).await {
            Ok(Ok(answer)) => return answer,
            Ok(Err(error)) => self.without(error),
            Err(_) => Outcome::TimedOut,
        };
        SourceAnswer::without_facts(self.source.clone(), outcome)
    }
}
