//! What is appended in one transaction: a leaf, what it does to its entry, the token it spends, the documents it changes,
//! and the re-check that must hold.

use std::sync::Arc;

use ssbtek_authorize::{Denial, DocumentRef, Facts, FactsKey, TokenUse, Versioned};
use ssbtek_domain::{DateTime, Deadline, EntryId, NaiveDate, OrganisationNumber, Utc};
use ssbtek_transparency::{Batch, Hash, Receipt};
use ssbtek_vault::{Key, KeyId};
use zeroize::Zeroizing;

use crate::{Lease, LegalHold, PurgeScope};

/// A blind look-up term.
pub type Term = [u8; 16];

/// A leaf ready to be stored.
#[derive(Debug, Clone)]
pub struct Leaf {
    /// The entry it belongs to; it stands in the header too.
    pub entry: EntryId,
    /// Canonical header, without personal data.
    pub header: Vec<u8>,
    /// Commitment to salt and payload.
    pub commitment: Hash,
    /// Salt and payload, sealed.
    pub sealed: Vec<u8>,
    /// The name of the key it is sealed under.
    pub key: KeyId,
    /// That very key: if the name is another one's by then, or nobody's, the leaf is not stored.
    pub sealed_by: Arc<Key>,
}

/// What a record does to its entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryEffect {
    /// Opens it: from now on it must be ended.
    Opens(EntryId),
    /// Ends it. Refused if it is not open, so that an entry ends once.
    Ends(EntryId),
    /// Neither.
    None,
}

/// A judgement on facts read inside a transaction. May be asked again: a transaction that did not fit on the disk is tried anew.
pub type Judge = Box<dyn Fn(&Facts) -> Result<(), Denial> + Send>;

/// Facts to be read inside the transaction, and the judgement on them.
pub struct Recheck {
    /// Which documents.
    pub key: FactsKey,
    /// The judgement; an error aborts this append alone.
    pub judge: Judge,
}

/// A new version of a document.
#[derive(Clone)]
pub struct DocumentWrite {
    /// Which document.
    pub reference: DocumentRef,
    /// The version it must have now; 0 for a document that must not exist.
    pub expected: u64,
    /// The new content, JSON; the store seals it.
    pub body: Zeroizing<Vec<u8>>,
    /// For a closed case: when it was closed, from which its time runs.
    pub closed_at: Option<DateTime<Utc>>,
    /// Whether it is sealed under the key of the record that it is written with, and so erased with that.
    pub with_record: bool,
    /// The case that it tells of, under whose key it is sealed, and so erased with that.
    pub within: Option<DocumentRef>,
    /// For a document that begins anew after an earlier life of it was closed: the version in which it did. From there on it has
    /// another key.
    pub anew_in: Option<u64>,
}

/// A question, as its account's bound sees it: counted inside the transaction, so that parallel questions and restarts cannot
/// pass it.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// The account's blind term.
    pub account: Term,
    /// When it was decided.
    pub at: DateTime<Utc>,
    /// So many at most within the hour that ends then, this one counted.
    pub at_most: Option<u32>,
}

/// Everything that happens in one transaction, or not at all.
pub struct Append {
    /// The tree.
    pub board: OrganisationNumber,
    /// The leaf.
    pub leaf: Leaf,
    /// Blind terms that lead to it, beside its entry's id, under the key that it is sealed under.
    pub terms: Vec<Term>,
    /// What it does to its entry.
    pub effect: EntryEffect,
    /// A one-time token that it spends.
    pub once: Option<TokenUse>,
    /// One-time tokens that are spent from then on, whether they were before or not; as far as there is room for them.
    pub spends: Vec<TokenUse>,
    /// What must still hold.
    pub recheck: Option<Recheck>,
    /// Documents changed.
    pub documents: Vec<DocumentWrite>,
    /// The question that it opens, if it is one.
    pub question: Option<Question>,
    /// New terms of retention of the board, if they change, with the version that they were read in: refused if they have
    /// another by now.
    pub retention: Option<Versioned<BoardTerms>>,
    /// Documents that are not changed but that the change rests on, with the versions that they were read in: refused if one
    /// has another by now.
    pub rests_on: Vec<(DocumentRef, u64)>,
    /// Whether a purge waits for it, which alone makes space on a full disk: then it may use what is kept for that.
    pub for_a_purge: bool,
    /// Of what this is the receipt, if it is one of a purge: the one record that a closing board takes, and the end of its
    /// closing.
    pub reopens: Option<PurgeScope>,
    /// The lease that it is made under, if it is: refused if another has taken it since.
    pub under: Option<Lease>,
}

/// How long a board's content is kept; what the store needs to know to hide what has expired. No personal data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BoardTerms {
    /// Whole calendar months that log payloads are kept after the month in which they were made; `None`: the deployment's.
    pub log_months: Option<u32>,
    /// The agreement's last day, once it is set.
    pub ended_on: Option<NaiveDate>,
    /// From when everything of the board is invisible, once it is set.
    pub due_at: Option<DateTime<Utc>>,
    /// A legal hold, if any: until its end, expired months and cases are hidden but not erased. Kept until a receipt
    /// has told of it.
    pub held: Option<LegalHold>,
    /// When the board confirmed that it has its whole log.
    pub handed_over_at: Option<DateTime<Utc>>,
}

impl BoardTerms {
    /// What follows for the board's content from the last day of its agreement; if it cannot end then, why.
    pub fn end_on(&mut self, last_day: NaiveDate) -> Result<Deadline, &'static str> {
        let deadline = Deadline::after(last_day).ok_or("lies too far ahead")?;
        if self.held.as_ref().is_some_and(|held| held.until > deadline.limit_on) {
            return Err("a legal hold reaches past the limit that follows; shorten it first");
        }
        (self.ended_on, self.due_at) = (Some(last_day), Some(deadline.due_at));
        Ok(deadline)
    }
}

/// A durable leaf, under a signed checkpoint.
#[derive(Debug, Clone)]
pub struct Appended {
    /// RFC 6962 leaf hash.
    pub leaf_hash: Hash,
    /// Index in the board's tree.
    pub index: u64,
    /// All leaves of the tree that became durable with it.
    pub batch: Arc<Batch>,
    /// The signed checkpoint of the tree that they made.
    pub checkpoint: Arc<str>,
}

impl Appended {
    /// Proof that it stands in the log. Made here and not by the store's writer, which all questions wait for and most
    /// records need no receipt from.
    pub fn receipt(&self) -> Result<Receipt, AppendError> {
        let proof = self.batch.inclusion_proof(self.index).map_err(|_| AppendError::Unavailable)?;
        let checkpoint = self.checkpoint.as_ref().to_owned();
        Ok(Receipt { leaf_hash: self.leaf_hash, index: self.index, proof, checkpoint })
    }
}

/// Why nothing was appended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The one-time token was spent before.
    #[error("the assertion was used before")]
    TokenUsed,
    /// The re-check did not hold.
    #[error("the re-check failed: {}", .0.as_str())]
    Denied(Denial),
    /// A document, or the board's terms of retention, have another version than expected, or the lease another holder.
    #[error("was changed meanwhile or exists already")]
    Conflict,
    /// The entry to be ended is not open.
    #[error("the entry is not open")]
    NotOpen,
    /// The log cannot take it now: queue full, disk full, draining. Nothing was written.
    #[error("the access log cannot take an entry now")]
    Unavailable,
    /// An I/O error on a commit: the process discloses nothing more.
    #[error("the access log has failed; this process discloses nothing more")]
    Poisoned,
}
