//! Agents: registration, qualification, agreement, and the two-sided notification of each customer.

use std::collections::BTreeMap;

use ssbtek_access_log::DocumentWrite;
use ssbtek_authorize::{
    Agent, AgentNotification, AskError, Board, BoardState, Caller, CertificateOwner, DocumentHash,
    DocumentRef, Duty, Evidence, Parties, Party, QualificationItem, RegisteredCertificate, Signature,
};
use ssbtek_domain::{NaiveDate, OrganisationNumber, Processor, stockholm_date};

use crate::{
    By, Desk, DeskError,
    concerned::Concerned,
    desk::{Deed, Prepared, by_operator, register, revoke, text},
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
        let deed = by_operator(self.provider, "register_agent")
            .to("agent", organisation)
            .to("certificate", RegisteredCertificate::new(&certificate).sha256);
        self.retried(deed, || async move {
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
            Ok(claim.with(DocumentWrite::new(reference, 0, &agent)?))
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
        evidence.valid_to.map_or(Ok(()), |to| self.not_too_far("valid_to", to))?;
        if evidence.valid_to.is_some_and(|to| to < evidence.dated) {
            return Err(AskError::new("valid_to", "lies before `dated`").into());
        }
        item.accepts(&evidence, self.clock.today())
            .map_err(|(field, reason)| AskError::new(field, reason))?;
        let mut deed = by_operator(self.provider, "record_evidence")
            .to("agent", organisation)
            .to("item", item.as_str())
            .to("document_sha256", evidence.document.as_str())
            .to("dated", evidence.dated)
            .concerning(Concerned::ConnectedBy(organisation));
        if let Some(to) = evidence.valid_to {
            deed = deed.to("valid_to", to);
        }
        self.edit_agent(organisation, deed, |agent| {
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
        let deed = by_operator(self.provider, "sign_agent_agreement")
            .to("agent", organisation)
            .to("document_sha256", document.as_str())
            .concerning(Concerned::ConnectedBy(organisation));
        self.retried(deed, || async move {
            let reference = DocumentRef::agent(organisation);
            let mut agent = self.existing::<Agent>(&reference, "organisation_number").await?;
            let has_ended = agent.body.ended_on.is_some_and(|on| on < today);
            if agent.body.agreement.is_some() && !has_ended {
                return Err(DeskError::Exists("agreement"));
            }
            let lacks = agent.body.lacks(today);
            if !lacks.is_empty() {
                let reason = format!("the qualification lacks: {}", lacks.join("; "));
                return Err(AskError::new("organisation_number", reason).into());
            }
            let document = document.clone();
            agent.body.agreement = Some(Signature { by: self.name(&By::Operator), at, document });
            // An agreement that has ended is followed by a new one, without an end.
            agent.body.ended_on = agent.body.ended_on.filter(|_| !has_ended);
            let listed = self.agent_listed(&agent.body).await?;
            Ok(vec![DocumentWrite::new(reference, agent.version, &agent.body)?, listed])
        })
        .await
    }

    /// Records notice: the agent agreement's last day; yesterday means at once. May be moved until it has passed.
    pub async fn end_agent(&self, organisation: OrganisationNumber, on: NaiveDate) -> Result<u64, DeskError> {
        let today = self.clock.today();
        self.not_too_far("on", on)?;
        if on < today.pred_opt().unwrap_or(on) {
            return Err(AskError::new("on", "must be yesterday (at once), today or later").into());
        }
        let deed = by_operator(self.provider, "end_agent")
            .to("agent", organisation)
            .to("on", on)
            .concerning(Concerned::ConnectedBy(organisation));
        self.retried(deed, || async move {
            let reference = DocumentRef::agent(organisation);
            let mut agent = self.existing::<Agent>(&reference, "organisation_number").await?;
            if agent.body.ended_on.is_some_and(|ended_on| ended_on < today) {
                return Err(
                    AskError::new("on", "the agreement has ended; its end can no longer be moved").into()
                );
            }
            agent.body.ended_on = Some(on);
            let listed = match &agent.body.agreement {
                Some(_) => Some(self.agent_listed(&agent.body).await?),
                None => None,
            };
            let written = DocumentWrite::new(reference, agent.version, &agent.body)?;
            Ok([written].into_iter().chain(listed).collect::<Vec<_>>())
        })
        .await
    }

    /// Registers a further certificate of an agent. Returns the agent's new version.
    pub async fn add_agent_certificate(
        &self,
        organisation: OrganisationNumber,
        certificate: [u8; 32],
    ) -> Result<u64, DeskError> {
        let deed = by_operator(self.provider, "add_agent_certificate")
            .to("agent", organisation)
            .to("certificate", RegisteredCertificate::new(&certificate).sha256)
            .concerning(Concerned::ConnectedBy(organisation));
        self.retried(deed, || async move {
            let reference = DocumentRef::agent(organisation);
            let mut agent = self.existing::<Agent>(&reference, "organisation_number").await?;
            let claim = self.claim(&certificate, &CertificateOwner::Agent { organisation }).await?;
            register(&mut agent.body.certificates, RegisteredCertificate::new(&certificate))?;
            Ok(claim.with(DocumentWrite::new(reference, agent.version, &agent.body)?))
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
        let deed = by_operator(self.provider, "revoke_agent_certificate")
            .to("agent", organisation)
            .to("certificate", sha256)
            .concerning(Concerned::ConnectedBy(organisation));
        let revoke = |agent: &mut Agent| revoke(&mut agent.certificates, sha256, now);
        self.edit_agent(organisation, deed, revoke).await
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
        self.not_too_far("from", from)?;
        if from < self.clock.today() {
            return Err(AskError::new("from", "lies in the past").into());
        }
        let by = By::Agent(agent);
        let signed = Signature { by: self.name(&by), at: self.clock.now(), document: document.clone() };
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
            let rests_on = self.both_stand(board, agent, from).await?;
            let reference = DocumentRef::agent_notification(board, agent);
            let found = self.log.document::<AgentNotification>(&reference).await?;
            let expected = match &found {
                Some(found) if found.body.ended_at.is_none() => return Err(DeskError::Exists("board")),
                Some(found) => found.version,
                None => 0,
            };
            let documents = vec![DocumentWrite::new(reference, expected, notification)?];
            Ok(Prepared { documents, rests_on, ..Prepared::default() })
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
        let board = caller.board;
        let signed = &Signature { by: self.name(&by), at: self.clock.now(), document };
        self.retried((board, &by, "sign_notification"), || async move {
            let reference = DocumentRef::agent_notification(board, agent);
            let mut found = self.existing::<AgentNotification>(&reference, "agent").await?;
            if found.body.ended_at.is_some() {
                return Err(AskError::new("agent", "has no notification that still stands").into());
            }
            if found.body.document != signed.document {
                return Err(AskError::new("document", "is not the document that the agent signed").into());
            }
            if found.body.signed_by_board.is_some() {
                return Err(DeskError::Exists("signature"));
            }
            let rests_on = self.both_stand(board, agent, found.body.from).await?;
            found.body.signed_by_board = Some(signed.clone());
            let documents = vec![DocumentWrite::new(reference, found.version, &found.body)?];
            Ok(Prepared { documents, rests_on, ..Prepared::default() })
        })
        .await
    }

    /// Both sides' own agreements, which must stand when the one connects the other; the versions they were read in.
    async fn both_stand(
        &self,
        board: OrganisationNumber,
        agent: OrganisationNumber,
        from: NaiveDate,
    ) -> Result<Vec<(DocumentRef, u64)>, DeskError> {
        let (ours, theirs) = (DocumentRef::agent(agent), DocumentRef::board(board));
        let signed = self.existing::<Agent>(&ours, "agent").await?;
        signed.body.stands(self.clock.today().max(from)).map_err(|why| AskError::new("agent", why))?;
        let customer = self.existing::<Board>(&theirs, "board").await?;
        if customer.body.has_ended(self.clock.now()) || customer.body.ended_on().is_some_and(|on| on < from) {
            return Err(AskError::new("board", "has ended its agreement").into());
        }
        Ok(vec![(ours, signed.version), (theirs, customer.version)])
    }

    /// The notifications of a board, pending, in force and ended, one of each agent that has signed.
    pub async fn notifications(
        &self,
        board: OrganisationNumber,
    ) -> Result<Vec<AgentNotification>, DeskError> {
        let parties = self.or_default::<Parties>(&DocumentRef::parties()).await?.body;
        let mut found = Vec::new();
        for agent in parties.agents.keys() {
            let reference = DocumentRef::agent_notification(board, *agent);
            found.extend(self.log.document::<AgentNotification>(&reference).await?.map(|found| found.body));
        }
        Ok(found)
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

    async fn agent_listed(&self, agent: &Agent) -> Result<DocumentWrite, DeskError> {
        let reference = DocumentRef::parties();
        let mut parties = self.or_default::<Parties>(&reference).await?;
        let signed_at = agent.agreement.as_ref().map_or(self.clock.now(), |signed| signed.at);
        let party = Party {
            name: agent.name.clone(),
            state: BoardState::InForce.as_str().to_owned(),
            since: stockholm_date(signed_at),
            ends_on: agent.ended_on,
        };
        parties.body.agents.insert(agent.organisation, party);
        Ok(DocumentWrite::new(reference, parties.version, &parties.body)?)
    }

    async fn edit_agent(
        &self,
        organisation: OrganisationNumber,
        deed: Deed<'_>,
        edit: impl FnMut(&mut Agent) -> Result<(), DeskError>,
    ) -> Result<u64, DeskError> {
        self.edit(deed, DocumentRef::agent(organisation), "organisation_number", edit).await
    }
}
