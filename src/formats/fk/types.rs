//! LEFI's information types: what can be asked for, in six classes.

use std::collections::BTreeMap;

use ssbtek_domain::{
    Kinds,
    sections::fk::codes::{FK_GROUPS, OTHER_INFORMATION, PM_GROUPS},
};

/// General information about the person, with the protected flag.
pub(super) const GEPI: &str = "FK:GEPI";

/// A class of information: a list in the question, in the deviations, and (for PM) in the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum InformationClass {
    /// FK's benefits.
    Formansinformation,
    /// PM's applications.
    Ansprak,
    /// PM's decisions.
    Beslut,
    /// Announced payments of both.
    PreliminaraUtbetalningar,
    /// Payments made by both.
    Utbetalningar,
    /// Other information of both.
    OvrigInformation,
}

impl InformationClass {
    /// All six, in the contract's order.
    pub const ALL: [InformationClass; 6] = [
        InformationClass::Formansinformation,
        InformationClass::Ansprak,
        InformationClass::Beslut,
        InformationClass::PreliminaraUtbetalningar,
        InformationClass::Utbetalningar,
        InformationClass::OvrigInformation,
    ];

    /// The field's name.
    pub fn field_name(self) -> &'static str {
        match self {
            InformationClass::Formansinformation => "formansinformation",
            InformationClass::Ansprak => "ansprak",
            InformationClass::Beslut => "beslut",
            InformationClass::PreliminaraUtbetalningar => "preliminaraUtbetalningar",
            InformationClass::Utbetalningar => "utbetalningar",
            InformationClass::OvrigInformation => "ovrigInformation",
        }
    }

    /// The published code that equals `code`, when this class may be asked for it.
    pub(super) fn known(self, code: &str) -> Option<&'static str> {
        let (fk, pm): (&'static [&'static str], &'static [&'static str]) = match self {
            InformationClass::Formansinformation => (&FK_GROUPS, &[]),
            InformationClass::Ansprak | InformationClass::Beslut => (&[], &PM_GROUPS),
            InformationClass::PreliminaraUtbetalningar | InformationClass::Utbetalningar => {
                (&FK_GROUPS, &PM_GROUPS)
            }
            InformationClass::OvrigInformation => (&OTHER_INFORMATION, &[]),
        };
        fk.iter().chain(pm).copied().find(|known| *known == code)
    }
}

/// A code outside the published list of its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is no information type that LEFI v9 publishes for this class")]
pub struct UnknownInformationType;

/// Information types, each once per class. Always with `FK:GEPI`, unless nothing of FK may be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InformationTypes(BTreeMap<InformationClass, Vec<&'static str>>);

impl InformationTypes {
    /// `FK:GEPI` and nothing else.
    pub fn only_general() -> Self {
        Self(BTreeMap::from([(InformationClass::OvrigInformation, vec![GEPI])]))
    }

    /// Adds a type by its code, such as `FK:SJP`.
    pub fn add(&mut self, class: InformationClass, code: &str) -> Result<(), UnknownInformationType> {
        let known = class.known(code).ok_or(UnknownInformationType)?;
        let codes = self.0.entry(class).or_default();
        if !codes.contains(&known) {
            codes.push(known);
        }
        Ok(())
    }

    /// Of these, what belongs to kinds of information that may be asked for.
    pub(super) fn within(self, kinds: &Kinds) -> Self {
        let may = |code: &&'static str| {
            kinds
                .iter()
                .filter_map(|kind| kind.part())
                .any(|provider| code.strip_prefix(provider).is_some_and(|rest| rest.starts_with(':')))
        };
        let codes = self.0.into_iter().map(|(class, codes)| (class, codes.into_iter().filter(may).collect()));
        Self(codes.filter(|(_, codes): &(_, Vec<_>)| !codes.is_empty()).collect())
    }

    /// The codes of one class, in the order they were added.
    pub fn of(&self, class: InformationClass) -> &[&'static str] {
        self.0.get(&class).map_or(&[], Vec::as_slice)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every (class, code) whose code has the provider's prefix, such as `PM:`.
    pub(super) fn of_provider(&self, prefix: &str) -> Vec<(InformationClass, &'static str)> {
        let all = self.0.iter().flat_map(|(class, codes)| codes.iter().map(|code| (*class, *code)));
        all.filter(|(_, code)| code.starts_with(prefix)).collect()
    }
}

impl Default for InformationTypes {
    /// What ekonomiskt bistånd turns on: every benefit, application, decision and payment of both authorities, general
    /// information, programme assignments, sickness income and notices of student aid. Left out, as no case needs it:
    /// foreign tax numbers, life certificates, pension balances and pension bases.
    fn default() -> Self {
        use InformationClass::{
            Ansprak, Beslut, Formansinformation, OvrigInformation, PreliminaraUtbetalningar, Utbetalningar,
        };
        let both = || FK_GROUPS.iter().chain(&PM_GROUPS).copied().collect::<Vec<_>>();
        Self(BTreeMap::from([
            (Formansinformation, FK_GROUPS.to_vec()),
            (Ansprak, PM_GROUPS.to_vec()),
            (Beslut, PM_GROUPS.to_vec()),
            (PreliminaraUtbetalningar, both()),
            (Utbetalningar, both()),
            (OvrigInformation, vec![GEPI, "FK:PANV", "FK:SGI", "FK:STAV"]),
        ]))
    }
}
