//! Which sources are to be asked, settled and recorded before the first one is.

use serde::{Deserialize, Serialize};
use ssbtek_authorize::NotPermitted;
use ssbtek_domain::{Agency, LegalBasis, Note, Period, Source};

/// One source that is to be asked.
#[derive(Debug, Clone)]
pub struct ManifestLine {
    /// The source.
    pub source: Source,
    /// The period it is asked about, by its own rule.
    pub period: Period,
    /// On what basis it may answer.
    pub basis: LegalBasis,
    /// What its own rule took away, if anything.
    pub note: Option<Note>,
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
}

impl From<&ManifestLine> for RecordedLine {
    fn from(line: &ManifestLine) -> Self {
        Self { source: line.source.clone(), period: line.period, basis: line.basis.clone() }
    }
}
