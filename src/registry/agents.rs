//! Agents: registration, qualification, agreement, and the two-sided notification of each customer.

use std::collections::BTreeMap;

use ssbtek_access_log::DocumentWrite;
use ssbtek_authorize::{
    Agent, AgentNotification, AskError, Board, Caller, CertificateOwner, DocumentHash, DocumentRef, Duty,
    Evidence, Parties, Party, QualificationItem, RegisteredCertificate, Signature,
};
use ssbtek_domain::{NaiveDate, OrganisationNumber, Processor};

use crate::{
    By, Desk, DeskError,
    desk::{revoke, text},
};

impl Desk {
    /// Registers an agent with its first certificate. Returns the version, 1.
    pub async fn register_agent(
        &self,
        organisation: OrganisationNumber,
        name: &str,
        certificate: [u8; 32],
    ) -> Result<u64, DeskError> {
        let name = &text("name", name, 200)?;
        self.retried((self.provider, &By::Operator, "register_agent"), || async move {
            let reference = DocumentRef::agent(organisation);
            if self.log.document::<Agent>(&reference).await?.is_some() {
                return Err(DeskError::Exists("organisation_number"));
            }
            let agent = Agent {
                organisation,
                name: name.clone(),
                certificates: vec![RegisteredCertificate::new(&certificate)],
                qualification: BTreeMap::new(),
                agreement: None,
                ended_on: None,
            };
            let claim = self.claim(&certificate, &CertificateOwner::Agent { organisation }).await?;
            Ok(vec![DocumentWrite::new(reference, 0, &agent)?, claim])
        })
        .await
    }

    /// Records evidence for one item of the qualification.
    pub async fn record_evidence(
        &self,
        organisation: OrganisationNumber,
        item: QualificationItem,
        evidence: Evidence,
    ) -> Result<u64, DeskError> {
        if evidence.dated > self.clock.today() {
            return Err(AskError::new("dated", "lies in the future").into());
        }
        if evidence.valid_to.is_some_and(|to| to < evidence.dated) {
            return Err(AskError::new("valid_to", "lies before `dated`").into());
        }
        self.edit_agent(organisation, "record_evidence", |agent| {
            agent.qualification.insert(item, evidence.clone());
            Ok(())
        })
        .await
    }

    /// Records the signed agent agreement; only once the agent is qualified.
    pub async fn sign_agent_agreement(
        &self,
        organisation: OrganisationNumber,
        document: DocumentHash,
    ) -> Result<u64, DeskError> {
        let (at, today) = (self.clock.now(), self.clock.today());
        let document = &document;
        self.retried((self.provider, &By::Operator, "sign_agent_agreement"), || async move {
            let reference = DocumentRef::agent(organisation);
            let mut agent = self.existing::<Agent>(&reference, "organisation_number").await?;
            if agent.body.agreement.is_some() {
                return Err(DeskError::Exists("agreement"));
            }
            if !agent.body.is_qualified(today) {
                let reason = "an item of the qualification is missing or has lapsed";
                return Err(AskError::new("organisation_number", reason).into());
            }
            let document = document.clone();
            agent.body.agreement = Some(Signature { by: By::Operator.name(), at, document });
            let listed = self.agent_listed(&agent.body, "in_force").await?;
            Ok(vec![DocumentWrite::new(reference, agent.version, &agent.body)?, listed])
        })
        .await
    }

    /// Records notice: the agent agreement's last day.
    pub async fn end_agent(&self, organisation: OrganisationNumber, on: NaiveDate) -> Result<u64, DeskError> {
        if on < self.clock.today().pred_opt().unwrap_or(on) {
            return Err(AskError::new("on", "must be yesterday (at once), today or later").into());
        }
        self.retried((self.provider, &By::Operator, "end_agent"), || async move {
            let reference = DocumentRef::agent(organisation);
            let mut agent = self.existing::<Agent>(&reference, "organisation_number").await?;
            agent.body.ended_on = Some(on);
            let listed = self.agent_listed(&agent.body, "ended").await?;
            Ok(vec![DocumentWrite::new(reference, agent.version, &agent.body)?, listed])
        })
        .await
    }

    /// Registers a further certificate of an agent. Returns the agent's new version.
    pub async fn add_agent_certificate(
        &self,
        organisation: OrganisationNumber,
        certificate: [u8; 32],
    ) -> Result<u64, DeskError> {
        self.retried((self.provider, &By::Operator, "add_agent_certificate"), || async move {
            let reference = DocumentRef::agent(organisation);
            let mut agent = self.existing::<Agent>(&reference, "organisation_number").await?;
            agent.body.certificates.push(RegisteredCertificate::new(&certificate));
            let claim = self.claim(&certificate, &CertificateOwner::Agent { organisation }).await?;
            Ok(vec![DocumentWrite::new(reference, agent.version, &agent.body)?, claim])
        })
        .await
    }

    /// Revokes an agent's certificate from now on. Returns the agent's new version.
    pub async fn revoke_agent_certificate(
        &self,
        organisation: OrganisationNumber,
        sha256: &str,
    ) -> Result<u64, DeskError> {
        let now = self.clock.now();
        self.edit_agent(organisation, "revoke_agent_certificate", |agent| {
            revoke(&mut agent.certificates, sha256, now)
        })
        .await
    }

    /// The agent notifies that it connects a customer, and signs so with its certificate.
    pub async fn notify_customer(
        &self,
        agent: OrganisationNumber,
        board: OrganisationNumber,
        from: NaiveDate,
        document: DocumentHash,
        processor_agreement: DocumentHash,
        processors_before: Vec<Processor>,
    ) -> Result<u64, DeskError> {
        if from < self.clock.today() {
            return Err(AskError::new("from", "lies in the past").into());
        }
        self.existing::<Agent>(&DocumentRef::agent(agent), "agent").await?;
        let customer = self.existing::<Board>(&DocumentRef::board(board), "board").await?.body;
        if customer.has_ended(self.clock.now()) {
            return Err(AskError::new("board", "has ended its agreement").into());
        }
        let by = By::Agent(agent);
        let signed = Signature { by: by.name(), at: self.clock.now(), document: document.clone() };
        let notification = &AgentNotification {
            board,
            agent,
            from,
            document,
            processor_agreement,
            processors_before,
            signed_by_agent: Some(signed),
            signed_by_board: None,
            ended_at: None,
        };
        self.retried((board, &by, "notify_customer"), || async move {
            let reference = DocumentRef::agent_notification(board, agent);
            let found = self.log.document::<AgentNotification>(&reference).await?;
            let expected = match &found {
                Some(found) if found.body.ended_at.is_none() => return Err(DeskError::Exists("board")),
                Some(found) => found.version,
                None => 0,
            };
            Ok(vec![DocumentWrite::new(reference, expected, notification)?])
        })
        .await
    }

    /// The board signs an agent's notification: the very document that the agent signed.
    pub async fn sign_notification(
        &self,
        caller: &Caller,
        agent: OrganisationNumber,
        document: DocumentHash,
    ) -> Result<u64, DeskError> {
        self.require(caller, Duty::Administers).await?;
        let by = By::Account(caller);
        let signed = Signature { by: by.name(), at: self.clock.now(), document };
        let reference = DocumentRef::agent_notification(caller.board, agent);
        self.edit(
            (caller.board, &by, "sign_notification"),
            reference,
            "agent",
            |found: &mut AgentNotification| {
                if found.document != signed.document {
                    return Err(AskError::new("document", "is not the document that the agent signed").into());
                }
                if found.signed_by_board.is_some() {
                    return Err(DeskError::Exists("signature"));
                }
                found.signed_by_board = Some(signed.clone());
                Ok(())
            },
        )
        .await
    }

    /// Notice that an agent no longer connects a board: nothing is asked from this commit on. By either side.
    pub async fn end_notification(
        &self,
        by: &By<'_>,
        board: OrganisationNumber,
        agent: OrganisationNumber,
    ) -> Result<u64, DeskError> {
        if let By::Account(caller) = by {
            self.require(caller, Duty::Administers).await?;
        }
        let now = self.clock.now();
        let reference = DocumentRef::agent_notification(board, agent);
        self.edit((board, by, "end_notification"), reference, "agent", |found: &mut AgentNotification| {
            found.ended_at.get_or_insert(now);
            Ok(())
        })
        .await
    }

    /// An agent's document.
    pub async fn agent(&self, organisation: OrganisationNumber) -> Result<(u64, Agent), DeskError> {
        let found = self.existing::<Agent>(&DocumentRef::agent(organisation), "organisation_number").await?;
        Ok((found.version, found.body))
    }

    async fn agent_listed(&self, agent: &Agent, state: &str) -> Result<DocumentWrite, DeskError> {
        let reference = DocumentRef::parties();
        let mut parties = self.or_default::<Parties>(&reference).await?;
        let party = Party { name: agent.name.clone(), state: state.to_owned(), since: self.clock.today() };
        parties.body.agents.insert(agent.organisation, party);
        Ok(DocumentWrite::new(reference, parties.version, &parties.body)?)
    }

    async fn edit_agent(
        &self,
        organisation: OrganisationNumber,
        action: &'static str,
        edit: impl FnMut(&mut Agent) -> Result<(), DeskError>,
    ) -> Result<u64, DeskError> {
        let reference = DocumentRef::agent(organisation);
        self.edit((self.provider, &By::Operator, action), reference, "organisation_number", edit).await
    }
}
