//! The query path over SQLite in a directory of its own, counting sources, and a clock that stands still.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use ssbtek_access_log::{AccessLog, DocumentWrite, Door, Filter, LoggedRecord, Payload};
use ssbtek_agencies::Connector;
use ssbtek_authorize::{
    Agent, AgentNotification, Ask, AssertionKey, Board, Caller, Case, CaseWorker, CertificateCheck, Contact,
    Denial, DocumentHash, DocumentRef, Duty, Evidence, KeyAlgorithm, LegalBases, Member, PowerOfAttorney,
    ProcessorAgreement, ProcessorAgreementVariant, QualificationItem, RegisteredCertificate, Registry,
    Signature, Step, StepKind, SubProcessor, TokenUse,
};
use ssbtek_domain::{
    Agency, CaseId, CaseWorkerId, Clock, DateTime, FixedClock, OrganisationNumber, Outcome, Period,
    Personnummer, Processor, Purpose, Question, Role, SeededEntropy, Source, SourceAnswer, Utc,
};
use ssbtek_fan_out::{FanOut, FanOutLimits};
use ssbtek_log_store::{Around, CheckpointSigner, Poison, Store, StoreOptions};
use ssbtek_merge::OriginalsWanted;
use ssbtek_query::{Asking, QueryError, QueryPath, Released};
use ssbtek_registry::{Desk, NewAccount, NewBoard, NewKey, Texts};
use ssbtek_store_sqlite::SqliteOptions;
use ssbtek_vault::DirectoryVault;
use tokio::{sync::Semaphore, time::Instant};

pub(crate) const BOARD: &str = "162120009994";
pub(crate) const AGENT: &str = "165560000001";
pub(crate) const BOARDS_CERTIFICATE: [u8; 32] = [1; 32];
pub(crate) const AGENTS_CERTIFICATE: [u8; 32] = [2; 32];

/// Counts questions, and holds them while the gate is shut.
pub(crate) struct Counting {
    source: Source,
    calls: Arc<AtomicU64>,
    pub(crate) arrived: Arc<Semaphore>,
    pub(crate) gate: Option<Arc<Semaphore>>,
}

#[async_trait]
impl Connector for Counting {
    fn source(&self) -> &Source {
        &self.source
    }
    async fn reach(&self, _: Instant) -> Result<(), Outcome> {
        Ok(())
    }
    async fn ask(&self, _: &Question, _: Instant) -> SourceAnswer {
        self.calls.fetch_add(1, Ordering::SeqCst);
        self.arrived.add_permits(1);
        if let Some(gate) = &self.gate {
            gate.acquire().await.unwrap().forget();
        }
        SourceAnswer::without_facts(self.source.clone(), Outcome::NoSuchPerson)
    }
}

pub(crate) struct World {
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) desk: Desk,
    pub(crate) log: AccessLog,
    pub(crate) calls: Arc<AtomicU64>,
    pub(crate) store: Arc<Store>,
    /// The provisions of the configuration.
    pub(crate) law: LegalBases,
    tokens: AtomicU64,
    files: Arc<tempfile::TempDir>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::on(Arc::new(tempfile::tempdir().unwrap()), 1)
    }

    /// Another process on the same data.
    pub(crate) fn restarted(self) -> Self {
        let files = self.files.clone();
        drop(self);
        Self::on(files, 2)
    }

    fn on(files: Arc<tempfile::TempDir>, seed: u64) -> Self {
        let clock = Arc::new(FixedClock::at("2026-11-20T10:00:00Z".parse().unwrap()));
        let entropy = Arc::new(SeededEntropy::new(seed));
        let vault = Arc::new(DirectoryVault::open(&files.path().join("keys"), entropy.clone()).unwrap());
        let signer = Arc::new(CheckpointSigner::new("test.example", vault.clone()));
        let options = SqliteOptions {
            store: StoreOptions { max_queue: 20_000, ..StoreOptions::default() },
            ..SqliteOptions::at(&files.path().join("broker.db"))
        };
        let open = || {
            let (vault, signer, clock) = (vault.clone(), signer.clone(), clock.clone());
            ssbtek_store_sqlite::open(
                &options,
                Around { vault, signer, clock, entropy: entropy.clone(), poison: Poison::default() },
            )
        };
        // A former store's writer lets go of the database once it has seen that nobody is left.
        let mut store = open();
        while matches!(store, Err(ssbtek_store_sqlite::OpenError::InUse)) {
            std::thread::yield_now();
            store = open();
        }
        let store = Arc::new(store.unwrap());
        let log = AccessLog::new(store.clone(), vault, clock.clone(), entropy);
        let desk = Desk::new(log.clone(), store.clone(), clock.clone(), organisation("162021009994"));
        let (law, calls, tokens) =
            (ssbtek_example::law().body.as_ref().clone(), Arc::default(), AtomicU64::new(seed << 40));
        Self { clock, desk, log, store, law, calls, tokens, files }
    }

    /// A query path whose seven sources answer at once.
    pub(crate) async fn path(&self) -> Arc<QueryPath> {
        self.path_of(&Agency::ALL, None).await.0
    }

    /// A query path to some agencies, held by a gate; the second value counts questions that have arrived.
    pub(crate) async fn path_of(
        &self,
        agencies: &[Agency],
        gate: Option<Arc<Semaphore>>,
    ) -> (Arc<QueryPath>, Arc<Semaphore>) {
        let limits = FanOutLimits { max_in_flight_per_source: 100_000, ..FanOutLimits::default() };
        self.path_over(self.store.clone(), limits, agencies, gate).await
    }

    /// The same over another registry, with other limits.
    pub(crate) async fn path_over(
        &self,
        registry: Arc<dyn Registry>,
        limits: FanOutLimits,
        agencies: &[Agency],
        gate: Option<Arc<Semaphore>>,
    ) -> (Arc<QueryPath>, Arc<Semaphore>) {
        let arrived = Arc::new(Semaphore::new(0));
        let source = |agency: &Agency| -> Arc<dyn Connector> {
            let (calls, arrived, gate) = (self.calls.clone(), arrived.clone(), gate.clone());
            Arc::new(Counting { source: Source::Agency(*agency), calls, arrived, gate })
        };
        let provider = Processor { organisation: organisation("162021009994"), name: "Leverantören".into() };
        let fan_out = FanOut::new(agencies.iter().map(source).collect(), provider, limits);
        let law = self.desk.law(self.law.clone()).await.unwrap();
        let path = QueryPath::new(registry, law, self.log.clone(), fan_out, self.clock.clone())
            .with_max_questions_an_hour(0);
        (Arc::new(path), arrived)
    }

    /// A token nobody has used.
    pub(crate) fn token(&self) -> TokenUse {
        let mut token = [0; 32];
        token[..8].copy_from_slice(&self.tokens.fetch_add(1, Ordering::SeqCst).to_be_bytes());
        TokenUse { token, expires_at: self.clock.now() + chrono::TimeDelta::minutes(5) }
    }

    /// A call with the board's own certificate.
    pub(crate) fn caller(&self, account: &str) -> Caller {
        Caller {
            board: organisation(BOARD),
            case_worker: id(account),
            certificate: BOARDS_CERTIFICATE,
            agent: None,
            processors: vec![],
            token: self.token(),
            signed_with: None,
            signed_in: false,
            kind: ssbtek_authorize::AccountKind::Person,
        }
    }

    /// The same with the agent's certificate.
    pub(crate) fn through_agent(&self, account: &str) -> Caller {
        let agent = organisation(AGENT);
        let processors = vec![Processor { organisation: agent, name: "Ombudet".into() }];
        Caller { certificate: AGENTS_CERTIFICATE, agent: Some(agent), processors, ..self.caller(account) }
    }

    /// Asks about the applicant of a case.
    pub(crate) async fn ask(&self, caller: Caller, case: &str) -> Result<Released, Denial> {
        ask_on(&self.path().await, caller, question(case)).await
    }

    /// Everything in a board's log, oldest first.
    pub(crate) async fn records(&self, board: OrganisationNumber) -> Vec<LoggedRecord> {
        let mut records = Vec::new();
        let mut before = None;
        loop {
            let page = self.log.read(board, &Filter::All, before, 1000).await.unwrap();
            let Some(last) = page.last() else { break };
            before = Some(last.index);
            records.extend(page);
        }
        records.reverse();
        records
    }

    /// The denials in the first board's log, oldest first.
    pub(crate) async fn denials(&self) -> Vec<Denial> {
        let records = self.records(organisation(BOARD)).await.into_iter();
        let denial = |record: LoggedRecord| match record.payload {
            Some(Payload::Denial(denial)) => Some(denial.denial),
            _ => None,
        };
        records.filter_map(denial).collect()
    }

    /// Publishes instructions from today on.
    pub(crate) async fn publish(&self, version: &str) {
        self.desk.publish(Texts::Instructions, version, "Texten", self.clock.today()).await.unwrap();
    }

    /// The first board's application.
    pub(crate) async fn apply(&self) {
        self.desk.register_board(application()).await.unwrap();
    }

    /// One step of the first board's life.
    pub(crate) async fn step(&self, kind: StepKind) -> Result<u64, ssbtek_registry::DeskError> {
        self.desk.take_step(organisation(BOARD), kind, hash(9), None).await
    }

    /// Everything that must be there before access is enabled, but for what is named.
    pub(crate) async fn complete(&self, but: &str) {
        if but != "proven certificate" {
            self.desk.prove_connection(&self.caller("admin")).await.unwrap();
            if but != "contact" {
                self.desk.set_contact(&self.caller("admin"), contact()).await.unwrap();
            }
        }
        if but != "processor_agreement" {
            self.desk.set_processor_agreement(organisation(BOARD), agreement(self)).await.unwrap();
        }
    }

    /// The desk for somebody who has read the board as it is now.
    pub(crate) async fn having_read_the_board(&self) -> Desk {
        let (version, _) = self.desk.board(organisation(BOARD)).await.unwrap();
        self.desk.having_read(Some(version))
    }

    /// The first board in force with `anna` (confirmed), `bo` (not), `system`, and the case `EB-1`.
    pub(crate) async fn in_force(&self) {
        self.publish("1").await;
        self.apply().await;
        for kind in [StepKind::Check, StepKind::Approve] {
            self.step(kind).await.unwrap();
        }
        self.complete("").await;
        self.step(StepKind::Enable).await.unwrap();
        for (account, duty) in [("anna", Duty::Asks), ("bo", Duty::Asks), ("system", Duty::KeepsCases)] {
            self.desk.register_case_worker(&self.caller("admin"), new_account(account, duty)).await.unwrap();
        }
        self.desk.confirm_instructions(&self.caller("anna"), "1").await.unwrap();
        self.case("EB-1").await;
    }

    /// A case of one applicant and two children, for `anna` and `bo`.
    pub(crate) async fn case(&self, case: &str) {
        let workers = BTreeSet::from([id("anna"), id("bo")]);
        let case = CaseId::parse(case).unwrap();
        self.desk.register_case(&self.caller("system"), case, household(), workers).await.unwrap();
    }

    /// A qualified agent that has signed.
    pub(crate) async fn agent(&self) {
        let agent = organisation(AGENT);
        self.desk.register_agent(agent, "Ombudet", AGENTS_CERTIFICATE).await.unwrap();
        for item in QualificationItem::ALL {
            let evidence = Evidence { document: hash(4), dated: self.clock.today(), valid_to: None };
            self.desk.record_evidence(agent, item, evidence).await.unwrap();
        }
        self.desk.sign_agent_agreement(agent, hash(5)).await.unwrap();
    }

    /// The agent notifies the first board.
    pub(crate) async fn notify(&self) {
        let (agent, board) = (organisation(AGENT), organisation(BOARD));
        let today = self.clock.today();
        self.desk.notify_customer(agent, board, today, hash(6), hash(7), vec![]).await.unwrap();
    }

    /// Writes documents straight into a tree, for worlds that no desk would lead to.
    pub(crate) async fn write(&self, board: OrganisationNumber, documents: Vec<DocumentWrite>) {
        self.log.change(board, "test", "write", None, documents).await.unwrap();
    }
}

pub(crate) async fn ask_on(path: &Arc<QueryPath>, caller: Caller, ask: Ask) -> Result<Released, Denial> {
    ask_with(path, caller, ask, CertificateCheck::new(|_| true)).await
}

/// The same with a certificate that may not stay good.
pub(crate) async fn ask_with(
    path: &Arc<QueryPath>,
    caller: Caller,
    ask: Ask,
    certificate: CertificateCheck,
) -> Result<Released, Denial> {
    let (door, originals, within) = (Door::Grpc, OriginalsWanted::No, Duration::from_secs(60));
    let asking = Asking { caller, ask, door, follows: None, originals, within, certificate };
    path.ask(asking).await.map_err(|error| match error {
        QueryError::Denied(denial) => denial,
        error => panic!("{error}"),
    })
}

pub(crate) fn question(case: &str) -> Ask {
    Ask {
        case: CaseId::parse(case).unwrap(),
        role: Some(Role::Applicant),
        person: None,
        period: Period::new("2026-10-01".parse().unwrap(), "2026-10-31".parse().unwrap()).unwrap(),
        agencies: Agency::ALL.into(),
        purpose: Purpose::parse("ekonomiskt bistånd").unwrap(),
        wishes: BTreeMap::new(),
    }
}

pub(crate) fn application() -> NewBoard {
    NewBoard {
        organisation: organisation(BOARD),
        name: "Nämnden".into(),
        certificate: BOARDS_CERTIFICATE,
        key: NewKey { kid: "k1".into(), algorithm: KeyAlgorithm::Es256, public_pem: "PEM".into() },
        administrator: new_account("admin", Duty::Administers),
        application: hash(8),
        power_of_attorney: PowerOfAttorney::default(),
    }
}

pub(crate) fn contact() -> Contact {
    Contact { name: "Registrator".into(), email: "n@kommun.example".into(), phone: "000".into() }
}

pub(crate) fn agreement(world: &World) -> ProcessorAgreement {
    ProcessorAgreement {
        variant: ProcessorAgreementVariant::Common,
        version: "1".into(),
        instructions_version: "1".into(),
        signed_on: world.clock.today(),
        document: hash(2),
    }
}

pub(crate) fn new_account(id: &str, duty: Duty) -> NewAccount {
    NewAccount {
        id: id.into(),
        name: "Namn".into(),
        unit: "Enheten".into(),
        duties: [duty].into(),
        system_of: None,
    }
}

/// A sub-processor of the provider that works from a day on.
pub(crate) fn sub_processor(organisation: OrganisationNumber, from: Option<&str>) -> SubProcessor {
    SubProcessor {
        organisation,
        name: "Driftbolaget".into(),
        task: "Drift".into(),
        country: "SE".into(),
        from: from.map(|day| day.parse().unwrap()),
    }
}

pub(crate) fn household() -> Vec<Member> {
    let roles = [Role::Applicant, Role::Child, Role::Child];
    roles.into_iter().zip(PERSONS).map(|(role, number)| Member::new(person(number), role)).collect()
}

/// Generated: birth numbers that are never given to people.
pub(crate) const PERSONS: [&str; 3] = ["198001019804", "201001019816", "201201019814"];

pub(crate) fn person(number: &str) -> Personnummer {
    let body = number.get(..11).unwrap();
    // The check digit is found rather than written down.
    let today = "2026-11-20".parse().unwrap();
    let with = |digit| Personnummer::parse(&format!("{body}{digit}"), today).ok();
    (0..10).find_map(with).unwrap()
}

pub(crate) fn organisation(number: &str) -> OrganisationNumber {
    let body = number.get(..11).unwrap();
    (0..10).find_map(|digit| OrganisationNumber::parse(&format!("{body}{digit}")).ok()).unwrap()
}

pub(crate) fn id(account: &str) -> CaseWorkerId {
    CaseWorkerId::parse(account).unwrap()
}

pub(crate) fn hash(byte: u8) -> DocumentHash {
    DocumentHash::parse(&format!("{byte:02x}").repeat(32)).unwrap()
}

/// Documents as no desk would write them together: a board in force and what goes with it.
pub(crate) mod documents {
    use super::*;

    pub(crate) fn board(number: OrganisationNumber, now: DateTime<Utc>) -> Board {
        let step = Step { kind: StepKind::Apply, by: "test".into(), at: now, document: hash(8), on: None };
        let key = AssertionKey {
            kid: "k1".into(),
            algorithm: KeyAlgorithm::Es256,
            public_pem: "PEM".into(),
            valid_from: now,
            valid_until: None,
        };
        let own = RegisteredCertificate::new(&BOARDS_CERTIFICATE);
        let certificates = vec![RegisteredCertificate { proven_at: Some(now), ..own }];
        Board::applied(number, "Nämnden".into(), certificates, vec![key], step)
    }

    pub(crate) fn worker(name: &str, now: DateTime<Utc>) -> CaseWorker {
        CaseWorker {
            id: id(name),
            name: "Namn".into(),
            unit: ssbtek_domain::Unit::parse("Enheten").unwrap(),
            duties: [Duty::Asks].into(),
            blocked: false,
            confirmed: vec![ssbtek_authorize::Confirmed { version: "1".into(), at: now }],
            follow_ups: vec![],
            registered_at: Some(now),
            own_number: None,
            sign_in: None,
            kind: ssbtek_authorize::AccountKind::Person,
        }
    }

    pub(crate) fn case(name: &str, workers: &[&str]) -> Case {
        let workers = workers.iter().map(|worker| id(worker)).collect();
        Case::register(CaseId::parse(name).unwrap(), household(), workers).unwrap()
    }

    pub(crate) fn agent(number: OrganisationNumber, certificate: [u8; 32], now: DateTime<Utc>) -> Agent {
        let dated = ssbtek_domain::stockholm_date(now);
        let evidence = Evidence { document: hash(4), dated, valid_to: None };
        Agent {
            organisation: number,
            name: "Ombudet".into(),
            certificates: vec![RegisteredCertificate::new(&certificate)],
            qualification: QualificationItem::ALL.map(|item| (item, evidence.clone())).into(),
            agreement: Some(Signature { by: "operator".into(), at: now, document: hash(5) }),
            ended_on: None,
        }
    }

    pub(crate) fn notification(
        board: OrganisationNumber,
        agent: OrganisationNumber,
        now: DateTime<Utc>,
    ) -> AgentNotification {
        let signed = Some(Signature { by: "test".into(), at: now, document: hash(6) });
        AgentNotification {
            board,
            agent,
            from: ssbtek_domain::stockholm_date(now),
            document: hash(6),
            processor_agreement: hash(7),
            processors_before: vec![],
            signed_by_agent: signed.clone(),
            signed_by_board: signed,
            ended_at: None,
        }
    }

    pub(crate) fn new<T: serde::Serialize>(reference: DocumentRef, body: &T) -> DocumentWrite {
        DocumentWrite::new(reference, 0, body).unwrap()
    }
}
