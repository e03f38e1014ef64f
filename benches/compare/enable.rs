//! Takes the board through the life of its connection until it is in force, as operators and its administrator would.

use anyhow::{Context, Result};
use ssbtek_domain::{Clock, SystemClock};
use ssbtek_proto::broker::v1::{
    ConfirmInstructionsRequest, ConnectionStep, Contact, ProcessorAgreementVariant, ProveConnectionRequest,
    PublishRequest, PublishedText, SetContactRequest, SetProcessorAgreementRequest, TakeStepRequest,
    agreement_service_client::AgreementServiceClient,
};

use super::{
    ask::{Signer, connect},
    world::{ADMINISTRATOR, BOARD, CASE_WORKER, World},
};

/// Version of the instructions.
const INSTRUCTIONS: &str = "1";

/// Publishes instructions and takes every step up to access.
pub(crate) async fn board(world: &World, url: &str, signer: &Signer) -> Result<()> {
    let mut operator = AgreementServiceClient::new(connect(world, url, "operator")?);
    let mut board = AgreementServiceClient::new(connect(world, url, "board")?);
    let today = SystemClock.today().to_string();
    let publish = PublishRequest {
        text: PublishedText::Instructions.into(),
        version: INSTRUCTIONS.to_owned(),
        document_sha256: ssbtek_authorize::DocumentHash::of(b"Texten").as_str().to_owned(),
        content: "Texten".to_owned(),
        valid_from: today.clone(),
    };
    operator.publish(publish).await.context("the instructions were not published")?;
    for taken in [ConnectionStep::Check, ConnectionStep::Approve] {
        operator.take_step(step(taken)).await.context("a step was not taken")?;
    }
    let agreement = SetProcessorAgreementRequest {
        organisation_number: BOARD.to_owned(),
        variant: ProcessorAgreementVariant::Common.into(),
        version: "1".to_owned(),
        instructions_version: "1".to_owned(),
        signed_on: today,
        document_sha256: "0".repeat(64),
        expected_version: None,
    };
    operator.set_processor_agreement(agreement).await.context("the processor agreement was not set")?;
    let contact = Contact {
        name: "Registrator".to_owned(),
        email: "namnden@kommunen.example".to_owned(),
        phone: "000-00 00 00".to_owned(),
    };
    let contact =
        signer.call(ADMINISTRATOR, SetContactRequest { contact: Some(contact), expected_version: None })?;
    let prove = signer.call(ADMINISTRATOR, ProveConnectionRequest {})?;
    board.prove_connection(prove).await.context("the connection was not proven")?;
    board.set_contact(contact).await.context("the contact was not set")?;
    operator.take_step(step(ConnectionStep::Enable)).await.context("access was not enabled")?;
    Ok(())
}

/// The case worker confirms the instructions.
pub(crate) async fn case_worker(world: &World, url: &str, signer: &Signer) -> Result<()> {
    let mut board = AgreementServiceClient::new(connect(world, url, "board")?);
    let confirm = ConfirmInstructionsRequest { version: INSTRUCTIONS.to_owned() };
    let confirm = signer.call(CASE_WORKER, confirm)?;
    board.confirm_instructions(confirm).await.context("the instructions were not confirmed")?;
    Ok(())
}

fn step(step: ConnectionStep) -> TakeStepRequest {
    TakeStepRequest {
        organisation_number: BOARD.to_owned(),
        step: step.into(),
        document_sha256: "0".repeat(64),
        ..TakeStepRequest::default()
    }
}
