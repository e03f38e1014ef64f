//! Documents of the registry: named by blind terms, sealed under the board's, the provider's or the case's own key.

use rusqlite::{Connection, OptionalExtension, params};
use serde::de::DeserializeOwned;
use ssbtek_access_log::DocumentWrite;
use ssbtek_authorize::{DocumentKind, DocumentRef, Facts, FactsKey, Versioned};
use ssbtek_domain::Entropy;
use ssbtek_vault::{KeyId, Vault, VaultError};
use zeroize::Zeroizing;

use crate::visible::Moment;

/// A document version ready to be inserted.
pub(crate) struct SealedDocument {
    pub(crate) doc: [u8; 32],
    pub(crate) expected: u64,
    key: KeyId,
    sealed: Vec<u8>,
    closed_at: Option<i64>,
}

/// The blind name of a document.
pub(crate) fn name(vault: &dyn Vault, reference: &DocumentRef) -> Result<[u8; 32], VaultError> {
    let owner = reference.board.map_or("provider".to_owned(), |board| board.to_string());
    let key = vault.get_or_create(&KeyId::new(&["index", &owner]))?;
    Ok(key.blind(reference.kind.as_str(), reference.id.as_bytes()))
}

/// Seals a new version. A case gets a key of its own, so that it can be erased alone.
pub(crate) fn seal(
    vault: &dyn Vault,
    entropy: &dyn Entropy,
    write: &DocumentWrite,
) -> Result<SealedDocument, VaultError> {
    let doc = name(vault, &write.reference)?;
    let id = match (write.reference.kind, write.reference.board) {
        (DocumentKind::Case, Some(board)) => {
            let hex: String = doc.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
            KeyId::new(&["case", board.as_str(), &hex])
        }
        (_, Some(board)) => KeyId::new(&["registry", board.as_str()]),
        (_, None) => KeyId::new(&["registry", "provider"]),
    };
    let key = if write.expected == 0 { vault.get_or_create(&id)? } else { vault.get(&id)? };
    let sealed = key.seal(entropy, &context(&doc, write.expected + 1), &write.body);
    let closed_at = write.closed_at.map(|at| at.timestamp());
    Ok(SealedDocument { doc, expected: write.expected, key: id, sealed, closed_at })
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
        && !moment.shows_board(connection, board)?
    {
        return Ok(None);
    }
    read_newest(connection, vault, reference, moment.closed_before())
}

/// The same, of what may have expired; for its erasure.
pub(crate) fn read_hidden(
    connection: &Connection,
    vault: &dyn Vault,
    reference: &DocumentRef,
) -> Result<Option<Versioned<Zeroizing<Vec<u8>>>>, ReadFault> {
    read_newest(connection, vault, reference, i64::MIN)
}

fn read_newest(
    connection: &Connection,
    vault: &dyn Vault,
    reference: &DocumentRef,
    closed_before: i64,
) -> Result<Option<Versioned<Zeroizing<Vec<u8>>>>, ReadFault> {
    let doc = name(vault, reference)?;
    let row = connection
        .prepare_cached(
            "SELECT version, key_id, sealed FROM
                 (SELECT * FROM document WHERE doc = ?1 ORDER BY version DESC LIMIT 1)
             WHERE closed_at IS NULL OR closed_at > ?2",
        )?
        .query_row(params![doc, closed_before], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, Vec<u8>>(2)?))
        })
        .optional()?;
    let Some((version, key, sealed)) = row else { return Ok(None) };
    let key = match vault.get(&KeyId::parse(&key).ok_or(ReadFault::Damaged)?) {
        Ok(key) => key,
        Err(VaultError::Missing(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let version = version as u64;
    let body = key.open(&context(&doc, version), &sealed).ok_or(ReadFault::Damaged)?;
    Ok(Some(Versioned { version, body }))
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
        .prepare_cached("SELECT key_id, sealed FROM document WHERE doc = ?1 AND version = ?2")?
        .query_row(params![doc, version as i64], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?))
        })
        .optional()?;
    let Some((key, sealed)) = row else { return Ok(None) };
    let key = match vault.get(&KeyId::parse(&key).ok_or(ReadFault::Damaged)?) {
        Ok(key) => key,
        Err(VaultError::Missing(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    key.open(&context(&doc, version), &sealed).map(Some).ok_or(ReadFault::Damaged)
}

/// The documents a key leads to, as this connection sees them now.
pub(crate) fn facts(
    connection: &Connection,
    vault: &dyn Vault,
    moment: Moment,
    key: &FactsKey,
) -> Result<Facts, ReadFault> {
    let seen = (connection, vault, moment);
    Ok(Facts {
        board: of_kind(seen, key, DocumentKind::Board)?,
        case_worker: of_kind(seen, key, DocumentKind::CaseWorker)?,
        case: of_kind(seen, key, DocumentKind::Case)?,
        provider: of_kind(seen, key, DocumentKind::Provider)?,
        agent: of_kind(seen, key, DocumentKind::Agent)?,
        notification: of_kind(seen, key, DocumentKind::AgentNotification)?,
        // The query path holds them in memory.
        law: None,
    })
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
) -> rusqlite::Result<u64> {
    let later = vault.get(key).ok();
    let rows = connection
        .prepare_cached("SELECT doc, version, sealed FROM document WHERE key_id = ?1")?
        .query_map([key.as_str()], |row| {
            Ok((row.get::<_, [u8; 32]>(0)?, row.get::<_, i64>(1)?, row.get::<_, Vec<u8>>(2)?))
        })?
        .filter(|row| match (row, &later) {
            (Ok((doc, version, sealed)), Some(key)) => {
                key.open(&context(doc, *version as u64), sealed).is_none()
            }
            _ => true,
        })
        .take(limit as usize)
        .collect::<Result<Vec<_>, _>>()?;
    for (doc, version, _) in &rows {
        connection
            .prepare_cached("DELETE FROM document WHERE doc = ?1 AND version = ?2")?
            .execute(params![doc, version])?;
    }
    Ok(rows.len() as u64)
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

/// What a version is sealed to.
pub(crate) fn context(doc: &[u8; 32], version: u64) -> Vec<u8> {
    [doc.as_slice(), &version.to_be_bytes()].concat()
}
