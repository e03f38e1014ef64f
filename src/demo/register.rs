//! Registers board, accounts and the household's case through the gRPC door. What is there from an earlier start stays.

use anyhow::{Context, Result};
use mock_agencies::TestPerson;
use ssbtek_domain::{Clock, Entropy};
use ssbtek_proto::broker::v1::{
    Account, Duty, HouseholdMember, RegisterBoardRequest, RegisterCaseRequest, RegisterCaseWorkerRequest,
    Role, administration_service_client::AdministrationServiceClient,
    case_registry_service_client::CaseRegistryServiceClient,
};
use tonic::{Code, Response, Status};

use super::{
    client::{call_as, connect},
    files::{Facts, Files},
    pki,
};

/// Board, accounts, case, in this order.
pub(super) async fn all(
    files: &Files,
    facts: &Facts,
    household: &[TestPerson],
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<()> {
    let mut operator = AdministrationServiceClient::new(connect(files, facts, "operator")?);
    let board = RegisterBoardRequest {
        organisation_number: facts.board.clone(),
        name: facts.board_name.clone(),
        certificate: pki::der(files, "board")?,
        assertion_kid: facts.assertion_kid.clone(),
        assertion_key: files.read("pki/assertion.pub")?,
        administrator: Some(account(&facts.administrator, "Nils Admin", &[Duty::Administers])),
    };
    unless_there(operator.register_board(board).await).context("the board was not registered")?;

    let mut administration = AdministrationServiceClient::new(connect(files, facts, "board")?);
    for account in [
        account(&facts.case_worker, "Anna Berg", &[Duty::Asks]),
        account(&facts.case_system, "Ärendesystemet", &[Duty::KeepsCases]),
        account(&facts.auditor, "Greta Granskare", &[Duty::Audits]),
    ] {
        let message = RegisterCaseWorkerRequest { account: Some(account) };
        let request = call_as(message, files, facts, &facts.administrator, clock, entropy)?;
        unless_there(administration.register_case_worker(request).await)
            .context("an account was not registered")?;
    }

    let mut cases = CaseRegistryServiceClient::new(connect(files, facts, "board")?);
    let case = RegisterCaseRequest {
        case_id: facts.case.clone(),
        members: household.iter().map(member).collect(),
        case_workers: vec![facts.case_worker.clone()],
    };
    let request = call_as(case, files, facts, &facts.case_system, clock, entropy)?;
    unless_there(cases.register_case(request).await).context("the case was not registered")
}

fn account(id: &str, name: &str, duties: &[Duty]) -> Account {
    Account {
        id: id.to_owned(),
        name: name.to_owned(),
        unit: "Försörjningsstöd".to_owned(),
        duties: duties.iter().map(|duty| i32::from(*duty)).collect(),
    }
}

fn member(person: &TestPerson) -> HouseholdMember {
    let role = match person.role {
        ssbtek_domain::Role::Applicant => Role::Applicant,
        ssbtek_domain::Role::CoApplicant => Role::CoApplicant,
        ssbtek_domain::Role::Child => Role::Child,
    };
    HouseholdMember { person_number: person.number.expose().to_owned(), role: role.into() }
}

fn unless_there<T>(result: Result<Response<T>, Status>) -> Result<()> {
    match result {
        Err(status) if status.code() != Code::AlreadyExists => Err(status.into()),
        _ => Ok(()),
    }
}
