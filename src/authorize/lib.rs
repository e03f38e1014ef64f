//! Who may ask what: agreements, case workers and cases → a [`Permit`], or one of a closed list of [`Denial`]s.
//!
//! One pure function decides ([`decide`]); it reads no clock and no storage. The facts it was shown carry versions, so
//! that a decision can be replayed. Documents of the registry live here as plain types; how they are stored and sealed
//! is the stores' affair.

mod agent;
mod ask;
mod attestation;
mod board;
mod case;
mod case_worker;
mod connection;
mod decide;
mod denial;
mod documents;
mod facts;
mod household;
mod legal_basis;
mod parties;
mod permit;
mod portal;
mod proposals;
mod provider;
mod remembered;
mod restriction;
mod rules;

pub use agent::{Agent, AgentNotification, Evidence, QualificationItem, Signature, registered_chain};
pub use ask::{Ask, AskError, AskLimits, Caller, RawAsk, TokenUse, Wish};
pub use attestation::Attestation;
pub use board::{AssertionKey, Board, BoardState, CertificateOwner, KeyAlgorithm, RegisteredCertificate};
pub use case::{Case, CaseError, CaseState, Correction, Member, Number};
pub use case_worker::{AccountKind, CaseWorker, Confirmed, Duty, FollowUp};
pub use connection::{
    ConnectionError, Contact, DocumentHash, PowerOfAttorney, ProcessorAgreement, ProcessorAgreementVariant,
    Step, StepKind,
};
pub use decide::{any_duty, asked_about, decide, may_ask_in, may_confirm_certificate, on_duty};
pub use denial::{Denial, DenialClass};
pub use documents::{DocumentKind, DocumentRef, DocumentVersion, Versioned};
pub use facts::{CertificateCheck, Facts, FactsKey, Registry, RegistryError};
pub use household::{Whom, household_today};
pub use legal_basis::{Covers, Ground, LegalBases, LegalBasisError, LegalBasisRule};
pub use parties::{Accounts, Parties, Party};
pub use permit::{HeardBeside, NotPermitted, Permit};
pub use portal::Portal;
pub use proposals::{Proposal, Proposals, Proposed, Together};
pub use provider::{AgencyTerms, EEA, InformationSet, Provider, Published, SubProcessor};
pub use remembered::{
    Beside, InCase, InCases, Lapsed, Learned, Lifted, Mark, Remembered, Said, Statement, Word,
};
pub use restriction::Restriction;
pub use rules::{Hours, Rules};
