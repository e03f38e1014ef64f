//! One query, from an authenticated caller to an answer that may leave.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use ssbtek_access_log::{AccessLog, CloseError, Door, LogError};
use ssbtek_authorize::{Ask, Caller, Denial, LegalBases, Registry, decide};
use ssbtek_domain::{Agency, Clock};
use ssbtek_fan_out::FanOut;
use ssbtek_merge::{OriginalsWanted, merge};

use crate::Released;

/// Why a question got no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// Refused; the log says why.
    #[error("refused: {}", .0.as_str())]
    Denied(Denial),
    /// The question could not be judged or logged now, so nothing was asked or nothing is told.
    #[error("the broker cannot take the question now")]
    Unavailable,
}

impl From<LogError> for QueryError {
    fn from(error: LogError) -> Self {
        match error {
            LogError::TokenUsed => QueryError::Denied(Denial::AssertionUsed),
            LogError::Denied(denial) => QueryError::Denied(denial),
            LogError::Unavailable | LogError::Poisoned => QueryError::Unavailable,
        }
    }
}

/// Everything one query needs.
pub struct QueryPath {
    registry: Arc<dyn Registry>,
    law: LegalBases,
    log: AccessLog,
    fan_out: FanOut,
    clock: Arc<dyn Clock>,
}

impl QueryPath {
    /// Over these rooms.
    pub fn new(
        registry: Arc<dyn Registry>,
        law: LegalBases,
        log: AccessLog,
        fan_out: FanOut,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { registry, law, log, fan_out, clock }
    }

    /// Asks. Runs in a task of its own, so that a caller who hangs up cannot cut it in half: every INTENT gets an end.
    pub async fn ask(
        self: &Arc<Self>,
        caller: Caller,
        ask: Ask,
        door: Door,
        originals: OriginalsWanted,
        within: Duration,
    ) -> Result<Released, QueryError> {
        let path = self.clone();
        let task = tokio::spawn(async move { path.run(&caller, &ask, door, originals, within).await });
        // A panic ends the task; what it had opened is found at the next start.
        task.await.unwrap_or(Err(QueryError::Unavailable))
    }

    /// Which agencies can be reached. Nothing is asked, so nothing is logged.
    pub async fn reachable(&self) -> BTreeMap<Agency, bool> {
        self.fan_out.reachable().await
    }

    async fn run(
        &self,
        caller: &Caller,
        ask: &Ask,
        door: Door,
        originals: OriginalsWanted,
        within: Duration,
    ) -> Result<Released, QueryError> {
        let facts_key = caller.facts_key(Some(ask.case.clone()));
        let facts = self.registry.facts(&facts_key).await.map_err(|_| QueryError::Unavailable)?;
        let permit = match decide(caller, ask, &facts, &self.law, self.clock.now()) {
            Ok(permit) => permit,
            Err(denial) => return Err(self.refuse(caller, ask, denial, &facts, door).await),
        };
        let manifest = self.fan_out.manifest(&permit, self.clock.today());
        let opened = match self.log.open(&permit, &manifest, door).await {
            Ok(opened) => opened,
            Err(LogError::TokenUsed) => {
                return Err(self.refuse(caller, ask, Denial::AssertionUsed, &facts, door).await);
            }
            Err(LogError::Denied(denial)) => {
                return Err(self.refuse(caller, ask, denial, &facts, door).await);
            }
            Err(error) => return Err(error.into()),
        };
        let entry = opened.entry();
        let answers = self.fan_out.ask(&permit, &opened, &manifest, within).await;
        let report = merge(&permit, &manifest, answers, originals);
        let mut disclosure = report.disclosure();
        let family_name = facts.case_worker.as_ref().and_then(|found| found.body.family_name());
        disclosure.same_family_name = family_name.is_some_and(|name| report.bears_name(name));
        match self.log.close(opened, &permit, &disclosure).await {
            Ok(receipt) => Ok(Released::new(entry, report, receipt, permit.is_provisional())),
            Err(CloseError::Denied(denial)) => Err(QueryError::Denied(denial)),
            Err(CloseError::Log(error)) => Err(error.into()),
        }
    }

    /// Logs a refusal. One that cannot be logged is told as "not now".
    async fn refuse(
        &self,
        caller: &Caller,
        ask: &Ask,
        denial: Denial,
        facts: &ssbtek_authorize::Facts,
        door: Door,
    ) -> QueryError {
        tracing::info!(denial = denial.as_str(), "a question was refused");
        match self.log.refuse(caller, Some(ask), denial, facts.versions(), door).await {
            Ok(()) => QueryError::Denied(denial),
            // The assertion was spent in the meantime: that refusal is logged by whoever spent it.
            Err(LogError::TokenUsed) => QueryError::Denied(Denial::AssertionUsed),
            Err(error) => error.into(),
        }
    }
}
