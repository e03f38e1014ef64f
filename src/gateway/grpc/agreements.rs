//! `AgreementService`: who calls, and from message to desk and back. Who may do what stands at the head of each call.

mod read;
mod requests;

use ssbtek_authenticate::AuthenticationError;
use ssbtek_authorize::{AskError, BoardState, CertificateOwner, DocumentHash, Duty, StepKind, Together};
use ssbtek_domain::{Agency, CaseWorkerId, EntryId, OrganisationNumber};
use ssbtek_proto::broker::v1::{agreement_service_server::AgreementService, *};
use ssbtek_registry::By;
use tonic::{Request, Response, Status};

use super::{GrpcServices, administration, count, day, field, moment};
use crate::Refusal;
use requests::{document, optional_day, organisation};

/// Most days after which an account that has not asked may be called dormant.
const MAX_DORMANT_DAYS: u32 = 3_660;

/// A call that only operators make, with the version it leads to.
macro_rules! by_operator {
    ($self:ident, $request:ident, $response:ident, |$message:ident| $call:expr) => {{
        $self.callers.operator(&$request)?;
        let $message = $request.into_inner();
        let version = $call.await.map_err(Refusal::from)?;
        Ok(Response::new($response { version }))
    }};
}

/// A call of a board's account; the desk judges its duty.
macro_rules! by_account {
    ($self:ident, $request:ident, $response:ident, |$caller:ident, $message:ident| $call:expr) => {{
        let $caller = $self.callers.account(&$request).await?;
        let $message = $request.into_inner();
        let version = $call.await.map_err(Refusal::from)?;
        Ok(Response::new($response { version }))
    }};
}

type Reply<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl AgreementService for GrpcServices {
    async fn add_certificate(
        &self,
        request: Request<AddCertificateRequest>,
    ) -> Reply<AddCertificateResponse> {
        by_operator!(self, request, AddCertificateResponse, |m| self.desk.add_certificate(
            organisation("organisation_number", &m.organisation_number)?,
            self.fingerprint(m.certificate)?,
        ))
    }

    async fn take_step(&self, request: Request<TakeStepRequest>) -> Reply<TakeStepResponse> {
        let operator = self.callers.operator(&request)?;
        let m = request.into_inner();
        let board = organisation("organisation_number", &m.organisation_number)?;
        let (step, on) = (requests::step(m.step)?, optional_day("on", m.on.as_deref())?);
        let document = document("document_sha256", &m.document_sha256)?;
        if step == StepKind::End {
            // Two operators; what is wrong is said to the first.
            self.desk.may_take_step(board, step, &document, on).await.map_err(Refusal::from)?;
            self.together(&operator, Together::EndBoard, Some(board), &m).await?;
        }
        let version = self.desk.take_step(board, step, document, on).await.map_err(Refusal::from)?;
        Ok(Response::new(TakeStepResponse { version }))
    }

    async fn set_processor_agreement(
        &self,
        request: Request<SetProcessorAgreementRequest>,
    ) -> Reply<SetProcessorAgreementResponse> {
        by_operator!(self, request, SetProcessorAgreementResponse, |m| self.desk.set_processor_agreement(
            organisation("organisation_number", &m.organisation_number)?,
            requests::processor_agreement(m)?,
        ))
    }

    async fn set_power_of_attorney(
        &self,
        request: Request<SetPowerOfAttorneyRequest>,
    ) -> Reply<SetPowerOfAttorneyResponse> {
        by_operator!(self, request, SetPowerOfAttorneyResponse, |m| self.desk.set_power_of_attorney(
            organisation("organisation_number", &m.organisation_number)?,
            requests::variant(m.variant()),
            document("document_sha256", &m.document_sha256)?,
        ))
    }

    async fn publish(&self, request: Request<PublishRequest>) -> Reply<PublishResponse> {
        by_operator!(self, request, PublishResponse, |m| {
            let stated = document("document_sha256", &m.document_sha256)?;
            if stated != DocumentHash::of(m.content.as_bytes()) {
                return Err(Refusal::from(AskError::new("document_sha256", "is not that of content")).into());
            }
            let (texts, from) = (requests::text(m.text)?, day("valid_from", &m.valid_from)?);
            async move { self.desk.publish(texts, &m.version, &m.content, from).await }
        })
    }

    async fn set_sub_processors(
        &self,
        request: Request<SetSubProcessorsRequest>,
    ) -> Reply<SetSubProcessorsResponse> {
        by_operator!(self, request, SetSubProcessorsResponse, |m| self
            .desk
            .set_sub_processors(requests::sub_processors(m.sub_processors)?))
    }

    async fn register_agent(&self, request: Request<RegisterAgentRequest>) -> Reply<RegisterAgentResponse> {
        let operator = self.callers.operator(&request)?;
        let m = request.into_inner();
        let agent = organisation("organisation_number", &m.organisation_number)?;
        let certificate = self.fingerprint(m.certificate.clone())?;
        self.together(&operator, Together::RegisterAgent, None, &m).await?;
        let version = self.desk.register_agent(agent, &m.name, certificate).await.map_err(Refusal::from)?;
        Ok(Response::new(RegisterAgentResponse { version }))
    }

    async fn record_evidence(
        &self,
        request: Request<RecordEvidenceRequest>,
    ) -> Reply<RecordEvidenceResponse> {
        by_operator!(self, request, RecordEvidenceResponse, |m| self.desk.record_evidence(
            organisation("organisation_number", &m.organisation_number)?,
            requests::item(&m.item)?,
            requests::evidence(&m)?,
        ))
    }

    async fn sign_agent_agreement(
        &self,
        request: Request<SignAgentAgreementRequest>,
    ) -> Reply<SignAgentAgreementResponse> {
        by_operator!(self, request, SignAgentAgreementResponse, |m| self.desk.sign_agent_agreement(
            organisation("organisation_number", &m.organisation_number)?,
            document("document_sha256", &m.document_sha256)?,
        ))
    }

    async fn end_agent(&self, request: Request<EndAgentRequest>) -> Reply<EndAgentResponse> {
        by_operator!(self, request, EndAgentResponse, |m| self
            .desk
            .end_agent(organisation("organisation_number", &m.organisation_number)?, day("on", &m.on)?))
    }

    async fn add_agent_certificate(
        &self,
        request: Request<AddAgentCertificateRequest>,
    ) -> Reply<AddAgentCertificateResponse> {
        let operator = self.callers.operator(&request)?;
        let m = request.into_inner();
        let agent = organisation("organisation_number", &m.organisation_number)?;
        let certificate = self.fingerprint(m.certificate.clone())?;
        self.together(&operator, Together::AddAgentCertificate, None, &m).await?;
        let version = self.desk.add_agent_certificate(agent, certificate).await.map_err(Refusal::from)?;
        Ok(Response::new(AddAgentCertificateResponse { version }))
    }

    async fn revoke_agent_certificate(
        &self,
        request: Request<RevokeAgentCertificateRequest>,
    ) -> Reply<RevokeAgentCertificateResponse> {
        by_operator!(self, request, RevokeAgentCertificateResponse, |m| self.desk.revoke_agent_certificate(
            organisation("organisation_number", &m.organisation_number)?,
            &m.sha256
        ))
    }

    async fn get_agent(&self, request: Request<GetAgentRequest>) -> Reply<GetAgentResponse> {
        let agent = match self.callers.owner(&request).await? {
            CertificateOwner::Operator => {
                organisation("organisation_number", &request.get_ref().organisation_number)?
            }
            _ => self.agent(&request).await?,
        };
        let (version, agent) = self.desk.agent(agent).await.map_err(Refusal::from)?;
        Ok(Response::new(read::agent(version, &agent, self.callers.clock.today())))
    }

    async fn register_agency_contact(
        &self,
        request: Request<RegisterAgencyContactRequest>,
    ) -> Reply<RegisterAgencyContactResponse> {
        by_operator!(self, request, RegisterAgencyContactResponse, |m| self.desk.register_agency_contact(
            field("agency", Agency::parse(&m.agency))?,
            self.fingerprint(m.certificate)?,
        ))
    }

    async fn set_agency(&self, request: Request<SetAgencyRequest>) -> Reply<SetAgencyResponse> {
        let agency = field("agency", Agency::parse(&request.get_ref().agency))?;
        let by = self.agency_or_operator(&request, agency).await?;
        let terms = requests::agency_terms(request.into_inner())?;
        let version = self.desk.set_agency(&by, agency, terms).await.map_err(Refusal::from)?;
        Ok(Response::new(SetAgencyResponse { version }))
    }

    async fn get_agency(&self, request: Request<GetAgencyRequest>) -> Reply<GetAgencyResponse> {
        let agency = field("agency", Agency::parse(&request.get_ref().agency))?;
        self.agency_or_operator(&request, agency).await?;
        let provider = self.desk.published().await.map_err(Refusal::from)?;
        let terms = provider.agencies.get(&agency).cloned().unwrap_or_default();
        Ok(Response::new(read::agency(&terms)))
    }

    async fn export_board(&self, request: Request<ExportBoardRequest>) -> Reply<ExportBoardResponse> {
        self.callers.operator(&request)?;
        let board = organisation("organisation_number", &request.into_inner().organisation_number)?;
        let file = self.desk.export_board(board).await.map_err(Refusal::from)?;
        let file = serde_json::to_vec_pretty(&file).map_err(|_| Refusal::Unavailable)?;
        Ok(Response::new(ExportBoardResponse { file }))
    }

    async fn import_board(&self, request: Request<ImportBoardRequest>) -> Reply<ImportBoardResponse> {
        let operator = self.callers.operator(&request)?;
        let m = request.into_inner();
        self.together(&operator, Together::ImportBoard, None, &m).await?;
        let version = self.desk.import_board(&m.file).await.map_err(Refusal::from)?;
        Ok(Response::new(ImportBoardResponse { version }))
    }

    async fn replay_decision(
        &self,
        request: Request<ReplayDecisionRequest>,
    ) -> Reply<ReplayDecisionResponse> {
        self.callers.operator(&request)?;
        let message = request.into_inner();
        let entry = field("entry_id", EntryId::parse(&message.entry_id))?;
        let boards = match &message.organisation_number {
            Some(board) => vec![organisation("organisation_number", board)?],
            None => self.desk.every_board().await.map_err(Refusal::from)?,
        };
        let replayed = self.desk.replay(&boards, entry).await.map_err(Refusal::from)?;
        Ok(Response::new(read::replayed(&replayed)))
    }

    async fn set_contact(&self, request: Request<SetContactRequest>) -> Reply<SetContactResponse> {
        by_account!(self, request, SetContactResponse, |caller, m| self
            .desk
            .set_contact(&caller, requests::contact(m.contact)?))
    }

    async fn set_rules(&self, request: Request<SetRulesRequest>) -> Reply<SetRulesResponse> {
        by_account!(self, request, SetRulesResponse, |caller, m| {
            let (rules, never_asked) = requests::rules(&m)?;
            self.desk.set_rules(&caller, rules, never_asked)
        })
    }

    async fn approve_sub_processors(
        &self,
        request: Request<ApproveSubProcessorsRequest>,
    ) -> Reply<ApproveSubProcessorsResponse> {
        by_account!(self, request, ApproveSubProcessorsResponse, |caller, m| {
            let numbers = m.organisation_numbers.iter().map(|n| organisation("organisation_numbers", n));
            self.desk.approve_sub_processors(&caller, numbers.collect::<Result<_, _>>()?)
        })
    }

    async fn prove_connection(
        &self,
        request: Request<ProveConnectionRequest>,
    ) -> Reply<ProveConnectionResponse> {
        by_account!(self, request, ProveConnectionResponse, |caller, _m| self.desk.prove_connection(&caller))
    }

    async fn confirm_certificate(
        &self,
        request: Request<ConfirmCertificateRequest>,
    ) -> Reply<ConfirmCertificateResponse> {
        by_account!(self, request, ConfirmCertificateResponse, |caller, m| self
            .desk
            .confirm_certificate(&caller, &m.sha256))
    }

    async fn add_assertion_key(
        &self,
        request: Request<AddAssertionKeyRequest>,
    ) -> Reply<AddAssertionKeyResponse> {
        by_account!(self, request, AddAssertionKeyResponse, |caller, m| self
            .desk
            .add_assertion_key(&caller, administration::key(m.kid, m.public_key).map_err(Refusal::from)?))
    }

    async fn retire_assertion_key(
        &self,
        request: Request<RetireAssertionKeyRequest>,
    ) -> Reply<RetireAssertionKeyResponse> {
        by_account!(self, request, RetireAssertionKeyResponse, |caller, m| {
            let until = m.until.as_ref().map(|until| moment("until", until)).transpose()?;
            self.desk.retire_assertion_key(&caller, &m.kid, until)
        })
    }

    async fn confirm_instructions(
        &self,
        request: Request<ConfirmInstructionsRequest>,
    ) -> Reply<ConfirmInstructionsResponse> {
        by_account!(self, request, ConfirmInstructionsResponse, |caller, m| self
            .desk
            .confirm_instructions(&caller, &m.version))
    }

    async fn follow_up_case_worker(
        &self,
        request: Request<FollowUpCaseWorkerRequest>,
    ) -> Reply<FollowUpCaseWorkerResponse> {
        by_account!(self, request, FollowUpCaseWorkerResponse, |caller, m| {
            let id = field("id", CaseWorkerId::parse(&m.id))?;
            async move { self.desk.follow_up_case_worker(&caller, &id).await }
        })
    }

    async fn list_accounts(&self, request: Request<ListAccountsRequest>) -> Reply<ListAccountsResponse> {
        let caller = self.callers.account(&request).await?;
        let days = count("dormant_days", request.into_inner().dormant_days, 90, MAX_DORMANT_DAYS)?;
        let lines = self.desk.accounts(&caller, days).await.map_err(Refusal::from)?;
        Ok(Response::new(ListAccountsResponse { accounts: lines.iter().map(read::account).collect() }))
    }

    async fn notify_customer(
        &self,
        request: Request<NotifyCustomerRequest>,
    ) -> Reply<NotifyCustomerResponse> {
        let agent = self.agent(&request).await?;
        let m = request.into_inner();
        let version = self.desk.notify_customer(
            agent,
            organisation("board", &m.board)?,
            day("from", &m.from)?,
            document("document_sha256", &m.document_sha256)?,
            document("processor_agreement_sha256", &m.processor_agreement_sha256)?,
            requests::processors(m.processors_before)?,
        );
        let version = version.await.map_err(Refusal::from)?;
        Ok(Response::new(NotifyCustomerResponse { version }))
    }

    async fn sign_notification(
        &self,
        request: Request<SignNotificationRequest>,
    ) -> Reply<SignNotificationResponse> {
        by_account!(self, request, SignNotificationResponse, |caller, m| self.desk.sign_notification(
            &caller,
            organisation("agent", &m.agent)?,
            document("document_sha256", &m.document_sha256)?,
        ))
    }

    async fn end_notification(
        &self,
        request: Request<EndNotificationRequest>,
    ) -> Reply<EndNotificationResponse> {
        let version = match self.callers.owner(&request).await? {
            CertificateOwner::Agent { .. } if request.metadata().get("authorization").is_none() => {
                let agent = self.agent(&request).await?;
                let board = organisation("board", &request.get_ref().board)?;
                self.desk.end_notification(&By::Agent(agent), board, agent).await
            }
            _ => {
                let caller = self.callers.account(&request).await?;
                let agent = organisation("agent", &request.get_ref().agent)?;
                self.desk.end_notification(&By::Account(&caller), caller.board, agent).await
            }
        };
        Ok(Response::new(EndNotificationResponse { version: version.map_err(Refusal::from)? }))
    }

    async fn get_board(&self, request: Request<GetBoardRequest>) -> Reply<GetBoardResponse> {
        let board = match self.callers.owner(&request).await? {
            CertificateOwner::Operator => {
                organisation("organisation_number", &request.get_ref().organisation_number)?
            }
            _ => {
                let caller = self.callers.account(&request).await?;
                let either = [Duty::Audits, Duty::Administers];
                self.desk.require_one_of(&caller, &either).await.map_err(Refusal::from)?;
                caller.board
            }
        };
        let notifications = self.desk.notifications(board).await.map_err(Refusal::from)?;
        let (version, board) = self.desk.board(board).await.map_err(Refusal::from)?;
        let provider = self.desk.published().await.map_err(Refusal::from)?;
        let mut told = read::board(version, &board, &provider, self.callers.clock.now());
        told.notifications = notifications.iter().map(read::notification).collect();
        Ok(Response::new(told))
    }

    async fn list_parties(&self, request: Request<ListPartiesRequest>) -> Reply<ListPartiesResponse> {
        self.callers.anybody(&request)?;
        let mut parties = self.desk.parties().await.map_err(Refusal::from)?;
        for (number, purged) in self.purger.purged() {
            let board = parties.boards.get_mut(&number).filter(|board| board.ends_on == purged.ended_on);
            if let Some(board) = board {
                (board.state, board.since) = (BoardState::Purged.as_str().to_owned(), purged.on);
            }
        }
        let told = |(number, party): (&OrganisationNumber, _)| read::party(*number, party);
        Ok(Response::new(ListPartiesResponse {
            boards: parties.boards.iter().map(told).collect(),
            agents: parties.agents.iter().map(told).collect(),
        }))
    }

    async fn get_published(&self, request: Request<GetPublishedRequest>) -> Reply<GetPublishedResponse> {
        self.callers.anybody(&request)?;
        let m = request.into_inner();
        let provider = self.desk.published().await.map_err(Refusal::from)?;
        let mut told = read::published(&provider, self.callers.clock.now());
        if m.text != PublishedText::Unspecified as i32 {
            let version = Some(m.version.as_str()).filter(|version| !version.is_empty());
            let content = self.desk.published_text(requests::text(m.text)?, version).await;
            told.content = content.map_err(Refusal::from)?.unwrap_or_default();
        }
        Ok(Response::new(told))
    }
}

impl GrpcServices {
    /// The fingerprint of a certificate that is to be registered for a party. An operator's is refused: the provider's
    /// staff are no party.
    pub(super) fn fingerprint(&self, der: Vec<u8>) -> Result<[u8; 32], Refusal> {
        let fingerprint = administration::fingerprint(der)?;
        if self.callers.operators.contains(&fingerprint) {
            return Err(AskError::new("certificate", "is an operator's").into());
        }
        Ok(fingerprint)
    }

    /// The agent that calls, by a certificate that it has registered and not revoked.
    async fn agent<T>(&self, request: &Request<T>) -> Result<OrganisationNumber, Refusal> {
        let CertificateOwner::Agent { organisation } = self.callers.owner(request).await? else {
            return Err(Refusal::AgentsOnly);
        };
        let certificate = self.callers.certificate(request)?;
        let (_, agent) = self.desk.agent(organisation).await?;
        if agent.accepts_certificate(&certificate, self.callers.clock.now()) {
            Ok(organisation)
        } else {
            Err(AuthenticationError::CertificateRevoked.into())
        }
    }

    async fn agency_or_operator<T>(
        &self,
        request: &Request<T>,
        agency: Agency,
    ) -> Result<By<'static>, Refusal> {
        match self.callers.owner(request).await? {
            CertificateOwner::Operator => Ok(By::Operator),
            CertificateOwner::Agency { agency: own } if own == agency => Ok(By::Agency(agency)),
            _ => Err(Refusal::OperatorsOnly),
        }
    }
}
