//! What the board's part of the registry holds about a person, for the person's extract (GDPR art. 15). Nothing in it is about
//! anybody else.

use ssbtek_access_log::{DelayDecided, Filter, Payload};
use ssbtek_authorize::{
    Accounts, Case, CaseState, DocumentKind, DocumentRef, Member, Remembered, Restriction,
};
use ssbtek_domain::{CaseId, CaseWorkerId, OrganisationNumber, Personnummer};

use crate::{Desk, DeskError};

/// Records of one case read in one go.
const PAGE: u32 = 200;

/// A case in which a person stands, or stood in a version that is still kept.
#[derive(Debug, Clone)]
pub struct HeldCase {
    /// The case.
    pub case: CaseId,
    /// The person as the case has or had it.
    pub member: Member,
    /// Whether the newest version has the person still.
    pub current: bool,
    /// Whether the case is closed.
    pub closed: bool,
    /// What was done to the case, oldest first, as far as the log keeps it: when, and what.
    pub changes: Vec<(String, String)>,
    /// The newest decision to tell the person later of the questions in it.
    pub delay: Option<DelayDecided>,
}

/// Everything held about a person beside the questions.
#[derive(Debug, Clone, Default)]
pub struct Held {
    /// Cases.
    pub cases: Vec<HeldCase>,
    /// The restriction, in force or lifted.
    pub restriction: Option<Restriction>,
    /// What was done about restrictions, oldest first: when, and what.
    pub restriction_changes: Vec<(String, String)>,
    /// What is remembered of the person's own protected identity.
    pub remembered: Option<Remembered>,
    /// Accounts whose holder's own number is the person's.
    pub accounts: Vec<CaseWorkerId>,
    /// Cases left out because telling of them is delayed today. For the board; not to be told.
    pub delayed: u64,
}

impl Desk {
    /// Everything that the board holds about a person beside the questions. `with_delayed`: also what the person is not to be
    /// told yet.
    pub async fn held_about(
        &self,
        board: OrganisationNumber,
        person: &Personnummer,
        with_delayed: bool,
    ) -> Result<Held, DeskError> {
        let (mut held, today) = (Held::default(), self.clock.today());
        for (case, newest) in self.log.cases_of(board, person).await? {
            let delay = self.log.delay(board, &case.id).await.map_err(|_| DeskError::Unavailable)?;
            if !with_delayed && delay.as_ref().is_some_and(|delay| today < delay.until) {
                held.delayed += 1;
                continue;
            }
            let Case { id, members, state, .. } = case;
            let Some(member) = members.into_iter().find(|member| member.person == *person) else { continue };
            held.cases.push(HeldCase {
                changes: self.changes(board, Filter::Case(id.clone()), DocumentKind::Case).await?,
                case: id,
                member,
                current: newest,
                closed: matches!(state, CaseState::Closed { .. }),
                delay,
            });
        }
        let restriction = DocumentRef::restriction(board, person);
        held.restriction = self.log.document::<Restriction>(&restriction).await?.map(|found| found.body);
        let remembered = self.log.remembered(board, person).await?;
        // That there is something of somebody beside would tell of that person.
        held.remembered = remembered.tells_of_the_person().then_some(remembered);
        let about = Filter::Person(person.clone());
        held.restriction_changes = self.changes(board, about, DocumentKind::Restriction).await?;
        if self.log.document::<Accounts>(&DocumentRef::accounts(board)).await?.is_some() {
            let own = self.log.blind_person(board, person)?;
            let accounts = self.all_accounts(board).await?.into_iter().map(|account| account.body);
            let is_own = |account: &ssbtek_authorize::CaseWorker| account.own_number.as_ref() == Some(&own);
            held.accounts = accounts.filter(is_own).map(|account| account.id).collect();
        }
        Ok(held)
    }

    /// Changes of documents of a kind that a look-up leads to, oldest first: when, and what was done.
    async fn changes(
        &self,
        board: OrganisationNumber,
        filter: Filter,
        kind: DocumentKind,
    ) -> Result<Vec<(String, String)>, DeskError> {
        let (mut changes, mut before) = (Vec::new(), None);
        loop {
            let page =
                self.log.read(board, &filter, before, PAGE).await.map_err(|_| DeskError::Unavailable)?;
            for record in &page {
                if let Some(Payload::RegistryChange(change)) = &record.payload
                    && change.document == kind
                {
                    changes.push((record.header.at.clone(), change.action.clone()));
                }
            }
            before = page.last().map(|last| last.index);
            if page.len() < PAGE as usize {
                changes.reverse();
                return Ok(changes);
            }
        }
    }
}
