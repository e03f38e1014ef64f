//! Cases: register, assign, close.

use std::collections::BTreeSet;

use ssbtek_access_log::DocumentWrite;
use ssbtek_authorize::{
    AskError, Caller, Case, CaseError, CaseState, DocumentRef, Duty, FactsKey, Member, Versioned,
};
use ssbtek_domain::{CaseId, CaseWorkerId};

use crate::{
    By, Desk, DeskError,
    desk::{ATTEMPTS, Prepared},
};

/// A new case.
pub struct NewCase {
    /// The board's own id.
    pub id: CaseId,
    /// The household.
    pub members: Vec<Member>,
    /// Accounts that may ask in it.
    pub case_workers: BTreeSet<CaseWorkerId>,
    /// For a provisional case: after how many days it lapses unless confirmed; the board's own rule can shorten it.
    pub provisional_days: Option<u16>,
}

impl Desk {
    /// Registers a case. Its id must never have been used at this board. Returns the version, 1.
    pub async fn register_case(
        &self,
        caller: &Caller,
        id: CaseId,
        members: Vec<Member>,
        case_workers: BTreeSet<CaseWorkerId>,
    ) -> Result<u64, DeskError> {
        self.register_new_case(caller, NewCase { id, members, case_workers, provisional_days: None }).await
    }

    /// Registers a case, or, with `provisional_days`, one that lapses unless it is confirmed in time.
    pub async fn register_new_case(&self, caller: &Caller, new: NewCase) -> Result<u64, DeskError> {
        self.require(caller, Duty::KeepsCases).await?;
        let mut case = Case::register(new.id, new.members, new.case_workers).map_err(invalid)?;
        if let Some(most) = new.provisional_days {
            let own = self.board(caller.board).await?.1.rules.max_provisional_days;
            let days = own.map_or(most, |own| own.min(most));
            if days == 0 {
                return Err(AskError::new("provisional", "is not allowed at this board").into());
            }
            // The day of registration is the first.
            let to = self.clock.today().checked_add_days(chrono::Days::new(u64::from(days) - 1));
            case.provisional_to = to;
        }
        self.must_be_active(caller, case.case_workers.iter()).await?;
        self.write(caller, "register_case", 0, &case).await.map_err(|error| match error {
            DeskError::Raced => DeskError::Exists("case_id"),
            other => other,
        })
    }

    /// Confirms a provisional case. Returns the new version.
    pub async fn confirm_case(&self, caller: &Caller, id: &CaseId) -> Result<u64, DeskError> {
        self.require(caller, Duty::KeepsCases).await?;
        let mut case = self.case(caller, id).await?;
        case.body.confirm(self.clock.today()).map_err(invalid)?;
        self.write(caller, "confirm_case", case.version, &case.body).await
    }

    /// Replaces the household. Returns the new version.
    pub async fn set_members(
        &self,
        caller: &Caller,
        id: &CaseId,
        members: Vec<Member>,
    ) -> Result<u64, DeskError> {
        self.require(caller, Duty::KeepsCases).await?;
        for _ in 0..ATTEMPTS {
            let mut case = self.case(caller, id).await?;
            let loses = case.body.members.iter().any(|member| !members.iter().any(|new| keeps(new, member)));
            self.may_replace(case.version, loses)?;
            case.body.set_members(members.clone()).map_err(invalid)?;
            match self.write(caller, "set_members", case.version, &case.body).await {
                Err(DeskError::Raced) => {}
                other => return other,
            }
        }
        Err(DeskError::Raced)
    }

    /// Adds and removes case workers. Returns the new version.
    pub async fn assign_case(
        &self,
        caller: &Caller,
        id: &CaseId,
        add: Vec<CaseWorkerId>,
        remove: &[CaseWorkerId],
    ) -> Result<u64, DeskError> {
        self.require(caller, Duty::KeepsCases).await?;
        self.must_be_active(caller, add.iter()).await?;
        let mut case = self.case(caller, id).await?;
        case.body.assign(add, remove).map_err(invalid)?;
        self.write(caller, "assign_case", case.version, &case.body).await
    }

    /// Closes a case: once this returns, no answer is released in it. Returns the new version.
    pub async fn close_case(&self, caller: &Caller, id: &CaseId) -> Result<u64, DeskError> {
        self.require(caller, Duty::KeepsCases).await?;
        let mut case = self.case(caller, id).await?;
        case.body.close(self.clock.now()).map_err(invalid)?;
        self.write(caller, "close_case", case.version, &case.body).await
    }

    pub(crate) async fn case(&self, caller: &Caller, id: &CaseId) -> Result<Versioned<Case>, DeskError> {
        let found = self.log.document(&DocumentRef::case(caller.board, id)).await?;
        found.ok_or(DeskError::Unknown("case_id"))
    }

    pub(crate) async fn write(
        &self,
        caller: &Caller,
        action: &'static str,
        expected: u64,
        case: &Case,
    ) -> Result<u64, DeskError> {
        let reference = &DocumentRef::case(caller.board, &case.id);
        self.retried((caller.board, &By::Account(caller), action), || async move {
            // Another's change of the case itself is not tried over.
            if self.log.newest_version(reference).await? != expected {
                return Err(DeskError::Raced);
            }
            let mut write = DocumentWrite::new(reference.clone(), expected, case)?;
            if let CaseState::Closed { at } = case.state {
                write = write.closed(at);
            }
            let remembered = self.log.remember_case(caller.board, case, self.clock.now()).await?;
            let documents = std::iter::once(write).chain(remembered.documents).collect();
            Ok(Prepared { documents, rests_on: remembered.rests_on, ..Prepared::default() })
        })
        .await
    }

    async fn must_be_active(
        &self,
        caller: &Caller,
        accounts: impl Iterator<Item = &CaseWorkerId>,
    ) -> Result<(), DeskError> {
        for account in accounts {
            let key = FactsKey::account(caller.board, account.clone());
            let facts = self.registry.facts(&key).await.map_err(|_| DeskError::Unavailable)?;
            if !facts.case_worker.is_some_and(|found| found.body.may(Duty::Asks)) {
                let reason = "must all be registered, active accounts that may ask";
                return Err(AskError::new("case_workers", reason).into());
            }
        }
        Ok(())
    }
}

/// Whether a household with `new` in it still says all that is said of `member`. To mark somebody as protected takes nothing away.
fn keeps(new: &Member, member: &Member) -> bool {
    new == member || (new.protected && *new == Member { protected: true, ..member.clone() })
}

pub(crate) fn invalid(error: CaseError) -> DeskError {
    let text = error.to_string();
    let (field, reason) = match error {
        CaseError::MemberCount | CaseError::MemberTwice | CaseError::Applicant | CaseError::MemberDates => {
            ("members", &text)
        }
        CaseError::CaseWorkerCount => ("case_workers", &text),
        CaseError::Closed | CaseError::Lapsed | CaseError::NotProvisional => ("case_id", &text),
    };
    let reason = reason.split_once(": ").map_or(reason.as_str(), |(_, reason)| reason);
    DeskError::Invalid(AskError::new(field, reason))
}
