//! The merged answer.

use std::fmt;

use ssbtek_access_log::{Disclosure, SourceOutcome};
use ssbtek_authorize::Learned;
use ssbtek_domain::{
    Agency, DateTime, Fault, LegalBasis, Note, Original, Outcome, PartOutcome, Period, Personnummer,
    Processor, Protection, Role, Utc, payment::Payment, sections::Section,
};

/// The merged answer about one person. Personal data: it goes to the caller and nowhere else.
#[derive(Clone)]
pub struct Report {
    /// About whom.
    pub person: Personnummer,
    /// The board's name, as the agencies were told it.
    pub board_name: String,
    /// Through whose hands question and answer go, as the agencies were told it, the provider last.
    pub processors: Vec<Processor>,
    /// Members of the household whose numbers and names may stand in the answer: nobody there is or may be protected.
    pub household: Vec<Personnummer>,
    /// In which role.
    pub role: Role,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
    /// The merged level of protected identity.
    pub protection: ProtectionSummary,
    /// One per agency, all seven, in contract order.
    pub sources: Vec<SourceReport>,
    /// Payments over all sources, newest first, undated last.
    pub payments: Vec<PaymentLine>,
    /// Where sources contradict each other.
    pub discrepancies: Vec<Discrepancy>,
    /// Outcomes of all sources that were asked one by one, for the log.
    pub(crate) outcomes: Vec<SourceOutcome>,
    /// What the answers say of protected identity, for the board's memory.
    pub(crate) learned: Learned,
}

impl Report {
    /// Whether every source that was asked has spoken for itself in full.
    pub fn is_complete(&self) -> bool {
        self.sources
            .iter()
            .all(|source| source.outcome.is_conclusive() || source.outcome == Outcome::NotAsked)
    }

    /// What the answers say of protected identity, to be remembered with the record of the answer.
    pub fn learned(&self) -> &Learned {
        &self.learned
    }

    /// What the answer discloses, in kind but not in content, for the log.
    pub fn disclosure(&self) -> Disclosure {
        let mut kinds: Vec<String> = self
            .sources
            .iter()
            .filter(|source| source.section.is_some())
            .map(|source| source.agency.code().to_owned())
            .collect();
        if !self.payments.is_empty() {
            kinds.push("payments".to_owned());
        }
        if self.sources.iter().any(|source| !source.originals.beside().is_empty()) {
            kinds.push("originals".to_owned());
        }
        Disclosure {
            outcomes: self.outcomes.clone(),
            kinds,
            withheld: self
                .sources
                .iter()
                .filter(|source| !source.withheld.is_empty())
                .map(|source| (source.agency, source.withheld.iter().map(ToString::to_string).collect()))
                .collect(),
            contradictions: self.discrepancies.iter().map(ToString::to_string).collect(),
            ..Disclosure::nothing(self.protection.level)
        }
    }

    /// Whether the person bears this family name, or one of its parts, says any source that knows names. Names that are
    /// in no stated order count word by word.
    pub fn bears_name(&self, family_name: &str) -> bool {
        let wanted = words(family_name);
        let told = self.sources.iter().filter_map(|source| source.section.as_ref()).flat_map(family_names);
        !wanted.is_empty() && told.flat_map(|name| words(&name)).any(|word| wanted.contains(&word))
    }
}

/// Family names as a section tells them, perhaps with given names among them.
fn family_names(section: &Section) -> Vec<String> {
    match section {
        Section::Fk(fk) => fk.general.iter().filter_map(|person| person.name.clone()).collect(),
        other => other.facts().name().map(|(_, family_name)| family_name.to_owned()).into_iter().collect(),
    }
}

/// The parts of a name, so that a double name is like each of its halves. Particles are like nobody's.
fn words(name: &str) -> Vec<String> {
    let parts = name.split(|c: char| c.is_whitespace() || matches!(c, '-' | ',')).map(str::to_lowercase);
    parts
        .filter(|part| !["", "af", "av", "de", "von", "van", "der", "den"].contains(&part.as_str()))
        .collect()
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Report(redacted)")
    }
}

/// The merged level of protected identity, and how it came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProtectionSummary {
    /// The level.
    pub level: Protection,
    /// Agencies that said "protected".
    pub said_by: Vec<Agency>,
    /// Agencies that could have said so and did not.
    pub silent: Vec<Agency>,
    /// Agencies that said so of somebody else in their answer.
    pub others_said_by: Vec<Agency>,
    /// Agencies that have a flag of somebody else's in their answer that says neither yes nor no.
    pub others_not_known_by: Vec<Agency>,
    /// The case says so, or the board remembers it, of somebody in the household or named in an answer.
    pub household_protected: bool,
    /// Some other adult of the household has not lately been found not to be protected.
    pub household_unchecked: bool,
    /// It was said of the person in an earlier answer or in a case of the board, and has not been lifted.
    pub remembered: bool,
}

/// One agency in the report.
#[derive(Debug, Clone)]
pub struct SourceReport {
    /// The agency.
    pub agency: Agency,
    /// What became of it.
    pub outcome: Outcome,
    /// Sub-sources.
    pub parts: Vec<PartOutcome>,
    /// The period it was asked about.
    pub period: Option<Period>,
    /// The basis it was told.
    pub basis: Option<LegalBasis>,
    /// Its facts, as far as they may be told.
    pub section: Option<Section>,
    /// Names of fields that were there and are held back.
    pub withheld: Vec<&'static str>,
    /// What the reader must know.
    pub notes: Vec<Note>,
    /// The source's own fault code.
    pub fault_code: Option<String>,
    /// What it said itself of what went wrong, as far as that may be told.
    pub faults: Vec<Fault>,
    /// Its bytes, where wanted.
    pub originals: Originals,
    /// Milliseconds from question to answer.
    pub duration_ms: u32,
    /// A flag of protected identity stands in the answer where no field of the facts holds one.
    pub unread_flag: bool,
}

impl SourceReport {
    /// Names something that is held back, once.
    pub(crate) fn leave_out(&mut self, name: &'static str) {
        if !self.withheld.contains(&name) {
            self.withheld.push(name);
        }
    }
}

/// What the caller wants of the agencies' bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OriginalsWanted {
    /// Nothing.
    No,
    /// The bytes beside the typed facts.
    Beside,
    /// The bytes in place of the typed facts, as the published contract relays them, reduced by the door where something
    /// is held back.
    AsPayload,
}

/// An agency's bytes. They hold everything, also what is held back from the facts.
#[derive(Debug, Clone, Default)]
pub struct Originals {
    pub(crate) all: Vec<Original>,
    pub(crate) beside: bool,
}

impl Originals {
    /// The bytes that may be told beside the facts: none where anything is held back.
    pub fn beside(&self) -> &[Original] {
        if self.beside { &self.all } else { &[] }
    }

    /// The one answer's bytes, whatever is held back from its facts: only for a door that reduces them accordingly.
    pub fn unreduced(&self) -> Option<&Original> {
        match self.all.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }
}

/// One payment, with where, when and on what basis it was learnt.
#[derive(Clone, PartialEq, Eq)]
pub struct PaymentLine {
    /// The agency that said so.
    pub source: Agency,
    /// The payment.
    pub payment: Payment,
    /// When the source was asked.
    pub asked_at: DateTime<Utc>,
    /// On what basis it answered.
    pub basis: LegalBasis,
    /// Another line seems to state the same payment.
    pub perhaps_duplicate: bool,
}

/// What two sources disagree on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DiscrepancyKind {
    /// Different names.
    Name,
    /// Benefits that exclude each other over the same days.
    OverlappingBenefits,
    /// Another number than the one asked about.
    PersonNumber,
}

impl DiscrepancyKind {
    /// The name in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::OverlappingBenefits => "overlapping_benefits",
            Self::PersonNumber => "person_number",
        }
    }
}

/// Two sources that cannot both be right. Reported, never resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discrepancy {
    /// What they disagree on.
    pub kind: DiscrepancyKind,
    /// The agencies concerned.
    pub sources: Vec<Agency>,
    /// A fixed text.
    pub detail: &'static str,
}

impl fmt::Display for Discrepancy {
    /// The kind and whose: `name AF CSN`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.as_str())?;
        self.sources.iter().try_for_each(|agency| write!(f, " {agency}"))
    }
}
