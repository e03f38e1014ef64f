//! What may leave.

use std::fmt;

use ssbtek_authorize::Whom;
use ssbtek_domain::EntryId;
use ssbtek_merge::{Report, SectionAhead, SourceReport};
use ssbtek_transparency::Receipt;

use crate::{QueryError, kept::Written};

/// Something of an answer that may leave: the whole, whose release is durably logged; or one agency's section, whose question is
/// durably logged as one that is told as it comes, and which was checked again just now. Minted only where both is seen to
/// (`leaving.rs`), so that a door, which can encode nothing else, cannot encode anything that was not logged.
///
/// Reading one compiles:
///
/// ```
/// use ssbtek_merge::SectionAhead;
/// fn door(released: &ssbtek_query::Released, section: &ssbtek_query::Released<SectionAhead>) -> String {
///     format!("{} {} {:?}", released.entry(), section.section().agency, released.report())
/// }
/// ```
///
/// Making one outside the path does not:
///
/// ```compile_fail,E0451
/// use ssbtek_query::{Answer, Released};
/// fn door(entry: ssbtek_domain::EntryId, told: Answer) -> Released {
///     Released { entry, told }
/// }
/// ```
///
/// ```compile_fail,E0624
/// use ssbtek_query::{Answer, Released};
/// fn door(entry: ssbtek_domain::EntryId, told: Answer) -> Released {
///     Released::new(entry, told)
/// }
/// ```
///
/// Nor does making one of a section, not even of one that is reduced:
///
/// ```compile_fail,E0451
/// use {ssbtek_merge::SectionAhead, ssbtek_query::Released};
/// fn door(entry: ssbtek_domain::EntryId, told: SectionAhead) -> Released<SectionAhead> {
///     Released { entry, told }
/// }
/// ```
///
/// ```compile_fail,E0624
/// use {ssbtek_merge::SectionAhead, ssbtek_query::Released};
/// fn door(entry: ssbtek_domain::EntryId, told: SectionAhead) -> Released<SectionAhead> {
///     Released::new(entry, told)
/// }
/// ```
///
/// What is told again leaves only where that was recorded, and was checked again:
///
/// ```
/// fn door(part: &ssbtek_query::Released<ssbtek_query::Again>) -> usize {
///     part.written().len()
/// }
/// ```
///
/// ```compile_fail,E0451
/// use ssbtek_query::{Again, Released};
/// fn door(entry: ssbtek_domain::EntryId, told: Again) -> Released<Again> {
///     Released { entry, told }
/// }
/// ```
///
/// ```compile_fail,E0423
/// fn door(bytes: Vec<u8>) -> ssbtek_query::Again {
///     ssbtek_query::Again(std::sync::Arc::new(bytes.into()))
/// }
/// ```
///
/// Of a household, what is told of each is an answer that left like any other, and what became of the others; putting one together is
/// nobody else's either:
///
/// ```
/// use ssbtek_query::{HouseholdAnswer, Released};
/// fn door(released: &Released<HouseholdAnswer>) -> usize {
///     released.members().iter().filter(|(_, told)| told.is_ok()).count()
/// }
/// ```
///
/// ```compile_fail,E0451
/// use ssbtek_query::{HouseholdAnswer, Released};
/// fn door(entry: ssbtek_domain::EntryId, told: HouseholdAnswer) -> Released<HouseholdAnswer> {
///     Released { entry, told }
/// }
/// ```
///
/// ```compile_fail,E0451
/// use ssbtek_query::{HouseholdAnswer, QueryError, Released};
/// fn door(members: Vec<(ssbtek_authorize::Whom, Result<Released, QueryError>)>) -> HouseholdAnswer {
///     HouseholdAnswer { members }
/// }
/// ```
///
/// And a section that is not reduced is nothing that can leave by itself:
///
/// ```compile_fail,E0599
/// use {ssbtek_merge::SourceReport, ssbtek_query::Released};
/// fn door(section: &Released<SourceReport>) -> &SourceReport {
///     section.section()
/// }
/// ```
#[derive(Debug)]
pub struct Released<T = Answer> {
    entry: EntryId,
    told: T,
}

/// A part that is told again, as its door wrote it.
pub struct Again(pub(super) Written);

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    pub(super) report: Report,
    pub(super) receipt: Receipt,
    pub(super) provisional: bool,
}

/// The answers about everybody in a household, each whole, recorded and checked again by itself.
#[derive(Debug)]
pub struct HouseholdAnswer {
    pub(super) members: Vec<(Whom, Result<Released, QueryError>)>,
}

impl<T> Released<T> {
    pub(super) fn new(entry: EntryId, told: T) -> Self {
        Self { entry, told }
    }

    /// The log entry.
    pub fn entry(&self) -> EntryId {
        self.entry
    }
}

impl Released<SectionAhead> {
    /// One agency's section, reduced as for who is protected.
    pub fn section(&self) -> &SourceReport {
        self.told.report()
    }
}

impl Released<Again> {
    /// The part, as its door wrote it.
    pub fn written(&self) -> &[u8] {
        &self.told.0
    }
}

impl Released<HouseholdAnswer> {
    /// Everybody in the household, in order: the answer, or why there is none.
    pub fn members(&self) -> &[(Whom, Result<Released, QueryError>)] {
        &self.told.members
    }
}

impl fmt::Debug for Again {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Again(redacted)")
    }
}

impl Released {
    /// The answer.
    pub fn report(&self) -> &Report {
        &self.told.report
    }

    /// Whether it rests on a provisional case.
    pub fn is_provisional(&self) -> bool {
        self.told.provisional
    }

    /// Proof that it was logged.
    pub fn receipt(&self) -> &Receipt {
        &self.told.receipt
    }
}
