//! A record's payload: who, whom, why, what came of it. Personal data, stored only sealed. Never an answer's content.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ssbtek_authorize::{AccountKind, Caller, Denial, DocumentKind, DocumentVersion, Learned, NotPermitted};
use ssbtek_domain::{
    Agency, CaseId, CaseWorkerId, EntryId, OrganisationNumber, Outcome, Period, Personnummer, Processor,
    Protection, Purpose, Role, Source,
};
use ssbtek_transparency::Hash;

use crate::{
    MoreRefusals, ProtectionLifted, ReviewRecord, SampleDrawn, delay::DelayDecided, manifest::RecordedLine,
    purge_record::PurgeRecord, reading::LogRead,
};

/// Through which door a question came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Door {
    /// `ssbtek.broker.v1` over gRPC.
    Grpc,
    /// The published SOAP contract, in the version with this number.
    Soap(u8),
    /// The pages, for an account that has signed in.
    Web,
}

/// No name of a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is no door")]
pub struct UnknownDoor;

impl Door {
    /// The name in records: `grpc`, `soap_v11`, `web`.
    pub fn name(self) -> String {
        match self {
            Door::Grpc => "grpc".to_owned(),
            Door::Soap(version) => format!("soap_v{version}"),
            Door::Web => "web".to_owned(),
        }
    }
}

impl From<Door> for String {
    fn from(door: Door) -> Self {
        door.name()
    }
}

impl TryFrom<String> for Door {
    type Error = UnknownDoor;

    fn try_from(name: String) -> Result<Self, UnknownDoor> {
        match name.strip_prefix("soap_v") {
            Some(version) => version.parse().map(Door::Soap).map_err(|_| UnknownDoor),
            None if name == "grpc" => Ok(Door::Grpc),
            None if name == "web" => Ok(Door::Web),
            None => Err(UnknownDoor),
        }
    }
}

/// Who asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asker {
    /// The board.
    pub board: OrganisationNumber,
    /// The account.
    pub case_worker: CaseWorkerId,
    /// What kind of account it is: of a system's the record does not say which person asked.
    #[serde(default, skip_serializing_if = "AccountKind::is_person")]
    pub kind: AccountKind,
    /// SHA-256 fingerprint of the certificate, hexadecimal; of an account that had signed in, the sign-in as the account has it.
    pub certificate: String,
    /// Whether the account had signed in itself.
    #[serde(default, skip_serializing_if = "is_false")]
    pub signed_in: bool,
    /// The agent whose certificate it was, where it was not the board's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<OrganisationNumber>,
    /// Organisations between the board and the broker, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub processors: Vec<Processor>,
}

impl From<&Caller> for Asker {
    fn from(caller: &Caller) -> Self {
        Self {
            board: caller.board,
            case_worker: caller.case_worker.clone(),
            kind: caller.kind.clone(),
            certificate: Hash::from_bytes(caller.certificate).to_hex(),
            signed_in: caller.signed_in,
            agent: caller.agent,
            processors: caller.processors.clone(),
        }
    }
}

/// How an answer is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Telling {
    /// Whole, once its own record is there: until then nothing has left.
    #[default]
    Whole,
    /// Agency by agency as they answer: from the question's record on every section counts as disclosed, until the end says
    /// which were.
    AsItComes,
}

impl Telling {
    fn is_whole(&self) -> bool {
        *self == Self::Whole
    }
}

/// A permitted question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Who asks.
    pub asker: Asker,
    /// The case worker's unit.
    pub unit: String,
    /// About whom.
    #[serde(with = "ssbtek_domain::as_text")]
    pub person: Personnummer,
    /// In which role.
    pub role: Role,
    /// In which case.
    pub case: CaseId,
    /// Why.
    pub purpose: Purpose,
    /// The period the case needs.
    pub period: Period,
    /// Every source to be asked, with its own period and basis.
    pub sources: Vec<RecordedLine>,
    /// Agencies wanted and not permitted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_permitted: Vec<(Agency, NotPermitted)>,
    /// Every agency wanted.
    #[serde(default)]
    pub agencies: Vec<Agency>,
    /// Whether the case was provisional.
    #[serde(default, skip_serializing_if = "is_false")]
    pub provisional: bool,
    /// Whether the case is not registered and the board itself attests it; the role is then not known.
    #[serde(default, skip_serializing_if = "is_false")]
    pub attested: bool,
    /// Whether the question named a role and no number, so that the case said whose it is.
    #[serde(default, skip_serializing_if = "is_false")]
    pub role_alone: bool,
    /// Whether it named a number and no role, so that the case said which role that is.
    #[serde(default, skip_serializing_if = "is_false")]
    pub number_alone: bool,
    /// Versions of the documents the decision rested on.
    pub versions: Vec<DocumentVersion>,
    /// Through which door.
    pub door: Door,
    /// How the answer is to be told.
    #[serde(default, skip_serializing_if = "Telling::is_whole")]
    pub telling: Telling,
    /// The question that it follows: it asks again those of whom nothing, or not everything, was heard then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<EntryId>,
    /// The first entry of those that were put together with it, as one question about everybody in a household; itself, where it is that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub household: Option<EntryId>,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// What became of one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceOutcome {
    /// The source.
    pub source: Source,
    /// What became of it.
    pub outcome: Outcome,
}

/// What an answer discloses, in kind but not in content; made by the merge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disclosure {
    /// The outcome of every source in the manifest.
    pub outcomes: Vec<SourceOutcome>,
    /// Kinds of data released: `AF`, `CSN`, …, `payments`, `originals`.
    pub kinds: Vec<String>,
    /// The merged level of protected identity.
    pub protection: Protection,
    /// Whether the person bears the family name of the account that asked. The name itself is kept nowhere.
    #[serde(default, skip_serializing_if = "is_false")]
    pub same_family_name: bool,
    /// What was held back, by name, of each agency.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub withheld: BTreeMap<Agency, Vec<String>>,
    /// Where agencies contradicted each other, in kind, and which: `name AF CSN`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contradictions: Vec<String>,
}

impl Disclosure {
    /// Whether the answer says itself of somebody that the person is protected, or names somebody of whom the board remembers it, and so
    /// holds back for that already. Of a question that was cut short because something changed, nothing leaves.
    pub fn flags_somebody(&self, learned: &Learned) -> bool {
        let holds_back = learned.flags_somebody() || learned.named_protected;
        holds_back && self.outcomes.iter().all(|line| line.outcome != Outcome::NotPermitted)
    }

    /// Of an answer in which there is nothing, at a level.
    pub fn nothing(protection: Protection) -> Self {
        Self {
            outcomes: Vec::new(),
            kinds: Vec::new(),
            protection,
            same_family_name: false,
            withheld: BTreeMap::new(),
            contradictions: Vec::new(),
        }
    }
}

/// An answer about to leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// What it discloses.
    pub disclosure: Disclosure,
    /// Milliseconds since the question was permitted.
    pub duration_ms: u64,
    /// Leaf hash of the question's record, so that the receipt of the answer also commits to whom should have been asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<Hash>,
}

/// An answer held back after the agencies were asked. Of one that is told as it comes, something may have left before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withheld {
    /// Why.
    pub denial: Denial,
    /// What became of every source. Nothing of it was released, but of those in `left`.
    pub outcomes: Vec<SourceOutcome>,
    /// Versions of the documents that the re-check rested on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<DocumentVersion>,
    /// The level of protected identity that the answers led to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protection: Option<Protection>,
    /// Agencies whose sections had left by then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<Agency>,
}

impl Withheld {
    /// Kinds of data that had been released by then, as an answer's record names them.
    pub fn kinds(&self) -> Vec<String> {
        self.left.iter().map(|agency| agency.code().to_owned()).collect()
    }
}

/// A question whose end is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssumedDisclosed {
    /// When it was found, RFC 3339: at a start, or soon after its end could not be recorded.
    pub found_at: String,
}

/// A refused question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DenialRecord {
    /// Who asked.
    pub asker: Asker,
    /// In which role; `None` for what is no question about a person.
    pub role: Option<Role>,
    /// The person, if the caller named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Named>,
    /// The case named.
    pub case: Option<CaseId>,
    /// Every agency wanted.
    #[serde(default)]
    pub agencies: Vec<Agency>,
    /// Precisely why.
    pub denial: Denial,
    /// Of what was malformed, not registered or registered already: which field, by its name in the contract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Of what is no question: which call was refused, by its name in the contract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<String>,
    /// Versions of the documents the decision rested on.
    pub versions: Vec<DocumentVersion>,
    /// Through which door.
    pub door: Door,
    /// It stands for so many refusals of this certificate that were counted, not recorded one by one; the rest is the last one's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more: Option<MoreRefusals>,
}

/// A person named in a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named(#[serde(with = "ssbtek_domain::as_text")] pub Personnummer);

/// A change to the registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistryChange {
    /// Who made it: an account of the board, or one or two operators, each by the first digits of the certificate's SHA-256.
    pub by: String,
    /// What kind of account that is, where it is one.
    #[serde(default, skip_serializing_if = "AccountKind::is_person")]
    pub by_kind: AccountKind,
    /// What was done, a fixed word such as `register_case`.
    pub action: String,
    /// When it was done, RFC 3339, of what is told later than that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_at: Option<String>,
    /// What an operator set, by name: days, months, hashes of documents, fingerprints, fixed words. Never personal data.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub to: BTreeMap<String, String>,
    /// The kind of document changed.
    pub document: DocumentKind,
    /// Its id; empty where that is a person.
    pub id: String,
    /// The person whose record it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Named>,
    /// The version that came of it.
    pub version: u64,
    /// Whether it changed the board's terms of retention too.
    #[serde(default, skip_serializing_if = "is_false")]
    pub retention: bool,
}

/// The payload of one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payload {
    /// See [`Intent`].
    Intent(Box<Intent>),
    /// See [`Release`].
    Release(Release),
    /// See [`Withheld`].
    Withheld(Withheld),
    /// See [`AssumedDisclosed`].
    AssumedDisclosed(AssumedDisclosed),
    /// See [`DenialRecord`].
    Denial(Box<DenialRecord>),
    /// See [`RegistryChange`].
    RegistryChange(RegistryChange),
    /// See [`LogRead`].
    LogRead(LogRead),
    /// See [`PurgeRecord`].
    Purge(Box<PurgeRecord>),
    /// See [`SampleDrawn`].
    SampleDrawn(Box<SampleDrawn>),
    /// See [`ReviewRecord`].
    Review(Box<ReviewRecord>),
    /// See [`DelayDecided`].
    Delay(Box<DelayDecided>),
    /// See [`ProtectionLifted`].
    ProtectionLifted(Box<ProtectionLifted>),
}
