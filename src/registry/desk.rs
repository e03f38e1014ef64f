//! What all changes share.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{Days, SecondsFormat};
use serde::{Serialize, de::DeserializeOwned};
use ssbtek_access_log::{
    AGENCY, AGENT, AccessLog, BoardTerms, ByTwo, CONFIGURATION, Change, ChangeError, DocumentWrite, Door,
    LogError, OPERATOR, Recheck, Refused, operator_name,
};
use ssbtek_authorize::{
    AccountKind, AskError, Caller, ConnectionError, Denial, DocumentRef, DocumentVersion, Duty, Facts,
    RegisteredCertificate, Registry, TokenUse, Versioned, any_duty, may_confirm_certificate, on_duty,
};
use ssbtek_domain::{Agency, Clock, DateTime, IdError, NaiveDate, OrganisationNumber, Utc, normal_name};

use crate::{
    certificates::Taken,
    concerned::{Concerned, Told},
};

/// Why a change was not made; the registry is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeskError {
    /// A field is wrong.
    #[error(transparent)]
    Invalid(#[from] AskError),
    /// The caller may not; the log says so.
    #[error("refused: {}", .0.as_str())]
    Denied(Denial),
    /// The assertion was used before; the log does not say so yet.
    #[error("the assertion was used before")]
    AssertionUsed,
    /// It exists already: names the field.
    #[error("{0}: is registered already")]
    Exists(&'static str),
    /// There is no such thing: names the field.
    #[error("{0}: is not registered")]
    Unknown(&'static str),
    /// Proposed until then: another operator must make the same call.
    #[error("proposed; another operator must make the same call before {}", .0.to_rfc3339_opts(SecondsFormat::Secs, true))]
    AwaitsSecond(DateTime<Utc>),
    /// The same operator has confirmed the same call, and cannot propose it before then; another can.
    #[error("done already; before {} only another operator can propose it anew", .0.to_rfc3339_opts(SecondsFormat::Secs, true))]
    DoneAlready(DateTime<Utc>),
    /// It has another version by now than the caller has read: this one.
    #[error("expected_version: has changed since; it has version {0} now")]
    HasChanged(u64),
    /// Something that is there would be replaced, and the caller does not say that it has read it: it has this version.
    #[error("expected_version: is needed where something is replaced; it has version {0} now")]
    NotRead(u64),
    /// Somebody else changed it at the same time.
    #[error("was changed at the same time; try again")]
    Raced,
    /// It could not be logged, and so was not made.
    #[error("the broker cannot take the change now")]
    Unavailable,
}

impl From<LogError> for DeskError {
    fn from(error: LogError) -> Self {
        match error {
            LogError::TokenUsed => DeskError::AssertionUsed,
            LogError::Denied(denial) => DeskError::Denied(denial),
            LogError::Unavailable | LogError::Poisoned => DeskError::Unavailable,
        }
    }
}

impl From<ConnectionError> for DeskError {
    fn from(error: ConnectionError) -> Self {
        let field = match error {
            ConnectionError::Order { .. } | ConnectionError::Missing(_) => "step",
            ConnectionError::EndDay | ConnectionError::NoDay => "on",
        };
        AskError::new(field, error).into()
    }
}

impl From<ChangeError> for DeskError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Conflict => DeskError::Raced,
            ChangeError::Proposed(until) => DeskError::AwaitsSecond(until),
            ChangeError::Log(error) => error.into(),
        }
    }
}

/// Who makes a change.
pub enum By<'a> {
    /// An account of a board.
    Account(&'a Caller),
    /// The board's administrator, over a certificate that this very change confirms.
    Confirming(&'a Caller),
    /// An agent, by its certificate.
    Agent(OrganisationNumber),
    /// An agency's contact, by its certificate.
    Agency(Agency),
    /// The provider's operator.
    Operator,
    /// The deployment's configuration, at start.
    Configuration,
}

impl By<'_> {
    /// For an account: that it still stands is judged again in the transaction of the change.
    fn still_stands(&self, now: DateTime<Utc>) -> Option<Recheck> {
        let (caller, judge): (&Caller, Standing) = match self {
            By::Account(caller) => (caller, any_duty),
            By::Confirming(caller) => (caller, may_confirm_certificate),
            By::Agent(_) | By::Agency(_) | By::Operator | By::Configuration => return None,
        };
        let caller = caller.clone();
        let key = caller.facts_key(None);
        Some(Recheck { key, judge: Box::new(move |facts| judge(&caller, facts, now)) })
    }

    fn kind(&self) -> AccountKind {
        match self {
            By::Account(caller) | By::Confirming(caller) => caller.kind.clone(),
            By::Agent(_) | By::Agency(_) | By::Operator | By::Configuration => AccountKind::Person,
        }
    }

    fn token(&self) -> Option<TokenUse> {
        match self {
            By::Account(caller) | By::Confirming(caller) => Some(caller.token.clone()),
            By::Agent(_) | By::Agency(_) | By::Operator | By::Configuration => None,
        }
    }
}

/// Judges whether who makes a change still stands.
type Standing = fn(&Caller, &Facts, DateTime<Utc>) -> Result<(), Denial>;

/// What a change writes, and what it rests on.
#[derive(Default)]
pub(crate) struct Prepared {
    /// Documents changed.
    pub(crate) documents: Vec<DocumentWrite>,
    /// New terms of retention of the board, with the version they were read in.
    pub(crate) terms: Option<Versioned<BoardTerms>>,
    /// Documents that must still be what they were.
    pub(crate) rests_on: Vec<(DocumentRef, u64)>,
    /// Certificates that another party waits with, and that it loses by this.
    pub(crate) takes: Vec<Taken>,
}

impl From<Vec<DocumentWrite>> for Prepared {
    fn from(documents: Vec<DocumentWrite>) -> Self {
        Self { documents, ..Self::default() }
    }
}

/// Most certificates of one party, and most keys that sign one board's assertions.
pub(crate) const MAX_OF_A_KIND: usize = 100;

/// Farthest that a day which somebody plans for may lie ahead, in days: ten years. Nothing is agreed on for longer.
const MAX_DAYS_AHEAD: u64 = 3_653;

/// How often a change is tried when others change the same documents.
pub(crate) const ATTEMPTS: u32 = 16;

/// Whether a caller may: if not, why, and the versions of the documents that it rests on.
pub type Judged = Result<(), (Denial, Vec<DocumentVersion>)>;

/// The desk, over the log (which holds the documents) and the registry (which reads them).
#[derive(Clone)]
pub struct Desk {
    pub(crate) log: AccessLog,
    pub(crate) registry: Arc<dyn Registry>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) provider: OrganisationNumber,
    pub(crate) proposal_life_h: u16,
    operators: Operators,
    /// The version that a caller has read of what is replaced.
    read: Option<u64>,
}

/// Which operators change what operators change.
#[derive(Clone)]
enum Operators {
    /// Nobody said which.
    Unnamed,
    /// This one, as records name operators.
    One(String),
    /// These two.
    Two(Box<ByTwo>),
}

/// A change, as its record tells it.
#[derive(Clone)]
pub(crate) struct Deed<'a> {
    tree: OrganisationNumber,
    by: &'a By<'a>,
    action: &'static str,
    to: BTreeMap<String, String>,
    for_a_purge: bool,
    concerned: Option<Concerned>,
}

impl<'a> From<(OrganisationNumber, &'a By<'a>, &'static str)> for Deed<'a> {
    fn from((tree, by, action): (OrganisationNumber, &'a By<'a>, &'static str)) -> Self {
        Self { tree, by, action, to: BTreeMap::new(), for_a_purge: false, concerned: None }
    }
}

impl Deed<'_> {
    pub(crate) fn tree(&self) -> OrganisationNumber {
        self.tree
    }

    /// The same, which is told in the logs of these boards too. So is what is only proposed.
    pub(crate) fn concerning(self, concerned: Concerned) -> Self {
        Self { concerned: Some(concerned), ..self }
    }

    /// The same, for which a purge waits.
    pub(crate) fn for_a_purge(self) -> Self {
        Self { for_a_purge: true, ..self }
    }

    /// The same, which sets something. Never personal data.
    pub(crate) fn to(mut self, name: &str, value: impl ToString) -> Self {
        self.to.insert(name.to_owned(), value.to_string());
        self
    }
}

/// What an operator changes, as its record tells it.
pub(crate) fn by_operator(tree: OrganisationNumber, action: &'static str) -> Deed<'static> {
    Deed::from((tree, &By::Operator, action))
}

impl Desk {
    /// For how long an operator's proposal waits for another's confirmation, in hours, where nothing else is configured.
    pub const PROPOSAL_LIFE_H: u16 = 24;

    /// A desk over these ports. What concerns no single board is logged in the tree of the provider itself.
    pub fn new(
        log: AccessLog,
        registry: Arc<dyn Registry>,
        clock: Arc<dyn Clock>,
        provider: OrganisationNumber,
    ) -> Self {
        let (proposal_life_h, operators) = (Self::PROPOSAL_LIFE_H, Operators::Unnamed);
        Self { log, registry, clock, provider, proposal_life_h, operators, read: None }
    }

    /// The same, for somebody who has read what is to be replaced in this version; `None`: who has read nothing, and so may add
    /// and not take away.
    #[must_use]
    pub fn having_read(&self, version: Option<u64>) -> Self {
        Self { read: version, ..self.clone() }
    }

    /// Whether what stands in `version` may be replaced; `loses`: whether something that stands there would be gone.
    pub(crate) fn may_replace(&self, version: u64, loses: bool) -> Result<(), DeskError> {
        match self.read {
            Some(read) if read != version => Err(DeskError::HasChanged(version)),
            None if loses => Err(DeskError::NotRead(version)),
            _ => Ok(()),
        }
    }

    /// The same, at which the operator with this certificate stands.
    #[must_use]
    pub fn for_operator(&self, certificate: &[u8; 32]) -> Self {
        let operators = Operators::One(operator_name(&RegisteredCertificate::new(certificate).sha256));
        Self { operators, ..self.clone() }
    }

    /// The same, at which two operators stand, for the one change that both have asked for.
    #[must_use]
    pub fn for_two(&self, by_two: ByTwo) -> Self {
        Self { operators: Operators::Two(Box::new(by_two)), ..self.clone() }
    }

    /// Who makes a change, as its record says.
    pub(crate) fn name(&self, by: &By<'_>) -> String {
        match (by, &self.operators) {
            (By::Account(caller) | By::Confirming(caller), _) => caller.case_worker.as_str().to_owned(),
            (By::Agent(agent), _) => format!("{AGENT} {agent}"),
            (By::Agency(agency), _) => format!("{AGENCY} {agency}"),
            (By::Operator, Operators::Unnamed) => OPERATOR.to_owned(),
            (By::Operator, Operators::One(name)) => name.clone(),
            (By::Operator, Operators::Two(by_two)) => by_two.name(),
            (By::Configuration, _) => CONFIGURATION.to_owned(),
        }
    }

    /// How often a change is tried when others change the same. What two have confirmed is confirmed anew before it is tried
    /// again.
    fn attempts(&self) -> u32 {
        if matches!(self.operators, Operators::Two(_)) { 1 } else { ATTEMPTS }
    }

    /// The same, with another life of proposals.
    #[must_use]
    pub fn with_proposals_for_h(self, proposal_life_h: u16) -> Self {
        Self { proposal_life_h, ..self }
    }

    /// Whether the caller's account may do this; a refusal is logged.
    pub async fn require(&self, caller: &Caller, duty: Duty) -> Result<(), DeskError> {
        self.require_one_of(caller, &[duty]).await
    }

    /// Whether the caller's account may do one of these; no duty named means that any account may. A refusal is logged.
    pub async fn require_one_of(&self, caller: &Caller, duties: &[Duty]) -> Result<(), DeskError> {
        let judged = self.judge(caller, duties).await?;
        self.told(caller, judged).await
    }

    /// The same, decided and not logged: the denial, and the versions of the documents that it rests on.
    pub async fn judge(&self, caller: &Caller, duties: &[Duty]) -> Result<Judged, DeskError> {
        let facts = self.registry.facts(&caller.facts_key(None)).await.map_err(|_| DeskError::Unavailable)?;
        let now = self.clock.now();
        let mut judged = any_duty(caller, &facts, now);
        for duty in duties {
            judged = on_duty(caller, *duty, &facts, now).map(|_| ());
            if judged.is_ok() {
                break;
            }
        }
        Ok(judged.map_err(|denial| (denial, facts.versions(None))))
    }

    /// The same, of an administrator over a certificate that may wait for being confirmed.
    pub async fn judge_confirming(&self, caller: &Caller) -> Result<Judged, DeskError> {
        let facts = self.registry.facts(&caller.facts_key(None)).await.map_err(|_| DeskError::Unavailable)?;
        let judged = may_confirm_certificate(caller, &facts, self.clock.now());
        Ok(judged.map_err(|denial| (denial, facts.versions(None))))
    }

    /// Whether the caller is its board's administrator, over a certificate that may wait for being confirmed; a refusal is
    /// logged.
    pub(crate) async fn require_confirming(&self, caller: &Caller) -> Result<(), DeskError> {
        let judged = self.judge_confirming(caller).await?;
        self.told(caller, judged).await
    }

    /// Logs a refusal.
    async fn told(&self, caller: &Caller, judged: Judged) -> Result<(), DeskError> {
        let Err((denial, versions)) = judged else { return Ok(()) };
        tracing::info!(denial = denial.as_str(), "a change or reading was refused");
        let refused = Refused::new(None, denial, versions, self.clock.now(), Door::Grpc);
        Err(DeskError::Denied(self.log.refuse(caller, refused).await?))
    }

    /// Whether a day can be planned for: it lies no farther ahead than anything is agreed on.
    pub(crate) fn not_too_far(&self, field: &'static str, day: NaiveDate) -> Result<(), AskError> {
        let last = self.clock.today().checked_add_days(Days::new(MAX_DAYS_AHEAD)).unwrap_or(NaiveDate::MAX);
        if day <= last { Ok(()) } else { Err(AskError::new(field, "lies too far ahead: at most ten years")) }
    }

    /// A document, or its beginning if it does not exist: version 0.
    pub(crate) async fn or_default<T: DeserializeOwned + Default>(
        &self,
        reference: &DocumentRef,
    ) -> Result<Versioned<T>, DeskError> {
        Ok(self
            .log
            .document(reference)
            .await?
            .unwrap_or_else(|| Versioned { version: 0, body: T::default() }))
    }

    /// A document that must exist; `field` names it in the refusal.
    pub(crate) async fn existing<T: DeserializeOwned>(
        &self,
        reference: &DocumentRef,
        field: &'static str,
    ) -> Result<Versioned<T>, DeskError> {
        self.log.document(reference).await?.ok_or(DeskError::Unknown(field))
    }

    /// Changes one document that must exist; tried again when somebody else was quicker.
    pub(crate) async fn edit<T: Serialize + DeserializeOwned>(
        &self,
        deed: impl Into<Deed<'_>>,
        reference: DocumentRef,
        field: &'static str,
        edit: impl FnMut(&mut T) -> Result<(), DeskError>,
    ) -> Result<u64, DeskError> {
        self.replace(deed, reference, field, |_| false, edit).await
    }

    /// The same where a whole is replaced: `loses` says whether something that stands there would be gone.
    pub(crate) async fn replace<T: Serialize + DeserializeOwned>(
        &self,
        deed: impl Into<Deed<'_>>,
        reference: DocumentRef,
        field: &'static str,
        loses: impl Fn(&T) -> bool,
        mut edit: impl FnMut(&mut T) -> Result<(), DeskError>,
    ) -> Result<u64, DeskError> {
        let deed = deed.into();
        for _ in 0..self.attempts() {
            let mut found = self.existing(&reference, field).await?;
            self.may_replace(found.version, loses(&found.body))?;
            edit(&mut found.body)?;
            let write = DocumentWrite::new(reference.clone(), found.version, &found.body)?;
            match self.change(&deed, vec![write]).await {
                Err(DeskError::Raced) => {}
                other => return other,
            }
        }
        Err(DeskError::Raced)
    }

    /// Changes several documents, as `prepare` finds them; tried again when somebody else was quicker.
    pub(crate) async fn retried<P: Into<Prepared>, F: Future<Output = Result<P, DeskError>>>(
        &self,
        deed: impl Into<Deed<'_>>,
        mut prepare: impl FnMut() -> F,
    ) -> Result<u64, DeskError> {
        let deed = deed.into();
        for _ in 0..self.attempts() {
            match self.change(&deed, prepare().await?).await {
                Err(DeskError::Raced) => {}
                other => return other,
            }
        }
        Err(DeskError::Raced)
    }

    pub(crate) async fn change(
        &self,
        deed: &Deed<'_>,
        prepared: impl Into<Prepared>,
    ) -> Result<u64, DeskError> {
        let Prepared { documents, terms, rests_on, takes } = prepared.into();
        let Deed { tree, by, action, to, for_a_purge, concerned } = deed;
        let name = self.name(by);
        let by_two = match (by, &self.operators) {
            (By::Operator, Operators::Two(by_two)) => Some(ByTwo::clone(by_two)),
            _ => None,
        };
        if by_two.as_ref().is_none_or(|by_two| by_two.proposes.is_none()) {
            for taken in takes {
                self.tell_of_loss(&name, taken).await?;
            }
        }
        let mut beside = Vec::new();
        if let Some(concerned) = concerned {
            let proposed = by_two.as_ref().and_then(|by_two| by_two.proposes);
            let action = proposed.map_or(*action, |proposes| proposes.action);
            beside.extend(self.untold(Told { by: &name, action, to }, *concerned).await?);
        }
        let change = Change {
            once: by.token(),
            documents,
            retention: terms,
            rests_on,
            recheck: by.still_stands(self.clock.now()),
            to: to.clone(),
            by_two,
            for_a_purge: *for_a_purge,
            by_kind: by.kind(),
            beside,
            ..Change::new(*tree, &name, action)
        };
        let came_to = self.log.make(change).await;
        if concerned.is_some() && matches!(came_to, Ok(_) | Err(ChangeError::Proposed(_))) {
            // It is done. Who cannot be told now is told later.
            let _ = self.tell_boards().await;
        }
        Ok(came_to?.version)
    }
}

/// A text of 1 to `max` characters, in the one form of what people type as a name.
pub(crate) fn text(field: &'static str, text: &str, max: usize) -> Result<String, AskError> {
    normal_name(text, max).map_err(|error| match error {
        IdError::Unseen => AskError::new(field, error),
        _ => AskError::new(field, format!("must have 1 to {max} characters")),
    })
}

/// Adds to a party's certificates, in the place of the same one if that is there. There are not arbitrarily many, since they are read with every question: a further one takes the
/// place of the oldest that nobody has confirmed or that was revoked.
pub(crate) fn register(
    certificates: &mut Vec<RegisteredCertificate>,
    new: RegisteredCertificate,
) -> Result<(), AskError> {
    certificates.retain(|known| known.sha256 != new.sha256);
    if certificates.len() >= MAX_OF_A_KIND {
        let idle = |one: &RegisteredCertificate| !one.is_confirmed() || one.revoked_at.is_some();
        let Some(idle) = certificates.iter().position(idle) else {
            let reason = format!("is one too many: a party has at most {MAX_OF_A_KIND}");
            return Err(AskError::new("certificate", reason));
        };
        certificates.remove(idle);
    }
    certificates.push(new);
    Ok(())
}

/// Revokes one of a party's certificates from `now` on; one that is revoked stays so from when it was.
pub(crate) fn revoke(
    certificates: &mut [RegisteredCertificate],
    sha256: &str,
    now: DateTime<Utc>,
) -> Result<(), DeskError> {
    let certificate = certificates.iter_mut().find(|certificate| certificate.sha256 == sha256);
    certificate.ok_or(DeskError::Unknown("sha256"))?.revoked_at.get_or_insert(now);
    Ok(())
}
