//! A small log of two boards in a directory, and the check of it.

use std::{path::Path, sync::Arc};

use chrono::TimeDelta;
use ssbtek_access_log::{
    AccessLog, Disclosure, DocumentWrite, Door, Manifest, ManifestLine, Reading, Refused, SourceOutcome,
    TreeStore,
};
use ssbtek_authorize::{Ask, AskLimits, Caller, Denial, DocumentRef, Provider, RawAsk, Registry, decide};
use ssbtek_domain::{
    Agency, Clock, DateTime, Entropy, FixedClock, Information, OrganisationNumber, Outcome, Personnummer,
    Protection, Role, Source, SystemEntropy, Utc,
};
use ssbtek_log_store::{Around, CheckOptions, CheckReport, CheckpointSigner, Poison, Store};
use ssbtek_store_sqlite::{OpenError, SqliteOptions, check};
use ssbtek_vault::DirectoryVault;

pub(crate) const DEPLOYMENT: &str = "log.example.se";
pub(crate) const BOARDS: [&str; 2] = ["162120009994", "162120008988"];
const CERTIFICATE: [u8; 32] = [7; 32];

pub(crate) fn board(text: &str) -> OrganisationNumber {
    OrganisationNumber::parse(text).unwrap()
}

/// A log, open.
pub(crate) struct Log {
    pub(crate) store: Arc<Store>,
    pub(crate) poison: Poison,
    pub(crate) log: AccessLog,
    pub(crate) vault: Arc<DirectoryVault>,
    pub(crate) clock: Arc<FixedClock>,
}

impl Log {
    pub(crate) fn open(directory: &Path) -> Result<Self, OpenError> {
        Self::open_with(directory, |_| ())
    }

    pub(crate) fn open_with(
        directory: &Path,
        set: impl FnOnce(&mut SqliteOptions),
    ) -> Result<Self, OpenError> {
        let now: DateTime<Utc> = "2026-11-22T10:00:00Z".parse().unwrap();
        let clock = Arc::new(FixedClock::at(now));
        let vault = Arc::new(DirectoryVault::open(&directory.join("keys"), Arc::new(SystemEntropy)).unwrap());
        let signer = Arc::new(CheckpointSigner::new(DEPLOYMENT, vault.clone()));
        let mut options = SqliteOptions::at(&directory.join("broker.db"));
        set(&mut options);
        let poison = Poison::default();
        // The writer of a store just dropped may still be closing the file.
        let store = loop {
            let (clock, entropy) = (clock.clone(), Arc::new(SystemEntropy));
            match ssbtek_store_sqlite::open(
                &options,
                Around {
                    vault: vault.clone(),
                    signer: signer.clone(),
                    clock,
                    entropy,
                    poison: poison.clone(),
                },
            ) {
                Err(OpenError::InUse) => std::thread::yield_now(),
                opened => break Arc::new(opened?),
            }
        };
        let log = AccessLog::new(store.clone(), vault.clone(), clock.clone(), Arc::new(SystemEntropy));
        Ok(Self { store, log, vault, clock, poison })
    }

    /// A new log with both boards registered.
    pub(crate) async fn new(directory: &Path) -> Self {
        let log = Self::open(directory).unwrap();
        for text in BOARDS {
            log.register(board(text)).await;
        }
        log
    }

    async fn register(&self, of: OrganisationNumber) {
        let now = self.clock.now();
        let body = ssbtek_example::board(of, &CERTIFICATE, now);
        let worker = ssbtek_example::case_worker("anna", now);
        let person = Personnummer::parse("198001019804", "2026-11-22".parse().unwrap()).unwrap();
        let case = ssbtek_example::case("EB-1", "anna", &person);
        if self.log.document::<Provider>(&DocumentRef::provider()).await.unwrap().is_none() {
            let provider = ssbtek_example::provider(now);
            let write = DocumentWrite::new(DocumentRef::provider(), 0, &provider).unwrap();
            self.log.change(of, "operator", "publish", None, vec![write]).await.unwrap();
        }
        let write = DocumentWrite::new(DocumentRef::board(of), 0, &body).unwrap();
        self.log.change(of, "operator", "register_board", None, vec![write]).await.unwrap();
        let write = DocumentWrite::new(DocumentRef::case_worker(of, &worker.id), 0, &worker).unwrap();
        self.log.change(of, "admin", "register_case_worker", None, vec![write]).await.unwrap();
        let write = DocumentWrite::new(DocumentRef::case(of, &case.id), 0, &case).unwrap();
        self.log.change(of, "system", "register_case", None, vec![write]).await.unwrap();
    }

    pub(crate) fn caller(&self, of: OrganisationNumber) -> Caller {
        let mut token = [0; 32];
        SystemEntropy.fill(&mut token);
        let expires_at = self.clock.now() + TimeDelta::minutes(3);
        ssbtek_example::caller(of, "anna", CERTIFICATE, token, expires_at)
    }

    /// `n` questions, each with its answer; every seventh refused, every fifth followed by a reading.
    pub(crate) async fn ask(&self, of: OrganisationNumber, n: usize) {
        for at in 0..n {
            let caller = self.caller(of);
            let raw = RawAsk {
                case_id: "EB-1",
                role: Some(Role::Applicant),
                from: "2026-09-01",
                to: "2026-11-22",
                ..RawAsk::default()
            };
            let ask = Ask::parse(&raw, &AskLimits::default(), self.clock.today()).unwrap();
            let key = caller.facts_key(Some(ask.case.clone()));
            let facts = self.store.facts(&key).await.unwrap();
            if at % 7 == 6 {
                let (denial, at) = (Denial::CaseClosed, self.clock.now());
                let refused = Refused::new(Some(&ask), denial, facts.versions(None), at, Door::Grpc);
                self.log.refuse(&caller, refused).await.unwrap();
                continue;
            }
            let permit =
                decide(&caller, &ask, &facts.under(&ssbtek_example::law()), self.clock.now()).unwrap();
            let line = |(agency, basis): &(Agency, _)| ManifestLine {
                source: Source::Agency(*agency),
                period: permit.period(),
                basis: Clone::clone(basis),
                kinds: Information::of(*agency).into_iter().collect(),
                without_ground: vec![],
                note: None,
                case_alias: None,
            };
            let manifest =
                Manifest { ask: permit.agencies().iter().map(line).collect(), ..Manifest::default() };
            let opened = self.log.open(&permit, &manifest, Door::Grpc).await.unwrap();
            let outcomes = manifest.ask.iter();
            let disclosure = Disclosure {
                outcomes: outcomes
                    .map(|line| SourceOutcome { source: line.source.clone(), outcome: Outcome::Answered })
                    .collect(),
                kinds: vec!["payments".to_owned()],
                ..Disclosure::nothing(Protection::None)
            };
            self.log
                .close(opened, &permit, &disclosure, &ssbtek_authorize::Learned::default())
                .await
                .unwrap();
            if at % 5 == 4 {
                let caller = self.caller(of);
                let once = Some(caller.token.clone());
                let reading = Reading::by("list", "person", "198001019804", Some(1));
                self.log.record_reading(&caller, reading, once).await.unwrap();
            }
        }
    }

    pub(crate) async fn checkpoint(&self, of: OrganisationNumber) -> String {
        self.store.tree(of).await.unwrap().unwrap().checkpoint
    }
}

/// Checks a directory whose log is closed.
pub(crate) fn checked(directory: &Path, known: &[String]) -> Result<CheckReport, OpenError> {
    let vault = Arc::new(DirectoryVault::open(&directory.join("keys"), Arc::new(SystemEntropy)).unwrap());
    let signer = Arc::new(CheckpointSigner::new(DEPLOYMENT, vault.clone()));
    let options = CheckOptions {
        vault,
        signer,
        known: known.to_vec(),
        doomed: Default::default(),
        started_with: Default::default(),
    };
    loop {
        match check(&directory.join("broker.db"), &options) {
            Err(OpenError::InUse) => std::thread::yield_now(),
            report => return report,
        }
    }
}

/// Makes of a database what it was at schema 8, when the look-up index lay in sorted runs: here all of it in none yet.
pub(crate) fn as_of_schema_8(connection: &rusqlite::Connection) {
    connection
        .execute_batch(
            "DROP TABLE lease;
             DROP TABLE step_back;
             ALTER TABLE tree DROP COLUMN beside;
             DELETE FROM started WHERE name = 'rows';
             DROP TABLE term;
             DROP TABLE reindex;
             ALTER TABLE tree ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;
             CREATE TABLE run (
                 id INTEGER PRIMARY KEY, tree INTEGER NOT NULL, key_id TEXT NOT NULL, first INTEGER NOT NULL,
                 end INTEGER NOT NULL, records INTEGER NOT NULL, written INTEGER NOT NULL, state INTEGER NOT NULL,
                 mac BLOB NOT NULL
             ) STRICT;
             CREATE INDEX run_by_key ON run (tree, key_id, state, end);
             CREATE TABLE bucket (id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
             PRAGMA user_version = 8;",
        )
        .unwrap();
}
