//! What concerns boards and is no change of theirs: of the provider, of an agent that connects them, of a portal that shows their logs.
//! That it is to be told in the log of each board that it concerns is written with it (adr/0072), so that none has to look elsewhere for
//! what was done to it; it is told at once, and where that was cut off or a log took nothing, at a start and in the sweep.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use ssbtek_access_log::{Change, ChangeError, DocumentWrite};
use ssbtek_authorize::{AgentNotification, Board, DocumentRef, Parties, Versioned};
use ssbtek_domain::OrganisationNumber;

use crate::{
    Desk, DeskError,
    untold::{ToTell, Untold},
};

/// Which boards something concerns. None whose agreement has ended: its log is closed.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

/// How far a board has been told.
struct ToldTo {
    board: Board,
    /// The number of what it was told last.
    number: Versioned<u64>,
}

impl Desk {
    /// What is to be told from now on, to be written with what it tells of; `None` if that concerns no board.
    pub(crate) async fn untold(
        &self,
        Told { by, action, to }: Told<'_>,
        concerned: Concerned,
    ) -> Result<Option<DocumentWrite>, DeskError> {
        let (mut boards, mut unsure) = (BTreeSet::new(), BTreeSet::new());
        let parties = self.or_default::<Parties>(&DocumentRef::parties()).await?.body;
        for organisation in parties.boards.into_keys() {
            let is_concerned = match self.not_ended(organisation).await {
                Ok(Some(board)) => self.is_concerned(&board, concerned).await,
                Ok(None) => Ok(false),
                Err(error) => Err(error),
            };
            match is_concerned {
                Ok(true) => boards.insert(organisation),
                Ok(false) => continue,
                // One board that cannot be read keeps nobody from what is done, and is told once it can be.
                Err(_) => unsure.insert(organisation),
            };
        }
        if boards.is_empty() && unsure.is_empty() {
            return Ok(None);
        }
        let reference = DocumentRef::to_tell();
        let mut to_tell = self.or_default::<ToTell>(&reference).await?;
        let known = self.known(&to_tell.body).await;
        let (by, action) = (by.to_owned(), action.to_owned());
        let at = self.clock.now();
        to_tell
            .body
            .add(Untold { number: 0, at, by, action, to: to.clone(), concerned, boards, unsure }, &known);
        Ok(Some(DocumentWrite::new(reference, to_tell.version, &to_tell.body)?))
    }

    /// Tells everything that is still to be told, each board the oldest first. One board whose log takes nothing keeps no other from
    /// being told. Returns the boards that are told later.
    pub async fn tell_boards(&self) -> Result<BTreeSet<OrganisationNumber>, DeskError> {
        let to_tell = self.or_default::<ToTell>(&DocumentRef::to_tell()).await?.body;
        let mut later = BTreeSet::new();
        for board in to_tell.boards() {
            if self.tell_board(board, &to_tell).await.is_err() {
                later.insert(board);
            }
        }
        Ok(later)
    }

    /// Boards that are not told yet of something that concerns them.
    pub async fn told_later(&self) -> Result<BTreeSet<OrganisationNumber>, DeskError> {
        let to_tell = match self.or_default::<ToTell>(&DocumentRef::to_tell()).await {
            Ok(to_tell) => to_tell.body,
            // Who waits cannot be told: any may.
            Err(error) => {
                let boards = self.log.trees().boards().await.map_err(|_| error)?;
                return Ok(boards.into_iter().collect());
            }
        };
        let known = self.known(&to_tell).await;
        let all = to_tell.waiting().iter().flat_map(|act| act.boards().map(|board| (act.number, board)));
        Ok(all.filter(|one| !known.contains(one)).map(|(_, board)| board).collect())
    }

    async fn tell_board(&self, board: OrganisationNumber, to_tell: &ToTell) -> Result<(), DeskError> {
        for act in to_tell.waiting() {
            // Read anew each time: somebody else may be telling it too.
            let Some(told) = self.told_to(board).await? else { return Ok(()) };
            if !self.lacks(&told, act).await? {
                continue;
            }
            let number = DocumentWrite::new(DocumentRef::told(board), told.number.version, &act.number)?;
            let change = Change {
                to: act.to.clone(),
                done_at: Some(act.at),
                beside: vec![number],
                ..Change::new(board, &act.by, &act.action)
            };
            match self.log.make(change).await {
                // Somebody else has told it.
                Ok(_) | Err(ChangeError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// What waits and which boards need not be told of it any more. Of a board that cannot be read nothing is known.
    async fn known(&self, to_tell: &ToTell) -> BTreeSet<(u64, OrganisationNumber)> {
        let mut known = BTreeSet::new();
        for board in to_tell.boards() {
            let Ok(told) = self.told_to(board).await else { continue };
            for act in to_tell.waiting().iter().filter(|act| act.boards().any(|one| one == board)) {
                let lacks = match &told {
                    Some(told) => self.lacks(told, act).await,
                    None => Ok(false),
                };
                if matches!(lacks, Ok(false)) {
                    known.insert((act.number, board));
                }
            }
        }
        known
    }

    /// `None` if the board's agreement has ended: its log is closed.
    async fn told_to(&self, organisation: OrganisationNumber) -> Result<Option<ToldTo>, DeskError> {
        let Some(board) = self.not_ended(organisation).await? else { return Ok(None) };
        let number = self.or_default::<u64>(&DocumentRef::told(organisation)).await?;
        Ok(Some(ToldTo { board, number }))
    }

    /// A board whose agreement has not ended. Where its document is gone, that is with its agreement, or with its keys: the list of
    /// parties tells which.
    async fn not_ended(&self, organisation: OrganisationNumber) -> Result<Option<Board>, DeskError> {
        let Some(board) = self.log.document::<Board>(&DocumentRef::board(organisation)).await? else {
            let parties = self.or_default::<Parties>(&DocumentRef::parties()).await?.body;
            let ends_on = parties.boards.get(&organisation).and_then(|party| party.ends_on);
            return match ends_on.is_some_and(|last| last < self.clock.today()) {
                true => Ok(None),
                false => Err(DeskError::Unavailable),
            };
        };
        Ok(Some(board.body).filter(|board| !board.has_ended(self.clock.now())))
    }

    /// Whether a board is still to be told of it. One that has applied since was not there to be told.
    async fn lacks(&self, told: &ToldTo, act: &Untold) -> Result<bool, DeskError> {
        let ToldTo { board, number } = told;
        let was_there = board.history.first().is_none_or(|step| step.at <= act.at);
        if number.body >= act.number || !was_there {
            return Ok(false);
        }
        let is_unsure = act.unsure.contains(&board.organisation);
        Ok(match is_unsure {
            true => self.is_concerned(board, act.concerned).await?,
            false => act.boards.contains(&board.organisation),
        })
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
}
