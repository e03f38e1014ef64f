//! What a board's connection rests on besides its steps: contact, processor agreement, approvals, rules of its own.

use std::collections::BTreeSet;

use ssbtek_authorize::{
    AskError, Board, Caller, Contact, DocumentHash, DocumentRef, Duty, ProcessorAgreement,
    ProcessorAgreementVariant, Provider, Rules,
};
use ssbtek_domain::{Agency, OrganisationNumber};

use crate::{
    By, Desk, DeskError,
    desk::{by_operator, text},
};

impl Desk {
    /// Records who answers for the caller's board.
    pub async fn set_contact(&self, caller: &Caller, contact: Contact) -> Result<u64, DeskError> {
        self.require(caller, Duty::Administers).await?;
        let contact = checked(&contact)?;
        let loses = |board: &Board| board.contact.as_ref().is_some_and(|known| *known != contact);
        let by = By::Account(caller);
        self.replace_in_board((caller.board, &by, "set_contact").into(), loses, |board| {
            board.contact = Some(contact.clone());
            Ok(())
        })
        .await
    }

    /// Records a signed processor agreement.
    pub async fn set_processor_agreement(
        &self,
        organisation: OrganisationNumber,
        agreement: ProcessorAgreement,
    ) -> Result<u64, DeskError> {
        if agreement.signed_on > self.clock.today() {
            return Err(AskError::new("signed_on", "lies in the future").into());
        }
        let agreement = ProcessorAgreement {
            version: text("version", &agreement.version, 40)?,
            instructions_version: text("instructions_version", &agreement.instructions_version, 40)?,
            ..agreement
        };
        let deed = by_operator(organisation, "set_processor_agreement")
            .to("variant", agreement.variant.as_str())
            .to("version", &agreement.version)
            .to("instructions_version", &agreement.instructions_version)
            .to("signed_on", agreement.signed_on)
            .to("document_sha256", agreement.document.as_str());
        let loses =
            |board: &Board| board.processor_agreement.as_ref().is_some_and(|known| *known != agreement);
        self.replace_in_board(deed, loses, |board| {
            board.processor_agreement = Some(agreement.clone());
            let power = &mut board.power_of_attorney;
            if power.document.is_some() {
                // Recorded first, it is for the text that was signed next.
                power.variant.get_or_insert(agreement.variant);
            }
            Ok(())
        })
        .await
    }

    /// Records the power of attorney under which the executive board acts for an independent one, and for which text of processor
    /// agreement; `None`: the one that is recorded, or will be first.
    pub async fn set_power_of_attorney(
        &self,
        organisation: OrganisationNumber,
        variant: Option<ProcessorAgreementVariant>,
        document: DocumentHash,
    ) -> Result<u64, DeskError> {
        let mut deed =
            by_operator(organisation, "set_power_of_attorney").to("document_sha256", document.as_str());
        if let Some(variant) = variant {
            deed = deed.to("variant", variant.as_str());
        }
        let loses = |board: &Board| {
            let known = &board.power_of_attorney;
            let other = variant.is_some() && known.variant.is_some() && known.variant != variant;
            known.document.as_ref().is_some_and(|known| *known != document || other)
        };
        self.replace_in_board(deed, loses, |board| {
            let signed = board.processor_agreement.as_ref().map(|agreement| agreement.variant);
            board.power_of_attorney.document = Some(document.clone());
            board.power_of_attorney.variant = variant.or(signed);
            Ok(())
        })
        .await
    }

    /// Approves sub-processors of the provider on behalf of the caller's board.
    pub async fn approve_sub_processors(
        &self,
        caller: &Caller,
        approved: BTreeSet<OrganisationNumber>,
    ) -> Result<u64, DeskError> {
        self.require(caller, Duty::Administers).await?;
        let provider = self.or_default::<Provider>(&DocumentRef::provider()).await?.body;
        let known =
            |number: &OrganisationNumber| provider.sub_processors.iter().any(|s| s.organisation == *number);
        if !approved.iter().all(known) {
            return Err(DeskError::Unknown("sub_processors"));
        }
        let loses = |board: &Board| !board.approved_sub_processors.is_subset(&approved);
        let by = By::Account(caller);
        self.replace_in_board((caller.board, &by, "approve_sub_processors").into(), loses, |board| {
            board.approved_sub_processors.clone_from(&approved);
            Ok(())
        })
        .await
    }

    /// Sets the board's own rules and the agencies it never asks. They can only tighten.
    pub async fn set_rules(
        &self,
        caller: &Caller,
        rules: Rules,
        never_asked: BTreeSet<Agency>,
    ) -> Result<u64, DeskError> {
        self.require(caller, Duty::Administers).await?;
        if rules.hours.is_some_and(|hours| hours.to <= hours.from) {
            return Err(AskError::new("hours", "must end after they begin").into());
        }
        if rules.household_check_days == Some(0) {
            return Err(AskError::new("household_check_days", "must be at least 1").into());
        }
        if rules.max_questions_an_hour == Some(0) {
            return Err(AskError::new("max_questions_an_hour", "must be at least 1").into());
        }
        let loses = |board: &Board| {
            (board.rules != rules && board.rules != Rules::default())
                || !board.never_asked.is_subset(&never_asked)
        };
        let by = By::Account(caller);
        self.replace_in_board((caller.board, &by, "set_rules").into(), loses, |board| {
            board.rules = rules.clone();
            board.never_asked.clone_from(&never_asked);
            Ok(())
        })
        .await
    }
}

pub(crate) fn checked(contact: &Contact) -> Result<Contact, AskError> {
    let email = text("contact.email", &contact.email, 200)?;
    if !email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.')) {
        return Err(AskError::new("contact.email", "must be an e-mail address"));
    }
    let phone = text("contact.phone", &contact.phone, 40)?;
    Ok(Contact { name: text("contact.name", &contact.name, 100)?, email, phone })
}
