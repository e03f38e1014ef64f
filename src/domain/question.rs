//! The question to one source, derived from the permit.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    CaseId, CaseWorkerId, EntryId, Kinds, OrganisationNumber, Period, Personnummer, Purpose,
    sections::skv::Part,
};

/// Who asks, as the agencies are told.
#[derive(Debug, Clone)]
pub struct AskingParty {
    /// The board's organisation number.
    pub organisation: OrganisationNumber,
    /// The board's name.
    pub name: String,
    /// The case worker's account.
    pub case_worker: CaseWorkerId,
    /// Chain of processors, in order: agents and the provider.
    pub processors: Vec<Processor>,
}

/// One processor (personuppgiftsbiträde) in the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Processor {
    /// Its organisation number.
    pub organisation: OrganisationNumber,
    /// Its name.
    pub name: String,
}

/// The provision under which one agency may answer, as text for the agency (`lagtext`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LegalBasis(pub String);

/// What the caller wants from one agency beyond its standard question.
#[derive(Debug, Clone, Default)]
pub enum Wanted {
    /// The agency's standard question.
    #[default]
    Standard,
    /// A LEFI question of the caller's own (JSON), already checked against the permit.
    Lefi(Vec<u8>),
    /// Chosen income years and parts at Skatteverket.
    Skv(SkvRequest),
    /// Skatteverket's one document, as SSBTEK v10 carries it, for callers that cannot carry its five parts.
    SkvDocument,
}

/// Income years and parts of Skatteverket's answer (SSBTEK v11 `SKV/fraga`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkvRequest {
    /// Income years, at least one.
    pub years: Vec<i32>,
    /// `foretagsinformation`.
    pub company_information: bool,
    /// `individuppgifter`.
    pub individual_statements: bool,
    /// `skattekonto`.
    pub tax_account: bool,
    /// `skatteuppgifter`.
    pub tax_data: bool,
    /// `beskattningsbilagor`.
    pub tax_appendices: bool,
}

impl SkvRequest {
    /// The parts wanted, in the contract's order.
    pub fn parts(&self) -> Vec<Part> {
        let wanted = |part: &Part| match part {
            Part::CompanyInformation => self.company_information,
            Part::IndividualStatements => self.individual_statements,
            Part::TaxAccount => self.tax_account,
            Part::TaxData => self.tax_data,
            Part::TaxAppendices => self.tax_appendices,
        };
        Part::ALL.into_iter().filter(wanted).collect()
    }
}

/// The whole question to one source. Made only from a permit; never stored.
#[derive(Debug, Clone)]
pub struct Question {
    /// The access log's entry, for correlation; says nothing about the person.
    pub entry: EntryId,
    /// Who asks.
    pub asking: AskingParty,
    /// The case (`arendeidentitet`, `Referensnummer`).
    pub case: CaseId,
    /// About whom.
    pub person: Personnummer,
    /// The period for this source, already derived from the source's own rule.
    pub period: Period,
    /// Why (`syfte`).
    pub purpose: Purpose,
    /// On what basis this source may answer.
    pub legal_basis: LegalBasis,
    /// Which kinds of its information are asked for; nothing else may be.
    pub kinds: Kinds,
    /// When the question was asked.
    pub asked_at: DateTime<Utc>,
    /// Agency-specific wishes.
    pub wanted: Wanted,
}
