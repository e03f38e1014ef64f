//! What one source answered, before merging.

use std::fmt;

use crate::{
    Outcome, Personnummer, Source,
    sections::{Section, skv::names_others},
    verdict::UNNAMED,
    written::text_of,
};

/// The outcome of a sub-source: one fund, PM inside FK, a subsystem of CSN, a part of SKV.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartOutcome {
    /// The sub-source's own name: `PM`, `HUT`, `Unionens a-kassa`, `skattekonto`.
    pub part: String,
    /// What became of it.
    pub outcome: Outcome,
    /// The source's own code for it, when it is a code and not free text.
    pub code: Option<String>,
}

/// Things about an answer that the reader must know.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Note {
    /// The source was asked for less time than the caller wanted, because its own rule allows no more.
    PeriodNarrowed(&'static str),
    /// The source was asked for more time than the caller wanted, because it knows only whole units of it.
    PeriodWidened(&'static str),
    /// The named list is as long as the source's cap: there may be more.
    PerhapsTruncated(&'static str),
    /// A code outside the published list was found in the named field; it is kept as it came.
    UnknownCode(&'static str),
    /// The answer held information of the named kind, which was not asked for; it is left behind.
    NotAskedFor(&'static str),
    /// Towards the source the case has another identity, as the source takes none as long as the case's own.
    CaseAlias(&'static str),
    /// The question breaks a rule of the source's own and was not sent.
    CannotBeAsked(&'static str),
    /// The named field, which the contract requires, is not there.
    Missing(&'static str),
    /// The named field is there and could not be understood; it is left out of the facts.
    NotUnderstood(&'static str),
    /// Something stands in the named place that the contract does not have; it was passed over.
    PassedOver(&'static str),
    /// What stands in the named field is no exact amount; it was rounded to öre.
    Rounded(&'static str),
    /// The named thing is of another version of the contract than the one that was asked in; it was read as far as it goes.
    OtherVersion(&'static str),
}

impl Note {
    /// The same without the name of the field: where somebody is protected it would tell that the field is there.
    pub fn unnamed(self) -> Self {
        match self {
            Self::UnknownCode(_) => Self::UnknownCode(UNNAMED),
            Self::Missing(_) => Self::Missing(UNNAMED),
            Self::NotUnderstood(_) => Self::NotUnderstood(UNNAMED),
            Self::PassedOver(_) => Self::PassedOver(UNNAMED),
            Self::Rounded(_) => Self::Rounded(UNNAMED),
            other => other,
        }
    }

    /// The text beside the kind: the name of a field, a rule. Never what an answer says.
    pub fn detail(&self) -> &'static str {
        match self {
            Self::PeriodNarrowed(detail)
            | Self::PeriodWidened(detail)
            | Self::PerhapsTruncated(detail)
            | Self::UnknownCode(detail)
            | Self::CannotBeAsked(detail)
            | Self::NotAskedFor(detail)
            | Self::CaseAlias(detail)
            | Self::Missing(detail)
            | Self::NotUnderstood(detail)
            | Self::PassedOver(detail)
            | Self::Rounded(detail)
            | Self::OtherVersion(detail) => detail,
        }
    }
}

/// A source's own code and words for what went wrong. Free text: it goes to the caller, where nothing is held back, and nowhere
/// else.
#[derive(Clone, PartialEq, Eq)]
pub struct Fault {
    /// The sub-source that it is about; `None`: the whole.
    pub part: Option<String>,
    /// The source's own code, as it came; empty where it gave none.
    pub code: String,
    /// Its words.
    pub texts: Vec<String>,
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fault(redacted)")
    }
}

/// The bytes an agency sent, exactly as received.
#[derive(Clone, PartialEq, Eq)]
pub struct Original {
    /// Media type, e.g. `application/json`.
    pub media_type: &'static str,
    /// The answer's payload, byte for byte.
    pub bytes: Vec<u8>,
}

impl Original {
    /// Whether the bytes name somebody but those of `known`: see [`names_others`].
    pub fn names_others(&self, known: &[Personnummer]) -> bool {
        names_others(&text_of(&self.bytes), known)
    }
}

impl fmt::Debug for Original {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Original({}, {} bytes, redacted)", self.media_type, self.bytes.len())
    }
}

/// What a connector brings back for one source. It never fails as a whole: a failure is an outcome.
#[derive(Debug, Clone)]
pub struct SourceAnswer {
    /// Which source.
    pub source: Source,
    /// What became of it.
    pub outcome: Outcome,
    /// Sub-sources, where the source has any.
    pub parts: Vec<PartOutcome>,
    /// The facts, when there are any.
    pub section: Option<Section>,
    /// The payload as received, so that relayed data can be proven the same.
    pub original: Option<Original>,
    /// The source's own fault code, when it is a code and not free text.
    pub fault_code: Option<String>,
    /// What the source itself said of what went wrong, for itself and for its parts.
    pub faults: Vec<Fault>,
    /// What the reader must know.
    pub notes: Vec<Note>,
    /// A flag of protected identity stands in the answer where no field of the facts holds one.
    pub unread_flag: bool,
    /// Names of what was left out of the facts, as somebody else's number stands in it where the contract has nobody else's.
    pub of_others: Vec<&'static str>,
    /// Parts that were refused, and why. For who tries a stored answer: outcomes say to a caller that they were.
    pub refused_parts: Vec<RefusedPart>,
}

/// Why one part of an answer was refused. Fixed texts, no content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusedPart {
    /// Which.
    pub part: &'static str,
    /// What is wrong with it.
    pub reason: &'static str,
    /// The code of its kind, as in events.
    pub code: &'static str,
}

impl SourceAnswer {
    /// An answer without facts.
    pub fn without_facts(source: Source, outcome: Outcome) -> Self {
        Self {
            source,
            outcome,
            parts: vec![],
            section: None,
            original: None,
            fault_code: None,
            faults: vec![],
            notes: vec![],
            unread_flag: false,
            of_others: vec![],
            refused_parts: vec![],
        }
    }

    /// A complete answer with facts.
    pub fn with_facts(source: Source, section: Section) -> Self {
        Self { section: Some(section), ..Self::without_facts(source, Outcome::Answered) }
    }
}
