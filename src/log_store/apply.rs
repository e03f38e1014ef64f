//! One job inside the writer's transaction: first everything that can refuse any of its records, then what they write. So all of
//! them are there, or none.

use std::panic::Location;

use ssbtek_access_log::{AppendError, EntryEffect, Term};
use ssbtek_authorize::Denial;
use ssbtek_domain::{Entropy, OrganisationNumber};
use ssbtek_vault::{Key, KeyId, Vault};

use crate::{
    Fault,
    asked::Asked,
    documents::{self, Prepared, SealedDocument},
    engine::Changes,
    index::{NO_MONTH, month_of, rows_of},
    lease_rows, retention,
    rows::{IndexRow, LeafRow},
    steps::Steps,
    tokens::SpentTokens,
    trees::{MOST_LEAVES, Tree},
    trouble,
    visible::Moment,
    work::{Job, Record},
};

/// Why an append did not go through.
#[derive(Debug)]
pub(crate) enum ApplyError {
    /// This append alone is refused; nothing of it was written.
    Refused(AppendError),
    /// The engine failed, or a row is not as it was written: the whole group is rolled back.
    Failed(Fault),
}

impl From<Fault> for ApplyError {
    fn from(fault: Fault) -> Self {
        ApplyError::Failed(fault)
    }
}

/// What a fault in reading what a decision rests on means for an append of this board; a failing engine is told of by whoever rolls
/// back.
#[track_caller]
pub(crate) fn one_boards(board: OrganisationNumber, fault: Fault) -> ApplyError {
    match fault {
        Fault::Busy | Fault::Full | Fault::Io => ApplyError::Failed(fault),
        Fault::Vault(_) | Fault::Damaged(_) => {
            trouble::tell(Location::caller(), Some(board), fault);
            ApplyError::Refused(AppendError::Unavailable)
        }
    }
}

/// The open transaction, with what the writer holds in memory beside it.
pub(crate) struct Within<'w> {
    pub(crate) changes: &'w dyn Changes,
    pub(crate) vault: &'w dyn Vault,
    pub(crate) entropy: &'w dyn Entropy,
    pub(crate) moment: Moment,
    /// What leads to the group's leaves.
    pub(crate) index: &'w mut Vec<IndexRow>,
    pub(crate) asked: &'w mut Asked,
    pub(crate) steps: &'w mut Steps,
    pub(crate) tokens: &'w mut SpentTokens,
}

/// Applies one job, whose records stand from `first` on in their tree. `closing`: the board takes nothing but the receipt of its
/// purge.
pub(crate) fn apply(
    within: &mut Within<'_>,
    tree: &Tree,
    closing: bool,
    first: u64,
    job: &Job,
) -> Result<(), ApplyError> {
    let mut judged = Vec::with_capacity(job.records.len());
    let mut asked = Vec::new();
    for (record, index) in job.records.iter().zip(first..) {
        judged.push(judge(within, tree, closing, index, record, &asked)?);
        asked.extend(record.append.question.as_ref().map(|question| question.account));
    }
    for ((record, index), begun) in job.records.iter().zip(first..).zip(judged) {
        write(within, tree, index, record, &begun)?;
    }
    Ok(())
}

/// Everything that can refuse one record. `asked`: accounts whose questions stand before it in the same job. Gives the documents that
/// begin with it.
fn judge(
    within: &Within<'_>,
    tree: &Tree,
    closing: bool,
    index: u64,
    record: &Record,
    asked: &[Term],
) -> Result<Vec<SealedDocument>, ApplyError> {
    let Record { append, documents, .. } = record;
    // While a board is purged, nothing may be written that the purge would miss.
    if closing && append.reopens.is_none() {
        return Err(ApplyError::Refused(AppendError::Unavailable));
    }
    let month = month_of(append.board, &append.leaf.key);
    // Only what is sealed under a month's key is led to by more than its entry.
    if index >= MOST_LEAVES || (month.is_none() && !append.terms.is_empty()) {
        return Err(ApplyError::Refused(AppendError::Unavailable));
    }
    check(within, tree, record, asked)?;
    let mut begun = Vec::new();
    for document in documents {
        if let Prepared::Begins(write) = document {
            let sealed =
                documents::begin(within.changes, within.vault, within.entropy, write, &append.leaf.key)
                    .map_err(|fault| one_boards(append.board, fault))?;
            still_opens(within.vault, &sealed)?;
            begun.push(sealed);
        }
    }
    Ok(begun)
}

/// What one record writes, once nothing refuses it.
fn write(
    within: &mut Within<'_>,
    tree: &Tree,
    index: u64,
    Record { append, leaf_hash, documents, .. }: &Record,
    begun: &[SealedDocument],
) -> Result<(), ApplyError> {
    let Within { changes, vault, moment, .. } = *within;
    if let Some(terms) = &append.retention {
        retention::write_terms(changes, vault, append.board, &terms.body, index)?;
    }
    if let Some(scope) = append.reopens {
        retention::reopen(changes, vault, append.board, (scope, moment.now), index)?;
    }
    if let Some(once) = &append.once {
        within.tokens.spend(once.token, once.expires_at.timestamp());
    }
    for token in &append.spends {
        let expires_at = token.expires_at.timestamp();
        if !within.tokens.is_full() && !within.tokens.is_spent(&token.token, expires_at) {
            within.tokens.spend(token.token, expires_at);
        }
    }
    let sealed = documents.iter().filter_map(|document| match document {
        Prepared::Sealed(sealed) => Some(sealed),
        Prepared::Begins(_) => None,
    });
    for document in sealed.chain(begun) {
        documents::insert(changes, document)?;
    }
    match append.effect {
        EntryEffect::Opens(entry) => changes.open_entry(tree.id, entry)?,
        EntryEffect::Ends(entry) => changes.end_entry(entry)?,
        EntryEffect::None => {}
    }
    let leaf = &append.leaf;
    changes.add_leaf(
        tree.id,
        &LeafRow {
            index,
            hash: *leaf_hash,
            header: leaf.header.clone(),
            commitment: leaf.commitment,
            key: leaf.key.as_str().to_owned(),
            sealed: Some(leaf.sealed.clone()),
        },
    )?;
    within.steps.note(changes, tree.id, index, &leaf.header)?;
    if let Some(question) = &append.question {
        within.asked.note(tree.id, question);
    }
    let month = month_of(append.board, &leaf.key);
    within.index.extend(rows_of(tree.id, index, leaf.entry, month.unwrap_or(NO_MONTH), &append.terms));
    Ok(())
}

fn check(
    within: &Within<'_>,
    tree: &Tree,
    Record { append, documents, rests_on, .. }: &Record,
    asked: &[Term],
) -> Result<(), ApplyError> {
    let Within { changes, vault, moment, .. } = *within;
    if let Some(once) = &append.once {
        if within.tokens.is_spent(&once.token, once.expires_at.timestamp()) {
            return Err(ApplyError::Refused(AppendError::TokenUsed));
        }
        if within.tokens.is_full() {
            return Err(ApplyError::Refused(AppendError::Unavailable));
        }
    }
    if let Some(lease) = &append.under
        && !lease_rows::may(changes, lease)?
    {
        return Err(ApplyError::Refused(AppendError::Conflict));
    }
    if let EntryEffect::Ends(entry) = append.effect
        && changes.is_open(entry)?.is_none()
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
        if !documents::is_as_expected(changes, vault, document)
            .map_err(|error| one_boards(append.board, error))?
        {
            return Err(ApplyError::Refused(AppendError::Conflict));
        }
    }
    for (doc, expected) in rests_on {
        if documents::version(changes, doc)? != *expected {
            return Err(ApplyError::Refused(AppendError::Conflict));
        }
    }
    if let Some(terms) = &append.retention
        && retention::versioned(changes, vault, append.board)
            .map_err(|error| one_boards(append.board, error))?
            .version
            != terms.version
    {
        return Err(ApplyError::Refused(AppendError::Conflict));
    }
    if let Some(question) = &append.question
        && let Some(most) = question.at_most
        && within.asked.before(tree.id, question)
            + asked.iter().filter(|account| **account == question.account).count()
            >= most as usize
    {
        return Err(ApplyError::Refused(AppendError::Denied(Denial::TooManyQuestions)));
    }
    if let Some(recheck) = &append.recheck {
        let facts = documents::facts(changes, vault, moment, &recheck.key)
            .map_err(|error| one_boards(append.board, error))?;
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
