//! Generated test persons. Their birth numbers (980–999, 238–239) are never given to people.

use std::collections::BTreeSet;

use ssbtek_domain::{Agency, FundCode, Personnummer, Protection, Role};

/// What a person lives on; decides which facts each agency has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Situation {
    /// Looks for work, paid by an unemployment fund, activity support from FK, reports to AF.
    Jobseeker,
    /// Studies: CSN grants and loans.
    Student,
    /// Parental benefit and child allowance from FK.
    Parent,
    /// Sickness benefit from FK.
    SickListed,
    /// Pension and housing supplement from PM.
    Pensioner,
    /// Newly arrived: permit at MIV, establishment benefit.
    Newcomer,
    /// A child in a household: study grant at most.
    Child,
}

/// One generated person.
#[derive(Debug, Clone)]
pub struct TestPerson {
    /// Valid number from the reserved ranges.
    pub number: Personnummer,
    /// Given name.
    pub given_name: String,
    /// Family name, shared by most of the household.
    pub family_name: String,
    /// Street address.
    pub street: String,
    /// Postal code and town.
    pub postal: String,
    /// Protected identity as the population register has it: `None`, `Sekretessmarkering` or `SkyddadFolkbokforing`.
    pub protection: Protection,
    /// Agencies that know no such person.
    pub unknown_at: BTreeSet<Agency>,
    /// The unemployment fund the person belongs to.
    pub fund: Option<FundCode>,
    /// What the person lives on.
    pub situation: Situation,
    /// Role in the household.
    pub role: Role,
    /// Other persons of the household.
    pub household: Vec<Personnummer>,
    /// Seed for amounts, dates and details, so that every wire format tells the same.
    pub seed: u64,
}
