//! Starts everything on free ports under a clock that stands still.

use std::{net::Ipv4Addr, path::PathBuf, sync::Arc, time::Duration};

use chrono::TimeDelta;
use mock_agencies::{Layout, MockAgencies, MockConfig, Mocks, Running, TestPerson};
use ssbtek_broker::Broker;
use ssbtek_config::{
    AgencyTls, AssertionConfig, Config, DoorTls, GrpcConfig, Provider, QueryConfig, SoapConfig, SourceConfig,
    SourceOptions, StoreConfig, Wire,
};
use ssbtek_domain::{
    Agency, Clock, DateTime, FUNDS, FixedClock, FundCode, OrganisationNumber, Role, Source, SystemEntropy,
    Utc,
};
use ssbtek_pki::{ALPN_H2, Connector, Identity, Issued, Roots, TestAuthority, Validity, client_config};
use ssbtek_proto::broker::v1::{self as proto, Duty};
use tonic::transport::{Channel, Endpoint};

/// The first board: made up, with a correct check digit.
pub(crate) const BOARD: &str = "162120009994";
/// Another board.
pub(crate) const OTHER_BOARD: &str = "162120008988";

/// How many households the agencies know.
const HOUSEHOLDS: usize = 20;

/// In which wire format the agencies are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wires {
    Own,
    Grpc,
    /// gRPC without TLS, so that what is sent can be read on its way.
    GrpcPlain,
}

/// A broker with everything around it.
pub(crate) struct World {
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) authority: TestAuthority,
    pub(crate) agencies: Running,
    pub(crate) config: Config,
    pub(crate) validity: Validity,
    pub(crate) board: Issued,
    pub(crate) other_board: Issued,
    pub(crate) operator: Issued,
    pub(crate) second_operator: Issued,
    /// What the agencies prove themselves with.
    pub(crate) server: Issued,
    pub(crate) key: rcgen::KeyPair,
    pub(crate) household: Vec<TestPerson>,
    broker: Option<Broker>,
    files: tempfile::TempDir,
}

impl World {
    /// Another clock that says what a new world's does.
    pub(crate) fn clock() -> Arc<FixedClock> {
        Arc::new(FixedClock::at("2026-11-22T10:00:00Z".parse().unwrap()))
    }

    /// Everything up; board, accounts and the case `EB-1` registered.
    pub(crate) async fn start(wires: Wires) -> Self {
        Self::start_at(wires, "2026-11-22T10:00:00Z".parse().unwrap()).await
    }

    /// As [`World::start`], at another moment.
    pub(crate) async fn start_at(wires: Wires, now: DateTime<Utc>) -> Self {
        Self::registered(Self::unregistered(wires, now, |_| ()).await).await
    }

    /// As [`World::start`], among so many households.
    pub(crate) async fn start_among(wires: Wires, households: usize) -> Self {
        let now = "2026-11-22T10:00:00Z".parse().unwrap();
        Self::registered(Self::among(wires, now, households, |_| ()).await).await
    }

    /// As [`World::start_among`], configured otherwise.
    pub(crate) async fn start_among_with(
        wires: Wires,
        households: usize,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let now = "2026-11-22T10:00:00Z".parse().unwrap();
        Self::registered(Self::among(wires, now, households, change).await).await
    }

    /// As [`World::start`], configured otherwise.
    pub(crate) async fn start_with(wires: Wires, change: impl FnOnce(&mut Config)) -> Self {
        let now = "2026-11-22T10:00:00Z".parse().unwrap();
        Self::registered(Self::unregistered(wires, now, change).await).await
    }

    async fn registered(world: Self) -> Self {
        world.register_board(BOARD, &world.board).await;
        world.register_board(OTHER_BOARD, &world.other_board).await;
        world.register_case("EB-1", &["anna"]).await;
        world
    }

    /// Everything up, nothing registered.
    pub(crate) async fn unregistered(
        wires: Wires,
        now: DateTime<Utc>,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        Self::among(wires, now, HOUSEHOLDS, change).await
    }

    async fn among(
        wires: Wires,
        now: DateTime<Utc>,
        households: usize,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let clock = Arc::new(FixedClock::at(now));
        let validity =
            Validity { not_before: now - TimeDelta::days(300), not_after: now + TimeDelta::days(300) };
        let authority = TestAuthority::new("Test CA", validity).unwrap();
        let files = tempfile::tempdir().unwrap();
        let loopback = [Ipv4Addr::LOCALHOST.into()];
        let server = authority.server(&["localhost"], &loopback, validity).unwrap();
        let as_client = authority.client("broker", "Leverantören", validity).unwrap();
        let operator = authority.client("operator", "Leverantören", validity).unwrap();
        let second_operator = authority.client("operator-2", "Leverantören", validity).unwrap();
        let board = authority.client("arendesystem", "Nämnden", validity).unwrap();
        let other_board = authority.client("arendesystem", "Andra nämnden", validity).unwrap();

        let mocks = Mocks::generate(1, households, clock.clone());
        let tls = mock_agencies::server_tls(
            server.certificate_pem.as_bytes(),
            server.key_pem.as_bytes(),
            authority.root_pem().as_bytes(),
        );
        let mock_config = MockConfig {
            grpc: Layout::OnePort(0),
            http_port: Some(0),
            control_port: None,
            tls: (wires != Wires::GrpcPlain).then(|| tls.unwrap()),
            ..MockConfig::default()
        };
        let agencies = MockAgencies::start(&mock_config, mocks).await.unwrap();
        let household = agencies.population().demo_household().to_vec();

        let put = |name: &str, text: &str| -> PathBuf {
            let path = files.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let lists = authority.crl_pem(validity.not_before, validity.not_after).unwrap();
        let mut config = Config {
            deployment: "test.ssbtek-broker.example".into(),
            provider: Provider {
                organisation_number: OrganisationNumber::parse("162021009994").unwrap(),
                name: "Leverantören".into(),
            },
            operators: [&operator, &second_operator].map(|one| hex(&one.identity.fingerprint())).into(),
            proposal_life_h: 24,
            store: StoreConfig::at(files.path().join("broker.db"), files.path().join("keys")),
            database: None,
            grpc: GrpcConfig::at((Ipv4Addr::LOCALHOST, 0).into()),
            soap: Some(SoapConfig::at((Ipv4Addr::LOCALHOST, 0).into())),
            web: None,
            doors: Default::default(),
            tls: DoorTls {
                certificate: put("server.pem", &server.certificate_pem),
                key: put("server.key", &server.key_pem),
                client_ca: put("ca.pem", &authority.root_pem()),
                revocation_lists: Some(put("revoked.pem", &lists)),
                revocation_interval_ms: 20,
            },
            assertion: AssertionConfig::default(),
            // The clock stands still: every question of a test falls into one hour.
            query: QueryConfig {
                agency_deadline_ms: 5_000,
                deadline_ms: 10_000,
                max_questions_an_hour: 0,
                // Most tests ask about one member of a household and no other.
                household_check_days: 0,
                ..QueryConfig::default()
            },
            agency_tls: AgencyTls {
                certificate: put("client.pem", &as_client.certificate_pem),
                key: put("client.key", &as_client.key_pem),
                server_ca: put("ca.pem", &authority.root_pem()),
                connect_timeout_ms: 2_000,
                handshake_timeout_ms: 2_000,
                revocation_lists: Some(files.path().join("revoked.pem")),
                without_revocation_list: Default::default(),
                max_answer_bytes: 1024 * 1024,
            },
            sources: sources(&agencies, wires),
            legal_basis: ssbtek_example::law().body.as_ref().clone(),
            retention: Default::default(),
            refusals: Default::default(),
            log_format: Default::default(),
            witness: Vec::new(),
            witnessing: Default::default(),
        };
        change(&mut config);
        let broker = Broker::start(&config, clock.clone(), Arc::new(SystemEntropy)).await.unwrap();
        let key = rcgen::KeyPair::generate().unwrap();
        Self {
            clock,
            authority,
            agencies,
            config,
            validity,
            board,
            other_board,
            operator,
            second_operator,
            server,
            key,
            household,
            broker: Some(broker),
            files,
        }
    }

    /// Stops the broker in order and starts it again on the same data.
    pub(crate) async fn restart(&mut self) {
        self.stop_broker().await;
        self.start_broker().await;
    }

    /// Stops the broker in order; its port stays the one it had.
    pub(crate) async fn stop_broker(&mut self) {
        let broker = self.broker.take().unwrap();
        self.config.grpc.listen = broker.ports.grpc;
        broker.stop().await;
    }

    /// Starts the broker again on the same data.
    pub(crate) async fn start_broker(&mut self) {
        let broker = Broker::start(&self.config, self.clock.clone(), Arc::new(SystemEntropy)).await;
        self.broker = Some(broker.unwrap());
    }

    /// Looks until somebody listens on the door's port, or gives up.
    pub(crate) async fn wait_for_door(&self) {
        for _ in 0..1000 {
            if tokio::net::TcpStream::connect(self.grpc()).await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let events = std::fs::read_to_string(self.events()).unwrap_or_default();
        panic!("nobody listens: {events}");
    }

    /// Where the gRPC door is, in this process or another.
    fn grpc(&self) -> std::net::SocketAddr {
        self.broker.as_ref().map_or(self.config.grpc.listen, |broker| broker.ports.grpc)
    }

    pub(crate) fn broker(&self) -> &Broker {
        self.broker.as_ref().unwrap()
    }

    /// The data directory.
    pub(crate) fn data_dir(&self) -> &std::path::Path {
        self.files.path()
    }

    /// A connection to the gRPC door with a certificate.
    pub(crate) fn connect(&self, identity: &Identity) -> Channel {
        self.connect_at(self.grpc(), identity)
    }

    /// The same, to which the other end sends at most so much before it is read.
    pub(crate) fn connect_taking_at_a_time(&self, identity: &Identity, bytes: u32) -> Channel {
        let (endpoint, connector) = self.endpoint(self.grpc(), identity);
        endpoint.initial_stream_window_size(bytes).connect_with_connector_lazy(connector)
    }

    /// A connection with a certificate to a door that is found elsewhere.
    pub(crate) fn connect_at(&self, door: std::net::SocketAddr, identity: &Identity) -> Channel {
        let (endpoint, connector) = self.endpoint(door, identity);
        endpoint.connect_with_connector_lazy(connector)
    }

    fn endpoint(&self, door: std::net::SocketAddr, identity: &Identity) -> (Endpoint, Connector) {
        let roots = Roots::from_pem(self.authority.root_pem().as_bytes()).unwrap();
        let tls = client_config(Some(identity), &roots, self.clock.clone(), &[ALPN_H2]).unwrap();
        let patience = Duration::from_secs(5);
        let url = format!("https://{door}");
        (Endpoint::from_shared(url).unwrap(), Connector::tls(tls, patience, patience))
    }

    /// The household's member with a role.
    pub(crate) fn member(&self, role: Role) -> &TestPerson {
        self.household.iter().find(|person| person.role == role).unwrap()
    }

    /// Both operators make the same call: the first is told that it is proposed, the second does it.
    pub(crate) async fn by_two<T>(
        &self,
        call: impl AsyncFn(Channel) -> Result<tonic::Response<T>, tonic::Status>,
    ) -> Result<T, tonic::Status> {
        match call(self.connect(&self.operator.identity)).await {
            Ok(_) => panic!("one operator did alone what needs two"),
            Err(first) if !proposed(&first) => Err(first),
            Err(_) => Ok(call(self.connect(&self.second_operator.identity)).await?.into_inner()),
        }
    }

    /// Both operators say what time it is, and have a purge run by that.
    pub(crate) async fn purge_by_word(&self, time: DateTime<Utc>) -> proto::RunPurgeResponse {
        use proto::retention_service_client::RetentionServiceClient as Client;
        let run = proto::RunPurgeRequest { confirmed_time: time.to_rfc3339() };
        self.by_two(async |channel| Client::new(channel).run_purge(run.clone()).await).await.unwrap()
    }

    /// Both operators end a board's agreement.
    pub(crate) async fn end_agreement(
        &self,
        end: proto::EndBoardAgreementRequest,
    ) -> Result<proto::EndBoardAgreementResponse, tonic::Status> {
        use proto::retention_service_client::RetentionServiceClient as Client;
        self.by_two(async |channel| Client::new(channel).end_board_agreement(end.clone()).await).await
    }

    /// A board's application.
    pub(crate) fn application(
        &self,
        organisation: &str,
        certificate: &Issued,
    ) -> proto::RegisterBoardRequest {
        proto::RegisterBoardRequest {
            organisation_number: organisation.into(),
            name: "Nämnden".into(),
            certificate: certificate.certificate.chain[0].to_vec(),
            assertion_kid: "k1".into(),
            assertion_key: self.key.public_key_pem(),
            administrator: Some(account("admin", &[Duty::Administers])),
            application_sha256: "a1".repeat(32),
            power_of_attorney_needed: false,
        }
    }

    /// A board that has applied, and no more.
    pub(crate) async fn register_only(
        &self,
        organisation: &str,
        certificate: &Issued,
    ) -> Result<(), tonic::Status> {
        use proto::administration_service_client::AdministrationServiceClient as Client;
        let board = self.application(organisation, certificate);
        self.by_two(async |channel| Client::new(channel).register_board(board.clone()).await).await.map(drop)
    }

    pub(crate) async fn register_board(&self, organisation: &str, certificate: &Issued) {
        use proto::administration_service_client::AdministrationServiceClient as Client;
        self.register_only(organisation, certificate).await.unwrap();
        self.enable_board(organisation, certificate).await;
        let mut client = Client::new(self.connect(&certificate.identity));
        let accounts =
            [("anna", Duty::Asks), ("bo", Duty::Asks), ("system", Duty::KeepsCases), ("greta", Duty::Audits)];
        for (id, duty) in accounts {
            let message = proto::RegisterCaseWorkerRequest { account: Some(account(id, &[duty])) };
            let assertion = self.assertion("admin").issued_by(organisation).bound_to(certificate);
            client.register_case_worker(assertion.on(message)).await.unwrap();
        }
        for id in ["anna", "bo"] {
            self.confirm_instructions(id, "1", organisation, certificate).await.unwrap();
        }
    }

    /// The board's connection, from application to in force; instructions `1` are published by the first board.
    async fn enable_board(&self, organisation: &str, certificate: &Issued) {
        let mut operator = self.agreements(&self.operator.identity);
        if organisation == BOARD {
            operator.publish(self.instructions("1")).await.unwrap();
        }
        for step in [proto::ConnectionStep::Check, proto::ConnectionStep::Approve] {
            operator.take_step(step_of(organisation, step, None)).await.unwrap();
        }
        let agreement = proto::SetProcessorAgreementRequest {
            organisation_number: organisation.into(),
            variant: proto::ProcessorAgreementVariant::Common.into(),
            version: "1".into(),
            instructions_version: "1".into(),
            signed_on: self.clock.today().to_string(),
            document_sha256: "a2".repeat(32),
            expected_version: None,
        };
        operator.set_processor_agreement(agreement).await.unwrap();
        let mut board = self.agreements(&certificate.identity);
        let contact = proto::SetContactRequest {
            contact: Some(proto::Contact {
                name: "Registrator".into(),
                email: "namnden@kommunen.example".into(),
                phone: "000-00 00 00".into(),
            }),
            expected_version: None,
        };
        let admin = || self.assertion("admin").issued_by(organisation).bound_to(certificate);
        board.prove_connection(admin().on(proto::ProveConnectionRequest {})).await.unwrap();
        board.set_contact(admin().on(contact)).await.unwrap();
        let enable = step_of(organisation, proto::ConnectionStep::Enable, None);
        operator.take_step(enable).await.unwrap();
    }

    /// Instructions in a new version, from today on.
    pub(crate) fn instructions(&self, version: &str) -> proto::PublishRequest {
        proto::PublishRequest {
            text: proto::PublishedText::Instructions.into(),
            version: version.into(),
            document_sha256: ssbtek_authorize::DocumentHash::of(version.as_bytes()).as_str().to_owned(),
            valid_from: self.clock.today().to_string(),
            content: version.into(),
        }
    }

    /// An account of a board confirms instructions.
    pub(crate) async fn confirm_instructions(
        &self,
        account: &str,
        version: &str,
        organisation: &str,
        certificate: &Issued,
    ) -> Result<(), tonic::Status> {
        let message = proto::ConfirmInstructionsRequest { version: version.into() };
        let assertion = self.assertion(account).issued_by(organisation).bound_to(certificate);
        self.agreements(&certificate.identity).confirm_instructions(assertion.on(message)).await.map(|_| ())
    }

    /// The agreement service, with a certificate.
    pub(crate) fn agreements(
        &self,
        identity: &Identity,
    ) -> proto::agreement_service_client::AgreementServiceClient<Channel> {
        proto::agreement_service_client::AgreementServiceClient::new(self.connect(identity))
    }

    /// Registers the household's case at the first board.
    pub(crate) async fn register_case(&self, id: &str, case_workers: &[&str]) {
        self.register_case_of(&self.household, id, case_workers).await;
    }

    /// Registers a household's case at the first board.
    pub(crate) async fn register_case_of(&self, household: &[TestPerson], id: &str, case_workers: &[&str]) {
        let members = household.iter().map(|person| proto::HouseholdMember {
            person_number: person.number.expose().into(),
            role: super::calls::role(person.role).into(),
            ..proto::HouseholdMember::default()
        });
        let message = proto::RegisterCaseRequest {
            case_id: id.into(),
            members: members.collect(),
            case_workers: case_workers.iter().map(|id| (*id).into()).collect(),
            provisional: false,
        };
        self.cases().register_case(self.assertion("system").on(message)).await.unwrap();
    }

    /// The case registry, as the first board.
    pub(crate) fn cases(&self) -> proto::case_registry_service_client::CaseRegistryServiceClient<Channel> {
        proto::case_registry_service_client::CaseRegistryServiceClient::new(
            self.connect(&self.board.identity),
        )
    }

    /// Every entry of the first board's log, newest first.
    pub(crate) async fn log(&self) -> Vec<proto::LogEntry> {
        self.log_of(BOARD, &self.board).await
    }

    /// Every entry of a board's log, newest first.
    pub(crate) async fn log_of(&self, board: &str, certificate: &Issued) -> Vec<proto::LogEntry> {
        self.entries((board, certificate), &proto::ListEntriesRequest::default()).await.unwrap()
    }

    /// Everything by this account or operator in the first board's log, newest first.
    pub(crate) async fn log_by(&self, name: &str) -> Vec<proto::LogEntry> {
        let filter = Some(proto::list_entries_request::Filter::CaseWorker(name.to_owned()));
        let by = proto::ListEntriesRequest { filter, ..Default::default() };
        self.entries((BOARD, &self.board), &by).await.unwrap()
    }

    /// What a board's auditor is told, newest first, page by page.
    pub(crate) async fn entries(
        &self,
        (board, certificate): (&str, &Issued),
        of: &proto::ListEntriesRequest,
    ) -> Result<Vec<proto::LogEntry>, tonic::Status> {
        use proto::access_log_service_client::AccessLogServiceClient as Client;
        let mut client = Client::new(self.connect(&certificate.identity));
        let (mut entries, mut next) = (Vec::new(), String::new());
        loop {
            let assertion = self.assertion("greta").issued_by(board).bound_to(certificate);
            let message = proto::ListEntriesRequest { page_size: 500, page: next, ..of.clone() };
            let page = client.list_entries(assertion.on(message)).await?.into_inner();
            entries.extend(page.entries);
            next = page.next_page;
            if next.is_empty() {
                return Ok(entries);
            }
        }
    }
}

/// Who is configured: every agency, each fund in SO's place.
fn configured() -> impl Iterator<Item = Source> {
    let first = Agency::ALL.into_iter().filter(|agency| *agency != Agency::So).map(Source::Agency);
    let funds = FUNDS.iter().map(|(code, _)| Source::Fund(FundCode::parse(code).unwrap()));
    first.chain(funds)
}

/// How many sources are configured.
pub(crate) fn source_count() -> u64 {
    configured().count() as u64
}

fn sources(agencies: &Running, wires: Wires) -> Vec<SourceConfig> {
    configured()
        .map(|source| (agencies.base_url(&source).filter(|_| wires == Wires::Own), source))
        .map(|(own, source)| SourceConfig {
            code: source.code().into(),
            wire: if own.is_some() { Wire::Own } else { Wire::Grpc },
            url: own.unwrap_or_else(|| agencies.grpc_url(&source).unwrap()),
            max_in_flight: None,
            options: match source {
                Source::Agency(Agency::Af | Agency::Tns) => {
                    SourceOptions { no_such_person_codes: vec!["1".into()], ..Default::default() }
                }
                Source::Agency(Agency::Skv) => {
                    SourceOptions { skv_versions: vec![10, 11], ..Default::default() }
                }
                Source::Agency(Agency::Fk) => {
                    SourceOptions { actor: Some("test".into()), ..Default::default() }
                }
                _ => SourceOptions::default(),
            },
        })
        .collect()
}

/// Whether a refusal says that another operator must make the same call.
pub(crate) fn proposed(status: &tonic::Status) -> bool {
    status.code() == tonic::Code::FailedPrecondition
        && status.message().starts_with("proposed; another operator")
}

/// A step of a board's connection.
pub(crate) fn step_of(
    organisation: &str,
    step: proto::ConnectionStep,
    on: Option<String>,
) -> proto::TakeStepRequest {
    proto::TakeStepRequest {
        organisation_number: organisation.into(),
        step: step.into(),
        document_sha256: "a4".repeat(32),
        on,
    }
}

fn account(id: &str, duties: &[Duty]) -> proto::Account {
    proto::Account {
        id: id.into(),
        name: "Namn Namnsson".into(),
        unit: "Enheten".into(),
        duties: duties.iter().map(|duty| i32::from(*duty)).collect(),
        ..proto::Account::default()
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
