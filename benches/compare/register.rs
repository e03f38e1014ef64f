//! Registers the board, its accounts and one case for each household, through the broker's door.

use anyhow::{Context, Result};
use mock_agencies::{Population, TestPerson};
use ssbtek_pki::PeerCertificate;
use ssbtek_proto::broker::v1::{
    Account, Duty, HouseholdMember, RegisterBoardRequest, RegisterCaseRequest, RegisterCaseWorkerRequest,
    administration_service_client::AdministrationServiceClient,
    case_registry_service_client::CaseRegistryServiceClient,
};

use super::{
    ask::{Signer, connect},
    check::role,
    enable,
    world::{ADMINISTRATOR, AUDITOR, BOARD, BOARD_NAME, CASE_SYSTEM, CASE_WORKER, KID, World},
};

/// The case of the household at this place in the population.
pub(crate) fn case_id(household: usize) -> String {
    format!("EB-2026-{household:04}")
}

pub(crate) async fn all(world: &World, url: &str, signer: &Signer, population: &Population) -> Result<()> {
    let chain = ssbtek_pki::certificates_from_pem(world.read("board.pem")?.as_bytes())?;
    let certificate = PeerCertificate::from_chain(&chain)?.chain.first().map(|own| own.to_vec());
    let operator = |name: &str| anyhow::Ok(AdministrationServiceClient::new(connect(world, url, name)?));
    let board = RegisterBoardRequest {
        organisation_number: BOARD.to_owned(),
        name: BOARD_NAME.to_owned(),
        certificate: certificate.unwrap_or_default(),
        assertion_kid: KID.to_owned(),
        assertion_key: world.read("assertion.pub")?,
        administrator: Some(account(ADMINISTRATOR, Duty::Administers)),
        application_sha256: "0".repeat(64),
        ..RegisterBoardRequest::default()
    };
    // The first proposes it, the second does it.
    anyhow::ensure!(
        operator("operator")?.register_board(board.clone()).await.is_err(),
        "one did what takes two"
    );
    operator("operator-2")?.register_board(board).await.context("the board was not registered")?;

    enable::board(world, url, signer).await?;
    let channel = connect(world, url, "board")?;
    let mut administration = AdministrationServiceClient::new(channel.clone());
    for account in [
        account(CASE_WORKER, Duty::Asks),
        account(CASE_SYSTEM, Duty::KeepsCases),
        account(AUDITOR, Duty::Audits),
    ] {
        let request = signer.call(ADMINISTRATOR, RegisterCaseWorkerRequest { account: Some(account) })?;
        administration.register_case_worker(request).await.context("an account was not registered")?;
    }
    enable::case_worker(world, url, signer).await?;
    let mut cases = CaseRegistryServiceClient::new(channel);
    for (number, household) in population.households().enumerate() {
        let case = RegisterCaseRequest {
            case_id: case_id(number),
            members: household.iter().map(member).collect(),
            case_workers: vec![CASE_WORKER.to_owned()],
            ..RegisterCaseRequest::default()
        };
        let request = signer.call(CASE_SYSTEM, case)?;
        cases.register_case(request).await.context("a case was not registered")?;
    }
    Ok(())
}

fn account(id: &str, duty: Duty) -> Account {
    Account {
        id: id.to_owned(),
        name: id.to_owned(),
        unit: "Mätning".to_owned(),
        duties: vec![duty.into()],
        ..Account::default()
    }
}

fn member(person: &TestPerson) -> HouseholdMember {
    HouseholdMember {
        person_number: person.number.expose().to_owned(),
        role: role(person).into(),
        ..HouseholdMember::default()
    }
}
