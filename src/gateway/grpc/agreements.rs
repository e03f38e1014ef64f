//! `AgreementService`: who calls, and from message to desk and back. Who may do what stands in the table of calls.

mod read;
mod requests;

use std::collections::BTreeSet;

use ssbtek_access_log::Reading;
use ssbtek_authorize::{AskError, BoardState, DocumentHash, RegisteredCertificate, StepKind, Together};
use ssbtek_domain::{Agency, CaseWorkerId, EntryId, OrganisationNumber};
use ssbtek_proto::broker::v1::{agreement_service_server::AgreementService, *};
use ssbtek_registry::{BoardFile, By, Concerns};
use tonic::{Request, Response, Status};

use super::{Done, GrpcServices, Party, Read, administration, count, day, field, listed, moment};
use crate::{Refusal, calls};
use requests::{document, optional_day, organisation};

/// Most days after which an account that has not asked may be called dormant.
const MAX_DORMANT_DAYS: u32 = 3_660;

type Reply<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl AgreementService for GrpcServices {
    async fn add_certificate(
        &self,
        request: Request<AddCertificateRequest>,
    ) -> Reply<AddCertificateResponse> {
        self.serve(&calls::ADD_CERTIFICATE, request, |by, m| async move {
            let version = self
                .desk_for(&by)
                .add_certificate(
                    organisation("organisation_number", &m.organisation_number)?,
                    self.fingerprint(m.certificate)?,
                )
                .await?;
            Ok(Done::As(AddCertificateResponse { version }))
        })
        .await
    }

    async fn take_step(&self, request: Request<TakeStepRequest>) -> Reply<TakeStepResponse> {
        self.serve(&calls::TAKE_STEP, request, |by, m| async move {
            let operator = by.operator()?;
            let board = organisation("organisation_number", &m.organisation_number)?;
            let (step, on) = (requests::step(m.step)?, optional_day("on", m.on.as_deref())?);
            let document = document("document_sha256", &m.document_sha256)?;
            if step == StepKind::End {
                // Two operators; what is wrong is said to the first.
                self.desk.may_take_step(board, step, &document, on).await?;
                let concerns = Concerns::Board(board);
                let document = &document;
                let end = |by| async move {
                    Ok(self.desk.for_two(by).take_step(board, step, document.clone(), on).await?)
                };
                let version = self.by_two(operator, Together::EndBoard, concerns, &m, end).await?;
                return Ok(Done::As(TakeStepResponse { version }));
            }
            let version = self.desk_for(&by).take_step(board, step, document, on).await?;
            Ok(Done::As(TakeStepResponse { version }))
        })
        .await
    }

    async fn set_processor_agreement(
        &self,
        request: Request<SetProcessorAgreementRequest>,
    ) -> Reply<SetProcessorAgreementResponse> {
        self.serve(&calls::SET_PROCESSOR_AGREEMENT, request, |by, m| async move {
            let version = self
                .desk_for(&by)
                .having_read(m.expected_version)
                .set_processor_agreement(
                    organisation("organisation_number", &m.organisation_number)?,
                    requests::processor_agreement(m)?,
                )
                .await?;
            Ok(Done::As(SetProcessorAgreementResponse { version }))
        })
        .await
    }

    async fn set_power_of_attorney(
        &self,
        request: Request<SetPowerOfAttorneyRequest>,
    ) -> Reply<SetPowerOfAttorneyResponse> {
        self.serve(&calls::SET_POWER_OF_ATTORNEY, request, |by, m| async move {
            let version = self
                .desk_for(&by)
                .having_read(m.expected_version)
                .set_power_of_attorney(
                    organisation("organisation_number", &m.organisation_number)?,
                    requests::variant(m.variant()),
                    document("document_sha256", &m.document_sha256)?,
                )
                .await?;
            Ok(Done::As(SetPowerOfAttorneyResponse { version }))
        })
        .await
    }

    async fn publish(&self, request: Request<PublishRequest>) -> Reply<PublishResponse> {
        self.serve(&calls::PUBLISH, request, |by, m| async move {
            let stated = document("document_sha256", &m.document_sha256)?;
            if stated != DocumentHash::of(m.content.as_bytes()) {
                return Err(AskError::new("document_sha256", "is not that of content").into());
            }
            let (texts, from) = (requests::text(m.text)?, day("valid_from", &m.valid_from)?);
            let version = self.desk_for(&by).publish(texts, &m.version, &m.content, from).await?;
            Ok(Done::As(PublishResponse { version, told_later: self.told_later(&by).await }))
        })
        .await
    }

    async fn set_sub_processors(
        &self,
        request: Request<SetSubProcessorsRequest>,
    ) -> Reply<SetSubProcessorsResponse> {
        self.serve(&calls::SET_SUB_PROCESSORS, request, |by, m| async move {
            let version = self
                .desk_for(&by)
                .having_read(m.expected_version)
                .set_sub_processors(requests::sub_processors(m.sub_processors)?)
                .await?;
            Ok(Done::As(SetSubProcessorsResponse { version, told_later: self.told_later(&by).await }))
        })
        .await
    }

    async fn register_agent(&self, request: Request<RegisterAgentRequest>) -> Reply<RegisterAgentResponse> {
        self.serve(&calls::REGISTER_AGENT, request, |by, m| async move {
            let operator = by.operator()?;
            let agent = organisation("organisation_number", &m.organisation_number)?;
            let certificate = self.fingerprint(m.certificate.clone())?;
            let concerns = Concerns::NewAgent(agent);
            let m = &m;
            let register = |by| async move {
                Ok(self.desk.for_two(by).register_agent(agent, &m.name, certificate).await?)
            };
            let version = self.by_two(operator, Together::RegisterAgent, concerns, m, register).await?;
            Ok(Done::As(RegisterAgentResponse { version }))
        })
        .await
    }

    async fn record_evidence(
        &self,
        request: Request<RecordEvidenceRequest>,
    ) -> Reply<RecordEvidenceResponse> {
        self.serve(&calls::RECORD_EVIDENCE, request, |by, m| async move {
            let version = self
                .desk_for(&by)
                .record_evidence(
                    organisation("organisation_number", &m.organisation_number)?,
                    requests::item(&m.item)?,
                    requests::evidence(&m)?,
                )
                .await?;
            Ok(Done::As(RecordEvidenceResponse { version, told_later: self.told_later(&by).await }))
        })
        .await
    }

    async fn sign_agent_agreement(
        &self,
        request: Request<SignAgentAgreementRequest>,
    ) -> Reply<SignAgentAgreementResponse> {
        self.serve(&calls::SIGN_AGENT_AGREEMENT, request, |by, m| async move {
            let version = self
                .desk_for(&by)
                .sign_agent_agreement(
                    organisation("organisation_number", &m.organisation_number)?,
                    document("document_sha256", &m.document_sha256)?,
                )
                .await?;
            Ok(Done::As(SignAgentAgreementResponse { version, told_later: self.told_later(&by).await }))
        })
        .await
    }

    async fn end_agent(&self, request: Request<EndAgentRequest>) -> Reply<EndAgentResponse> {
        self.serve(&calls::END_AGENT, request, |by, m| async move {
            let version = self
                .desk_for(&by)
                .end_agent(organisation("organisation_number", &m.organisation_number)?, day("on", &m.on)?)
                .await?;
            Ok(Done::As(EndAgentResponse { version, told_later: self.told_later(&by).await }))
        })
        .await
    }

    async fn add_agent_certificate(
        &self,
        request: Request<AddAgentCertificateRequest>,
    ) -> Reply<AddAgentCertificateResponse> {
        self.serve(&calls::ADD_AGENT_CERTIFICATE, request, |by, m| async move {
            let operator = by.operator()?;
            let agent = organisation("organisation_number", &m.organisation_number)?;
            let certificate = self.fingerprint(m.certificate.clone())?;
            let concerns = Concerns::Agent(agent);
            let add = |by| async move {
                Ok(self.desk.for_two(by).add_agent_certificate(agent, certificate).await?)
            };
            let version = self.by_two(operator, Together::AddAgentCertificate, concerns, &m, add).await?;
            Ok(Done::As(AddAgentCertificateResponse { version, told_later: self.told_later(&by).await }))
        })
        .await
    }

    async fn revoke_agent_certificate(
        &self,
        request: Request<RevokeAgentCertificateRequest>,
    ) -> Reply<RevokeAgentCertificateResponse> {
        self.serve(&calls::REVOKE_AGENT_CERTIFICATE, request, |by, m| async move {
            let version = self
                .desk_for(&by)
                .revoke_agent_certificate(
                    organisation("organisation_number", &m.organisation_number)?,
                    &m.sha256,
                )
                .await?;
            Ok(Done::As(RevokeAgentCertificateResponse { version, told_later: self.told_later(&by).await }))
        })
        .await
    }

    async fn get_agent(&self, request: Request<GetAgentRequest>) -> Reply<GetAgentResponse> {
        self.serve(&calls::GET_AGENT, request, |by, request| async move {
            let agent = match &*by {
                Party::Agent(agent) => own_number(&request.organisation_number, *agent)?,
                _ => organisation("organisation_number", &request.organisation_number)?,
            };
            let (version, agent) = self.desk.agent(agent).await?;
            Ok(Done::As(read::agent(version, &agent, self.callers.clock.today())))
        })
        .await
    }

    async fn register_agency_contact(
        &self,
        request: Request<RegisterAgencyContactRequest>,
    ) -> Reply<RegisterAgencyContactResponse> {
        self.serve(&calls::REGISTER_AGENCY_CONTACT, request, |by, m| async move {
            let operator = by.operator()?;
            let agency = field("agency", Agency::parse(&m.agency))?;
            let certificate = self.fingerprint(m.certificate.clone())?;
            let concerns = Concerns::Contact(certificate);
            let register = |by| async move {
                Ok(self.desk.for_two(by).register_agency_contact(agency, certificate).await?)
            };
            let what = Together::RegisterAgencyContact;
            let version = self.by_two(operator, what, concerns, &m, register).await?;
            Ok(Done::As(RegisterAgencyContactResponse { version, told_later: self.told_later(&by).await }))
        })
        .await
    }

    async fn set_agency(&self, request: Request<SetAgencyRequest>) -> Reply<SetAgencyResponse> {
        self.serve(&calls::SET_AGENCY, request, |by, request| async move {
            let agency = field("agency", Agency::parse(&request.agency))?;
            let desk = self.desk_for(&by).having_read(request.expected_version);
            let whose = own_agency(&by, agency)?;
            let terms = requests::agency_terms(request)?;
            let version = desk.set_agency(&whose, agency, terms).await?;
            Ok(Done::As(SetAgencyResponse { version, told_later: self.told_later(&by).await }))
        })
        .await
    }

    async fn get_agency(&self, request: Request<GetAgencyRequest>) -> Reply<GetAgencyResponse> {
        self.serve(&calls::GET_AGENCY, request, |by, request| async move {
            let agency = field("agency", Agency::parse(&request.agency))?;
            own_agency(&by, agency)?;
            let provider = self.desk.published_now().await?;
            let terms = provider.body.agencies.get(&agency).cloned().unwrap_or_default();
            Ok(Done::As(read::agency(provider.version, &terms)))
        })
        .await
    }

    async fn export_board(&self, request: Request<ExportBoardRequest>) -> Reply<ExportBoardResponse> {
        self.serve(&calls::EXPORT_BOARD, request, |_, request| async move {
            let board = organisation("organisation_number", &request.organisation_number)?;
            let file = self.desk.export_board(board).await?;
            let accounts = Some(file.accounts.len() as u64);
            let file = serde_json::to_vec_pretty(&file).map_err(|_| Refusal::Unavailable)?;
            let reading = Reading::whole("export_board", accounts);
            Ok(Done::Read(ExportBoardResponse { file }, Read::Of(board, reading)))
        })
        .await
    }

    async fn import_board(&self, request: Request<ImportBoardRequest>) -> Reply<ImportBoardResponse> {
        self.serve(&calls::IMPORT_BOARD, request, |by, m| async move {
            let operator = by.operator()?;
            let told = BoardFile::read(&m.file)?.board;
            let operators = self.callers.operators.iter().map(|own| RegisteredCertificate::new(own).sha256);
            let operators: BTreeSet<_> = operators.collect();
            if told.certificates.iter().any(|one| operators.contains(&one.sha256.to_ascii_lowercase())) {
                return Err(AskError::new("file.board.certificates", "holds an operator's").into());
            }
            let concerns = Concerns::NewBoard(told.organisation);
            let m = &m;
            let import = |by| async move { Ok(self.desk.for_two(by).import_board(&m.file).await?) };
            let version = self.by_two(operator, Together::ImportBoard, concerns, m, import).await?;
            Ok(Done::As(ImportBoardResponse { version }))
        })
        .await
    }

    async fn replay_decision(
        &self,
        request: Request<ReplayDecisionRequest>,
    ) -> Reply<ReplayDecisionResponse> {
        self.serve(&calls::REPLAY_DECISION, request, |_, message| async move {
            let entry = field("entry_id", EntryId::parse(&message.entry_id))?;
            let boards = match &message.organisation_number {
                Some(board) => vec![organisation("organisation_number", board)?],
                None => self.desk.every_board().await?,
            };
            let replayed = self.desk.replay(&boards, entry).await?;
            let reading = Reading::by("replay_decision", "entry", &entry.to_string(), Some(1));
            Ok(Done::Read(read::replayed(&replayed), Read::Of(replayed.board, reading)))
        })
        .await
    }

    async fn set_contact(&self, request: Request<SetContactRequest>) -> Reply<SetContactResponse> {
        self.serve(&calls::SET_CONTACT, request, |by, m| async move {
            let caller = by.account()?;
            let desk = self.desk.having_read(m.expected_version);
            let version = desk.set_contact(caller, requests::contact(m.contact)?).await?;
            Ok(Done::As(SetContactResponse { version }))
        })
        .await
    }

    async fn set_rules(&self, request: Request<SetRulesRequest>) -> Reply<SetRulesResponse> {
        self.serve(&calls::SET_RULES, request, |by, m| async move {
            let caller = by.account()?;
            let (rules, never_asked) = requests::rules(&m)?;
            let desk = self.desk.having_read(m.expected_version);
            let version = desk.set_rules(caller, rules, never_asked).await?;
            Ok(Done::As(SetRulesResponse { version }))
        })
        .await
    }

    async fn approve_sub_processors(
        &self,
        request: Request<ApproveSubProcessorsRequest>,
    ) -> Reply<ApproveSubProcessorsResponse> {
        self.serve(&calls::APPROVE_SUB_PROCESSORS, request, |by, m| async move {
            let caller = by.account()?;
            let numbers = listed("organisation_numbers", m.organisation_numbers)?;
            let numbers = numbers.iter().map(|n| organisation("organisation_numbers", n));
            let desk = self.desk.having_read(m.expected_version);
            let version = desk.approve_sub_processors(caller, numbers.collect::<Result<_, _>>()?).await?;
            Ok(Done::As(ApproveSubProcessorsResponse { version }))
        })
        .await
    }

    async fn prove_connection(
        &self,
        request: Request<ProveConnectionRequest>,
    ) -> Reply<ProveConnectionResponse> {
        self.serve(&calls::PROVE_CONNECTION, request, |by, _| async move {
            let caller = by.account()?;
            let version = self.desk.prove_connection(caller).await?;
            Ok(Done::As(ProveConnectionResponse { version }))
        })
        .await
    }

    async fn confirm_certificate(
        &self,
        request: Request<ConfirmCertificateRequest>,
    ) -> Reply<ConfirmCertificateResponse> {
        self.serve(&calls::CONFIRM_CERTIFICATE, request, |by, m| async move {
            let caller = by.account()?;
            let version = self.desk.confirm_certificate(caller, &m.sha256).await?;
            Ok(Done::As(ConfirmCertificateResponse { version }))
        })
        .await
    }

    async fn add_assertion_key(
        &self,
        request: Request<AddAssertionKeyRequest>,
    ) -> Reply<AddAssertionKeyResponse> {
        self.serve(&calls::ADD_ASSERTION_KEY, request, |by, m| async move {
            let caller = by.account()?;
            let version = self
                .desk
                .add_assertion_key(caller, administration::key(m.kid, m.public_key).map_err(Refusal::from)?)
                .await?;
            Ok(Done::As(AddAssertionKeyResponse { version }))
        })
        .await
    }

    async fn retire_assertion_key(
        &self,
        request: Request<RetireAssertionKeyRequest>,
    ) -> Reply<RetireAssertionKeyResponse> {
        self.serve(&calls::RETIRE_ASSERTION_KEY, request, |by, m| async move {
            let caller = by.account()?;
            let version = {
                let until = m.until.as_ref().map(|until| moment("until", until)).transpose()?;
                self.desk.retire_assertion_key(caller, &m.kid, until)
            }
            .await?;
            Ok(Done::As(RetireAssertionKeyResponse { version }))
        })
        .await
    }

    async fn confirm_instructions(
        &self,
        request: Request<ConfirmInstructionsRequest>,
    ) -> Reply<ConfirmInstructionsResponse> {
        self.serve(&calls::CONFIRM_INSTRUCTIONS, request, |by, m| async move {
            let caller = by.account()?;
            let version = self.desk.confirm_instructions(caller, &m.version).await?;
            Ok(Done::As(ConfirmInstructionsResponse { version }))
        })
        .await
    }

    async fn follow_up_case_worker(
        &self,
        request: Request<FollowUpCaseWorkerRequest>,
    ) -> Reply<FollowUpCaseWorkerResponse> {
        self.serve(&calls::FOLLOW_UP_CASE_WORKER, request, |by, m| async move {
            let caller = by.account()?;
            let version = {
                let id = field("id", CaseWorkerId::parse(&m.id))?;
                async move { self.desk.follow_up_case_worker(caller, &id).await }
            }
            .await?;
            Ok(Done::As(FollowUpCaseWorkerResponse { version }))
        })
        .await
    }

    async fn list_accounts(&self, request: Request<ListAccountsRequest>) -> Reply<ListAccountsResponse> {
        self.serve(&calls::LIST_ACCOUNTS, request, |by, request| async move {
            let caller = by.account()?;
            let days = count("dormant_days", request.dormant_days, 90, MAX_DORMANT_DAYS)?;
            let mut accounts: Vec<_> =
                self.desk.accounts(caller, days).await?.iter().map(read::account).collect();
            let kind = request.kind();
            accounts.retain(|account| kind == AccountKind::Unspecified || account.kind() == kind);
            let entries = Some(accounts.len() as u64);
            let reading = match kind {
                AccountKind::Unspecified => Reading::whole("accounts", entries),
                kind => Reading::by("accounts", "kind", kind.as_str_name(), entries),
            };
            Ok(Done::Read(ListAccountsResponse { accounts }, Read::Own(reading)))
        })
        .await
    }

    async fn notify_customer(
        &self,
        request: Request<NotifyCustomerRequest>,
    ) -> Reply<NotifyCustomerResponse> {
        self.serve(&calls::NOTIFY_CUSTOMER, request, |by, m| async move {
            let Party::Agent(agent) = *by else { return Err(Refusal::AgentsOnly) };
            let version = self.desk.notify_customer(
                agent,
                organisation("board", &m.board)?,
                day("from", &m.from)?,
                document("document_sha256", &m.document_sha256)?,
                document("processor_agreement_sha256", &m.processor_agreement_sha256)?,
                requests::processors(m.processors_before)?,
            );
            let version = version.await?;
            Ok(Done::As(NotifyCustomerResponse { version }))
        })
        .await
    }

    async fn sign_notification(
        &self,
        request: Request<SignNotificationRequest>,
    ) -> Reply<SignNotificationResponse> {
        self.serve(&calls::SIGN_NOTIFICATION, request, |by, m| async move {
            let caller = by.account()?;
            let version = self
                .desk
                .sign_notification(
                    caller,
                    organisation("agent", &m.agent)?,
                    document("document_sha256", &m.document_sha256)?,
                )
                .await?;
            Ok(Done::As(SignNotificationResponse { version }))
        })
        .await
    }

    async fn end_notification(
        &self,
        request: Request<EndNotificationRequest>,
    ) -> Reply<EndNotificationResponse> {
        self.serve(&calls::END_NOTIFICATION, request, |by, m| async move {
            let version = match &*by {
                Party::Agent(agent) => {
                    let board = organisation("board", &m.board)?;
                    self.desk.end_notification(&By::Agent(*agent), board, *agent).await?
                }
                by => {
                    let caller = by.account()?;
                    let agent = organisation("agent", &m.agent)?;
                    self.desk.end_notification(&By::Account(caller), caller.board, agent).await?
                }
            };
            Ok(Done::As(EndNotificationResponse { version }))
        })
        .await
    }

    async fn get_board(&self, request: Request<GetBoardRequest>) -> Reply<GetBoardResponse> {
        self.serve(&calls::GET_BOARD, request, |by, request| async move {
            let reading = Reading::whole("board", Some(1));
            let (organisation, read) = match &*by {
                Party::Account(caller) => {
                    (own_number(&request.organisation_number, caller.board)?, Read::Own(reading))
                }
                _ => {
                    let board = organisation("organisation_number", &request.organisation_number)?;
                    (board, Read::Of(board, reading))
                }
            };
            let notifications = self.desk.notifications(organisation).await?;
            let (version, board) = self.desk.board(organisation).await?;
            let provider = self.desk.published().await?;
            let mut told = read::board(version, &board, &provider, self.callers.clock.now());
            told.notifications = notifications.iter().map(read::notification).collect();
            let systems = self.desk.system_accounts(organisation).await?;
            told.system_accounts = systems.iter().map(read::system_account).collect();
            if let Some(set) = board.attests_cases {
                told.attests_cases_from = set.from.to_string();
                told.attests_cases_until = set.until.to_string();
            }
            Ok(Done::Read(told, read))
        })
        .await
    }

    async fn list_parties(&self, request: Request<ListPartiesRequest>) -> Reply<ListPartiesResponse> {
        self.serve(&calls::LIST_PARTIES, request, |_, _| async move {
            let mut parties = self.desk.parties().await?;
            for (number, purged) in self.purger.purged() {
                let board = parties.boards.get_mut(&number).filter(|board| board.ends_on == purged.ended_on);
                if let Some(board) = board {
                    (board.state, board.since) = (BoardState::Purged.as_str().to_owned(), purged.on);
                }
            }
            let told = |(number, party): (&OrganisationNumber, _)| read::party(*number, party);
            Ok(Done::As(ListPartiesResponse {
                boards: parties.boards.iter().map(told).collect(),
                agents: parties.agents.iter().map(told).collect(),
            }))
        })
        .await
    }

    async fn get_published(&self, request: Request<GetPublishedRequest>) -> Reply<GetPublishedResponse> {
        self.serve(&calls::GET_PUBLISHED, request, |_, m| async move {
            let provider = self.desk.published_now().await?;
            let mut told = read::published(&provider, self.callers.clock.now());
            if m.text != PublishedText::Unspecified as i32 {
                let version = Some(m.version.as_str()).filter(|version| !version.is_empty());
                let content = self.desk.published_text(requests::text(m.text)?, version).await?;
                told.content = content.unwrap_or_default();
            }
            told.legal_bases = read::legal_bases(&self.desk.legal_bases().await?);
            Ok(Done::As(told))
        })
        .await
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
}

/// The caller's own number, which may be left out; another's is refused and never taken for it.
fn own_number(named: &str, own: OrganisationNumber) -> Result<OrganisationNumber, Refusal> {
    match named.is_empty() || organisation("organisation_number", named)? == own {
        true => Ok(own),
        false => field("organisation_number", Err("is not the caller's own")),
    }
}

/// Who sets or reads what an agency has agreed to: an operator, or the agency's own contact.
fn own_agency(by: &Party, agency: Agency) -> Result<By<'static>, Refusal> {
    match by {
        Party::Operator(_) => Ok(By::Operator),
        Party::Agency(own) if *own == agency => Ok(By::Agency(agency)),
        _ => Err(Refusal::OperatorsOnly),
    }
}
