//! Documents of the registry: named by blind terms, sealed under the board's, the provider's or the case's own key.

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::Location,
    sync::Arc,
};

use serde::de::DeserializeOwned;
use ssbtek_access_log::{CaseAt, CaseVersions, DocumentWrite};
use ssbtek_authorize::{
    Case, DocumentKind, DocumentRef, Facts, FactsKey, InCases, Remembered, Restriction, Said, Versioned,
};
use ssbtek_domain::{DateTime, Entropy, OrganisationNumber, Personnummer, Utc};
use ssbtek_vault::{Key, KeyId, KeyState, Vault, VaultError};
use zeroize::Zeroizing;

use crate::{
    Fault,
    engine::{Changes, Done, Rows},
    rows::DocumentRow,
    trouble,
    visible::Moment,
};

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
    Ok(name_with(&*vault.open(&index_key(reference))?, reference))
}

/// The same under what may be its owner's index key.
pub(crate) fn name_with(index: &Key, reference: &DocumentRef) -> [u8; 32] {
    index.blind(reference.kind.as_str(), reference.id.as_bytes())
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
    // What tells of a case may take the place of what told of an erased one.
    let begins = write.expected == 0 || write.anew_in == Some(write.expected + 1) || write.within.is_some();
    let open = |key: &KeyId| match vault.open(key) {
        // What there is of it was sealed under a key.
        Err(VaultError::Missing(id)) if !begins => Err(VaultError::Gone(id)),
        opened => opened,
    };
    match seal_with(vault, entropy, &write, record, open) {
        Ok(sealed) => Ok(Prepared::Sealed(sealed)),
        Err(error) if begins && error.is_absence() => Ok(Prepared::Begins(write)),
        Err(error) => Err(error),
    }
}

/// Seals a version that begins something, under a key that is made if need be: two syncs, in the writer. A change begins few.
pub(crate) fn begin(
    rows: &dyn Rows,
    vault: &dyn Vault,
    entropy: &dyn Entropy,
    write: &DocumentWrite,
    record: &KeyId,
) -> Done<SealedDocument> {
    if write.reference.kind == DocumentKind::Board {
        // The one document that begins a board; all others are of a board that there is.
        vault.create(&index_key(&write.reference))?;
    }
    let mut fault = None;
    let make = |key: &KeyId| {
        match vault.open(key) {
            // Something is sealed under it: it was there, and nobody has destroyed it.
            Err(VaultError::Missing(id)) => match is_any_under(rows, &id) {
                Ok(false) => {}
                Ok(true) => return Err(VaultError::Gone(id)),
                Err(error) => {
                    fault = Some(error);
                    return Err(VaultError::Gone(id));
                }
            },
            Err(VaultError::Destroyed(_)) => {}
            opened => return opened,
        }
        vault.create(key)
    };
    let sealed = seal_with(vault, entropy, write, record, make);
    sealed.map_err(|error| fault.unwrap_or_else(|| error.into()))
}

/// Whether a document is sealed under a key of this name.
pub(crate) fn is_any_under(rows: &dyn Rows, key: &KeyId) -> Done<bool> {
    Ok(!rows.documents((key.as_str(), &[], 0), &format!("{key} "), 1)?.is_empty())
}

/// Whether the first documents under a key of this name open under what may be that key.
pub(crate) fn opened_under(rows: &dyn Rows, id: &KeyId, key: &Key, most: usize) -> Done<Vec<bool>> {
    let rows = under_key(rows, id, (&[], 0))?;
    Ok(rows.iter().take(most).map(|row| opened_with(key, row).is_some()).collect())
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
    let owner = write.within.as_ref().unwrap_or(&write.reference);
    let id = match (owner.kind, owner.board) {
        _ if write.with_record => record.clone(),
        (DocumentKind::Case | DocumentKind::Restriction | DocumentKind::ProtectedInCases, Some(board)) => {
            let hex: String = name(vault, owner)?.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
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
pub(crate) fn is_as_expected(rows: &dyn Rows, vault: &dyn Vault, document: &Prepared) -> Done<bool> {
    let (doc, expected) = match document {
        Prepared::Sealed(sealed) => (sealed.doc, sealed.expected),
        Prepared::Begins(write) => match name(vault, &write.reference) {
            Ok(doc) => (doc, write.expected),
            // Its owner has no documents yet.
            Err(error) if error.is_absence() => return Ok(true),
            Err(error) => return Err(error.into()),
        },
    };
    Ok(version(rows, &doc)? == expected)
}

/// The newest version's number; 0 if there is none.
pub(crate) fn version(rows: &dyn Rows, doc: &[u8; 32]) -> Done<u64> {
    Ok(rows.document(doc, None)?.map_or(0, |newest| newest.version))
}

/// Inserts a sealed version.
pub(crate) fn insert(changes: &dyn Changes, document: &SealedDocument) -> Done<()> {
    changes.add_document(&DocumentRow {
        doc: document.doc,
        version: document.expected + 1,
        key: document.key.as_str().to_owned(),
        sealed: document.sealed.clone(),
        closed_at: document.closed_at,
    })
}

/// The newest version of a document; `None` if there is none, it has expired, or its key was destroyed.
pub(crate) fn read(
    rows: &dyn Rows,
    vault: &dyn Vault,
    moment: Moment,
    reference: &DocumentRef,
) -> Done<Option<Versioned<Zeroizing<Vec<u8>>>>> {
    if let Some(board) = reference.board
        && !moment.shows_board(rows, vault, board)?
    {
        return Ok(None);
    }
    let found = read_newest(rows, vault, reference, moment.closed_before())?;
    found.map_or(Ok(None), |(found, key)| {
        Ok(is_visible(rows, vault, moment, reference, &key)?.then_some(found))
    })
}

/// Whether what is sealed under the key of a record is visible: as long as the record's payload is.
fn is_visible(
    rows: &dyn Rows,
    vault: &dyn Vault,
    moment: Moment,
    reference: &DocumentRef,
    key: &str,
) -> Done<bool> {
    match (reference.board, KeyId::parse(key)) {
        (Some(board), Some(key)) if key.as_str().starts_with("log.") => {
            Ok(moment.log(rows, vault, board)?.shows(&key))
        }
        _ => Ok(true),
    }
}

/// The same, of what may have expired; for its erasure.
pub(crate) fn read_hidden(
    rows: &dyn Rows,
    vault: &dyn Vault,
    reference: &DocumentRef,
) -> Done<Option<Versioned<Zeroizing<Vec<u8>>>>> {
    Ok(read_newest(rows, vault, reference, i64::MIN)?.map(|(found, _)| found))
}

/// A document's newest version, and the name of the key that it is sealed under.
type Newest = (Versioned<Zeroizing<Vec<u8>>>, String);

fn read_newest(
    rows: &dyn Rows,
    vault: &dyn Vault,
    reference: &DocumentRef,
    closed_before: i64,
) -> Done<Option<Newest>> {
    let doc = match name(vault, reference) {
        Err(error) if error.is_absence() => return Ok(None),
        name => name?,
    };
    let Some(row) = rows.document(&doc, None)? else { return Ok(None) };
    let visible = row.closed_at.is_none_or(|closed_at| closed_at > closed_before);
    let body = match open(vault, owned(reference, &row)?) {
        // Nobody would see it with its key.
        Err(Fault::Vault(_)) if !visible => return Ok(None),
        opened => opened?,
    };
    // Only now: a changed date must be found, not hide what it was changed on.
    let Some(body) = body else { return Ok(None) };
    Ok(visible.then_some((Versioned { version: row.version, body }, row.key)))
}

/// A document's row, whose key must be its owner's: no row opens under another board's key.
fn owned<'r>(reference: &DocumentRef, row: &'r DocumentRow) -> Done<&'r DocumentRow> {
    let is_of = |key: KeyId| reference.board.map_or(key.is_of("provider"), |board| key.is_of(board.as_str()));
    KeyId::parse(&row.key).is_some_and(is_of).then_some(row).ok_or(DAMAGED)
}

const DAMAGED: Fault = Fault::Damaged("a document is not as it was written");

/// Opens a stored version; `None` once its key was destroyed. It was sealed under a key that there was: one that is not there, and that
/// nobody has destroyed, is a fault.
pub(crate) fn open(vault: &dyn Vault, row: &DocumentRow) -> Done<Option<Zeroizing<Vec<u8>>>> {
    let key = match vault.open(&KeyId::parse(&row.key).ok_or(DAMAGED)?) {
        Ok(key) => key,
        Err(error) if error.is_erasure() => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    opened_with(&key, row).map(Some).ok_or(DAMAGED)
}

fn opened_with(key: &Key, row: &DocumentRow) -> Option<Zeroizing<Vec<u8>>> {
    key.open(&context(&row.doc, row.version, row.closed_at), &row.sealed)
}

/// The keys of a board's cases that were closed at or before `before`, and when each was. A date that is not the one the
/// document was sealed with is an error: no case is erased on the word of a changed row.
pub(crate) fn closed(
    rows: &dyn Rows,
    vault: &dyn Vault,
    board: OrganisationNumber,
    before: DateTime<Utc>,
) -> Done<Vec<(KeyId, DateTime<Utc>)>> {
    let (from, to) = case_keys(board);
    let mut cases = BTreeMap::new();
    for row in rows.closed_documents(&from, &to, before.timestamp())? {
        if is_reopened(rows, &row)? {
            continue;
        }
        match open(vault, &row) {
            // What nothing opens any more is erased when it was to be.
            Err(Fault::Vault((_, KeyState::Gone | KeyState::Damaged))) => {}
            // It may be there all the same: that one waits, and no other.
            Err(fault @ Fault::Vault(_)) => {
                trouble::tell(Location::caller(), Some(board), fault);
                continue;
            }
            opened => drop(opened?),
        }
        let at = row.closed_at.and_then(|at| DateTime::from_timestamp(at, 0)).ok_or(DAMAGED)?;
        let earliest = cases.entry(KeyId::parse(&row.key).ok_or(DAMAGED)?).or_insert(at);
        *earliest = at.min(*earliest);
    }
    Ok(cases.into_iter().collect())
}

/// Whether a later version under the same key is not closed.
fn is_reopened(rows: &dyn Rows, row: &DocumentRow) -> Done<bool> {
    let newest = version(rows, &row.doc)?;
    for later in row.version + 1..=newest {
        let later = rows.document(&row.doc, Some(later))?;
        if later.is_some_and(|later| later.key == row.key && later.closed_at.is_none()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The names of the keys of a board's cases and restrictions begin with the first and lie below the second.
fn case_keys(board: OrganisationNumber) -> (String, String) {
    (format!("case.{board}."), format!("case.{board}/"))
}

/// Versions of a board's cases, and of what is sealed as they are, after one of them, but for documents that have expired.
pub(crate) fn case_versions(
    rows: &dyn Rows,
    vault: &dyn Vault,
    moment: Moment,
    board: OrganisationNumber,
    (after, limit): (Option<CaseAt>, u32),
) -> Done<CaseVersions> {
    let (from, to) = case_keys(board);
    let after = match &after {
        Some(after) => (after.key.as_str(), after.doc.as_slice(), after.version.unsigned_abs()),
        None => (from.as_str(), [].as_slice(), 0),
    };
    let page = rows.documents(after, &to, limit)?;
    let last = page.last().filter(|_| page.len() == limit as usize);
    let next = last.map(|row| CaseAt { key: row.key.clone(), doc: row.doc, version: row.version as i64 });
    let mut found = CaseVersions { versions: Vec::new(), next };
    for row in page {
        let newest = rows.document(&row.doc, None)?.ok_or(DAMAGED)?;
        // An expired document is hidden in every version.
        if newest.closed_at.is_none_or(|ended_at| ended_at > moment.closed_before()) {
            found.versions.extend(open(vault, &row)?.map(|body| (row.version == newest.version, body)));
        }
    }
    Ok(found)
}

/// One version of a document; `None` if there is none, if the document has expired, or if its key was destroyed.
pub(crate) fn read_version(
    rows: &dyn Rows,
    vault: &dyn Vault,
    moment: Moment,
    reference: &DocumentRef,
    version: u64,
) -> Done<Option<Zeroizing<Vec<u8>>>> {
    // An expired document is hidden in every version.
    if read(rows, vault, moment, reference)?.is_none() {
        return Ok(None);
    }
    let Some(row) = rows.document(&name(vault, reference)?, Some(version))? else { return Ok(None) };
    if !is_visible(rows, vault, moment, reference, &row.key)? {
        return Ok(None);
    }
    open(vault, owned(reference, &row)?)
}

/// The documents a key leads to, as they are now.
pub(crate) fn facts(rows: &dyn Rows, vault: &dyn Vault, moment: Moment, key: &FactsKey) -> Done<Facts> {
    let seen = (rows, vault, moment);
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
    (rows, vault, moment): (&dyn Rows, &dyn Vault, Moment),
    key: &FactsKey,
    case: Option<&Case>,
) -> Done<Vec<(Personnummer, Versioned<Restriction>)>> {
    let household = case.map(|case| case.members.as_slice()).unwrap_or_default();
    let persons: Vec<_> = match &key.person {
        Some(person) => vec![person],
        None => household.iter().map(|member| &member.person).collect(),
    };
    let mut restrictions = Vec::new();
    for person in persons {
        let found = parsed::<Restriction>(rows, vault, moment, &DocumentRef::restriction(key.board, person))?;
        restrictions.extend(found.map(|found| (person.clone(), found)));
    }
    Ok(restrictions)
}

/// What is remembered of the person asked about and of everybody in the case: two look-ups for each, and a case has at most
/// [`Case::MAX_MEMBERS`].
fn remembered(
    (rows, vault, moment): (&dyn Rows, &dyn Vault, Moment),
    key: &FactsKey,
    case: Option<&Case>,
) -> Done<Vec<Remembered>> {
    let household = case.map(|case| case.members.as_slice()).unwrap_or_default();
    let persons: BTreeSet<_> = household.iter().map(|member| &member.person).chain(&key.person).collect();
    let mut all = Vec::new();
    for person in persons {
        let said = DocumentRef::said_of_person(key.board, person);
        let said = parsed::<Said>(rows, vault, moment, &said)?;
        let in_cases = DocumentRef::protected_in_cases(key.board, person);
        let mut in_cases = parsed::<InCases>(rows, vault, moment, &in_cases)?;
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
    (rows, vault, moment): (&dyn Rows, &dyn Vault, Moment),
    key: &FactsKey,
    kind: DocumentKind,
) -> Done<Option<Versioned<T>>> {
    match key.reference(kind) {
        Some(reference) => parsed(rows, vault, moment, &reference),
        None => Ok(None),
    }
}

/// Documents looked at in one go.
const LOOKED_AT: u32 = 256;

/// Deletes up to `limit` documents sealed under a key, except what a later key of the same name opens. Returns how many.
pub(crate) fn erase_under(changes: &dyn Changes, vault: &dyn Vault, key: &KeyId, limit: u32) -> Done<u32> {
    let later = later(vault, key)?;
    let (mut after, mut erased) = ((Vec::new(), 0), 0);
    loop {
        let page = under_key(changes, key, (&after.0, after.1))?;
        let Some(last) = page.last() else { return Ok(erased) };
        after = (last.doc.to_vec(), last.version);
        for row in page {
            if erased == limit {
                return Ok(erased);
            }
            if !is_later(later.as_deref(), &row) {
                erased += changes.erase_document(&row.doc, Some(row.version))?;
            }
        }
    }
}

/// A later key of a doomed one's name.
fn later(vault: &dyn Vault, key: &KeyId) -> Done<Option<Arc<Key>>> {
    match vault.open(key) {
        Err(error) if error.is_absence() => Ok(None),
        opened => Ok(Some(opened?)),
    }
}

fn is_later(later: Option<&Key>, row: &DocumentRow) -> bool {
    later.is_some_and(|later| opened_with(later, row).is_some())
}

/// How many documents [`erase_under`] would delete.
pub(crate) fn count_but_later(rows: &dyn Rows, vault: &dyn Vault, key: &KeyId) -> Done<u64> {
    let (later, mut count) = (later(vault, key)?, 0);
    each_under(rows, key, |row| {
        count += u64::from(!is_later(later.as_deref(), &row));
        Ok(())
    })?;
    Ok(count)
}

/// How many documents are sealed under a key.
pub(crate) fn count_under(rows: &dyn Rows, key: &KeyId) -> Done<u64> {
    let mut count = 0;
    each_under(rows, key, |_| {
        count += 1;
        Ok(())
    })?;
    Ok(count)
}

/// Every version that is sealed under a key, in bounded pieces.
pub(crate) fn each_under(
    rows: &dyn Rows,
    key: &KeyId,
    mut take: impl FnMut(DocumentRow) -> Done<()>,
) -> Done<()> {
    let mut after = (Vec::new(), 0);
    loop {
        let page = under_key(rows, key, (&after.0, after.1))?;
        let Some(last) = page.last() else { return Ok(()) };
        after = (last.doc.to_vec(), last.version);
        page.into_iter().try_for_each(&mut take)?;
    }
}

/// The names of all keys of a board's cases, and of what is sealed as they are: from one to the next.
pub(crate) fn keys_of_cases(rows: &dyn Rows, board: OrganisationNumber) -> Done<Vec<KeyId>> {
    let (mut after, until) = case_keys(board);
    let mut keys = Vec::new();
    while let Some(row) = rows.documents((&after, &[], 0), &until, 1)?.pop() {
        after = format!("{} ", row.key);
        keys.push(KeyId::parse(&row.key).ok_or(DAMAGED)?);
    }
    Ok(keys)
}

fn under_key(rows: &dyn Rows, key: &KeyId, (doc, version): (&[u8], u64)) -> Done<Vec<DocumentRow>> {
    // No key's name lies between one and the same with a space behind it.
    rows.documents((key.as_str(), doc, version), &format!("{key} "), LOOKED_AT)
}

/// The newest version of a document, parsed.
pub(crate) fn parsed<T: DeserializeOwned>(
    rows: &dyn Rows,
    vault: &dyn Vault,
    moment: Moment,
    reference: &DocumentRef,
) -> Done<Option<Versioned<T>>> {
    let Some(found) = read(rows, vault, moment, reference)? else { return Ok(None) };
    let body = serde_json::from_slice(&found.body).map_err(|_| DAMAGED)?;
    Ok(Some(Versioned { version: found.version, body }))
}

/// What a version is sealed to: its name, its number, and for a closed case when it was closed.
pub(crate) fn context(doc: &[u8; 32], version: u64, closed_at: Option<i64>) -> Vec<u8> {
    let mut context = [doc.as_slice(), &version.to_be_bytes()].concat();
    context.extend(closed_at.into_iter().flat_map(i64::to_be_bytes));
    context
}
