//! What an agency states of itself, beside its facts (`sections/`). Every agency states all of it: nothing here has a default.

use crate::verdict::Verdict;

/// What is known of an agency whatever it is asked.
#[derive(Debug)]
pub struct Profile {
    /// Its own name.
    pub name: &'static str,
    /// Whether its answer has a field for protected identity, so that its silence says nothing good. What any agency says counts
    /// all the same.
    pub can_flag_protection: bool,
    /// What it gives, in the order in which it is shown: one kind of information or several, each on a ground of its own.
    pub kinds: &'static [Kind],
    /// What its own service speaks; `None`: it has none, and is asked over `ssbtek.agency.v1`.
    pub format: Option<Format>,
    /// The verdict on each field of its facts, record by record ([`crate::verdict`]).
    pub verdicts: &'static [&'static [Verdict]],
}

/// What is known of a kind of information.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Kind {
    /// The name in configuration, records and contracts.
    pub name: &'static str,
    /// The part of the agency's answer that it is, as the contract names it; of an agency that gives one kind, none.
    pub part: Option<&'static str>,
    /// The section of ordinance 2008:975 that names it; `None`: none does, and it has no ground until another statute or the
    /// deployment's configuration gives it one.
    pub ordinance: Option<&'static str>,
}

/// The formats that agencies' own services speak. Each has a folder of its own; who has none of them has no place in the published
/// SOAP contract either, which carries each agency's answer in that agency's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Arbetsförmedlingen's `ersattningsstod`.
    Af,
    /// CSN's documents.
    Csn,
    /// Försäkringskassan's and Pensionsmyndigheten's.
    Lefi,
    /// Skatteverket's, one document or five parts.
    Skv,
    /// The unemployment funds', together or one by one.
    So,
    /// Transportstyrelsen's.
    Tns,
    /// Migrationsverket's.
    Miv,
}
