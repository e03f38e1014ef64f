//! A double of the broker: canned answers behind a real door, and a note of everything that came through it.

use std::{
    collections::{HashSet, VecDeque},
    io,
    net::Ipv4Addr,
    path::PathBuf,
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::{Stream, stream};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    service::TowerToHyperService,
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519};
use ssbtek_authenticate::{Claims, thumbprint};
use ssbtek_client::{Screen, World, run};
use ssbtek_domain::{Clock, FixedClock, SeededEntropy};
use ssbtek_pki::{ALPN_H2, Acceptor, PeerCertificate, TestAuthority, Validity, server_config};
use ssbtek_proto::broker::v1::{
    self as proto,
    access_log_service_server::{AccessLogService, AccessLogServiceServer},
    administration_service_server::{AdministrationService, AdministrationServiceServer},
    ask_stream_response::Part,
    case_registry_service_server::{CaseRegistryService, CaseRegistryServiceServer},
    person_query_service_server::{PersonQueryService, PersonQueryServiceServer},
    *,
};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tonic::{Request, Response, Status, async_trait, service::Routes};
use tower::{ServiceExt, service_fn};

pub(crate) const NOW: &str = "2026-11-22T10:15:32Z";
pub(crate) const BOARD: &str = "162120009994";
const KID: &str = "test-1";

/// What came through the door.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) accounts: Vec<String>,
    pub(crate) timeouts: Vec<String>,
    pub(crate) asked: Vec<AskRequest>,
    pub(crate) streamed: Vec<AskRequest>,
    pub(crate) households: Vec<AskHouseholdRequest>,
    /// Entries that were taken up.
    pub(crate) resumed: Vec<String>,
    pub(crate) registered: Vec<RegisterCaseRequest>,
    pub(crate) assigned: Vec<AssignCaseRequest>,
    pub(crate) closed: Vec<CloseCaseRequest>,
    pub(crate) accounts_registered: Vec<RegisterCaseWorkerRequest>,
    pub(crate) blocked: Vec<BlockCaseWorkerRequest>,
    pub(crate) listed: Vec<ListEntriesRequest>,
    spent: HashSet<String>,
}

impl Seen {
    pub(crate) fn nobody_asked(&self) -> bool {
        self.asked.is_empty() && self.streamed.is_empty() && self.households.is_empty()
    }
}

struct Script {
    answer: Result<AskResponse, Status>,
    household: Result<HouseholdAnswer, Status>,
    entries: Vec<LogEntry>,
    /// After how many parts a stream is cut, and with what error, if any.
    cut: Option<(usize, Option<Status>)>,
    /// What becomes of taking it up, one time after another: cut again after so many parts, if so, or refused.
    resumes: VecDeque<Result<Option<usize>, Status>>,
}

#[derive(Clone)]
struct Services {
    seen: Arc<Mutex<Seen>>,
    script: Arc<Mutex<Script>>,
    key: Arc<(Algorithm, DecodingKey)>,
    clock: Arc<FixedClock>,
}

/// A broker that says what it is told to, with a demo's folder that leads to it.
pub(crate) struct Double {
    pub(crate) folder: TempDir,
    pub(crate) demo: serde_json::Value,
    clock: Arc<FixedClock>,
    services: Services,
}

/// How a command ended.
pub(crate) struct Ended {
    pub(crate) status: u8,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Double {
    /// With boards' keys on P-256.
    pub(crate) async fn start() -> Self {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let public = DecodingKey::from_ec_pem(key.public_key_pem().as_bytes()).unwrap();
        Self::start_with(&key, (Algorithm::ES256, public)).await
    }

    /// With boards' keys on Ed25519.
    pub(crate) async fn start_with_ed25519() -> Self {
        let key = KeyPair::generate_for(&PKCS_ED25519).unwrap();
        let public = DecodingKey::from_ed_pem(key.public_key_pem().as_bytes()).unwrap();
        Self::start_with(&key, (Algorithm::EdDSA, public)).await
    }

    async fn start_with(key: &KeyPair, public: (Algorithm, DecodingKey)) -> Self {
        let clock = Arc::new(FixedClock::at(NOW.parse().unwrap()));
        let validity = Validity {
            not_before: "2026-11-01T00:00:00Z".parse().unwrap(),
            not_after: "2026-12-01T00:00:00Z".parse().unwrap(),
        };
        let authority = TestAuthority::new("Test CA", validity).unwrap();
        let server = authority.server(&["localhost"], &[Ipv4Addr::LOCALHOST.into()], validity).unwrap();
        let board = authority.client("board", "Socialnämnden", validity).unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();

        let folder = TempDir::new().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("ca.pem", &authority.root_pem());
        write("board.pem", &board.certificate_pem);
        write("board.key", &board.key_pem);
        write("assertion.key", &key.serialize_pem());
        let demo = serde_json::json!({
            "grpc": format!("https://{}", listener.local_addr().unwrap()),
            "soap": null, "web": null, "ops": null,
            "ca": "ca.pem", "client_cert": "board.pem", "client_key": "board.key",
            "assertion_key": "assertion.key", "assertion_kid": KID, "audience": "ssbtek-broker",
            "board": BOARD, "board_name": "Socialnämnden", "case_worker": "anna.berg", "case": "EB-1",
            "auditor": "greta", "case_system": "system", "administrator": "nils",
            "persons": [
                { "role": "applicant", "person_number": "198001019804", "protected": false },
                { "role": "child", "person_number": "201501019806", "protected": true },
            ],
        });
        write("demo.json", &demo.to_string());

        let services = Services {
            seen: Arc::default(),
            script: Arc::new(Mutex::new(Script {
                answer: Ok(AskResponse::default()),
                household: Err(Status::unimplemented("nobody said what is answered about a household")),
                entries: vec![],
                cut: None,
                resumes: VecDeque::new(),
            })),
            key: Arc::new(public),
            clock: clock.clone(),
        };
        let config =
            server_config(&server.identity, &authority.roots().unwrap(), clock.clone(), &[ALPN_H2]).unwrap();
        serve(listener, Acceptor::new(config, Duration::from_secs(5)), services.routes());
        Self { folder, demo, clock, services }
    }

    pub(crate) fn answers(&self, answer: Result<AskResponse, Status>) {
        self.services.script.lock().unwrap().answer = answer;
    }

    pub(crate) fn answers_about_a_household(&self, household: HouseholdAnswer) {
        self.services.script.lock().unwrap().household = Ok(household);
    }

    /// Streams are cut after so many parts.
    pub(crate) fn cuts(&self, after: usize, end: Option<Status>) {
        self.services.script.lock().unwrap().cut = Some((after, end));
    }

    /// What becomes of taking up a stream, one time after another; after that nothing is kept.
    pub(crate) fn resumes(&self, each: impl IntoIterator<Item = Result<Option<usize>, Status>>) {
        self.services.script.lock().unwrap().resumes = each.into_iter().collect();
    }

    pub(crate) fn logs(&self, entries: Vec<LogEntry>) {
        self.services.script.lock().unwrap().entries = entries;
    }

    pub(crate) fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.services.seen.lock().unwrap()
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Puts a key into demo.json.
    pub(crate) fn set(&mut self, key: &str, value: serde_json::Value) {
        self.demo[key] = value;
        self.file("demo.json", &self.demo.to_string());
    }

    /// Runs `ssbtek` with the demo's folder.
    pub(crate) async fn ssbtek(&self, arguments: &[&str]) -> Ended {
        let demo = self.folder.path().to_str().unwrap();
        self.command(&[&["--demo", demo], arguments].concat(), b"").await
    }

    /// Runs `ssbtek` with the demo's folder, on a terminal.
    pub(crate) async fn on_a_terminal(&self, arguments: &[&str]) -> Ended {
        let demo = self.folder.path().to_str().unwrap();
        let screen = Screen { width: 60, colour: false, progress: true };
        self.on(screen, &[&["--demo", demo], arguments].concat(), b"").await
    }

    /// Runs `ssbtek` with these arguments only.
    pub(crate) async fn command(&self, arguments: &[&str], stdin: &[u8]) -> Ended {
        self.on(Screen { width: 110, colour: false, progress: false }, arguments, stdin).await
    }

    async fn on(&self, screen: Screen, arguments: &[&str], mut stdin: &[u8]) -> Ended {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut world = World {
            stdout: &mut out,
            stderr: &mut err,
            stdin: &mut stdin,
            screen,
            home: Some(self.folder.path().join("home")),
            clock: self.clock.clone(),
            entropy: Arc::new(SeededEntropy::new(self.seen().spent.len() as u64)),
            language: Default::default(),
        };
        let arguments = ["ssbtek"].iter().chain(arguments).map(Into::into);
        let status = run(arguments, &mut world).await;
        Ended { status, out: String::from_utf8(out).unwrap(), err: String::from_utf8(err).unwrap() }
    }
}

fn serve(listener: TcpListener, acceptor: Acceptor, routes: Routes) {
    let acceptor = Arc::new(acceptor);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let (acceptor, routes) = (acceptor.clone(), routes.clone());
            tokio::spawn(async move {
                let Ok((stream, peer)) = acceptor.accept(socket).await else { return };
                let peer = Arc::new(peer);
                let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
                    let mut request = request.map(tonic::body::Body::new);
                    request.extensions_mut().insert(peer.clone());
                    routes.clone().oneshot(request)
                });
                let http2 = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
                let _ = http2.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)).await;
            });
        }
    });
}

impl Services {
    fn routes(&self) -> Routes {
        let mut routes = Routes::builder();
        routes
            .add_service(PersonQueryServiceServer::new(self.clone()))
            .add_service(CaseRegistryServiceServer::new(self.clone()))
            .add_service(AdministrationServiceServer::new(self.clone()))
            .add_service(AccessLogServiceServer::new(self.clone()));
        routes.routes().prepare()
    }

    /// Judges the assertion as the broker does: signature, kid, board, audience, times, certificate, used once.
    fn enter<T>(&self, request: &Request<T>) -> Result<(), Status> {
        let refused = |why: &str| Status::unauthenticated(why);
        let header = request.metadata().get("authorization").ok_or_else(|| refused("no assertion"))?;
        let token = header.to_str().unwrap().strip_prefix("Bearer ").ok_or_else(|| refused("no bearer"))?;
        let head = jsonwebtoken::decode_header(token).map_err(|_| refused("header"))?;
        assert_eq!((head.kid.as_deref(), head.typ.as_deref()), (Some(KID), Some("JWT")));
        let mut validation = Validation::new(self.key.0);
        validation.validate_exp = false;
        validation.set_audience(&["ssbtek-broker"]);
        let claims = jsonwebtoken::decode::<Claims>(token, &self.key.1, &validation);
        let claims = claims.map_err(|_| refused("signature or audience"))?.claims;
        let peer = request.extensions().get::<Arc<PeerCertificate>>().unwrap();
        assert_eq!(claims.cnf.x5t_s256, thumbprint(&peer.fingerprint_sha256));
        assert_eq!((claims.iss.as_str(), claims.exp - claims.iat), (BOARD, 120));
        assert_eq!(claims.iat, self.clock.now().timestamp());
        assert!(claims.jti.len() == 32 && claims.jti.bytes().all(|b| b.is_ascii_hexdigit()));
        let mut seen = self.seen.lock().unwrap();
        if !seen.spent.insert(claims.jti) {
            return Err(refused("used before"));
        }
        seen.accounts.push(claims.sub);
        let timeout = request.metadata().get("grpc-timeout").unwrap().to_str().unwrap();
        seen.timeouts.push(timeout.to_owned());
        Ok(())
    }
}

#[async_trait]
impl PersonQueryService for Services {
    async fn ask(&self, request: Request<AskRequest>) -> Result<Response<AskResponse>, Status> {
        self.enter(&request)?;
        self.seen.lock().unwrap().asked.push(request.into_inner());
        self.script.lock().unwrap().answer.clone().map(Response::new)
    }

    type AskStreamStream = Pin<Box<dyn Stream<Item = Result<AskStreamResponse, Status>> + Send>>;

    async fn ask_stream(
        &self,
        request: Request<AskRequest>,
    ) -> Result<Response<Self::AskStreamStream>, Status> {
        self.enter(&request)?;
        self.seen.lock().unwrap().streamed.push(request.into_inner());
        let script = self.script.lock().unwrap();
        let parts = parts(script.answer.clone()?);
        let parts: Vec<_> = match &script.cut {
            None => parts.collect(),
            Some((after, end)) => parts.take(*after).chain(end.clone().map(Err)).collect(),
        };
        Ok(Response::new(Box::pin(stream::iter(parts))))
    }

    type AskHouseholdStream = Self::AskStreamStream;

    async fn ask_household(
        &self,
        request: Request<AskHouseholdRequest>,
    ) -> Result<Response<Self::AskHouseholdStream>, Status> {
        self.enter(&request)?;
        self.seen.lock().unwrap().households.push(request.into_inner());
        let script = self.script.lock().unwrap();
        let parts = household_parts(script.household.clone()?);
        let parts: Vec<_> = match &script.cut {
            None => parts,
            Some((after, end)) => parts.into_iter().take(*after).chain(end.clone().map(Err)).collect(),
        };
        Ok(Response::new(Box::pin(stream::iter(parts))))
    }

    type ResumeAskStream = Self::AskStreamStream;

    async fn resume_ask(
        &self,
        request: Request<ResumeAskRequest>,
    ) -> Result<Response<Self::ResumeAskStream>, Status> {
        self.enter(&request)?;
        self.seen.lock().unwrap().resumed.push(request.into_inner().entry_id);
        let mut script = self.script.lock().unwrap();
        let cut =
            script.resumes.pop_front().unwrap_or_else(|| Err(Status::not_found("entry_id: is over")))?;
        let parts: Vec<_> = match script.household.clone() {
            Ok(household) => household_parts(household),
            Err(_) => parts(script.answer.clone()?).collect(),
        };
        let parts: Vec<_> = parts.into_iter().take(cut.unwrap_or(usize::MAX)).collect();
        Ok(Response::new(Box::pin(stream::iter(parts))))
    }
}

/// An answer in parts; the last agency answers first.
fn parts(answer: AskResponse) -> impl Iterator<Item = Result<AskStreamResponse, Status>> {
    let begun = AskBegun { entry_id: answer.entry_id.clone(), asked_at: answer.asked_at.clone() };
    let sections = answer.sources.iter().rev().cloned().map(Part::Section).collect::<Vec<_>>();
    let parts = [Part::Begun(begun)].into_iter().chain(sections).chain([Part::Answer(answer)]);
    parts.map(|part| Ok(AskStreamResponse { part: Some(part) }))
}

/// The answers about a household in parts: member by member, of each the last agency first.
fn household_parts(whole: HouseholdAnswer) -> Vec<Result<AskStreamResponse, Status>> {
    let mut begun = HouseholdBegun { asked_at: NOW.to_owned(), ..HouseholdBegun::default() };
    let mut sections = vec![];
    for of in &whole.members {
        let result = match of.result.as_ref().unwrap() {
            member_answer::Result::Answer(answer) => {
                if begun.entry_id.is_empty() {
                    begun.entry_id.clone_from(&answer.entry_id);
                }
                sections.extend(answer.sources.iter().rev().map(|source| {
                    Part::MemberSection(MemberSection { member: of.member, section: Some(source.clone()) })
                }));
                member_begun::Result::EntryId(answer.entry_id.clone())
            }
            member_answer::Result::Refused(why) => member_begun::Result::Refused(why.clone()),
        };
        begun.members.push(MemberBegun { member: of.member, result: Some(result) });
    }
    let parts = [Part::HouseholdBegun(begun)].into_iter().chain(sections).chain([Part::Household(whole)]);
    parts.map(|part| Ok(AskStreamResponse { part: Some(part) })).collect()
}

#[async_trait]
impl CaseRegistryService for Services {
    async fn confirm_case(
        &self,
        _: Request<ConfirmCaseRequest>,
    ) -> Result<Response<ConfirmCaseResponse>, Status> {
        Err(Status::unimplemented("not asked for by the client"))
    }

    async fn set_members(
        &self,
        _: Request<SetMembersRequest>,
    ) -> Result<Response<SetMembersResponse>, Status> {
        Err(Status::unimplemented("not asked for by the client"))
    }

    async fn register_case(
        &self,
        request: Request<RegisterCaseRequest>,
    ) -> Result<Response<RegisterCaseResponse>, Status> {
        self.enter(&request)?;
        self.seen.lock().unwrap().registered.push(request.into_inner());
        Ok(Response::new(RegisterCaseResponse { version: 1 }))
    }

    async fn assign_case(
        &self,
        request: Request<AssignCaseRequest>,
    ) -> Result<Response<AssignCaseResponse>, Status> {
        self.enter(&request)?;
        self.seen.lock().unwrap().assigned.push(request.into_inner());
        Ok(Response::new(AssignCaseResponse { version: 2 }))
    }

    async fn close_case(
        &self,
        request: Request<CloseCaseRequest>,
    ) -> Result<Response<CloseCaseResponse>, Status> {
        self.enter(&request)?;
        self.seen.lock().unwrap().closed.push(request.into_inner());
        Ok(Response::new(CloseCaseResponse { version: 3 }))
    }
}

#[async_trait]
impl AdministrationService for Services {
    async fn set_own_number(
        &self,
        _: Request<proto::SetOwnNumberRequest>,
    ) -> Result<Response<proto::SetOwnNumberResponse>, Status> {
        Err(not_played())
    }

    async fn set_sign_in(
        &self,
        _: Request<proto::SetSignInRequest>,
    ) -> Result<Response<proto::SetSignInResponse>, Status> {
        Err(not_played())
    }

    async fn set_attestation(
        &self,
        _: Request<proto::SetAttestationRequest>,
    ) -> Result<Response<proto::SetAttestationResponse>, Status> {
        Err(not_played())
    }

    async fn register_board(
        &self,
        _: Request<RegisterBoardRequest>,
    ) -> Result<Response<RegisterBoardResponse>, Status> {
        Err(Status::unimplemented("not for this client"))
    }

    async fn revoke_certificate(
        &self,
        _: Request<RevokeCertificateRequest>,
    ) -> Result<Response<RevokeCertificateResponse>, Status> {
        Err(Status::unimplemented("not for this client"))
    }

    async fn register_case_worker(
        &self,
        request: Request<RegisterCaseWorkerRequest>,
    ) -> Result<Response<RegisterCaseWorkerResponse>, Status> {
        self.enter(&request)?;
        self.seen.lock().unwrap().accounts_registered.push(request.into_inner());
        Ok(Response::new(RegisterCaseWorkerResponse { version: 1 }))
    }

    async fn block_case_worker(
        &self,
        request: Request<BlockCaseWorkerRequest>,
    ) -> Result<Response<BlockCaseWorkerResponse>, Status> {
        self.enter(&request)?;
        self.seen.lock().unwrap().blocked.push(request.into_inner());
        Ok(Response::new(BlockCaseWorkerResponse { version: 2 }))
    }
}

#[async_trait]
impl AccessLogService for Services {
    async fn list_entries(
        &self,
        request: Request<ListEntriesRequest>,
    ) -> Result<Response<ListEntriesResponse>, Status> {
        self.enter(&request)?;
        let asked = request.into_inner();
        let entries = self.script.lock().unwrap().entries.clone();
        let start = asked.page.parse().unwrap_or(0);
        let page: Vec<LogEntry> =
            entries.iter().skip(start).take(asked.page_size as usize).cloned().collect();
        let end = start + page.len();
        let next_page = if end < entries.len() { end.to_string() } else { String::new() };
        self.seen.lock().unwrap().listed.push(asked);
        Ok(Response::new(ListEntriesResponse { entries: page, next_page, checkpoint: String::new() }))
    }

    type ExportEntriesStream =
        std::pin::Pin<Box<dyn futures::Stream<Item = Result<proto::ExportEntriesResponse, Status>> + Send>>;

    async fn export_entries(
        &self,
        _: Request<proto::ExportEntriesRequest>,
    ) -> Result<Response<Self::ExportEntriesStream>, Status> {
        Err(not_played())
    }

    async fn get_checkpoint(
        &self,
        _: Request<proto::GetCheckpointRequest>,
    ) -> Result<Response<proto::GetCheckpointResponse>, Status> {
        Err(not_played())
    }

    async fn get_proofs(
        &self,
        _: Request<proto::GetProofsRequest>,
    ) -> Result<Response<proto::GetProofsResponse>, Status> {
        Err(not_played())
    }

    async fn get_person_report(
        &self,
        _: Request<proto::GetPersonReportRequest>,
    ) -> Result<Response<proto::GetPersonReportResponse>, Status> {
        Err(not_played())
    }

    async fn draw_sample(
        &self,
        _: Request<proto::DrawSampleRequest>,
    ) -> Result<Response<proto::DrawSampleResponse>, Status> {
        Err(not_played())
    }

    async fn record_review(
        &self,
        _: Request<proto::RecordReviewRequest>,
    ) -> Result<Response<proto::RecordReviewResponse>, Status> {
        Err(not_played())
    }

    async fn get_reviews(
        &self,
        _: Request<proto::GetReviewsRequest>,
    ) -> Result<Response<proto::GetReviewsResponse>, Status> {
        Err(not_played())
    }

    async fn get_usage_report(
        &self,
        _: Request<proto::GetUsageReportRequest>,
    ) -> Result<Response<proto::GetUsageReportResponse>, Status> {
        Err(not_played())
    }
}

/// What the real broker does and this double does not.
fn not_played() -> Status {
    Status::unimplemented("not played by this double")
}

/// Where nobody listens.
pub(crate) fn closed_port() -> io::Result<u16> {
    Ok(std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
