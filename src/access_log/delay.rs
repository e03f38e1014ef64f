//! Delayed disclosure: for a stated reason, and until a day that ends it by itself, a person is not told of the questions in
//! a case. Auditors see everything all the while, and this decision too.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use ssbtek_authorize::{Caller, TokenUse};
use ssbtek_domain::{CaseId, EntryId, NaiveDate, OrganisationNumber};

use crate::{AccessLog, Asker, Filter, LogError, LookUp, Page, Payload, ReadError};

/// A decision on when a person is told of the questions in a case. The newest one about a case holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelayDecided {
    /// Who decided.
    pub asker: Asker,
    /// The case.
    pub case: CaseId,
    /// Why, in the words of who decided.
    pub reason: String,
    /// The provision it rests on.
    pub legal_basis: String,
    /// First day, Europe/Stockholm, on which the person is told again. The day of the decision lifts an earlier delay.
    pub until: NaiveDate,
}

/// The decisions of one board that a reading has met, each looked up once.
pub(crate) struct Delays<'a> {
    log: &'a AccessLog,
    board: OrganisationNumber,
    met: HashMap<CaseId, Option<NaiveDate>>,
}

impl<'a> Delays<'a> {
    pub(crate) fn new(log: &'a AccessLog, board: OrganisationNumber) -> Self {
        Self { log, board, met: HashMap::new() }
    }

    /// Until when questions in this case are kept from the person, or were.
    pub(crate) async fn until(&mut self, case: &CaseId) -> Result<Option<NaiveDate>, ReadError> {
        if let Some(known) = self.met.get(case) {
            return Ok(*known);
        }
        let until = self.log.delay(self.board, case).await?.map(|delay| delay.until);
        self.met.insert(case.clone(), until);
        Ok(until)
    }

    /// Whether they are kept from the person today.
    pub(crate) async fn hide(&mut self, case: &CaseId) -> Result<bool, ReadError> {
        let today = self.log.clock.today();
        Ok(self.until(case).await?.is_some_and(|until| today < until))
    }
}

impl AccessLog {
    /// Records a decision; from then on it holds.
    pub async fn decide_delay(
        &self,
        caller: &Caller,
        case: &CaseId,
        reason: String,
        legal_basis: String,
        until: NaiveDate,
        once: Option<TokenUse>,
    ) -> Result<EntryId, LogError> {
        let at = self.clock.now();
        let id = EntryId::draw(&*self.entropy, at);
        let decided =
            DelayDecided { asker: Asker::from(caller), case: case.clone(), reason, legal_basis, until };
        let payload = Payload::Delay(Box::new(decided));
        let mut append = self.record(caller.board, id, at, &payload).await?;
        append.once = once;
        self.store.append(append).await?;
        Ok(id)
    }

    /// The newest decision about a case, whether it still holds or not.
    pub async fn delay(
        &self,
        board: OrganisationNumber,
        case: &CaseId,
    ) -> Result<Option<DelayDecided>, ReadError> {
        let sought = Some(LookUp::Delay(case.as_str()).into());
        let newest = self.read_page(board, Page { sought, limit: 1, ..Page::default() }).await?.pop();
        Ok(match newest.and_then(|record| record.payload) {
            Some(Payload::Delay(decided)) => Some(*decided),
            _ => None,
        })
    }

    /// Whether the board's log knows of a question in a case.
    pub async fn knows_case(&self, board: OrganisationNumber, case: &CaseId) -> Result<bool, ReadError> {
        Ok(!self.read(board, &Filter::Case(case.clone()), None, 1).await?.is_empty())
    }
}
