//! Agencies and funds that speak the broker's own contract, `ssbtek.agency.v1` over gRPC.
//!
//! The call is made on HTTP/2 directly. One question asks some thirty sources at once, so this is the path that costs;
//! and only here are the message's bytes at hand as they came.

mod answer;
mod call;
mod endpoint;
mod question;
mod weigh;

use std::sync::Arc;

use async_trait::async_trait;
use ssbtek_domain::{Outcome, Question, Source, SourceAnswer};
use tokio::time::{Instant, timeout_at};

pub use endpoint::{GrpcEndpoint, GrpcLimits};

use crate::{Connector, Refused, belongs};

/// How a call can end without a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CallError {
    /// No connection, or it broke before the answer was whole.
    NotReachable,
    /// The agency gave up at its deadline.
    TimedOut,
    /// The agency reports an error.
    Failed,
    /// What came is no answer under the contract.
    Refused(Refused),
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
        let timeout = deadline.saturating_duration_since(Instant::now());
        let message =
            call::unary(&self.endpoint, &question::message(&self.source, question), timeout).await?;
        answer::read(&self.source, question, message, self.keep_original).map_err(CallError::Refused)
    }
}

#[async_trait]
impl Connector for GrpcAgency {
    fn source(&self) -> &Source {
        &self.source
    }

    async fn is_reachable(&self, deadline: Instant) -> bool {
        matches!(timeout_at(deadline, self.endpoint.sender()).await, Ok(Some(_)))
    }

    async fn ask(&self, question: &Question, deadline: Instant) -> SourceAnswer {
        let outcome = match timeout_at(deadline, self.call(question, deadline)).await {
            Ok(Ok(answer)) => return answer,
            Ok(Err(CallError::NotReachable)) => Outcome::NotReachable,
            Err(_) | Ok(Err(CallError::TimedOut)) => Outcome::TimedOut,
            Ok(Err(CallError::Failed)) => Outcome::FailedAtSource,
            Ok(Err(CallError::Refused(refused))) => {
                belongs::alarm(&self.source, refused);
                Outcome::AnswerRefused
            }
        };
        SourceAnswer::without_facts(self.source.clone(), outcome)
    }
}
