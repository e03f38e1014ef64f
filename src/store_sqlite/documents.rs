//! Documents of the registry: named by blind terms, sealed under the board's, the provider's or the case's own key.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use rusqlite::{Connection, OptionalExtension, params};
use serde::de::DeserializeOwned;
use ssbtek_access_log::{CaseAt, CaseVersions, DocumentWrite, StoreError};
use ssbtek_authorize::{
    Case, DocumentKind, DocumentRef, Facts, FactsKey, InCases, Remembered, Restriction, Said, Versioned,
};
use ssbtek_domain::{DateTime, Entropy, OrganisationNumber, Personnummer, Utc};
use ssbtek_vault::{Key, KeyId, Vault, VaultError};
use zeroize::Zeroizing;

use crate::visible::Moment;

/// A document version ready to be inserted.
pub(crate) struct SealedDocument {
    doc: [u8; 32],
    expected: u64,
    pub(crate) key: KeyId,
    pub(crate) sealed_by: Arc<Key>,
    sealed: Vec<u8>,
    closed_at: Option<i64>,
}

/// The blind name of a document. An error where its owner has no index key, and so no documents.
pub(crate) fn name(vault: &dyn Vault, reference: &DocumentRef) -> Result<[u8; 32], VaultError> {
    let key = vault.open(&index_key(reference))?;
    Ok(key.blind(reference.kind.as_str(), reference.id.as_bytes()))
}

fn index_key(reference: &DocumentRef) -> KeyId {
    let owner = reference.board.map_or("provider".to_owned(), |board| board.to_string());
    KeyId::new(&["index", &owner])
}

/// A document on its way to the writer.
pub(crate) enum Prepared {
    /// Sealed under a key that there is.
    Sealed(SealedDocument),
    /// It would begin something, a case or a board, whose key there is not yet. The writer makes it, once nothing refuses the
    /// change any more: what is refused leaves no key behind.
    Begins(DocumentWrite),
}

/// Seals a new version where there is a key for it. Makes none.
pub(crate) fn prepare(
    vault: &dyn Vault,
    entropy: &dyn Entropy,
    write: DocumentWrite,
    record: &KeyId,
) -> Result<Prepared, VaultError> {
    let begins = write.expected == 0 || write.anew_in == Some(write.expected + 1);
    match seal_with(vault, entropy, &write, record, |key| vault.open(key)) {
        Ok(sealed) => Ok(Prepared::Sealed(sealed)),
        Err(VaultError::Missing(_)) if begins => Ok(Prepared::Begins(write)),
        Err(error) => Err(error),
    }
}

/// Seals a version that begins something, under a key that is made if need be: two syncs, in the writer. A change begins few.
pub(crate) fn begin(
    vault: &dyn Vault,
    entropy: &dyn Entropy,
    write: &DocumentWrite,
    record: &KeyId,
) -> Result<SealedDocument, VaultError> {
    if write.reference.kind == DocumentKind::Board {
        // The one document that begins a board; all others are of a board that there is.
        vault.create(&index_key(&write.reference))?;
    }
    seal_with(vault, entropy, write, record, |key| vault.create(key))
}

/// A case, and what is kept of a person, get a key of their own, so that they can be erased alone; but for what is erased with the
/// record that it is written with, whose key is `record`.
fn seal_with(
    vault: &dyn Vault,
    entropy: &dyn Entropy,
    write: &DocumentWrite,
    record: &KeyId,
    key_of: impl FnOnce(&KeyId) -> Result<Arc<Key>, VaultError>,
) -> Result<SealedDocument, VaultError> {
    let doc = name(vault, &write.reference)?;
    let id = match (write.reference.kind, write.reference.board) {
        _ if write.with_record => record.clone(),
        (DocumentKind::Case | DocumentKind::Restriction | DocumentKind::ProtectedInCases, Some(board)) => {
            let hex: String = doc.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
            match write.anew_in {
                Some(version) => KeyId::new(&["case", board.as_str(), &hex, &version.to_string()]),
                None => KeyId::new(&["case", board.as_str(), &hex]),
            }
        }
        (_, Some(board)) => KeyId::new(&["registry", board.as_str()]),
        (_, None) => KeyId::new(&["registry", "provider"]),
    };
    let key = key_of(&id)?;
    let closed_at = write.closed_at.map(|at| at.timestamp());
    let sealed = key.seal(entropy, &context(&doc, write.expected + 1, closed_at), &write.body);
    Ok(SealedDocument { doc, expected: write.expected, key: id, sealed_by: key, sealed, closed_at })
}

/// Whether the version that a change expects is the newest.
pub(crate) fn is_as_expected(
    connection: &Connection,
    vault: &dyn Vault,
    document: &Prepared,
) -> Result<bool, ReadFault> {
    let (doc, expected) = match document {
        Prepared::Sealed(sealed) => (sealed.doc, sealed.expected),
        Prepared::Begins(write) => match name(vault, &write.reference) {
            Ok(doc) => (doc, write.expected),
            // Its owner has no documents yet.
            Err(VaultError::Missing(_)) => return Ok(true),
            Err(error) => return Err(error.into()),
        },
    };
    Ok(version(connection, &doc)? == expected)
}

/// The newest version's number; 0 if there is none.
pub(crate) fn version(connection: &Connection, doc: &[u8; 32]) -> rusqlite::Result<u64> {
    let newest: Option<i64> = connection
        .prepare_cached("SELECT max(version) FROM document WHERE doc = ?1")?
        .query_row([doc], |row| row.get(0))?;
    Ok(newest.unwrap_or(0) as u64)
}

/// Inserts a sealed version.
pub(crate) fn insert(connection: &Connection, document: &SealedDocument) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO document (doc, version, key_id, sealed, closed_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            document.doc,
            document.expected as i64 + 1,
            document.key.as_str(),
            document.sealed,
            document.closed_at
        ])?;
    Ok(())
}

/// Why a document could not be read.
#[derive(Debug)]
pub(crate) enum ReadFault {
    Sqlite(rusqlite::Error),
    Vault,
    Damaged,
    /// Something else, found where kinds are not told apart.
    Unreadable,
}

impl From<rusqlite::Error> for ReadFault {
    fn from(error: rusqlite::Error) -> Self {
        ReadFault::Sqlite(error)
    }
}

impl From<VaultError> for ReadFault {
    fn from(_: VaultError) -> Self {
        ReadFault::Vault
    }
}

/// The newest version of a document; `None` if there is none, it has expired, or its key was destroyed.
pub(crate) fn read(
    connection: &Connection,
    vault: &dyn Vault,
    moment: Moment,
    reference: &DocumentRef,
) -> Result<Option<Versioned<Zeroizing<Vec<u8>>>>, ReadFault> {
    if let Some(board) = reference.board
        && !moment.shows_board(connection, vault, board)?
    {
        return Ok(None);
    }
    let found = read_newest(connection, vault, reference, moment.closed_before())?;
    found.map_or(Ok(None), |(found, key)| {
        Ok(is_visible(connection, vault, moment, reference, &key)?.then_some(found))
    })
}

/// Whether what is sealed under the key of a record is visible: as long as the record's payload is.
fn is_visible(
    connection: &Connection,
    vault: &dyn Vault,
    moment: Moment,
    reference: &DocumentRef,
    key: &str,
) -> Result<bool, ReadFault> {
    match (reference.board, KeyId::parse(key)) {
        (Some(board), Some(key)) if key.as_str().starts_with("log.") => {
            Ok(moment.log(connection, vault, board)?.shows(&key))
        }
        _ => Ok(true),
    }
}

/// The same, of what may have expired; for its erasure.
pub(crate) fn read_hidden(
    connection: &Connection,
    vault: &dyn Vault,
    reference: &DocumentRef,
) -> Result<Option<Versioned<Zeroizing<Vec<u8>>>>, ReadFault> {
    Ok(read_newest(connection, vault, reference, i64::MIN)?.map(|(found, _)| found))
}

/// A document's newest version, and the name of the key that it is sealed under.
type Newest = (Versioned<Zeroizing<Vec<u8>>>, String);

fn read_newest(
    connection: &Connection,
    vault: &dyn Vault,
    reference: &DocumentRef,
    closed_before: i64,
) -> Result<Option<Newest>, ReadFault> {
    let doc = match name(vault, reference) {
        Err(VaultError::Missing(_)) => return Ok(None),
        name => name?,
    };
    let row = connection
        .prepare_cached(
            "SELECT version, key_id, sealed, closed_at FROM document WHERE doc = ?1 ORDER BY version DESC LIMIT 1",
        )?
        .query_row([doc], |row| {
            let version: i64 = row.get(0)?;
            Ok((version as u64, row.get::<_, String>(1)?, row.get::<_, Vec<u8>>(2)?, row.get(3)?))
        })
        .optional()?;
    let Some((version, key, sealed, closed_at)) = row else { return Ok(None) };
    let own = owned(reference, &key)?;
    let Some(body) = open(vault, &doc, version, own, &sealed, closed_at)? else { return Ok(None) };
    // Only now: a changed date must be found, not hide what it was changed on.
    let visible = closed_at.is_none_or(|closed_at| closed_at > closed_before);
    Ok(visible.then_some((Versioned { version, body }, key)))
}

/// The name of a key that a document's row bears, which must be its owner's: no row opens under another board's key.
fn owned<'k>(reference: &DocumentRef, key: &'k str) -> Result<&'k str, ReadFault> {
    let is_of = |key: KeyId| reference.board.map_or(key.is_of("provider"), |board| key.is_of(board.as_str()));
    KeyId::parse(key).is_some_and(is_of).then_some(key).ok_or(ReadFault::Damaged)
}

/// Opens a stored version; `None` once its key was destroyed.
fn open(
    vault: &dyn Vault,
    doc: &[u8; 32],
    version: u64,
    key: &str,
    sealed: &[u8],
    closed_at: Option<i64>,
) -> Result<Option<Zeroizing<Vec<u8>>>, ReadFault> {
    let key = match vault.open(&KeyId::parse(key).ok_or(ReadFault::Damaged)?) {
        Ok(key) => key,
        Err(VaultError::Missing(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    key.open(&context(doc, version, closed_at), sealed).map(Some).ok_or(ReadFault::Damaged)
}

/// The keys of a board's cases that were closed at or before `before`, and when each was. A date that is not the one the
/// document was sealed with is an error: no case is erased on the word of a changed row.
pub(crate) fn closed(
    connection: &Connection,
    vault: &dyn Vault,
    board: OrganisationNumber,
    before: DateTime<Utc>,
) -> Result<Vec<(KeyId, DateTime<Utc>)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT key_id, closed_at, doc, version, sealed FROM document
         INDEXED BY document_by_closing WHERE closed_at <= ?1 AND key_id >= ?2 AND key_id < ?3 AND NOT EXISTS
             (SELECT 1 FROM document AS later WHERE later.doc = document.doc AND later.key_id = document.key_id
              AND later.version > document.version AND later.closed_at IS NULL)
         ORDER BY key_id",
    )?;
    let (from, to) = (format!("case.{board}."), format!("case.{board}/"));
    let mut rows = statement.query(params![before.timestamp(), from, to])?;
    let mut cases = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (key, at, doc, version): (String, i64, [u8; 32], i64) =
            (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        let sealed: Vec<u8> = row.get(4)?;
        open(vault, &doc, version as u64, &key, &sealed, Some(at)).map_err(|_| StoreError)?;
        let at = DateTime::from_timestamp(at, 0).ok_or(StoreError)?;
        let earliest = cases.entry(KeyId::parse(&key).ok_or(StoreError)?).or_insert(at);
        *earliest = at.min(*earliest);
    }
    Ok(cases.into_iter().collect())
}

/// Versions of a board's cases, and of what is sealed as they are, after one of them, but for documents that have expired.
pub(crate) fn case_versions(
    connection: &Connection,
    vault: &dyn Vault,
    moment: Moment,
    board: OrganisationNumber,
    (after, limit): (Option<CaseAt>, u32),
) -> Result<CaseVersions, ReadFault> {
    let mut statement = connection.prepare_cached(
        "SELECT key_id, doc, version, sealed, closed_at,
             (SELECT max(version) FROM document AS newer WHERE newer.doc = document.doc),
             (SELECT closed_at FROM document AS newer WHERE newer.doc = document.doc
              ORDER BY version DESC LIMIT 1)
         FROM document WHERE (key_id, doc, version) > (?1, ?2, ?3) AND key_id < ?4
         ORDER BY key_id, doc, version LIMIT ?5",
    )?;
    let (from, to) = (format!("case.{board}."), format!("case.{board}/"));
    let (key, doc, version) = match &after {
        Some(after) => (after.key.as_str(), after.doc.as_slice(), after.version),
        None => (from.as_str(), [].as_slice(), 0),
    };
    let mut rows = statement.query(params![key, doc, version, to, limit])?;
    let (mut found, mut read, mut last) = (CaseVersions::default(), 0, None);
    while let Some(row) = rows.next()? {
        let at = CaseAt { key: row.get(0)?, doc: row.get(1)?, version: row.get(2)? };
        let (sealed, closed_at): (Vec<u8>, Option<i64>) = (row.get(3)?, row.get(4)?);
        let (newest, ended_at): (i64, Option<i64>) = (row.get(5)?, row.get(6)?);
        read += 1;
        // An expired document is hidden in every version.
        if ended_at.is_none_or(|ended_at| ended_at > moment.closed_before()) {
            let body = open(vault, &at.doc, at.version as u64, &at.key, &sealed, closed_at)?;
            found.versions.extend(body.map(|body| (at.version == newest, body)));
        }
        last = Some(at);
    }
    found.next = last.filter(|_| read == limit);
    Ok(found)
}

/// One version of a document; `None` if there is none, if the document has expired, or if its key was destroyed.
pub(crate) fn read_version(
    connection: &Connection,
    vault: &dyn Vault,
    moment: Moment,
    reference: &DocumentRef,
    version: u64,
) -> Result<Option<Zeroizing<Vec<u8>>>, ReadFault> {
    // An expired document is hidden in every version.
    if read(connection, vault, moment, reference)?.is_none() {
        return Ok(None);
    }
    let doc = name(vault, reference)?;
    let row = connection
        .prepare_cached("SELECT key_id, sealed, closed_at FROM document WHERE doc = ?1 AND version = ?2")?
        .query_row(params![doc, version as i64], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?, row.get(2)?))
        })
        .optional()?;
    let Some((key, sealed, closed_at)) = row else { return Ok(None) };
    if !is_visible(connection, vault, moment, reference, &key)? {
        return Ok(None);
    }
    open(vault, &doc, version, owned(reference, &key)?, &sealed, closed_at)
}

/// The documents a key leads to, as this connection sees them now.
pub(crate) fn facts(
    connection: &Connection,
    vault: &dyn Vault,
    moment: Moment,
    key: &FactsKey,
) -> Result<Facts, ReadFault> {
    let seen = (connection, vault, moment);
    let case: Option<Versioned<Case>> = of_kind(seen, key, DocumentKind::Case)?;
    let restrictions = restrictions(seen, key, case.as_ref().map(|case| &case.body))?;
    let remembered = remembered(seen, key, case.as_ref().map(|case| &case.body))?;
    Ok(Facts {
        board: of_kind(seen, key, DocumentKind::Board)?,
        case_worker: of_kind(seen, key, DocumentKind::CaseWorker)?,
        case,
        restrictions,
        remembered,
        provider: of_kind(seen, key, DocumentKind::Provider)?,
        agent: of_kind(seen, key, DocumentKind::Agent)?,
        notification: of_kind(seen, key, DocumentKind::AgentNotification)?,
        // The query path holds these in memory.
        household_check_days: 0,
        law: None,
        certificate: None,
    })
}

/// The restrictions of the person asked about, or of everybody in the case.
fn restrictions(
    (connection, vault, moment): (&Connection, &dyn Vault, Moment),
    key: &FactsKey,
    case: Option<&Case>,
) -> Result<Vec<(Personnummer, Versioned<Restriction>)>, ReadFault> {
    let household = case.map(|case| case.members.as_slice()).unwrap_or_default();
    let persons: Vec<_> = match &key.person {
        Some(person) => vec![person],
        None => household.iter().map(|member| &member.person).collect(),
    };
    let mut restrictions = Vec::new();
    for person in persons {
        let found =
            parsed::<Restriction>(connection, vault, moment, &DocumentRef::restriction(key.board, person))?;
        restrictions.extend(found.map(|found| (person.clone(), found)));
    }
    Ok(restrictions)
}

/// What is remembered of the person asked about and of everybody in the case: two look-ups for each, and a case has at most
/// [`Case::MAX_MEMBERS`].
fn remembered(
    (connection, vault, moment): (&Connection, &dyn Vault, Moment),
    key: &FactsKey,
    case: Option<&Case>,
) -> Result<Vec<Remembered>, ReadFault> {
    let household = case.map(|case| case.members.as_slice()).unwrap_or_default();
    let persons: BTreeSet<_> = household.iter().map(|member| &member.person).chain(&key.person).collect();
    let mut all = Vec::new();
    for person in persons {
        let said = DocumentRef::said_of_person(key.board, person);
        let said = parsed::<Said>(connection, vault, moment, &said)?;
        let in_cases = DocumentRef::protected_in_cases(key.board, person);
        let mut in_cases = parsed::<InCases>(connection, vault, moment, &in_cases)?;
        if let Some(found) = &mut in_cases {
            // What a case said is hidden with it, whatever other cases say.
            let closed_before = moment.closed_before();
            let shows =
                |closed: Option<DateTime<Utc>>| closed.is_none_or(|at| at.timestamp() > closed_before);
            found.body.protected_in.retain(|_, case| shows(case.closed));
        }
        if said.is_some() || in_cases.is_some() {
            all.push(Remembered { person: person.clone(), said, in_cases });
        }
    }
    Ok(all)
}

fn of_kind<T: DeserializeOwned>(
    (connection, vault, moment): (&Connection, &dyn Vault, Moment),
    key: &FactsKey,
    kind: DocumentKind,
) -> Result<Option<Versioned<T>>, ReadFault> {
    match key.reference(kind) {
        Some(reference) => parsed(connection, vault, moment, &reference),
        None => Ok(None),
    }
}

/// Deletes up to `limit` documents sealed under a key, except what a later key of the same name opens. Returns how many.
pub(crate) fn erase_under(
    connection: &Connection,
    vault: &dyn Vault,
    key: &KeyId,
    limit: u32,
) -> rusqlite::Result<u32> {
    let later = vault.open(key).ok();
    let rows = connection
        .prepare_cached("SELECT doc, version, sealed, closed_at FROM document WHERE key_id = ?1")?
        .query_map([key.as_str()], |row| {
            Ok((row.get::<_, [u8; 32]>(0)?, row.get::<_, i64>(1)?, row.get::<_, Vec<u8>>(2)?, row.get(3)?))
        })?
        .filter(|row| match (row, &later) {
            (Ok((doc, version, sealed, closed_at)), Some(key)) => {
                key.open(&context(doc, *version as u64, *closed_at), sealed).is_none()
            }
            _ => true,
        })
        .take(limit as usize)
        .collect::<Result<Vec<_>, _>>()?;
    for (doc, version, ..) in &rows {
        connection
            .prepare_cached("DELETE FROM document WHERE doc = ?1 AND version = ?2")?
            .execute(params![doc, version])?;
    }
    Ok(rows.len() as u32)
}

/// The newest version of a document, parsed.
pub(crate) fn parsed<T: DeserializeOwned>(
    connection: &Connection,
    vault: &dyn Vault,
    moment: Moment,
    reference: &DocumentRef,
) -> Result<Option<Versioned<T>>, ReadFault> {
    let Some(found) = read(connection, vault, moment, reference)? else { return Ok(None) };
    let body = serde_json::from_slice(&found.body).map_err(|_| ReadFault::Damaged)?;
    Ok(Some(Versioned { version: found.version, body }))
}

/// What a version is sealed to: its name, its number, and for a closed case when it was closed.
pub(crate) fn context(doc: &[u8; 32], version: u64, closed_at: Option<i64>) -> Vec<u8> {
    let mut context = [doc.as_slice(), &version.to_be_bytes()].concat();
    context.extend(closed_at.into_iter().flat_map(i64::to_be_bytes));
    context
}
