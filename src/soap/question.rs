//! The question as this contract states it.

use std::{collections::BTreeMap, fmt};

use ssbtek_domain::{
    Agency, CaseId, CaseWorkerId, LegalBasis, OrganisationNumber, Period, Personnummer, Processor, Purpose,
    SkvRequest, Wanted,
};

use crate::{AgencyError, AskedAt, Call, LefiQuestion, Operation, Version};

/// A whole message, read and checked.
#[derive(Debug)]
pub enum SoapQuestion {
    /// `hamtaBastjanstInformation`.
    Information(Box<InformationQuestion>),
    /// `testaBastjanstInformation`.
    Test(Version),
}

impl SoapQuestion {
    /// What was called; faults later on are given in reply to it.
    pub fn call(&self) -> Call {
        match self {
            SoapQuestion::Information(question) => question.call(),
            SoapQuestion::Test(version) => Call { version: *version, operation: Operation::Testa },
        }
    }
}

/// `ingivare`: who asks, as the caller says. The certificate decides whether it is so.
#[derive(Clone)]
pub struct Asker {
    /// The board's organisation number.
    pub organisation: OrganisationNumber,
    /// The board's name, at most 200 characters.
    pub name: String,
    /// `handlaggare`.
    pub case_worker: CaseWorkerId,
}

/// Who asks, and through whose hands, as the caller says.
pub struct Sender {
    /// The version spoken.
    pub version: Version,
    /// `ingivare`.
    pub asker: Asker,
    /// `personuppgiftsbitrade`, in order.
    pub processors: Vec<Processor>,
}

/// One `personuppgiftsbitrade` with its place in the chain, where stated.
#[derive(Clone)]
pub struct NumberedProcessor {
    /// `ordningsnummer`.
    pub number: Option<i16>,
    /// Who.
    pub processor: Processor,
}

/// What is asked of one agency that is included.
pub struct AgencyQuestion {
    /// The agency's own `tidsperiod`, in place of the general one.
    pub period: Option<Period>,
    /// What is asked.
    pub asked: Asked,
    /// Set when this agency cannot take the question: it is not asked, its section holds this error, the others go on.
    pub refusal: Option<AgencyError>,
}

/// What is asked of an agency beyond the general parameters.
#[expect(clippy::large_enum_variant, reason = "one per agency and question; a box would buy nothing")]
pub enum Asked {
    /// Nothing in particular.
    Standard,
    /// FK: a LEFI question of the caller's own.
    Lefi(LefiQuestion),
    /// SKV in v10: its one document.
    SkvDocument,
    /// SKV in v11: years and parts.
    Skv(SkvRequest),
}

impl Asked {
    /// The same, as connectors take it.
    pub fn wanted(&self) -> Wanted {
        match self {
            Asked::Standard => Wanted::Standard,
            Asked::Lefi(lefi) => Wanted::Lefi(lefi.json().to_vec()),
            Asked::SkvDocument => Wanted::SkvDocument,
            Asked::Skv(skv) => Wanted::Skv(skv.clone()),
        }
    }
}

/// `hamtaBastjanstInformation`, read and checked.
pub struct InformationQuestion {
    /// The version spoken.
    pub version: Version,
    /// `frageTidpunkt`, to be given back.
    pub asked_at: Option<AskedAt>,
    /// `korrelationsid`, to be given back; at most 200 characters.
    pub correlation_id: Option<String>,
    /// `fraganSkallInkluderasISvaret`.
    pub echo: bool,
    /// `ingivare`.
    pub asker: Asker,
    /// `personidentitet`.
    pub person: Personnummer,
    /// `arendeidentitet`.
    pub case: CaseId,
    /// `tidsperiod`.
    pub period: Period,
    /// `personuppgiftsbitrade`, in the order of their `ordningsnummer`; those without one last, as they came.
    pub processors: Vec<NumberedProcessor>,
    /// `syfte`.
    pub purpose: Purpose,
    /// `lagtext`: the caller's claim, at most 1,000 characters.
    pub legal_basis: LegalBasis,
    /// The agencies included; an agency that is absent here is not asked.
    pub agencies: BTreeMap<Agency, AgencyQuestion>,
}

impl InformationQuestion {
    /// What was called.
    pub fn call(&self) -> Call {
        Call { version: self.version, operation: Operation::Hamta }
    }

    /// The period that one agency is asked about: its own, else the general one.
    pub fn period_for(&self, agency: Agency) -> Period {
        self.agencies.get(&agency).and_then(|question| question.period).unwrap_or(self.period)
    }

    /// Who asks.
    pub fn sender(&self) -> Sender {
        Sender { version: self.version, asker: self.asker.clone(), processors: chain(&self.processors) }
    }
}

/// The chain of processors as agencies are told.
pub(crate) fn chain(processors: &[NumberedProcessor]) -> Vec<Processor> {
    processors.iter().map(|numbered| numbered.processor.clone()).collect()
}

impl fmt::Debug for InformationQuestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "InformationQuestion({}, {} agencies, redacted)",
            self.version.number(),
            self.agencies.len()
        )
    }
}
