//! A store over an engine, behind its ports, with a board, its accounts and a case.

use std::{fmt::Debug, path::Path, sync::Arc, time::Duration};

use chrono::TimeDelta;
use ssbtek_access_log::{
    AccessLog, Change, Disclosure, DocumentWrite, Door, Holder, Lease, Leases, LogError, LogStore, Manifest,
    Marks, Opened,
};
use ssbtek_authorize::{
    Ask, AskLimits, Case, DocumentRef, Learned, Permit, RawAsk, Registry, TokenUse, decide,
};
use ssbtek_domain::{
    Clock, DateTime, Entropy, FixedClock, OrganisationNumber, Personnummer, Protection, Role, SystemEntropy,
    Utc,
};
use ssbtek_log_store::{Around, CheckpointSigner, Lifetimes, Poison, Store, StoreOptions, engine::Engine};
use ssbtek_purge::RetentionStore;
use ssbtek_vault::{DirectoryVault, Vault};

use super::{Place, board};

/// Months that a log is kept, days that a closed case is.
pub(crate) const LIFETIMES: Lifetimes = Lifetimes { log_months: 2, case_days: 90 };

const CERTIFICATE: [u8; 32] = [7; 32];

/// Everything behind ports; `store` is held to close it.
pub(crate) struct World<'p> {
    place: &'p dyn Place,
    store: Arc<Store>,
    pub(crate) logs: Arc<dyn LogStore>,
    pub(crate) registry: Arc<dyn Registry>,
    pub(crate) retention: Arc<dyn RetentionStore>,
    pub(crate) leases: Arc<dyn Leases>,
    pub(crate) marks: Arc<dyn Marks>,
    pub(crate) log: AccessLog,
    pub(crate) vault: Arc<dyn Vault>,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) poison: Poison,
}

impl<'p> World<'p> {
    /// Over a new engine.
    pub(crate) async fn new(place: &'p dyn Place) -> Self {
        let world = Self::over(place, place.open(), clock());
        world.register().await;
        world
    }

    pub(crate) fn over(place: &'p dyn Place, engine: Arc<dyn Engine>, clock: Arc<FixedClock>) -> Self {
        let vault: Arc<dyn Vault> = Arc::new(vault(&place.keys()));
        let signer = Arc::new(CheckpointSigner::new("log.example.se", vault.clone()));
        let (poison, entropy) = (Poison::default(), Arc::new(SystemEntropy));
        let around = Around {
            vault: vault.clone(),
            signer,
            clock: clock.clone(),
            entropy: entropy.clone(),
            poison: poison.clone(),
        };
        let options =
            StoreOptions { lifetimes: LIFETIMES, max_kept_checkpoints: 4, ..StoreOptions::default() };
        let store = Arc::new(Store::open(engine, &options, around).unwrap());
        let log = AccessLog::new(store.clone(), vault.clone(), clock.clone(), entropy);
        let (logs, registry, retention, leases, marks) =
            (store.clone(), store.clone(), store.clone(), store.clone(), store.clone());
        Self { place, store, logs, registry, retention, leases, marks, log, vault, clock, poison }
    }

    /// The same, closed and opened anew.
    pub(crate) async fn reopened(self) -> Self {
        let Self { place, store, clock, .. } = self;
        store.close().await;
        drop(store);
        Self::over(place, place.open(), clock)
    }

    /// Closed, so that the engine can be opened anew.
    pub(crate) async fn closed(self) {
        self.store.close().await;
    }

    /// Whether no lease can be had.
    pub(crate) async fn lease_fails(&self) -> bool {
        let holder = Holder::from_bytes([1; 16]);
        self.leases.hold("other", holder, Duration::from_secs(60)).await.is_err()
    }

    /// Time passes, also for leases.
    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
        self.place.pass(TimeDelta::seconds(seconds));
    }

    pub(crate) fn at(&self, moment: &str) {
        self.clock.set(moment.parse().unwrap());
    }

    async fn register(&self) {
        let now = self.clock.now();
        self.write(DocumentRef::provider(), 0, &ssbtek_example::provider(now)).await.unwrap();
        for of in [board(0), board(1)] {
            let body = ssbtek_example::board(of, &CERTIFICATE, now);
            let write = DocumentWrite::new(DocumentRef::board(of), 0, &body).unwrap();
            self.log.change(of, "operator", "register_board", None, vec![write]).await.unwrap();
        }
        let worker = ssbtek_example::case_worker("anna", now);
        self.write(DocumentRef::case_worker(board(0), &worker.id), 0, &worker).await.unwrap();
        self.write(DocumentRef::case(board(0), &case().id), 0, &case()).await.unwrap();
    }

    /// A version of a document, after the version `expected`.
    pub(crate) async fn write<T: serde::Serialize>(
        &self,
        reference: DocumentRef,
        expected: u64,
        body: &T,
    ) -> Result<(), ssbtek_access_log::ChangeError> {
        let write = DocumentWrite::new(reference, expected, body).unwrap();
        self.log.change(board(0), "operator", "write", None, vec![write]).await.map(drop)
    }

    /// A record of something, which changes nothing else.
    pub(crate) fn change(&self) -> Change<'static> {
        Change::new(board(0), "operator", "note")
    }

    pub(crate) async fn permit(&self) -> Permit {
        let now = self.clock.now();
        let caller = ssbtek_example::caller(board(0), "anna", CERTIFICATE, token(), now);
        let day = now.date_naive().to_string();
        let raw = RawAsk {
            case_id: "EB-1",
            role: Some(Role::Applicant),
            from: &day,
            to: &day,
            ..RawAsk::default()
        };
        let ask = Ask::parse(&raw, &AskLimits::default(), now.date_naive()).unwrap();
        let key = caller.facts_key(Some(ask.case.clone()));
        let facts = self.registry.facts(&key).await.unwrap();
        decide(&caller, &ask, &facts.under(&ssbtek_example::law()), now).unwrap()
    }

    pub(crate) async fn opened(&self, permit: &Permit) -> Result<Opened, LogError> {
        self.log.open(permit, &Manifest::default(), Door::Grpc).await
    }

    /// A question and its answer.
    pub(crate) async fn ask(&self) {
        let permit = self.permit().await;
        let opened = self.opened(&permit).await.unwrap();
        self.log.close(opened, &permit, &disclosure(), &Learned::default()).await.unwrap();
    }

    pub(crate) async fn size(&self) -> u64 {
        self.logs.tree(board(0)).await.unwrap().map_or(0, |tree| tree.size)
    }

    pub(crate) async fn lease(&self, holder: u8) -> Option<Lease> {
        self.leases.hold("work", Holder::from_bytes([holder; 16]), Duration::from_secs(60)).await.unwrap()
    }
}

pub(crate) fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::at("2026-01-20T12:00:00Z".parse::<DateTime<Utc>>().unwrap()))
}

pub(crate) fn vault(keys: &Path) -> DirectoryVault {
    DirectoryVault::open(keys, Arc::new(SystemEntropy)).unwrap()
}

pub(crate) fn disclosure() -> Disclosure {
    Disclosure::nothing(Protection::None)
}

pub(crate) fn person() -> Personnummer {
    Personnummer::parse_undated("198001019804").unwrap()
}

pub(crate) fn case() -> Case {
    ssbtek_example::case("EB-1", "anna", &person())
}

pub(crate) fn token() -> [u8; 32] {
    let mut token = [0; 32];
    SystemEntropy.fill(&mut token);
    token
}

pub(crate) fn once(world: &World<'_>, token: [u8; 32]) -> TokenUse {
    TokenUse { token, expires_at: world.clock.now() + chrono::TimeDelta::minutes(5) }
}

/// Runs what waits.
pub(crate) fn run<T: Debug>(promise: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.unwrap().block_on(promise)
}

/// A board's organisation number, as a month's key has it.
pub(crate) fn month(of: OrganisationNumber, month: &str) -> ssbtek_vault::KeyId {
    ssbtek_vault::KeyId::new(&["log", of.as_str(), month])
}
