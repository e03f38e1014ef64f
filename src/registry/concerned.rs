//! What concerns boards and is no change of theirs: of the provider, of an agent that connects them, of a portal that shows their logs.
//! Once it is made, and stands in the provider's log, it is told in the log of each board that it concerns, so that none has to look
//! elsewhere for what was done to it.

use std::collections::BTreeMap;

use chrono::SecondsFormat;
use ssbtek_access_log::{Change, Filter, Payload};
use ssbtek_authorize::{AgentNotification, Board, DocumentRef};
use ssbtek_domain::{CaseWorkerId, OrganisationNumber};

use crate::{Desk, DeskError, desk::Deed};

/// Newest records among which it is looked for what was told before.
const LOOKED_AMONG: u32 = 500;

/// Which boards something concerns. None whose agreement has ended: its log is closed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Concerned {
    /// Every board.
    Every,
    /// Those that this agent connects, or has announced to connect.
    ConnectedBy(OrganisationNumber),
    /// Those that have opened their logs to this portal.
    ShownBy(OrganisationNumber),
}

/// What is told: who did what, to which values.
#[derive(Clone, Copy)]
pub(crate) struct Told<'t> {
    pub(crate) by: &'t str,
    pub(crate) action: &'static str,
    pub(crate) to: &'t BTreeMap<String, String>,
}

impl Desk {
    /// Makes a change and tells of it wherever it concerns somebody; returns what it came to. Told is also what is only proposed. What
    /// was done before and is called for again is told wherever it is not yet, in the name of who did it: so a call that was cut off
    /// between the change and the telling is made whole by making it again.
    pub(crate) async fn tell(
        &self,
        deed: &Deed<'_>,
        concerned: Concerned,
        change: impl Future<Output = Result<u64, DeskError>>,
    ) -> Result<u64, DeskError> {
        let came_to = change.await;
        let (by, to) = (self.name(deed.by()), deed.values());
        match &came_to {
            Ok(_) => self.tell_all(Told { by: &by, action: deed.action(), to }, concerned, None).await?,
            Err(DeskError::AwaitsSecond(_)) => {
                let told = self.proposes().map(|proposes| Told { by: &by, action: proposes.action, to });
                if let Some(told) = told {
                    // Nothing is done yet: what is missing is told with what follows on the proposal.
                    let _ = self.tell_all(told, concerned, None).await;
                }
            }
            Err(DeskError::Exists(_) | DeskError::Invalid(_)) => {
                let done = self.recorded(self.provider, &Filter::All, deed.action(), to).await?;
                if let Some((by, at)) = done {
                    let told = Told { by: &by, action: deed.action(), to };
                    self.tell_all(told, concerned, Some(&at)).await?;
                }
            }
            Err(_) => {}
        }
        came_to
    }

    /// Tells it in the log of each board that it concerns: of what was done then, of each that does not tell it since. One board whose log takes
    /// nothing keeps no other from being told.
    pub(crate) async fn tell_all(
        &self,
        told: Told<'_>,
        concerned: Concerned,
        since: Option<&str>,
    ) -> Result<(), DeskError> {
        let mut all = Ok(());
        for board in self.every_board().await.map_err(|_| DeskError::NotTold)? {
            if self.tell_one(board, told, concerned, since).await.is_err() {
                all = Err(DeskError::NotTold);
            }
        }
        all
    }

    async fn tell_one(
        &self,
        organisation: OrganisationNumber,
        told: Told<'_>,
        concerned: Concerned,
        since: Option<&str>,
    ) -> Result<(), DeskError> {
        let board = self.log.document::<Board>(&DocumentRef::board(organisation)).await?;
        let stands = board.map(|found| found.body).filter(|board| !board.has_ended(self.clock.now()));
        let Some(board) = stands else { return Ok(()) };
        if !self.is_concerned(&board, concerned).await? {
            return Ok(());
        }
        let Told { by, action, to } = told;
        if let (Some(since), Ok(name)) = (since, CaseWorkerId::parse(by)) {
            // A board that has applied since was not there to be told.
            let applied =
                board.history.first().map(|step| step.at.to_rfc3339_opts(SecondsFormat::Millis, true));
            if applied.is_none_or(|applied| applied.as_str() >= since) {
                return Ok(());
            }
            let known = self.recorded(organisation, &Filter::CaseWorker(name), action, to).await?;
            if known.is_some_and(|(_, at)| at.as_str() >= since) {
                return Ok(());
            }
        }
        let change = Change { to: to.clone(), ..Change::new(organisation, by, action) };
        Ok(self.log.make(change).await.map(drop)?)
    }

    async fn is_concerned(&self, board: &Board, concerned: Concerned) -> Result<bool, DeskError> {
        Ok(match concerned {
            Concerned::Every => true,
            Concerned::ShownBy(portal) => board.portals.contains(&portal),
            Concerned::ConnectedBy(agent) => {
                let reference = DocumentRef::agent_notification(board.organisation, agent);
                let notified = self.log.document::<AgentNotification>(&reference).await?;
                notified.is_some_and(|found| found.body.ended_at.is_none())
            }
        })
    }

    /// By whom and when a log tells that this was done last.
    async fn recorded(
        &self,
        tree: OrganisationNumber,
        filter: &Filter,
        action: &str,
        to: &BTreeMap<String, String>,
    ) -> Result<Option<(String, String)>, DeskError> {
        let records = self.log.read(tree, filter, None, LOOKED_AMONG).await;
        let records = records.map_err(|_| DeskError::NotTold)?.into_iter();
        Ok(records.into_iter().find_map(|record| match record.payload {
            Some(Payload::RegistryChange(change)) if change.action == action && change.to == *to => {
                Some((change.by, record.header.at))
            }
            _ => None,
        }))
    }
}
