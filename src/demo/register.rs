//! Registers board, accounts and the household's case through the gRPC door. What is there from an earlier start stays.

use anyhow::{Context, Result};
use mock_agencies::TestPerson;
use ssbtek_domain::{Clock, Entropy};
use ssbtek_proto::broker::v1::{
    Account, ConfirmInstructionsRequest, ConnectionStep, Contact, Duty, GetBoardRequest, GetPublishedRequest,
    HouseholdMember, ListAccountsRequest, ProcessorAgreementVariant, ProveConnectionRequest, PublishRequest,
    PublishedText, RegisterBoardRequest, RegisterCaseRequest, RegisterCaseWorkerRequest,
    RegisterPortalRequest, Role, SetContactRequest, SetPortalsRequest, SetProcessorAgreementRequest,
    SetSignInRequest, TakeStepRequest, administration_service_client::AdministrationServiceClient,
    agreement_service_client::AgreementServiceClient,
    case_registry_service_client::CaseRegistryServiceClient,
    disclosure_service_client::DisclosureServiceClient,
};
use tonic::{Code, Response, Status};

use super::{
    client::{call_as, connect},
    files::{Facts, Files},
    pki,
};

/// The instructions the demo's case worker confirms.
const INSTRUCTIONS: &str = "2026-1";
/// Their text.
const INSTRUCTIONS_TEXT: &str =
    "Fråga bara i ett pågående ärende om ekonomiskt bistånd som du själv handlägger.";

/// Board, accounts, case, in this order.
pub(super) async fn all(
    files: &Files,
    facts: &Facts,
    household: &[TestPerson],
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<()> {
    let board = RegisterBoardRequest {
        organisation_number: facts.board.clone(),
        name: facts.board_name.clone(),
        certificate: pki::der(files, "board")?,
        assertion_kid: facts.assertion_kid.clone(),
        assertion_key: files.read("pki/assertion.pub")?,
        administrator: Some(account(&facts.administrator, "Nils Admin", &[Duty::Administers])),
        application_sha256: document("ansökan"),
        power_of_attorney_needed: false,
    };
    // Two operators make the same call; where the first is answered, the board is there from an earlier start.
    for operator in ["operator", pki::SECOND_OPERATOR] {
        let mut operator = AdministrationServiceClient::new(connect(files, facts, operator)?);
        match operator.register_board(board.clone()).await {
            Err(status) if status.code() == Code::FailedPrecondition => {}
            other => {
                unless_there(other).context("the board was not registered")?;
                break;
            }
        }
    }
    enable(files, facts, clock, entropy).await.context("the board's connection was not enabled")?;

    let mut administration = AdministrationServiceClient::new(connect(files, facts, "board")?);
    for account in [
        account(&facts.case_worker, "Anna Berg", &[Duty::Asks]),
        account(super::people::NEW_CASE_WORKER, "Berit Blom", &[Duty::Asks]),
        account(&facts.case_system, "Ärendesystemet", &[Duty::KeepsCases]),
        account(&facts.auditor, "Greta Granskare", &[Duty::Audits]),
        account(&facts.disclosure, "Karin Jurist", &[Duty::DelaysDisclosure]),
    ] {
        let message = RegisterCaseWorkerRequest { account: Some(account) };
        let request = call_as(message, files, facts, &facts.administrator, clock, entropy)?;
        unless_there(administration.register_case_worker(request).await)
            .context("an account was not registered")?;
    }

    sign_ins(files, facts, clock, entropy).await.context("a sign-in was not registered")?;
    portal(files, facts, clock, entropy).await.context("the citizen portal was not registered")?;

    let mut agreements = AgreementServiceClient::new(connect(files, facts, "board")?);
    // The demo's own, or what has been published since.
    let published = agreements.get_published(GetPublishedRequest::default()).await?.into_inner();
    let confirmation = ConfirmInstructionsRequest { version: published.instructions_version };
    let request = call_as(confirmation, files, facts, &facts.case_worker, clock, entropy)?;
    agreements.confirm_instructions(request).await.context("the instructions were not confirmed")?;

    let mut cases = CaseRegistryServiceClient::new(connect(files, facts, "board")?);
    let case = RegisterCaseRequest {
        case_id: facts.case.clone(),
        members: household.iter().map(member).collect(),
        case_workers: vec![facts.case_worker.clone()],
        provisional: false,
    };
    let request = call_as(case, files, facts, &facts.case_system, clock, entropy)?;
    unless_there(cases.register_case(request).await).context("the case was not registered")
}

/// Who signs in as whom. The provider's name has a port in it, so an earlier start on other ports has left others, which are replaced.
async fn sign_ins(files: &Files, facts: &Facts, clock: &dyn Clock, entropy: &dyn Entropy) -> Result<()> {
    let mut administration = AdministrationServiceClient::new(connect(files, facts, "board")?);
    let mut agreements = AgreementServiceClient::new(connect(files, facts, "board")?);
    let signed = |message| call_as(message, files, facts, &facts.administrator, clock, entropy);
    for (account, subject) in super::people::sign_ins(facts) {
        let sign_in = SetSignInRequest {
            id: account.to_owned(),
            issuer: facts.openid.clone(),
            subject: subject.to_owned(),
            expected_version: None,
        };
        match administration.set_sign_in(signed(sign_in.clone())?).await {
            Err(status) if status.code() == Code::FailedPrecondition => {
                let all = ListAccountsRequest::default();
                let request = call_as(all, files, facts, &facts.administrator, clock, entropy)?;
                let listed = agreements.list_accounts(request).await?.into_inner().accounts;
                let expected_version = listed.iter().find(|one| one.id == account).map(|one| one.version);
                let request = signed(SetSignInRequest { expected_version, ..sign_in })?;
                administration.set_sign_in(request).await?;
            }
            other => unless_there(other)?,
        }
    }
    Ok(())
}

/// A citizen portal, to which the board opens its log.
async fn portal(files: &Files, facts: &Facts, clock: &dyn Clock, entropy: &dyn Entropy) -> Result<()> {
    if !files.exists("pki/portal.pem") {
        // A directory from before there were portals.
        return Ok(());
    }
    let mut operator = DisclosureServiceClient::new(connect(files, facts, "operator")?);
    let portal = RegisterPortalRequest {
        organisation_number: facts.portal.clone(),
        name: "Demoportalen".to_owned(),
        certificate: pki::der(files, "portal")?,
    };
    unless_there(operator.register_portal(portal).await)?;
    let mut board = DisclosureServiceClient::new(connect(files, facts, "board")?);
    let message = SetPortalsRequest {
        portals: vec![facts.portal.clone()],
        certificates: vec![files.fingerprint("portal")?],
        expected_version: None,
    };
    board.set_portals(call_as(message, files, facts, &facts.administrator, clock, entropy)?).await?;
    Ok(())
}

/// The board's connection, from application to in force, as every board lives it.
async fn enable(files: &Files, facts: &Facts, clock: &dyn Clock, entropy: &dyn Entropy) -> Result<()> {
    let mut operator = AgreementServiceClient::new(connect(files, facts, "operator")?);
    let board = || facts.board.clone();
    if operator.get_board(GetBoardRequest { organisation_number: board() }).await?.get_ref().state
        != "applied"
    {
        return Ok(());
    }
    let today = clock.today().to_string();
    let instructions = PublishRequest {
        text: PublishedText::Instructions.into(),
        version: INSTRUCTIONS.to_owned(),
        document_sha256: document(INSTRUCTIONS_TEXT),
        valid_from: today.clone(),
        content: INSTRUCTIONS_TEXT.to_owned(),
    };
    unless_there(operator.publish(instructions).await)?;
    let step = |step: ConnectionStep, name: &str| TakeStepRequest {
        organisation_number: board(),
        step: step.into(),
        document_sha256: document(name),
        on: None,
    };
    operator.take_step(step(ConnectionStep::Check, "granskning")).await?;
    operator.take_step(step(ConnectionStep::Approve, "beslut")).await?;
    let agreement = SetProcessorAgreementRequest {
        organisation_number: board(),
        variant: ProcessorAgreementVariant::Common.into(),
        version: "1".to_owned(),
        instructions_version: "1".to_owned(),
        signed_on: today,
        document_sha256: document("personuppgiftsbiträdesavtal"),
        expected_version: None,
    };
    operator.set_processor_agreement(agreement).await?;

    let mut administrator = AgreementServiceClient::new(connect(files, facts, "board")?);
    let contact = SetContactRequest {
        contact: Some(Contact {
            name: "Nils Admin".to_owned(),
            email: "ssbtek@demokoping.example".to_owned(),
            phone: "000-00 00 00".to_owned(),
        }),
        expected_version: None,
    };
    let proof = call_as(ProveConnectionRequest {}, files, facts, &facts.administrator, clock, entropy)?;
    administrator.prove_connection(proof).await?;
    let contact = call_as(contact, files, facts, &facts.administrator, clock, entropy)?;
    administrator.set_contact(contact).await?;
    operator.take_step(step(ConnectionStep::Enable, "driftsättning")).await?;
    Ok(())
}

/// A stand-in for a signed document: the hash of its name.
fn document(name: &str) -> String {
    ssbtek_transparency::Hash::of_parts(&[name.as_bytes()]).to_hex()
}

fn account(id: &str, name: &str, duties: &[Duty]) -> Account {
    Account {
        id: id.to_owned(),
        name: name.to_owned(),
        unit: "Försörjningsstöd".to_owned(),
        duties: duties.iter().map(|duty| i32::from(*duty)).collect(),
        ..Account::default()
    }
}

fn member(person: &TestPerson) -> HouseholdMember {
    let role = match person.role {
        ssbtek_domain::Role::Applicant => Role::Applicant,
        ssbtek_domain::Role::CoApplicant => Role::CoApplicant,
        ssbtek_domain::Role::Child => Role::Child,
    };
    let person_number = person.number.expose().to_owned();
    HouseholdMember { person_number, role: role.into(), from: None, to: None, protected: false }
}

fn unless_there<T>(result: Result<Response<T>, Status>) -> Result<()> {
    match result {
        Err(status) if status.code() != Code::AlreadyExists => Err(status.into()),
        _ => Ok(()),
    }
}
