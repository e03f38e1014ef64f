//! Documents under which a question is permitted, for tests and benches that need a permit and are about something else.

#![expect(clippy::unwrap_used, reason = "constants that are valid")]

mod told;

use std::sync::Arc;

use ssbtek_authorize::{
    Board, BoardState, Caller, Case, CaseState, CaseWorker, Confirmed, DocumentHash, Duty, Facts, LegalBases,
    Member, Provider, Published, RegisteredCertificate, Step, StepKind, TokenUse, Versioned,
};
use ssbtek_domain::{
    CaseId, CaseWorkerId, DateTime, NaiveDate, OrganisationNumber, Personnummer, Role, Unit, Utc,
};

pub use told::Told;

/// The instructions' version.
const INSTRUCTIONS: &str = "1";

fn document() -> DocumentHash {
    DocumentHash::parse(&"0".repeat(64)).unwrap()
}

/// A board in force with one certificate.
pub fn board(organisation: OrganisationNumber, certificate: &[u8; 32], now: DateTime<Utc>) -> Board {
    let application =
        Step { kind: StepKind::Apply, by: "operator".to_owned(), at: now, document: document(), on: None };
    let own = RegisteredCertificate::new(certificate);
    let certificates = vec![RegisteredCertificate { proven_at: Some(now), ..own }];
    let mut board = Board::applied(organisation, "Nämnden".to_owned(), certificates, vec![], application);
    board.state = BoardState::InForce;
    board
}

/// A provider whose instructions have held since 2020.
pub fn provider(now: DateTime<Utc>) -> Provider {
    let instructions = Published {
        version: INSTRUCTIONS.to_owned(),
        document: document(),
        valid_from: "2020-01-01".parse().unwrap(),
        published_at: now,
    };
    Provider { instructions: vec![instructions], ..Provider::default() }
}

/// An account that asks and has confirmed the instructions.
pub fn case_worker(id: &str, now: DateTime<Utc>) -> CaseWorker {
    CaseWorker {
        id: CaseWorkerId::parse(id).unwrap(),
        name: "Anna Berg".to_owned(),
        unit: Unit::parse("Försörjningsstöd").unwrap(),
        duties: [Duty::Asks].into(),
        blocked: false,
        confirmed: vec![Confirmed { version: INSTRUCTIONS.to_owned(), at: now }],
        follow_ups: vec![],
        registered_at: Some(now),
        own_number: None,
        sign_in: None,
        kind: ssbtek_authorize::AccountKind::Person,
    }
}

/// An active case about one applicant.
pub fn case(id: &str, case_worker: &str, applicant: &Personnummer) -> Case {
    Case {
        id: CaseId::parse(id).unwrap(),
        members: vec![Member::new(applicant.clone(), Role::Applicant)],
        case_workers: [CaseWorkerId::parse(case_worker).unwrap()].into(),
        state: CaseState::Active,
        provisional_to: None,
        earlier: std::collections::BTreeSet::new(),
        corrections: Vec::new(),
    }
}

/// All of them at once, each in version 1.
pub fn facts(board: Board, case_worker: CaseWorker, case: Case, now: DateTime<Utc>) -> Facts {
    Facts {
        board: Some(Versioned { version: 1, body: board }),
        case_worker: Some(Versioned { version: 1, body: case_worker }),
        case: Some(Versioned { version: 1, body: case }),
        provider: Some(Versioned { version: 1, body: provider(now) }),
        law: Some(law()),
        ..Facts::default()
    }
}

/// Provisions for every kind of information, in version 1: those of the statutes, and for the rest one of the deployment's own.
pub fn law() -> Versioned<Arc<LegalBases>> {
    let from = NaiveDate::from_ymd_opt(2009, 1, 1).unwrap();
    let body = LegalBases::default().and_for_the_rest("driftens egen grund", from);
    Versioned { version: 1, body: Arc::new(body) }
}

/// A caller with a token of its own.
pub fn caller(
    board: OrganisationNumber,
    case_worker: &str,
    certificate: [u8; 32],
    token: [u8; 32],
    expires_at: DateTime<Utc>,
) -> Caller {
    Caller {
        board,
        case_worker: CaseWorkerId::parse(case_worker).unwrap(),
        certificate,
        processors: vec![],
        agent: None,
        token: TokenUse { token, expires_at },
        signed_with: None,
        signed_in: false,
        kind: ssbtek_authorize::AccountKind::Person,
    }
}
