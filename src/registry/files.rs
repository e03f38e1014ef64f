//! Whole boards as files.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ssbtek_authorize::{
    AskError, Attestation, Board, BoardState, CaseWorker, DocumentHash, Duty, Step, StepKind,
};
use ssbtek_domain::OrganisationNumber;

use crate::{By, Desk, DeskError, accounts::id_of_an_account};

/// A board and its accounts. Cases are not in it: the provider has no business with households.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoardFile {
    /// The board.
    pub board: Board,
    /// Its accounts.
    pub accounts: Vec<CaseWorker>,
}

impl BoardFile {
    /// A file as exported.
    pub fn read(json: &[u8]) -> Result<Self, AskError> {
        serde_json::from_slice(json).map_err(|_| AskError::new("file", "is not a board as exported"))
    }
}

impl Desk {
    /// A board as a file (JSON).
    pub async fn export_board(&self, organisation: OrganisationNumber) -> Result<BoardFile, DeskError> {
        let (_, board) = self.board(organisation).await?;
        let accounts = self.all_accounts(organisation).await?;
        Ok(BoardFile { board, accounts: accounts.into_iter().map(|account| account.body).collect() })
    }

    /// Registers a board from a file. Every step of its life is taken again, by the same rules. What is somebody's own word, or
    /// was seen elsewhere, is not taken over: confirmations of instructions, approvals, portals, that a certificate was used.
    /// So a board that was in force arrives suspended, until its connection is proven here and access is enabled again. One
    /// that has been given notice comes with its last day, and is erased by it.
    pub async fn import_board(&self, json: &[u8]) -> Result<u64, DeskError> {
        let mut file = BoardFile::read(json)?;
        file.board = self.relived(file.board, DocumentHash::of(json))?;
        for account in &mut file.accounts {
            account.confirmed.clear();
            account.follow_ups.clear();
            // Blinded under the other broker's key.
            (account.own_number, account.sign_in) = (None, None);
            if !account.id.is_normal() {
                return Err(AskError::new("file.accounts.id", "is not in the form that accounts have").into());
            }
            id_of_an_account(account.id.as_str(), "file.accounts.id")?;
            if let Some(conflict) = Duty::conflict(&account.duties) {
                return Err(AskError::new("file.accounts.duties", conflict).into());
            }
        }
        let ids: BTreeSet<_> = file.accounts.iter().map(|account| &account.id).collect();
        if ids.len() != file.accounts.len() {
            return Err(AskError::new("file.accounts", "names an account twice").into());
        }
        let certificates = file.board.certificates.iter().map(|c| fingerprint(&c.sha256));
        let certificates = certificates.collect::<Option<Vec<_>>>();
        let certificates = certificates.ok_or_else(|| {
            AskError::new("file.board.certificates", "must be SHA-256, 64 lower-case hexadecimal digits")
        })?;
        self.found_board("import_board", &file.board, &file.accounts, &certificates).await
    }

    /// The board after all its steps have been taken anew. `document`: the file it comes from.
    fn relived(&self, told: Board, document: DocumentHash) -> Result<Board, DeskError> {
        let invalid = |reason: &str| DeskError::from(AskError::new("file.board.history", reason));
        let mut steps = told.history.iter().cloned();
        let first = steps.next().filter(|step| step.kind == StepKind::Apply && step.on.is_none());
        let first = first.ok_or_else(|| invalid("must begin with the application"))?;
        let now = self.clock.now();
        let ordered = told.history.is_sorted_by_key(|step| step.at);
        if !ordered || told.history.iter().any(|step| step.at > now) {
            return Err(invalid("must be in order of time and not lie in the future"));
        }
        let mut board = Board {
            state: BoardState::Applied,
            ends_on: None,
            history: vec![first],
            approved_sub_processors: BTreeSet::new(),
            portals: BTreeSet::new(),
            portal_certificates: BTreeSet::new(),
            // What its agreement says here is set here.
            attests_cases: None,
            ..told.clone()
        };
        for step in steps {
            board.take_again(step).map_err(|_| invalid("holds a step that cannot be taken"))?;
        }
        if board.standing(now) != told.standing(now) || board.ended_on() != told.ended_on() {
            return Err(invalid("does not lead to the state"));
        }
        if board.standing(now) == BoardState::Purged
            || board.deadline().is_some_and(|ends| ends.due_at <= now)
        {
            return Err(invalid("says that the agreement has ended and everything is to be erased by now"));
        }
        // Not taken over, and yet a sign of what the file is worth.
        if told.attests_cases.is_some_and(|set| Attestation::new(set.from, set.until).is_none()) {
            let reason = "must end after it begins, at most two years later";
            return Err(AskError::new("file.board.attests_cases", reason).into());
        }
        for certificate in &mut board.certificates {
            *certificate = certificate.clone().unconfirmed();
        }
        if board.standing(now) == BoardState::InForce {
            let by = self.name(&By::Operator);
            board.take_again(Step { kind: StepKind::Suspend, by, at: now, document, on: None })?;
        }
        Ok(board)
    }
}

fn fingerprint(sha256: &str) -> Option<[u8; 32]> {
    ssbtek_authorize::DocumentHash::parse(sha256).ok()?;
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(sha256.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}
