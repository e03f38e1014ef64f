//! Reading a board's log: decrypted for its auditors, or marked as erased.

use std::panic::Location;

use ssbtek_domain::{CaseId, CaseWorkerId, EntryId, OrganisationNumber, Personnummer};
use ssbtek_telemetry::{Fault, FaultKind};
use ssbtek_transparency::commit;
use ssbtek_vault::{KeyId, KeyState, Vault};
use zeroize::Zeroizing;

use crate::{
    AccessLog, Header, LogError, LookUp, Page, Payload, StoredLeaf, TreeStore,
    fault::{tampered, tell_of},
};

/// What to look for.
#[derive(Debug, Clone, Default)]
pub enum Filter {
    /// Everything.
    #[default]
    All,
    /// Everything about one person.
    Person(Personnummer),
    /// Readings of what the log holds about one person.
    ReadingsAbout(Personnummer),
    /// Everything one account asked, read or changed.
    CaseWorker(CaseWorkerId),
    /// Everything in one case.
    Case(CaseId),
    /// One entry.
    Entry(EntryId),
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
    /// What was read was to be recorded with an assertion that was used before.
    #[error("the assertion was used before")]
    AssertionUsed,
    /// A record does not open under its key, or not to what it committed to: it was tampered with.
    #[error("record {index} of the board's log is damaged or was tampered with")]
    Tampered {
        /// Its index.
        index: u64,
    },
    /// A record is what was written under its key, in a form that this program does not know.
    #[error("record {index} of the board's log was written by a newer version of this program")]
    Newer {
        /// Its index.
        index: u64,
    },
}

impl From<LogError> for ReadError {
    fn from(error: LogError) -> Self {
        match error {
            LogError::TokenUsed => ReadError::AssertionUsed,
            LogError::Denied(_) | LogError::Unavailable | LogError::Poisoned => ReadError::Unavailable,
        }
    }
}

/// What a filter leads to: a page without bounds.
pub(crate) fn page_of(filter: &Filter) -> Page {
    let look_up = match filter {
        Filter::All => return Page::default(),
        Filter::Entry(entry) => return Page { entry: Some(*entry), ..Page::default() },
        Filter::Person(person) => LookUp::Person(person.expose()),
        Filter::ReadingsAbout(person) => LookUp::ReadingAbout(person.expose()),
        Filter::CaseWorker(account) => LookUp::by(account.as_str()),
        Filter::Case(case) => LookUp::Case(case.as_str()),
    };
    Page { sought: Some(look_up.into()), ..Page::default() }
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
        self.read_page(board, Page { before, limit, ..page_of(filter) }).await
    }

    pub(crate) async fn read_page(
        &self,
        board: OrganisationNumber,
        page: Page,
    ) -> Result<Vec<LoggedRecord>, ReadError> {
        let leaves = self.store.page(board, page).await.map_err(|_| ReadError::Unavailable)?;
        self.unseal(board, leaves)
    }

    /// The newest signed checkpoint of a board's tree.
    pub async fn checkpoint(&self, board: OrganisationNumber) -> Result<Option<String>, ReadError> {
        let tree = self.store.tree(board).await.map_err(|_| ReadError::Unavailable)?;
        Ok(tree.map(|tree| tree.checkpoint))
    }

    /// The boards' trees beneath.
    pub fn trees(&self) -> &dyn TreeStore {
        &*self.store
    }

    /// The records of a board's leaves.
    pub(crate) fn unseal(
        &self,
        board: OrganisationNumber,
        leaves: Vec<StoredLeaf>,
    ) -> Result<Vec<LoggedRecord>, ReadError> {
        let longest = leaves.iter().filter_map(|leaf| leaf.sealed.as_ref()).map(Vec::len).max();
        let mut plain = Zeroizing::new(Vec::with_capacity(longest.unwrap_or(0)));
        let record = |leaf: StoredLeaf| {
            let (header, opened) = open_record(&*self.vault, board, &leaf, &mut plain)
                .map_err(|fault| told(board, fault, &leaf))?;
            Ok(LoggedRecord { index: leaf.index, header, payload: opened })
        };
        leaves.into_iter().map(record).collect()
    }

    /// Salt and payload of a leaf; `None` once erased. What does not open to its commitment was tampered with.
    pub(crate) fn open_leaf(
        &self,
        board: OrganisationNumber,
        leaf: &StoredLeaf,
    ) -> Result<Option<OpenedLeaf>, ReadError> {
        open_leaf(&*self.vault, board, leaf).map_err(|fault| told(board, fault, leaf))
    }
}

#[track_caller]
fn told(board: OrganisationNumber, fault: OpenFault, leaf: &StoredLeaf) -> ReadError {
    let index = leaf.index;
    match fault {
        OpenFault::Vault(state) => {
            let fault =
                Fault::new(Location::caller(), FaultKind::Key).of_key((leaf.key.kind(), state.as_str()));
            fault.of(&board).tell(&ReadError::Unavailable);
            ReadError::Unavailable
        }
        OpenFault::Tampered => tampered(board, index),
        OpenFault::Newer => tell_of(board, FaultKind::Newer, ReadError::Newer { index }),
    }
}

/// Salt and payload.
pub type OpenedLeaf = ([u8; 32], Zeroizing<Vec<u8>>);

/// Why a leaf does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenFault {
    /// Its key cannot be had now, and was not destroyed.
    Vault(KeyState),
    /// It is not what was stored.
    Tampered,
    /// It is what was stored, in a form that this program does not know.
    Newer,
}

/// Header and payload of a stored leaf, which tell of the same kind of record. The payload is `None` once it, or its key, is
/// destroyed.
pub fn read_leaf(
    vault: &dyn Vault,
    board: OrganisationNumber,
    leaf: &StoredLeaf,
) -> Result<(Header, Option<Payload>), OpenFault> {
    let room = leaf.sealed.as_ref().map_or(0, Vec::len);
    open_record(vault, board, leaf, &mut Zeroizing::new(Vec::with_capacity(room)))
}

/// What opens to its commitment was written under its key, header included: if it does not have a known form, it was written
/// by another version of this program, and by nobody else.
fn open_record(
    vault: &dyn Vault,
    board: OrganisationNumber,
    leaf: &StoredLeaf,
    plain: &mut Zeroizing<Vec<u8>>,
) -> Result<(Header, Option<Payload>), OpenFault> {
    let header = Header::from_bytes(&leaf.header);
    // Of whatever version it is, it names its key.
    let named = header.as_ref().map(|header| header.key.clone()).or_else(|| Header::key_of(&leaf.header));
    let payload = match open_into(vault, board, (leaf, named), plain)? {
        None => None,
        Some((_, payload)) => Some(serde_json::from_slice::<Payload>(payload).map_err(|_| OpenFault::Newer)?),
    };
    let header = header.ok_or(OpenFault::Newer)?;
    match &payload {
        Some(payload) if payload.about().kind != header.kind => Err(OpenFault::Tampered),
        _ => Ok((header, payload)),
    }
}

/// Opens a stored leaf of a board's log: under the key that its header names, which must be the board's own, to what it committed
/// to. `None` once salt and payload, or their key, are destroyed.
pub fn open_leaf(
    vault: &dyn Vault,
    board: OrganisationNumber,
    leaf: &StoredLeaf,
) -> Result<Option<OpenedLeaf>, OpenFault> {
    let mut plain = Zeroizing::new(Vec::with_capacity(leaf.sealed.as_ref().map_or(0, Vec::len)));
    let opened = open_into(vault, board, (leaf, Header::key_of(&leaf.header)), &mut plain)?;
    Ok(opened.map(|(salt, payload)| (*salt, Zeroizing::new(payload.to_vec()))))
}

/// Salt and payload, where they were opened.
type Opening<'p> = (&'p [u8; 32], &'p [u8]);

/// The same, in the place of what was opened before. `named`: the key that its header names.
fn open_into<'p>(
    vault: &dyn Vault,
    board: OrganisationNumber,
    (leaf, named): (&StoredLeaf, Option<KeyId>),
    plain: &'p mut Zeroizing<Vec<u8>>,
) -> Result<Option<Opening<'p>>, OpenFault> {
    // What is sealed is bound to its header, the header to its key and the key to its board, so that a leaf that was led to by
    // mistake, or was moved, does not open for another board.
    if named.ok_or(OpenFault::Tampered)? != leaf.key || !leaf.key.is_of(board.as_str()) {
        return Err(OpenFault::Tampered);
    }
    let (sealed, key) = match (&leaf.sealed, vault.open(&leaf.key)) {
        (None, _) => return Ok(None),
        // It was sealed under a key that there was.
        (_, Err(error)) if error.is_erasure() => return Ok(None),
        (_, Err(error)) => {
            return Err(OpenFault::Vault(error.fault().map_or(KeyState::Unreadable, |(_, state)| state)));
        }
        (Some(sealed), Ok(key)) => (sealed, key),
    };
    key.open_into(&leaf.header, sealed, plain).ok_or(OpenFault::Tampered)?;
    let opened = plain.split_first_chunk::<32>().ok_or(OpenFault::Tampered)?;
    if commit(opened.0, opened.1) != leaf.commitment {
        return Err(OpenFault::Tampered);
    }
    Ok(Some(opened))
}
