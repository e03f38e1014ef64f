//! Accounts of a board: register, confirm the instructions, follow up, block, and see who no longer asks.

use std::collections::BTreeSet;

use ssbtek_access_log::{DocumentWrite, Filter, RecordKind, is_no_accounts_name};
use ssbtek_authorize::{
    AccountKind, Accounts, AskError, Board, Caller, CaseWorker, Confirmed, DocumentRef, Duty, FollowUp,
    Provider, Published, Versioned,
};
use ssbtek_domain::{
    CaseWorkerId, DateTime, OrganisationNumber, Personnummer, Unit, Utc, calendar::days_before,
    stockholm_date,
};

use crate::{
    By, Desk, DeskError, Texts,
    desk::{Prepared, text},
};

/// A new account, still text.
#[derive(Clone)]
pub struct NewAccount {
    /// The account.
    pub id: String,
    /// The person's name.
    pub name: String,
    /// Organisational unit.
    pub unit: String,
    /// What it may do.
    pub duties: BTreeSet<Duty>,
    /// For a system: the account of the person who answers for it. `None`: the holder is a person.
    pub system_of: Option<String>,
}

impl NewAccount {
    /// Checks every field.
    pub(crate) fn parse(self, now: DateTime<Utc>) -> Result<CaseWorker, AskError> {
        let name = text("account.name", &self.name, 100)?;
        if let Some(conflict) = Duty::conflict(&self.duties) {
            return Err(AskError::new("account.duties", conflict));
        }
        let kind = match &self.system_of {
            None => AccountKind::Person,
            Some(responsible) => AccountKind::System {
                responsible: CaseWorkerId::parse(responsible)
                    .map_err(|error| AskError::new("account.responsible", error))?,
            },
        };
        if let Some(conflict) = kind.conflict(&self.duties) {
            return Err(AskError::new("account.duties", conflict));
        }
        Ok(CaseWorker {
            id: id_of_an_account(&self.id, "account.id")?,
            name,
            unit: Unit::parse(&self.unit).map_err(|error| AskError::new("account.unit", error))?,
            duties: self.duties,
            blocked: false,
            confirmed: Vec::new(),
            follow_ups: Vec::new(),
            registered_at: Some(now),
            own_number: None,
            sign_in: None,
            kind,
        })
    }
}

/// An account's id: none by which the log names who is no account.
pub(crate) fn id_of_an_account(text: &str, field: &'static str) -> Result<CaseWorkerId, AskError> {
    let id = CaseWorkerId::parse(text).map_err(|error| AskError::new(field, error))?;
    match is_no_accounts_name(id.as_str()) {
        true => Err(AskError::new(field, "is how the log names who is no account")),
        false => Ok(id),
    }
}

/// Who has signed in, as an OpenID provider says.
#[derive(Clone, PartialEq, Eq)]
pub struct SignIn {
    issuer: String,
    subject: String,
}

impl SignIn {
    /// Longest issuer and subject, in characters (OpenID Connect Core, section 2).
    const MAX: usize = 255;

    /// Checks both in form: visible ASCII, as they stand in the provider's tokens.
    pub fn parse(issuer: &str, subject: &str) -> Result<Self, AskError> {
        for (field, text) in [("issuer", issuer), ("subject", subject)] {
            if text.is_empty() || text.len() > Self::MAX || !text.bytes().all(|byte| byte.is_ascii_graphic())
            {
                return Err(AskError::new(field, "must be 1 to 255 visible ASCII characters"));
            }
        }
        Ok(Self { issuer: issuer.to_owned(), subject: subject.to_owned() })
    }
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignIn(redacted)")
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One line of the report on accounts.
#[derive(Debug, Clone)]
pub struct AccountLine {
    /// The account.
    pub account: CaseWorker,
    /// In this version.
    pub version: u64,
    /// When it last asked, permitted; `None` if never, or longer ago than the log was searched.
    pub last_question: Option<DateTime<Utc>>,
    /// Whether it has confirmed the instructions in force.
    pub confirmed: bool,
    /// Whether it may ask but has not for as long as the caller named.
    pub dormant: bool,
    /// Whether its id is in the one form that ids have; in no other can anybody name it any more.
    pub is_normal: bool,
    /// Other accounts of the board whose ids read the same.
    pub twins: Vec<CaseWorkerId>,
}

/// The others among these ids that read the same.
fn twins(id: &CaseWorkerId, ids: &BTreeSet<CaseWorkerId>) -> Vec<CaseWorkerId> {
    ids.iter().filter(|other| *other != id && other.reads_as(id)).cloned().collect()
}

impl Desk {
    /// Registers an account of the caller's board. Returns the version, 1.
    pub async fn register_case_worker(&self, caller: &Caller, account: NewAccount) -> Result<u64, DeskError> {
        self.require(caller, Duty::Administers).await?;
        let account = account.parse(self.clock.now())?;
        let reference = DocumentRef::case_worker(caller.board, &account.id);
        let (account, reference) = (&account, &reference);
        self.retried((caller.board, &By::Account(caller), "register_case_worker"), || async move {
            let known = self.or_default::<Accounts>(&DocumentRef::accounts(caller.board)).await?.body.ids;
            let twin = known.iter().any(|known| known != &account.id && known.reads_as(&account.id));
            // One that nobody can name any more may be registered anew in the right form: then it is told of as a twin.
            let stands_in_the_way = twin && known.iter().any(|id| id.is_normal() && id.reads_as(&account.id));
            if stands_in_the_way || self.log.document::<CaseWorker>(reference).await?.is_some() {
                return Err(DeskError::Exists("account.id"));
            }
            let listed = self.listed(caller.board, std::iter::once(&account.id)).await?;
            let documents = vec![DocumentWrite::new(reference.clone(), 0, account)?, listed];
            let rests_on = self.vouched_for(caller.board, account).await?;
            Ok(Prepared { documents, rests_on, ..Prepared::default() })
        })
        .await
    }

    /// What a system's account rests on: a person who answers for it, and, if it asks, the attestation in the board's agreement.
    async fn vouched_for(
        &self,
        board: OrganisationNumber,
        account: &CaseWorker,
    ) -> Result<Vec<(DocumentRef, u64)>, DeskError> {
        let Some(responsible) = account.kind.responsible() else { return Ok(vec![]) };
        let person = DocumentRef::case_worker(board, responsible);
        let found = self.log.document::<CaseWorker>(&person).await?;
        let Some(answers) = found.filter(|found| !found.body.blocked && found.body.kind.is_person()) else {
            return Err(AskError::new("account.responsible", "must be an active account of a person").into());
        };
        let mut rests_on = vec![(person, answers.version)];
        if account.duties.contains(&Duty::Asks) {
            let reference = DocumentRef::board(board);
            let agreement = self.existing::<Board>(&reference, "organisation_number").await?;
            let today = stockholm_date(self.clock.now());
            if agreement.body.attests_cases.is_none_or(|set| set.until < today) {
                let reason =
                    "asks only where the board's agreement says that the board attests its cases itself";
                return Err(AskError::new("account.kind", reason).into());
            }
            rests_on.push((reference, agreement.version));
        }
        Ok(rests_on)
    }

    /// The list of a board's accounts with more of them.
    pub(crate) async fn listed<'a>(
        &self,
        board: OrganisationNumber,
        more: impl Iterator<Item = &'a CaseWorkerId>,
    ) -> Result<DocumentWrite, DeskError> {
        let reference = DocumentRef::accounts(board);
        let mut list = self.or_default::<Accounts>(&reference).await?;
        list.body.ids.extend(more.cloned());
        Ok(DocumentWrite::new(reference, list.version, &list.body)?)
    }

    /// Blocks an account of the caller's board, every account whose id reads the same, and every system for which one of them
    /// answers: its next question is refused. Returns the new version.
    pub async fn block_case_worker(&self, caller: &Caller, id: &CaseWorkerId) -> Result<u64, DeskError> {
        self.require(caller, Duty::Administers).await?;
        self.retried((caller.board, &By::Account(caller), "block_case_worker"), || async move {
            let known = self.or_default::<Accounts>(&DocumentRef::accounts(caller.board)).await?.body.ids;
            let mut blocked = vec![id.clone()];
            blocked.extend(known.into_iter().filter(|known| known != id && known.reads_as(id)));
            for Versioned { body: account, .. } in self.all_accounts(caller.board).await? {
                let answers = account.kind.responsible().is_some_and(|person| blocked.contains(person));
                if answers && !blocked.contains(&account.id) {
                    blocked.push(account.id);
                }
            }
            let mut writes = Vec::new();
            for id in blocked {
                let reference = DocumentRef::case_worker(caller.board, &id);
                if let Some(mut found) = self.log.document::<CaseWorker>(&reference).await? {
                    found.body.blocked = true;
                    writes.push(DocumentWrite::new(reference, found.version, &found.body)?);
                }
            }
            if writes.is_empty() { Err(DeskError::Unknown("id")) } else { Ok(writes) }
        })
        .await
    }

    /// How many accounts of a board have an id that nobody can name any more, or that reads like another's.
    pub async fn twin_accounts(&self, board: OrganisationNumber) -> Result<usize, DeskError> {
        let ids = self.or_default::<Accounts>(&DocumentRef::accounts(board)).await?.body.ids;
        Ok(ids.iter().filter(|id| !id.is_normal() || !twins(id, &ids).is_empty()).count())
    }

    /// Records that an administrator has looked whether the account is still needed. Returns the new version.
    pub async fn follow_up_case_worker(&self, caller: &Caller, id: &CaseWorkerId) -> Result<u64, DeskError> {
        self.require(caller, Duty::Administers).await?;
        let at = self.clock.now();
        self.edit_account(caller, id, "follow_up_case_worker", |account| {
            account.follow_ups.push(FollowUp { by: caller.case_worker.clone(), at });
        })
        .await
    }

    /// Registers the holder's own person number, blinded, so that review can point at questions about oneself; `None` takes
    /// it away. Returns the new version.
    pub async fn set_own_number(
        &self,
        caller: &Caller,
        id: &CaseWorkerId,
        number: Option<&Personnummer>,
    ) -> Result<u64, DeskError> {
        self.require(caller, Duty::Administers).await?;
        let blind = number.map(|number| self.log.blind_person(caller.board, number)).transpose()?;
        let loses = |account: &CaseWorker| account.own_number.is_some() && account.own_number != blind;
        let (reference, by) = (DocumentRef::case_worker(caller.board, id), By::Account(caller));
        self.replace((caller.board, &by, "set_own_number"), reference, "id", loses, |account| {
            account.own_number.clone_from(&blind);
            Ok(())
        })
        .await
    }

    /// Which sign-in leads to an account of the caller's board: issuer and subject of OpenID Connect, kept blinded; `None` takes it away, and
    /// with it every session that it began. Returns the new version.
    pub async fn set_sign_in(
        &self,
        caller: &Caller,
        id: &CaseWorkerId,
        sign_in: Option<&SignIn>,
    ) -> Result<u64, DeskError> {
        self.require(caller, Duty::Administers).await?;
        let board = caller.board;
        let blind = match sign_in {
            Some(SignIn { issuer, subject }) => {
                Some(hexadecimal(&self.log.blind_sign_in(board, issuer, subject)?))
            }
            None => None,
        };
        let (blind, by) = (&blind, By::Account(caller));
        self.retried((board, &by, "set_sign_in"), || async move {
            let reference = DocumentRef::case_worker(board, id);
            let mut account = self.existing::<CaseWorker>(&reference, "id").await?;
            let loses = account.body.sign_in.is_some() && account.body.sign_in != *blind;
            self.may_replace(account.version, loses)?;
            if !account.body.kind.is_person() {
                return Err(AskError::new("id", "is a system's: nobody signs in to it").into());
            }
            let list = DocumentRef::accounts(board);
            let mut accounts = self.or_default::<Accounts>(&list).await?;
            if let Some(old) = account.body.sign_in.take() {
                accounts.body.sign_ins.remove(&old);
            }
            if let Some(new) = blind {
                match accounts.body.sign_ins.get(new) {
                    Some(other) if other != id => return Err(DeskError::Exists("subject")),
                    _ => {}
                }
                accounts.body.sign_ins.insert(new.clone(), id.clone());
            }
            account.body.sign_in.clone_from(blind);
            Ok(vec![
                DocumentWrite::new(reference, account.version, &account.body)?,
                DocumentWrite::new(list, accounts.version, &accounts.body)?,
            ])
        })
        .await
    }

    /// The account of a board that a sign-in leads to, with the sign-in as records name it; `None`: to none, or there is no such board.
    pub async fn account_of_sign_in(
        &self,
        board: OrganisationNumber,
        sign_in: &SignIn,
    ) -> Result<Option<(CaseWorkerId, [u8; 32])>, DeskError> {
        if self.log.document::<Board>(&DocumentRef::board(board)).await?.is_none() {
            return Ok(None);
        }
        let blind = self.log.blind_sign_in(board, &sign_in.issuer, &sign_in.subject)?;
        let accounts = self.or_default::<Accounts>(&DocumentRef::accounts(board)).await?;
        Ok(accounts.body.sign_ins.get(&hexadecimal(&blind)).map(|id| (id.clone(), blind)))
    }

    /// The account itself confirms instructions: the version in force, or one to come, whose text it can have read. Returns the
    /// account's new version.
    pub async fn confirm_instructions(&self, caller: &Caller, version: &str) -> Result<u64, DeskError> {
        self.require_one_of(caller, &[]).await?;
        let by = By::Account(caller);
        let (version, board) = (version.to_owned(), caller.board);
        let version = &version;
        self.retried((board, &by, "confirm_instructions"), || async move {
            let provider = self.or_default::<Provider>(&DocumentRef::provider()).await?;
            let known = provider.body.instructions.iter().any(|published| published.version == *version);
            if !known {
                return Err(DeskError::Unknown("version"));
            }
            let at = self.clock.now();
            if !provider.body.may_confirm(version, at) {
                let reason = "is outdated: another version is in force";
                return Err(AskError::new("version", reason).into());
            }
            let reference = DocumentRef::case_worker(board, &caller.case_worker);
            let mut account = self.existing::<CaseWorker>(&reference, "id").await?;
            if !account.body.confirmed.iter().any(|confirmed| confirmed.version == *version) {
                if self.published_text(Texts::Instructions, Some(version)).await?.is_none() {
                    let reason = "has no text that could have been read; the provider publishes it first";
                    return Err(AskError::new("version", reason).into());
                }
                account.body.confirmed.push(Confirmed { version: version.clone(), at });
            }
            let documents = vec![DocumentWrite::new(reference, account.version, &account.body)?];
            let rests_on = vec![(DocumentRef::provider(), provider.version)];
            Ok(Prepared { documents, rests_on, ..Prepared::default() })
        })
        .await
    }

    /// The instructions in force now, for those who have to confirm them.
    pub async fn instructions(&self) -> Result<Option<Published>, DeskError> {
        let provider = self.or_default::<Provider>(&DocumentRef::provider()).await?.body;
        Ok(provider.instructions_at(self.clock.now()).cloned())
    }

    /// All accounts of the caller's board; dormant are those that may ask and have not for `dormant_days`.
    pub async fn accounts(&self, caller: &Caller, dormant_days: u32) -> Result<Vec<AccountLine>, DeskError> {
        self.require(caller, Duty::Administers).await?;
        let since = days_before(self.clock.now(), dormant_days);
        let provider = self.or_default::<Provider>(&DocumentRef::provider()).await?.body;
        let mut lines = Vec::new();
        let ids = self.or_default::<Accounts>(&DocumentRef::accounts(caller.board)).await?.body.ids;
        for Versioned { version, body: account } in self.all_accounts(caller.board).await? {
            let last_question = self.last_question(caller.board, &account.id).await?;
            let seen = last_question.max(account.registered_at);
            lines.push(AccountLine {
                confirmed: account.has_confirmed(Some(&provider), self.clock.now()),
                dormant: account.may(Duty::Asks) && seen.is_none_or(|at| at < since),
                is_normal: account.id.is_normal(),
                twins: twins(&account.id, &ids),
                last_question,
                version,
                account,
            });
        }
        Ok(lines)
    }

    /// Every account of a board whose holder is no person.
    pub async fn system_accounts(&self, board: OrganisationNumber) -> Result<Vec<CaseWorker>, DeskError> {
        let all = self.all_accounts(board).await?.into_iter().map(|found| found.body);
        Ok(all.filter(|account| !account.kind.is_person()).collect())
    }

    /// Every account of a board.
    pub(crate) async fn all_accounts(
        &self,
        board: OrganisationNumber,
    ) -> Result<Vec<Versioned<CaseWorker>>, DeskError> {
        let mut accounts = Vec::new();
        for id in self.or_default::<Accounts>(&DocumentRef::accounts(board)).await?.body.ids {
            let found = self.log.document::<CaseWorker>(&DocumentRef::case_worker(board, &id)).await?;
            accounts.extend(found);
        }
        Ok(accounts)
    }

    /// From the log itself, so that it needs no upkeep and cannot disagree.
    async fn last_question(
        &self,
        board: OrganisationNumber,
        id: &CaseWorkerId,
    ) -> Result<Option<DateTime<Utc>>, DeskError> {
        let records = self.log.read(board, &Filter::CaseWorker(id.clone()), None, 500).await;
        let records = records.map_err(|_| DeskError::Unavailable)?;
        let asked = records.iter().find(|record| record.header.kind == RecordKind::Intent);
        Ok(asked.and_then(|record| record.header.at.parse().ok()))
    }

    pub(crate) async fn edit_account(
        &self,
        caller: &Caller,
        id: &CaseWorkerId,
        action: &'static str,
        mut edit: impl FnMut(&mut CaseWorker),
    ) -> Result<u64, DeskError> {
        let reference = DocumentRef::case_worker(caller.board, id);
        let by = By::Account(caller);
        self.edit((caller.board, &by, action), reference, "id", |account| {
            edit(account);
            Ok(())
        })
        .await
    }
}
