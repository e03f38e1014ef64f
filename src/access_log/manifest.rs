//! Which sources are to be asked, settled and recorded before the first one is.

use serde::{Deserialize, Serialize};
use ssbtek_authorize::NotPermitted;
use ssbtek_domain::{Agency, CaseId, Information, Kinds, LegalBasis, Note, Period, Processor, Source};

/// One source that is to be asked.
#[derive(Debug, Clone)]
pub struct ManifestLine {
    /// The source.
    pub source: Source,
    /// The period it is asked about, by its own rule.
    pub period: Period,
    /// On what basis it may answer.
    pub basis: LegalBasis,
    /// Which kinds of its information it is asked for.
    pub kinds: Kinds,
    /// Which kinds were wanted of it and have no legal basis today.
    pub without_ground: Vec<Information>,
    /// What its own rule took away, if anything.
    pub note: Option<Note>,
    /// By which rule of its own it is told an alias of the case in place of the case's identity, if it is.
    pub case_alias: Option<&'static str>,
}

/// Every source of the composed contract: asked, not permitted, or not wanted. The record of the answer gives an outcome
/// for each line, so that none can vanish.
#[derive(Debug, Clone, Default)]
pub struct Manifest {
    /// To be asked.
    pub ask: Vec<ManifestLine>,
    /// Wanted, and not permitted.
    pub not_permitted: Vec<(Agency, NotPermitted)>,
    /// Permitted, but nothing of the wanted period may be asked by the source's own rule.
    pub outside_period: Vec<Agency>,
    /// Through whose hands question and answer go, as the sources are told it, the provider last.
    pub processors: Vec<Processor>,
}

impl Manifest {
    /// Whether any source of an agency is to be asked.
    pub fn asks(&self, agency: Agency) -> bool {
        self.ask.iter().any(|line| line.source.agency() == agency)
    }
}

/// A manifest line as it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedLine {
    /// The source.
    pub source: Source,
    /// The period asked about.
    pub period: Period,
    /// The basis told to the source.
    pub basis: LegalBasis,
    /// Kinds of information that were wanted of it and not asked for, as they have no legal basis.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without_ground: Vec<Information>,
    /// The alias of the case that the source was told, where it was not told the case's own identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_alias: Option<CaseId>,
}

impl ManifestLine {
    /// The line as it is recorded; `alias` is the case's.
    pub(crate) fn recorded(&self, alias: Option<&CaseId>) -> RecordedLine {
        RecordedLine {
            source: self.source.clone(),
            period: self.period,
            basis: self.basis.clone(),
            without_ground: self.without_ground.clone(),
            case_alias: self.case_alias.and(alias.cloned()),
        }
    }
}
