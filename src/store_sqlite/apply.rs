//! One append inside the writer's transaction: first everything that can refuse it, then what it writes.

use rusqlite::{Connection, OptionalExtension, params};
use ssbtek_access_log::{Append, AppendError, AtMost, EntryEffect, Header, RecordKind};
use ssbtek_authorize::{Denial, TokenUse};
use ssbtek_domain::{DateTime, Utc};
use ssbtek_transparency::leaf::leaf_hash;
use ssbtek_vault::{KeyId, Vault};

use crate::{
    documents::{self, ReadFault, SealedDocument},
    retention,
    trees::Tree,
    visible::Moment,
};

/// Why an append did not go through.
#[derive(Debug)]
pub(crate) enum ApplyError {
    /// This append alone is refused; nothing of it was written.
    Refused(AppendError),
    /// The database failed: the whole group is rolled back.
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for ApplyError {
    fn from(error: rusqlite::Error) -> Self {
        ApplyError::Sqlite(error)
    }
}

impl From<ReadFault> for ApplyError {
    fn from(fault: ReadFault) -> Self {
        match fault {
            ReadFault::Sqlite(error) => ApplyError::Sqlite(error),
            ReadFault::Vault | ReadFault::Damaged => ApplyError::Refused(AppendError::Unavailable),
        }
    }
}

/// Applies one append at `index` of its tree. Returns the leaf's hash.
pub(crate) fn apply(
    connection: &Connection,
    vault: &dyn Vault,
    moment: Moment,
    tree: &Tree,
    index: u64,
    append: &Append,
    documents: &[SealedDocument],
) -> Result<ssbtek_transparency::Hash, ApplyError> {
    check(connection, vault, tree, moment, append, documents)?;
    if let Some(terms) = &append.retention {
        retention::write_terms(connection, vault, append.board, terms, index)?;
    }
    if append.reopens {
        retention::reopen(connection, vault, append.board, moment.now, index)?;
    }
    if let Some(once) = &append.once {
        connection
            .prepare_cached("INSERT INTO token (token, expires_at, mac) VALUES (?1, ?2, ?3)")?
            .execute(params![once.token, once.expires_at.timestamp(), token_mac(vault, once)?])?;
    }
    for document in documents {
        documents::insert(connection, document)?;
    }
    match append.effect {
        EntryEffect::Opens(entry) => {
            connection
                .prepare_cached("INSERT INTO open_entry (entry, tree) VALUES (?1, ?2)")?
                .execute(params![entry.as_bytes(), tree.id])?;
        }
        EntryEffect::Ends(entry) => {
            connection
                .prepare_cached("DELETE FROM open_entry WHERE entry = ?1")?
                .execute([entry.as_bytes()])?;
        }
        EntryEffect::None => {}
    }
    let (leaf, id) = (&append.leaf, tree.leaf_id(index));
    let hash = leaf_hash(&leaf.header, &leaf.commitment);
    connection
        .prepare_cached(
            "INSERT INTO leaf (id, hash, header, commitment, key_id, sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            id,
            hash.as_bytes(),
            leaf.header,
            leaf.commitment.as_bytes(),
            leaf.key.as_str(),
            leaf.sealed
        ])?;
    let mut insert_term = connection.prepare_cached("INSERT INTO term (term, leaf) VALUES (?1, ?2)")?;
    for term in &append.terms {
        insert_term.execute(params![term, id])?;
    }
    Ok(hash)
}

/// Binds a spent token to its expiry, so that a changed row is found.
pub(crate) fn token_mac(vault: &dyn Vault, once: &TokenUse) -> Result<[u8; 8], ApplyError> {
    let key = vault.get_or_create(&KeyId::new(&["index", "provider"]));
    let key = key.map_err(|_| ApplyError::Refused(AppendError::Unavailable))?;
    let row = [once.token.as_slice(), &once.expires_at.timestamp().to_be_bytes()].concat();
    let mut mac = [0; 8];
    mac.copy_from_slice(&key.blind("token", &row)[..8]);
    Ok(mac)
}

fn check(
    connection: &Connection,
    vault: &dyn Vault,
    tree: &Tree,
    moment: Moment,
    append: &Append,
    documents: &[SealedDocument],
) -> Result<(), ApplyError> {
    // While a board is purged, nothing may be written that the purge would miss.
    if !append.reopens && retention::is_closing(connection, vault, append.board)? {
        return Err(ApplyError::Refused(AppendError::Unavailable));
    }
    if let Some(once) = &append.once
        && exists(connection, "SELECT 1 FROM token WHERE token = ?1", &once.token)?
    {
        return Err(ApplyError::Refused(AppendError::TokenUsed));
    }
    if let EntryEffect::Ends(entry) = append.effect
        && !exists(connection, "SELECT 1 FROM open_entry WHERE entry = ?1", entry.as_bytes())?
    {
        return Err(ApplyError::Refused(AppendError::NotOpen));
    }
    for document in documents {
        if documents::version(connection, &document.doc)? != document.expected {
            return Err(ApplyError::Refused(AppendError::Conflict));
        }
    }
    if let Some(bound) = &append.at_most
        && questions_since(connection, tree, bound)? >= bound.count
    {
        return Err(ApplyError::Refused(AppendError::Denied(Denial::TooManyQuestions)));
    }
    if let Some(recheck) = &append.recheck {
        let facts = documents::facts(connection, vault, moment, &recheck.key)?;
        (recheck.judge)(&facts).map_err(|denial| ApplyError::Refused(AppendError::Denied(denial)))?;
    }
    Ok(())
}

/// INTENTs of a tree that the bound's term leads to, later than its moment; counted up to the bound.
fn questions_since(connection: &Connection, tree: &Tree, bound: &AtMost) -> rusqlite::Result<u32> {
    let mut statement = connection.prepare_cached(
        "SELECT leaf.header FROM term JOIN leaf ON leaf.id = term.leaf
         WHERE term.term = ?1 AND term.leaf >= ?2 ORDER BY term.leaf DESC",
    )?;
    let mut rows = statement.query(params![bound.term, tree.leaf_id(0)])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        let Some(header) = Header::from_bytes(&row.get::<_, Vec<u8>>(0)?) else { continue };
        let later = header.at.parse::<DateTime<Utc>>().is_ok_and(|at| at > bound.since);
        if !later || count >= bound.count {
            break;
        }
        count += u32::from(header.kind == RecordKind::Intent);
    }
    Ok(count)
}

fn exists(connection: &Connection, sql: &str, key: &[u8]) -> rusqlite::Result<bool> {
    Ok(connection.prepare_cached(sql)?.query_row([key], |_| Ok(())).optional()?.is_some())
}
