//! One append inside the writer's transaction: first everything that can refuse it, then what it writes.

use std::panic::Location;

use rusqlite::{CachedStatement, Connection, OptionalExtension, params};
use ssbtek_access_log::{AppendError, EntryEffect};
use ssbtek_authorize::Denial;
use ssbtek_domain::{Entropy, OrganisationNumber};
use ssbtek_vault::{Key, KeyId, Vault};

use crate::{
    asked::Asked,
    documents::{self, Prepared, ReadFault, SealedDocument},
    index::{IndexRow, NO_MONTH, month_of, rows_of},
    retention,
    sealed::SealedBlocks,
    tokens::SpentTokens,
    trees::{MOST_LEAVES, Tree},
    trouble,
    visible::Moment,
    writer::Job,
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

/// What a fault in reading means for an append of this board; a failing database is told of by whoever rolls back.
#[track_caller]
fn fault(board: OrganisationNumber, fault: ReadFault) -> ApplyError {
    match fault {
        ReadFault::Sqlite(error) => ApplyError::Sqlite(error),
        ReadFault::Vault | ReadFault::Damaged | ReadFault::Unreadable => {
            trouble::tell(Location::caller(), Some(board), &fault);
            ApplyError::Refused(AppendError::Unavailable)
        }
    }
}

/// Inserts a leaf: its row id, hash, header, commitment, key and sealed content.
pub(crate) const INSERT_LEAF: &str =
    "INSERT INTO leaf (id, hash, header, commitment, key_id, sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

/// The open transaction, with what the writer holds in memory beside the database.
pub(crate) struct Within<'w, 'c> {
    pub(crate) connection: &'w Connection,
    /// [`INSERT_LEAF`], found once for the whole group.
    pub(crate) insert_leaf: &'w mut CachedStatement<'c>,
    pub(crate) vault: &'w dyn Vault,
    pub(crate) entropy: &'w dyn Entropy,
    pub(crate) moment: Moment,
    /// What leads to the group's leaves.
    pub(crate) index: &'w mut Vec<IndexRow>,
    pub(crate) asked: &'w mut Asked,
    pub(crate) tokens: &'w mut SpentTokens,
    pub(crate) sealed: &'w mut SealedBlocks,
}

/// Applies one append at `index` of its tree. `closing`: the board takes nothing but the receipt of its purge.
pub(crate) fn apply(
    within: &mut Within<'_, '_>,
    tree: &Tree,
    closing: bool,
    index: u64,
    job: &Job,
) -> Result<(), ApplyError> {
    let Job { append, leaf_hash, documents, .. } = job;
    // While a board is purged, nothing may be written that the purge would miss.
    if closing && append.reopens.is_none() {
        return Err(ApplyError::Refused(AppendError::Unavailable));
    }
    let month = month_of(append.board, &append.leaf.key);
    // Only what is sealed under a month's key is led to by more than its entry.
    if index >= MOST_LEAVES || (month.is_none() && !append.terms.is_empty()) {
        return Err(ApplyError::Refused(AppendError::Unavailable));
    }
    check(within, tree, job)?;
    let mut begun = Vec::new();
    for document in documents {
        if let Prepared::Begins(write) = document {
            let sealed = documents::begin(within.vault, within.entropy, write, &append.leaf.key)
                .map_err(|error| fault(append.board, error.into()))?;
            still_opens(within.vault, &sealed)?;
            begun.push(sealed);
        }
    }
    let Within { connection, vault, moment, .. } = *within;
    if let Some(terms) = &append.retention {
        retention::write_terms(connection, vault, append.board, &terms.body, index)?;
    }
    if let Some(scope) = append.reopens {
        retention::reopen(connection, vault, append.board, (scope, moment.now), index)?;
    }
    if let Some(once) = &append.once {
        within.tokens.spend(once.token, once.expires_at.timestamp());
    }
    let sealed = documents.iter().filter_map(|document| match document {
        Prepared::Sealed(sealed) => Some(sealed),
        Prepared::Begins(_) => None,
    });
    for document in sealed.chain(&begun) {
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
    within.insert_leaf.execute(params![
        id,
        leaf_hash.as_bytes(),
        leaf.header,
        leaf.commitment.as_bytes(),
        leaf.key.as_str(),
        leaf.sealed
    ])?;
    within.sealed.note(connection, tree.id, index, &leaf.key)?;
    if let Some(question) = &append.question {
        within.asked.note(tree.id, question);
    }
    within.index.extend(rows_of(tree.id, index, leaf.entry, month.unwrap_or(NO_MONTH), &append.terms));
    Ok(())
}

fn check(
    within: &Within<'_, '_>,
    tree: &Tree,
    Job { append, documents, rests_on, .. }: &Job,
) -> Result<(), ApplyError> {
    let Within { connection, vault, moment, .. } = *within;
    if let Some(once) = &append.once {
        if within.tokens.is_spent(&once.token, once.expires_at.timestamp()) {
            return Err(ApplyError::Refused(AppendError::TokenUsed));
        }
        if within.tokens.is_full() {
            return Err(ApplyError::Refused(AppendError::Unavailable));
        }
    }
    if let EntryEffect::Ends(entry) = append.effect
        && !exists(connection, "SELECT 1 FROM open_entry WHERE entry = ?1", entry.as_bytes())?
    {
        return Err(ApplyError::Refused(AppendError::NotOpen));
    }
    // What is stored can be opened: a key may have been destroyed since it sealed.
    if !lives(vault, &append.leaf.key, &append.leaf.sealed_by) {
        return Err(ApplyError::Refused(AppendError::Unavailable));
    }
    for document in documents {
        if let Prepared::Sealed(sealed) = document {
            still_opens(vault, sealed)?;
        }
        if !documents::is_as_expected(connection, vault, document)
            .map_err(|error| fault(append.board, error))?
        {
            return Err(ApplyError::Refused(AppendError::Conflict));
        }
    }
    for (doc, expected) in rests_on {
        if documents::version(connection, doc)? != *expected {
            return Err(ApplyError::Refused(AppendError::Conflict));
        }
    }
    if let Some(terms) = &append.retention
        && retention::versioned(connection, vault, append.board)?.version != terms.version
    {
        return Err(ApplyError::Refused(AppendError::Conflict));
    }
    if let Some(question) = &append.question
        && question.at_most.is_some_and(|most| within.asked.before(tree.id, question) >= most as usize)
    {
        return Err(ApplyError::Refused(AppendError::Denied(Denial::TooManyQuestions)));
    }
    if let Some(recheck) = &append.recheck {
        let facts = documents::facts(connection, vault, moment, &recheck.key)
            .map_err(|error| fault(append.board, error))?;
        (recheck.judge)(&facts).map_err(|denial| ApplyError::Refused(AppendError::Denied(denial)))?;
    }
    Ok(())
}

/// What a key sealed that was destroyed meanwhile is not stored.
fn still_opens(vault: &dyn Vault, document: &SealedDocument) -> Result<(), ApplyError> {
    let lives = lives(vault, &document.key, &document.sealed_by);
    lives.then_some(()).ok_or(ApplyError::Refused(AppendError::Conflict))
}

/// Whether a name is still that very key's. Reads a file where the key is not in memory, which one that has just sealed is.
fn lives(vault: &dyn Vault, id: &KeyId, key: &Key) -> bool {
    vault.open(id).is_ok_and(|now| now.is(key))
}

fn exists(connection: &Connection, sql: &str, key: &[u8]) -> rusqlite::Result<bool> {
    Ok(connection.prepare_cached(sql)?.query_row([key], |_| Ok(())).optional()?.is_some())
}
