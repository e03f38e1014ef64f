//! The calls, each with its own fresh assertion.

use std::{sync::Arc, time::Duration};

use ssbtek_domain::{Clock, Entropy};
use ssbtek_pki::{ALPN_H2, Connector, Identity, Roots, client_config};
use ssbtek_proto::broker::v1::{
    access_log_service_client::AccessLogServiceClient,
    administration_service_client::AdministrationServiceClient,
    agreement_service_client::AgreementServiceClient,
    case_registry_service_client::CaseRegistryServiceClient,
    disclosure_service_client::DisclosureServiceClient,
    person_query_service_client::PersonQueryServiceClient,
    person_rights_service_client::PersonRightsServiceClient, *,
};
use tonic::{
    Request, Response, Status, Streaming,
    metadata::MetadataValue,
    transport::{Channel, Endpoint},
};

use crate::{ClientError, assertion::AssertionSigner, settings::SettingsError};

/// Longest wait for a connection and for its handshake, each.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Largest answer taken, in bytes: seven agencies' facts with their originals.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// Where the broker is and who we are.
pub struct Connection {
    /// `https://host:port`.
    pub url: String,
    /// Whose server certificates are accepted.
    pub roots: Roots,
    /// The board's TLS client certificate and key.
    pub identity: Identity,
    /// Signs for the board's accounts.
    pub signer: AssertionSigner,
}

/// The broker's services, through one connection that is opened when first needed.
pub struct Broker {
    channel: Channel,
    signer: AssertionSigner,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    timeout: Duration,
}

macro_rules! call {
    ($(#[$doc:meta])* $name:ident, $client:ident, $request:ident -> $response:ident) => {
        $(#[$doc])*
        pub async fn $name(&self, account: &str, message: $request) -> Result<$response, ClientError> {
            let request = self.request(account, message)?;
            let mut client = $client::new(self.channel.clone()).max_decoding_message_size(MAX_ANSWER_BYTES);
            self.outcome(client.$name(request).await)
        }
    };
}

impl Broker {
    /// Nothing is sent yet. `timeout` bounds each call and is told to the broker.
    pub fn new(
        connection: Connection,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        timeout: Duration,
    ) -> Result<Self, ClientError> {
        let Connection { url, roots, identity, signer } = connection;
        let tls = client_config(Some(&identity), &roots, clock.clone(), &[ALPN_H2])
            .map_err(|_| SettingsError::Invalid { key: "client_cert", why: "cannot be used for TLS" })?;
        let endpoint = Endpoint::from_shared(url)
            .and_then(|endpoint| endpoint.user_agent(concat!("ssbtek/", env!("CARGO_PKG_VERSION"))))
            .map_err(|_| SettingsError::Invalid { key: "grpc", why: "is no address" })?;
        let connector = Connector::tls(tls, CONNECT_TIMEOUT, CONNECT_TIMEOUT);
        let channel = endpoint.connect_with_connector_lazy(connector);
        Ok(Self { channel, signer, clock, entropy, timeout })
    }

    call! {
        /// Asks about one person; `account` is the case worker's.
        ask, PersonQueryServiceClient, AskRequest -> AskResponse
    }
    /// Asks about one person and is told as the agencies answer; [`Broker::next`] fetches the parts. The broker ends it in time.
    pub async fn ask_stream(
        &self,
        account: &str,
        message: AskRequest,
    ) -> Result<Streaming<AskStreamResponse>, ClientError> {
        let request = self.request(account, message)?;
        let mut client =
            PersonQueryServiceClient::new(self.channel.clone()).max_decoding_message_size(MAX_ANSWER_BYTES);
        self.outcome(client.ask_stream(request).await)
    }

    /// The same about everybody in a household.
    pub async fn ask_household(
        &self,
        account: &str,
        message: AskHouseholdRequest,
    ) -> Result<Streaming<AskStreamResponse>, ClientError> {
        let request = self.request(account, message)?;
        let mut client =
            PersonQueryServiceClient::new(self.channel.clone()).max_decoding_message_size(MAX_ANSWER_BYTES);
        self.outcome(client.ask_household(request).await)
    }

    /// Takes up an answer that was cut off, from its first part, for the account that asked; nobody is asked again.
    pub async fn resume_ask(
        &self,
        account: &str,
        message: ResumeAskRequest,
    ) -> Result<Streaming<AskStreamResponse>, ClientError> {
        let request = self.request(account, message)?;
        let mut client =
            PersonQueryServiceClient::new(self.channel.clone()).max_decoding_message_size(MAX_ANSWER_BYTES);
        self.outcome(client.resume_ask(request).await)
    }

    call! {
        /// Registers a case.
        register_case, CaseRegistryServiceClient, RegisterCaseRequest -> RegisterCaseResponse
    }
    call! {
        /// Changes who works on a case.
        assign_case, CaseRegistryServiceClient, AssignCaseRequest -> AssignCaseResponse
    }
    call! {
        /// Closes a case.
        close_case, CaseRegistryServiceClient, CloseCaseRequest -> CloseCaseResponse
    }
    call! {
        /// Registers an account.
        register_case_worker, AdministrationServiceClient, RegisterCaseWorkerRequest -> RegisterCaseWorkerResponse
    }
    call! {
        /// Blocks an account.
        block_case_worker, AdministrationServiceClient, BlockCaseWorkerRequest -> BlockCaseWorkerResponse
    }
    call! {
        /// Corrects a member of a case; `account` is the administrator's.
        correct_member, PersonRightsServiceClient, CorrectMemberRequest -> CorrectMemberResponse
    }
    call! {
        /// Corrects an account's name or unit.
        correct_account, PersonRightsServiceClient, CorrectAccountRequest -> CorrectAccountResponse
    }
    call! {
        /// Lets nobody ask about a person.
        restrict_person, PersonRightsServiceClient, RestrictPersonRequest -> RestrictPersonResponse
    }
    call! {
        /// Ends a restriction.
        lift_restriction, PersonRightsServiceClient, LiftRestrictionRequest -> LiftRestrictionResponse
    }
    call! {
        /// Whether a person is restricted.
        get_restriction, PersonRightsServiceClient, GetRestrictionRequest -> GetRestrictionResponse
    }
    call! {
        /// What the board remembers of a person's protected identity.
        get_protection, PersonRightsServiceClient, GetProtectionRequest -> GetProtectionResponse
    }
    call! {
        /// Lifts it.
        lift_protection, PersonRightsServiceClient, LiftProtectionRequest -> LiftProtectionResponse
    }
    call! {
        /// Confirms a provisional case.
        confirm_case, CaseRegistryServiceClient, ConfirmCaseRequest -> ConfirmCaseResponse
    }
    call! {
        /// Replaces a case's household.
        set_members, CaseRegistryServiceClient, SetMembersRequest -> SetMembersResponse
    }
    call! {
        /// Records that an account is still needed.
        follow_up_case_worker, AgreementServiceClient, FollowUpCaseWorkerRequest -> FollowUpCaseWorkerResponse
    }
    call! {
        /// The board's accounts, dormant ones marked.
        list_accounts, AgreementServiceClient, ListAccountsRequest -> ListAccountsResponse
    }
    call! {
        /// The calling account confirms instructions.
        confirm_instructions, AgreementServiceClient, ConfirmInstructionsRequest -> ConfirmInstructionsResponse
    }
    call! {
        /// The board's agreement.
        get_board, AgreementServiceClient, GetBoardRequest -> GetBoardResponse
    }
    call! {
        /// What the provider has published.
        get_published, AgreementServiceClient, GetPublishedRequest -> GetPublishedResponse
    }
    call! {
        /// Records who answers for the board.
        set_contact, AgreementServiceClient, SetContactRequest -> SetContactResponse
    }
    call! {
        /// Sets the board's own rules.
        set_rules, AgreementServiceClient, SetRulesRequest -> SetRulesResponse
    }
    call! {
        /// Sets which sub-processors of the provider the board has approved.
        approve_sub_processors, AgreementServiceClient, ApproveSubProcessorsRequest -> ApproveSubProcessorsResponse
    }
    call! {
        /// Proves the technical connection.
        prove_connection, AgreementServiceClient, ProveConnectionRequest -> ProveConnectionResponse
    }
    call! {
        /// Confirms another certificate as the board's own.
        confirm_certificate, AgreementServiceClient, ConfirmCertificateRequest -> ConfirmCertificateResponse
    }
    call! {
        /// Adds a key that signs assertions.
        add_assertion_key, AgreementServiceClient, AddAssertionKeyRequest -> AddAssertionKeyResponse
    }
    call! {
        /// Retires a key that signs assertions.
        retire_assertion_key, AgreementServiceClient, RetireAssertionKeyRequest -> RetireAssertionKeyResponse
    }
    call! {
        /// Signs an agent's notification.
        sign_notification, AgreementServiceClient, SignNotificationRequest -> SignNotificationResponse
    }
    call! {
        /// Ends an agent's connection of the board.
        end_notification, AgreementServiceClient, EndNotificationRequest -> EndNotificationResponse
    }
    call! {
        /// One page of the access log; `account` is the auditor's.
        list_entries, AccessLogServiceClient, ListEntriesRequest -> ListEntriesResponse
    }

    call! {
        /// The newest checkpoint and the proof that the log only grew.
        get_checkpoint, AccessLogServiceClient, GetCheckpointRequest -> GetCheckpointResponse
    }
    call! {
        /// What a person is owed.
        get_person_report, AccessLogServiceClient, GetPersonReportRequest -> GetPersonReportResponse
    }
    call! {
        /// Draws a month's sample.
        draw_sample, AccessLogServiceClient, DrawSampleRequest -> DrawSampleResponse
    }
    call! {
        /// Records a review.
        record_review, AccessLogServiceClient, RecordReviewRequest -> RecordReviewResponse
    }
    call! {
        /// A month's sample and reviews.
        get_reviews, AccessLogServiceClient, GetReviewsRequest -> GetReviewsResponse
    }
    call! {
        /// Proofs for the records of one entry.
        get_proofs, AccessLogServiceClient, GetProofsRequest -> GetProofsResponse
    }
    call! {
        /// Decides when persons are told of the questions in a case; `account` is who decides so.
        decide_delay, DisclosureServiceClient, DecideDelayRequest -> DecideDelayResponse
    }
    call! {
        /// Opens the board's log to persons through these portals; `account` is the administrator's.
        set_portals, DisclosureServiceClient, SetPortalsRequest -> SetPortalsResponse
    }
    call! {
        /// Registers the number of an account's holder.
        set_own_number, AdministrationServiceClient, SetOwnNumberRequest -> SetOwnNumberResponse
    }
    call! {
        /// Says which sign-in leads to an account.
        set_sign_in, AdministrationServiceClient, SetSignInRequest -> SetSignInResponse
    }
    call! {
        /// A month's use.
        get_usage_report, AccessLogServiceClient, GetUsageReportRequest -> GetUsageReportResponse
    }

    /// Begins an export; [`Broker::next`] fetches its parts. The timeout bounds the wait for each.
    pub async fn export_entries(
        &self,
        account: &str,
        message: ExportEntriesRequest,
    ) -> Result<Streaming<ExportEntriesResponse>, ClientError> {
        let mut request = self.request(account, message)?;
        request.metadata_mut().remove("grpc-timeout");
        let mut client =
            AccessLogServiceClient::new(self.channel.clone()).max_decoding_message_size(MAX_ANSWER_BYTES);
        let begun = tokio::time::timeout(self.timeout, client.export_entries(request)).await;
        self.outcome(begun.unwrap_or_else(|_| Err(Status::deadline_exceeded(""))))
    }

    /// The next part of a stream; `None` after the last.
    pub async fn next<T>(&self, stream: &mut Streaming<T>) -> Result<Option<T>, ClientError> {
        let next = tokio::time::timeout(self.timeout, stream.message()).await;
        next.unwrap_or_else(|_| Err(Status::deadline_exceeded("")))
            .map_err(|status| ClientError::of_call(&status, self.timeout.as_secs()))
    }

    /// A reviewer's statement, signed with the board's assertion key.
    pub fn sign_review(
        &self,
        account: &str,
        month: &str,
        entry: &str,
        outcome: &str,
    ) -> Result<String, ClientError> {
        self.signer.sign_review(account, month, entry, outcome)
    }

    fn request<T>(&self, account: &str, message: T) -> Result<Request<T>, ClientError> {
        let assertion = self.signer.sign(account, &*self.clock, &*self.entropy)?;
        let mut bearer = MetadataValue::try_from(format!("Bearer {assertion}"))
            .map_err(|_| ClientError::Failed("the assertion could not be sent".to_owned()))?;
        bearer.set_sensitive(true);
        let mut request = Request::new(message);
        request.set_timeout(self.timeout);
        request.metadata_mut().insert("authorization", bearer);
        Ok(request)
    }

    fn outcome<T>(&self, result: Result<Response<T>, Status>) -> Result<T, ClientError> {
        result
            .map(Response::into_inner)
            .map_err(|status| ClientError::of_call(&status, self.timeout.as_secs()))
    }
}
