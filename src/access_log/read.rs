//! Reading a board's log: decrypted for its auditors, or marked as erased.

use ssbtek_domain::{CaseId, CaseWorkerId, EntryId, OrganisationNumber, Personnummer};
use ssbtek_transparency::commit;
use ssbtek_vault::VaultError;

use crate::{AccessLog, Header, LogError, Page, Payload, StoredLeaf};

/// What to look for.
#[derive(Debug, Clone, Default)]
pub enum Filter {
    /// Everything.
    #[default]
    All,
    /// Everything about one person.
    Person(Personnummer),
    /// Everything one account asked.
    CaseWorker(CaseWorkerId),
    /// Everything in one case.
    Case(CaseId),
    /// One entry.
    Entry(EntryId),
}

impl Filter {
    /// By what is searched, a fixed word for the record of the reading.
    pub fn name(&self) -> &'static str {
        match self {
            Filter::All => "all",
            Filter::Person(_) => "person",
            Filter::CaseWorker(_) => "case_worker",
            Filter::Case(_) => "case",
            Filter::Entry(_) => "entry",
        }
    }
}

/// One record of the log.
#[derive(Debug, Clone)]
pub struct LoggedRecord {
    /// Index in the board's tree.
    pub index: u64,
    /// Its header.
    pub header: Header,
    /// Its payload; `None` once erased.
    pub payload: Option<Payload>,
}

/// Why records could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The store or the vault cannot be read now.
    #[error("the access log cannot be read now")]
    Unavailable,
    /// A record does not open under its key, or not to what it committed to: it was tampered with.
    #[error("record {index} of the board's log is damaged or was tampered with")]
    Tampered {
        /// Its index.
        index: u64,
    },
}

impl From<LogError> for ReadError {
    fn from(_: LogError) -> Self {
        ReadError::Unavailable
    }
}

impl AccessLog {
    /// Records of a board, newest first: at most `limit`, all before index `before` if given.
    pub async fn read(
        &self,
        board: OrganisationNumber,
        filter: &Filter,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<LoggedRecord>, ReadError> {
        let term = match filter {
            Filter::All => None,
            Filter::Person(person) => Some(self.term(board, "person", person.expose())?),
            Filter::CaseWorker(account) => Some(self.term(board, "case_worker", account.as_str())?),
            Filter::Case(case) => Some(self.term(board, "case", case.as_str())?),
            Filter::Entry(entry) => Some(*entry.as_bytes()),
        };
        let page = Page { before, term, limit };
        let leaves = self.store.page(board, page).await.map_err(|_| ReadError::Unavailable)?;
        leaves.into_iter().map(|leaf| self.unseal(leaf)).collect()
    }

    /// The newest signed checkpoint of a board's tree.
    pub async fn checkpoint(&self, board: OrganisationNumber) -> Result<Option<String>, ReadError> {
        self.store.checkpoint(board).await.map_err(|_| ReadError::Unavailable)
    }

    fn unseal(&self, leaf: StoredLeaf) -> Result<LoggedRecord, ReadError> {
        let tampered = ReadError::Tampered { index: leaf.index };
        let header = Header::from_bytes(&leaf.header).ok_or(tampered.clone())?;
        if header.key != leaf.key {
            return Err(tampered);
        }
        let payload = match (leaf.sealed, self.vault.get(&leaf.key)) {
            (None, _) | (_, Err(VaultError::Missing(_))) => None,
            (_, Err(_)) => return Err(ReadError::Unavailable),
            (Some(sealed), Ok(key)) => {
                let plain = key.open(&leaf.header, &sealed).ok_or(tampered.clone())?;
                let (salt, payload) = plain.split_first_chunk::<32>().ok_or(tampered.clone())?;
                if commit(salt, payload) != leaf.commitment {
                    return Err(tampered);
                }
                Some(serde_json::from_slice(payload).map_err(|_| tampered)?)
            }
        };
        Ok(LoggedRecord { index: leaf.index, header, payload })
    }
}
