//! Opening and ending entries.

use std::{
    collections::HashMap,
    fmt,
    io::ErrorKind,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::SecondsFormat;
use ssbtek_authorize::{Ask, Caller, Denial, DocumentVersion, Learned, Permit};
use ssbtek_domain::{
    Agency, CaseId, Clock, DateTime, Entropy, EntryId, OrganisationNumber, Personnummer, Utc,
    calendar::month_of,
};
use ssbtek_transparency::{Hash, Receipt, commit, gap::GapLine};
use ssbtek_vault::{Key, KeyId, Unsealed, Vault, VaultError};

use crate::{
    Append, AppendError, Appended, Asker, AssumedDisclosed, Cosigner, DenialRecord, Disclosure, Door,
    EntryEffect, Header, Leaf, LogStore, LookUp, OpenEntry, Part, Payload, Recheck, Release, StoreError,
    Term, Withheld,
    about::{blind, expected_terms},
    fault::{OrTell, Told},
    payload::Named,
    refusals::{Counted, RefusalBounds, Refusals},
    remember,
};

/// Proof that an INTENT is durable. Minted only by [`AccessLog::open_all`]; spent by [`AccessLog::close`].
///
/// It cannot be forged:
///
/// ```compile_fail,E0451
/// use ssbtek_access_log::Opened;
/// fn forged(entry: ssbtek_domain::EntryId, board: ssbtek_domain::OrganisationNumber, old: &Opened) -> Opened {
///     Opened { entry, board, at: old.at(), leaf: ssbtek_transparency::Hash::empty_root(), case_alias: None, left: vec![], left_open: None }
/// }
/// ```
///
/// An entry is closed, but not twice:
///
/// ```
/// # use ssbtek_access_log::{AccessLog, Disclosure, Opened};
/// # use ssbtek_authorize::{Learned, Permit};
/// async fn once(log: &AccessLog, opened: Opened, permit: &Permit, what: &Disclosure) {
///     let _ = log.close(opened, permit, what, &Learned::default()).await;
/// }
/// ```
///
/// ```compile_fail,E0382
/// # use ssbtek_access_log::{AccessLog, Disclosure, Opened};
/// # use ssbtek_authorize::{Learned, Permit};
/// async fn twice(log: &AccessLog, opened: Opened, permit: &Permit, what: &Disclosure) {
///     let _ = log.close(opened, permit, what, &Learned::default()).await;
///     let _ = log.close(opened, permit, what, &Learned::default()).await;
/// }
/// ```
#[derive(Debug)]
pub struct Opened {
    pub(crate) entry: EntryId,
    pub(crate) board: OrganisationNumber,
    pub(crate) at: DateTime<Utc>,
    pub(crate) leaf: Hash,
    pub(crate) case_alias: Option<CaseId>,
    /// Agencies whose sections have left already.
    pub(crate) left: Vec<Agency>,
    /// Where it is noted if this is dropped before its end is durable; `None` from then on.
    pub(crate) left_open: Option<LeftOpen>,
}

impl Drop for Opened {
    fn drop(&mut self) {
        if let Some(left_open) = self.left_open.take() {
            left_open.note(OpenEntry { board: self.board, entry: self.entry });
        }
    }
}

impl Opened {
    /// The entry's id, which may be told to agencies and callers.
    pub fn entry(&self) -> EntryId {
        self.entry
    }

    /// When the question was permitted.
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// What the case is called towards sources that cannot take its own identity; there where the manifest wants it.
    pub fn case_alias(&self) -> Option<&CaseId> {
        self.case_alias.as_ref()
    }

    /// Notes that an agency's section leaves now: whatever the entry's end is, it says so.
    pub fn note_leaving(&mut self, agency: Agency) {
        self.left.push(agency);
    }
}

/// Why something could not be logged. What is not logged does not happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// The assertion was used before.
    #[error("the assertion was used before")]
    TokenUsed,
    /// What must hold in the transaction does not; nothing was written.
    #[error("refused: {}", .0.as_str())]
    Denied(Denial),
    /// The log cannot take it now; nothing was written.
    #[error("the access log cannot take an entry now")]
    Unavailable,
    /// The log has failed: this process discloses nothing more.
    #[error("the access log has failed")]
    Poisoned,
}

/// A call that was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusedCall {
    /// Its name in the contract.
    pub name: &'static str,
    /// Whether it puts a question.
    pub asks: bool,
}

/// A refusal to be recorded.
#[derive(Debug, Clone)]
pub struct Refused<'a> {
    /// The question, if it was one and well-formed.
    pub ask: Option<&'a Ask>,
    /// Why.
    pub denial: Denial,
    /// Of what was malformed, not registered or registered already: which field, by its name in the contract.
    pub field: Option<&'static str>,
    /// Which call was refused, where it was not a well-formed question.
    pub call: Option<RefusedCall>,
    /// Versions of the documents it rested on.
    pub versions: Vec<DocumentVersion>,
    /// When it was decided.
    pub at: DateTime<Utc>,
    /// Through which door.
    pub door: Door,
}

impl<'a> Refused<'a> {
    /// A refusal for these facts; of `ask`, where it was a question.
    pub fn new(
        ask: Option<&'a Ask>,
        denial: Denial,
        versions: Vec<DocumentVersion>,
        at: DateTime<Utc>,
        door: Door,
    ) -> Self {
        Self { ask, denial, field: None, call: None, versions, at, door }
    }

    /// Whether it was a question, well-formed or not: those are counted apart, so that no flood of other calls hides them.
    fn is_question(&self) -> bool {
        self.ask.is_some() || self.call.map_or(self.field.is_some(), |call| call.asks)
    }
}

/// Why an answer does not leave.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CloseError {
    /// The re-check did not hold; the log says so.
    #[error("the answer is held back: {}", .0.as_str())]
    Denied(Denial),
    /// It could not be logged.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl From<AppendError> for LogError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::TokenUsed => LogError::TokenUsed,
            AppendError::Poisoned => LogError::Poisoned,
            // These are answers to re-checks and changes, which their callers handle before coming here.
            AppendError::Denied(denial) => LogError::Denied(denial),
            AppendError::Conflict | AppendError::NotOpen | AppendError::Unavailable => LogError::Unavailable,
        }
    }
}

impl From<StoreError> for LogError {
    fn from(_: StoreError) -> Self {
        LogError::Unavailable
    }
}

/// Bytes that most payloads fit in.
const PAYLOAD_ROOM: usize = 4096;

/// The access log of all boards, over a store and a vault.
#[derive(Clone)]
pub struct AccessLog {
    pub(crate) store: Arc<dyn LogStore>,
    pub(crate) vault: Arc<dyn Vault>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) cosigner: Option<Arc<dyn Cosigner>>,
    pub(crate) gaps: Arc<HashMap<OrganisationNumber, Vec<GapLine>>>,
    pub(crate) left_open: LeftOpen,
    refusals: Arc<Refusals>,
}

/// Entries that were opened here, and whose tasks are over without an end for them. No more than there are questions under way.
#[derive(Debug, Clone, Default)]
pub(crate) struct LeftOpen(Arc<Mutex<Vec<OpenEntry>>>);

impl LeftOpen {
    fn note(&self, open: OpenEntry) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(open);
    }

    fn take(&self) -> Vec<OpenEntry> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl AccessLog {
    /// A log over these ports.
    pub fn new(
        store: Arc<dyn LogStore>,
        vault: Arc<dyn Vault>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self {
            store,
            vault,
            clock,
            entropy,
            cosigner: None,
            gaps: Arc::default(),
            left_open: LeftOpen::default(),
            refusals: Arc::new(Refusals::new(RefusalBounds::default())),
        }
    }

    /// With another bound on refusals.
    #[must_use]
    pub fn with_refusal_bounds(self, bounds: RefusalBounds) -> Self {
        Self { refusals: Arc::new(Refusals::new(bounds)), ..self }
    }

    /// With the gaps in the boards' logs, which every reader is shown.
    #[must_use]
    pub fn with_gaps(self, gaps: HashMap<OrganisationNumber, Vec<GapLine>>) -> Self {
        Self { gaps: Arc::new(gaps), ..self }
    }

    /// The gaps in a board's log, in order.
    pub fn gaps(&self, board: OrganisationNumber) -> &[GapLine] {
        self.gaps.get(&board).map(Vec::as_slice).unwrap_or_default()
    }

    /// With witnesses: exports say how far they have cosigned.
    #[must_use]
    pub fn with_cosigner(self, cosigner: Arc<dyn Cosigner>) -> Self {
        Self { cosigner: Some(cosigner), ..self }
    }

    /// Records the answer, durably, in the same transaction as the re-check, with what is to be remembered of it. Only with the
    /// receipt may it leave. If the re-check fails, the entry ends as withheld: what was said is remembered all the same.
    pub async fn close(
        &self,
        mut opened: Opened,
        permit: &Permit,
        disclosure: &Disclosure,
        learned: &Learned,
    ) -> Result<Receipt, CloseError> {
        let now = self.clock.now();
        let duration_ms = (now - opened.at).num_milliseconds().max(0).unsigned_abs();
        let payload = Payload::Release(Release {
            disclosure: disclosure.clone(),
            duration_ms,
            intent: Some(opened.leaf),
        });
        let protection = disclosure.protection;
        let flags_somebody = disclosure.flags_somebody(learned);
        let seen = Arc::new(Mutex::new(Vec::new()));
        let recheck = || {
            let (permit_again, saw) = (permit.clone(), seen.clone());
            Recheck {
                key: permit.facts_key(),
                judge: Box::new(move |facts| {
                    *saw.lock().unwrap_or_else(PoisonError::into_inner) =
                        facts.versions(Some(permit_again.person()));
                    permit_again.recheck(facts, (protection, flags_somebody), now)
                }),
            }
        };
        match self.end(&opened, permit, learned, &payload, now, Some(&recheck)).await {
            Ok(appended) => {
                opened.left_open = None;
                Ok(appended.receipt().map_err(LogError::from)?)
            }
            Err(AppendError::Denied(denial)) => {
                let versions = std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner));
                // At the moment of the re-check, so that it can be judged again.
                self.end_withheld(opened, permit, disclosure, learned, (denial, versions), now).await?;
                Err(CloseError::Denied(denial))
            }
            Err(error) => Err(LogError::from(error).into()),
        }
    }

    /// Records that no more of an answer leaves, because a re-check of one of its sections failed while the agencies were
    /// answering: `why`, with the versions of the documents that this rested on. What was said is remembered all the same.
    pub async fn withhold(
        &self,
        opened: Opened,
        permit: &Permit,
        disclosure: &Disclosure,
        learned: &Learned,
        why: (Denial, Vec<DocumentVersion>),
    ) -> Result<(), LogError> {
        self.end_withheld(opened, permit, disclosure, learned, why, self.clock.now()).await
    }

    async fn end_withheld(
        &self,
        mut opened: Opened,
        permit: &Permit,
        disclosure: &Disclosure,
        learned: &Learned,
        (denial, versions): (Denial, Vec<DocumentVersion>),
        at: DateTime<Utc>,
    ) -> Result<(), LogError> {
        let withheld = Payload::Withheld(Withheld {
            denial,
            outcomes: disclosure.outcomes.clone(),
            versions,
            protection: Some(disclosure.protection),
            left: opened.left.clone(),
        });
        self.end(&opened, permit, learned, &withheld, at, None).await?;
        opened.left_open = None;
        Ok(())
    }

    /// Ends an entry with a record and what is to be remembered with it; tried again when that was changed at the same time.
    async fn end(
        &self,
        opened: &Opened,
        permit: &Permit,
        learned: &Learned,
        payload: &Payload,
        at: DateTime<Utc>,
        recheck: Option<&(dyn Fn() -> Recheck + Sync)>,
    ) -> Result<Appended, AppendError> {
        for _ in 0..remember::ATTEMPTS {
            let mut append = self
                .record(opened.board, opened.entry, at, payload)
                .await
                .map_err(|_| AppendError::Unavailable)?;
            append.recheck = recheck.map(|recheck| recheck());
            let writes = self.learn(permit, learned, (opened.entry, at)).await;
            let writes = writes.map_err(|_| AppendError::Unavailable)?;
            // Said of somebody whom the answers name since it was looked up: what was merged does not hold back for that.
            if recheck.is_some() && writes.names_protected && !learned.named_protected {
                return Err(AppendError::Denied(Denial::FactsChanged));
            }
            (append.documents, append.rests_on) = (writes.documents, writes.rests_on);
            match self.store.append(append).await {
                Err(AppendError::Conflict) => {}
                ended => return ended,
            }
        }
        Err(AppendError::Unavailable)
    }

    /// Records a refusal, and spends the assertion. If it was spent before, that is the refusal's reason, and recorded so.
    /// Returns the reason that was recorded.
    ///
    /// Of an account that has had too many refused lately over this certificate it is only counted (see [`RefusalBounds`]), and the
    /// record of the count spends the assertion.
    pub async fn refuse(&self, caller: &Caller, refused: Refused<'_>) -> Result<Denial, LogError> {
        let now = self.clock.now();
        let (by_itself, ended) =
            self.refusals.admit(caller, (refused.denial, refused.door, refused.is_question()), now);
        if let Some(counted) = ended {
            self.record_counted(counted, now).await?;
        }
        if !by_itself {
            return Ok(refused.denial);
        }
        match self.record_refusal(caller, &refused).await {
            Err(LogError::TokenUsed) => {
                let refused = Refused { denial: Denial::AssertionUsed, ..refused };
                self.record_refusal(caller, &refused).await.map(|()| Denial::AssertionUsed)
            }
            recorded => recorded.map(|()| refused.denial),
        }
    }

    /// Records what was counted of refusals and is not recorded yet. Returns how many records that took.
    pub async fn record_counted_refusals(&self) -> Result<usize, LogError> {
        let now = self.clock.now();
        let counted = self.refusals.counted(now);
        let records = counted.len();
        let mut failed = Ok(());
        for counted in counted {
            failed = self.record_counted(counted, now).await.and(failed);
        }
        failed.map(|()| records)
    }

    async fn record_counted(&self, counted: Counted, now: DateTime<Utc>) -> Result<(), LogError> {
        let record = DenialRecord {
            asker: Asker::from(&counted.last),
            role: None,
            person: None,
            case: None,
            agencies: Vec::new(),
            denial: counted.denial,
            field: None,
            call: None,
            versions: Vec::new(),
            door: counted.door,
            more: Some(counted.more.clone()),
        };
        let (entry, payload) = (EntryId::draw(&*self.entropy, now), Payload::Denial(Box::new(record)));
        let recorded = match self.record(counted.last.board, entry, now, &payload).await {
            Ok(mut append) => {
                append.spends.clone_from(&counted.spends);
                self.store.append(append).await.map(drop).map_err(LogError::from)
            }
            Err(error) => Err(error),
        };
        if recorded.is_err() {
            self.refusals.put_back(counted, now);
        }
        recorded
    }

    async fn record_refusal(&self, caller: &Caller, refused: &Refused<'_>) -> Result<(), LogError> {
        let mut append = self.refusal(caller, refused).await?;
        append.once = (refused.denial != Denial::AssertionUsed).then(|| caller.token.clone());
        self.store.append(append).await?;
        Ok(())
    }

    /// The record of a refusal, which spends nothing yet.
    pub(crate) async fn refusal(&self, caller: &Caller, refused: &Refused<'_>) -> Result<Append, LogError> {
        let Refused { ask, denial, field, call, at, .. } = *refused;
        let entry = EntryId::draw(&*self.entropy, at);
        let record = DenialRecord {
            asker: Asker::from(caller),
            role: ask.and_then(|ask| ask.role),
            person: ask.and_then(|ask| ask.person.clone()).map(Named),
            case: ask.map(|ask| ask.case.clone()),
            agencies: ask.map(|ask| ask.agencies.iter().copied().collect()).unwrap_or_default(),
            denial,
            field: field.map(str::to_owned),
            call: call.map(|call| call.name.to_owned()),
            versions: refused.versions.clone(),
            door: refused.door,
            more: None,
        };
        self.record(caller.board, entry, at, &Payload::Denial(Box::new(record))).await
    }

    /// Ends the entries that a former process left open, as assumed disclosed; those that cannot be recorded now are noted for
    /// [`AccessLog::end_left_open`]. To be called before any door opens. Returns how many it ended.
    pub async fn recover(&self) -> Result<usize, LogError> {
        let mut ended = 0;
        for open in self.store.open_entries().await? {
            match self.assume_disclosed(&open).await {
                Ok(_) => ended += 1,
                // Not now: one board's key, or no space. It is tried again, and keeps nobody else from starting.
                Err(LogError::Unavailable) => self.left_open.note(open),
                Err(error) => return Err(error),
            }
        }
        Ok(ended)
    }

    /// Ends, as assumed disclosed, every entry of this process whose own end could not be recorded: the log took nothing just
    /// then, or its task ended in a panic. To be called now and then; what cannot be ended now is tried again. Returns how many.
    pub async fn end_left_open(&self) -> usize {
        let mut ended = 0;
        for open in self.left_open.take() {
            match self.assume_disclosed(&open).await {
                Ok(true) => ended += 1,
                Ok(false) => {}
                Err(_) => self.left_open.note(open),
            }
        }
        ended
    }

    /// `false`: it has an end already.
    async fn assume_disclosed(&self, open: &OpenEntry) -> Result<bool, LogError> {
        let now = self.clock.now();
        let found_at = now.to_rfc3339_opts(SecondsFormat::Millis, true);
        let payload = Payload::AssumedDisclosed(AssumedDisclosed { found_at });
        match self.store.append(self.record(open.board, open.entry, now, &payload).await?).await {
            Ok(_) => Ok(true),
            Err(AppendError::NotOpen) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Seals a payload into a leaf: 256-bit salt, commitment, key of the board and month. Its kind, what leads to it and what it
    /// does to its entry are told by the payload itself.
    pub(crate) async fn record(
        &self,
        board: OrganisationNumber,
        entry: EntryId,
        at: DateTime<Utc>,
        payload: &Payload,
    ) -> Result<Append, LogError> {
        let key_id = KeyId::new(&["log", board.as_str(), &month_of(at)]);
        Ok(self.sealed_under(key_id, board, entry, at, payload).await?.0)
    }

    /// A key, made if there is none yet: with a month's first record, or a board's. That takes syncs, and so a thread that may
    /// wait for them.
    async fn key_for_writing(&self, board: OrganisationNumber, id: &KeyId) -> Result<Arc<Key>, Told> {
        let key = match self.vault.open(id) {
            Err(VaultError::Missing(_) | VaultError::Destroyed(_)) => {
                let (vault, id) = (self.vault.clone(), id.clone());
                let made = tokio::task::spawn_blocking(move || vault.create(&id)).await;
                made.unwrap_or(Err(VaultError::Io(ErrorKind::Other)))
            }
            key => key,
        };
        key.or_tell(board)
    }

    /// The same under any key; also gives the salt.
    pub(crate) async fn sealed_under(
        &self,
        key_id: KeyId,
        board: OrganisationNumber,
        entry: EntryId,
        at: DateTime<Utc>,
        payload: &Payload,
    ) -> Result<(Append, [u8; 32]), LogError> {
        let kind = payload.about().kind;
        let key = self.key_for_writing(board, &key_id).await?;
        let terms = expected_terms(&key, payload);
        let mut salt = [0u8; 32];
        self.entropy.fill(&mut salt);
        let mut plain = Unsealed::with_room(PAYLOAD_ROOM);
        plain.extend_from_slice(&salt);
        serde_json::to_writer(&mut plain, payload).or_tell(board)?;
        let commitment = commit(&salt, &plain.as_bytes()[32..]);
        let header = Header::new(kind, entry, at, key_id.clone()).to_bytes();
        let sealed = key.seal_in_place(&*self.entropy, &header, plain);
        let append = Append {
            board,
            leaf: Leaf { entry, header, commitment, sealed, key: key_id, sealed_by: key },
            terms,
            effect: match kind.part() {
                Part::Opens => EntryEffect::Opens(entry),
                Part::Ends => EntryEffect::Ends(entry),
                Part::Alone => EntryEffect::None,
            },
            once: None,
            spends: Vec::new(),
            recheck: None,
            documents: Vec::new(),
            retention: None,
            rests_on: Vec::new(),
            for_a_purge: false,
            reopens: None,
            under: None,
            question: None,
        };
        Ok((append, salt))
    }

    /// A person number as the registry may keep it for comparison: under the board's index key, hexadecimal.
    pub fn blind_person(&self, board: OrganisationNumber, person: &Personnummer) -> Result<String, LogError> {
        let term =
            IndexKey::existing(&*self.vault, board).or_tell(board)?.blind("own_number", person.expose());
        Ok(term.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// A sign-in as the registry may keep it for comparison, and as records name it: issuer and subject under the board's index key.
    pub fn blind_sign_in(
        &self,
        board: OrganisationNumber,
        issuer: &str,
        subject: &str,
    ) -> Result<[u8; 32], LogError> {
        let key = IndexKey::existing(&*self.vault, board).or_tell(board)?;
        Ok(key.0.blind("sign_in", format!("{issuer}\n{subject}").as_bytes()))
    }

    /// The blind term that an account is counted by.
    pub(crate) async fn term(
        &self,
        board: OrganisationNumber,
        look_up: LookUp<'_>,
    ) -> Result<Term, LogError> {
        Ok(self.index(board).await?.term(look_up))
    }

    pub(crate) async fn index(&self, board: OrganisationNumber) -> Result<IndexKey, LogError> {
        Ok(IndexKey(self.key_for_writing(board, &IndexKey::id(board)).await?))
    }
}

/// Bytes of a case's alias, in hexadecimal digits after `A-`: 26 characters, where CSN takes 31.
const ALIAS_BYTES: usize = 12;

/// A board's index key: blinds what is compared over months, such as an account's questions within an hour.
pub(crate) struct IndexKey(Arc<Key>);

impl IndexKey {
    fn id(board: OrganisationNumber) -> KeyId {
        KeyId::new(&["index", board.as_str()])
    }

    /// That of a board that has one: for whatever only reads.
    pub(crate) fn existing(vault: &dyn Vault, board: OrganisationNumber) -> Result<Self, VaultError> {
        vault.open(&Self::id(board)).map(Self)
    }

    /// The blind term that leads to what is looked up.
    pub(crate) fn term(&self, look_up: LookUp<'_>) -> Term {
        let (domain, value) = look_up.parts();
        self.blind(domain, value)
    }

    /// What a case is called towards sources that take no identity as long as its own: the same each time for one board and
    /// case, and no other's, as long as the board's key exists.
    pub(crate) fn case_alias(&self, case: &CaseId) -> Result<CaseId, LogError> {
        let digits: String = self.blind("case_alias", case.as_str())[..ALIAS_BYTES]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        CaseId::parse(&format!("A-{digits}")).map_err(|_| LogError::Unavailable)
    }

    fn blind(&self, domain: &str, value: &str) -> Term {
        blind(&self.0, domain, value)
    }
}

impl fmt::Debug for AccessLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessLog")
    }
}
