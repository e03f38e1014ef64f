//! A board whose log is generated from a seed: many accounts, persons, cases, units, agents and outcomes.

use std::sync::Arc;

use chrono::TimeDelta;
use ssbtek_access_log::{
    AccessLog, Disclosure, DocumentWrite, Door, Manifest, ManifestLine, Reading, Refused, ReviewOutcome,
    SampleRules, SourceOutcome,
};
use ssbtek_authorize::{Ask, AskLimits, Caller, Denial, DocumentRef, Provider, RawAsk, Registry, decide};
use ssbtek_domain::{
    Agency, Clock, DateTime, Entropy, EntryId, FixedClock, Information, OrganisationNumber, Outcome,
    Personnummer, Processor, Protection, Role, SeededEntropy, Source, SystemEntropy, Utc,
};
use ssbtek_log_store::{Around, CheckpointSigner, Poison, Store};
use ssbtek_store_sqlite::SqliteOptions;
use ssbtek_vault::DirectoryVault;

pub(crate) const CERTIFICATE: [u8; 32] = [7; 32];
pub(crate) const WORKERS: [(&str, &str); 4] =
    [("anna", "Norr"), ("bo", "Norr"), ("cilla", "Söder"), ("dan", "Söder")];
/// An organisation between the board and the broker.
pub(crate) const AGENT: &str = "162021009994";

pub(crate) fn board() -> OrganisationNumber {
    OrganisationNumber::parse("162120009994").unwrap()
}

/// Test persons, each the applicant of a case of the same number.
pub(crate) fn person(n: usize) -> Personnummer {
    let front = format!("1980010{}980", n + 1);
    let with = (0..10).map(|digit| format!("{front}{digit}"));
    with.filter_map(|text| Personnummer::parse_undated(&text).ok()).next().unwrap()
}

pub(crate) const PERSONS: usize = 5;

/// A log with everything that makes one.
pub(crate) struct World {
    pub(crate) log: AccessLog,
    pub(crate) clock: Arc<FixedClock>,
    store: Arc<Store>,
    chance: SeededEntropy,
    _files: tempfile::TempDir,
}

impl World {
    pub(crate) async fn new(seed: u64) -> Self {
        let files = tempfile::tempdir().unwrap();
        let now: DateTime<Utc> = "2026-11-02T08:00:00Z".parse().unwrap();
        let clock = Arc::new(FixedClock::at(now));
        let keys = files.path().join("keys");
        let vault = Arc::new(DirectoryVault::open(&keys, Arc::new(SystemEntropy)).unwrap());
        let signer = Arc::new(CheckpointSigner::new("log.example.se", vault.clone()));
        let options = SqliteOptions::at(&files.path().join("broker.db"));
        let entropy = Arc::new(SystemEntropy);
        let at = clock.clone();
        let store = Arc::new(
            ssbtek_store_sqlite::open(
                &options,
                Around { vault: vault.clone(), signer, clock: at, entropy, poison: Poison::default() },
            )
            .unwrap(),
        );
        let log = AccessLog::new(store.clone(), vault, clock.clone(), Arc::new(SystemEntropy));
        let world = Self { log, clock, store, chance: SeededEntropy::new(seed), _files: files };
        world.register().await;
        world
    }

    async fn register(&self) {
        let now = self.clock.now();
        let write = |reference, body: &dyn erased::Body| body.write(reference);
        let mut documents = vec![
            write(DocumentRef::provider(), &ssbtek_example::provider(now)),
            write(DocumentRef::board(board()), &ssbtek_example::board(board(), &CERTIFICATE, now)),
        ];
        for (id, unit) in WORKERS {
            let mut worker = ssbtek_example::case_worker(id, now);
            worker.unit = ssbtek_domain::Unit::parse(unit).unwrap();
            documents.push(write(DocumentRef::case_worker(board(), &worker.id), &worker));
        }
        for n in 0..PERSONS {
            let mut case = ssbtek_example::case(&format!("EB-{n}"), "anna", &person(n));
            case.case_workers =
                WORKERS.iter().map(|(id, _)| ssbtek_domain::CaseWorkerId::parse(id).unwrap()).collect();
            documents.push(write(DocumentRef::case(board(), &case.id), &case));
        }
        for document in documents {
            self.log.change(board(), "operator", "register", None, vec![document]).await.unwrap();
        }
        assert!(self.log.document::<Provider>(&DocumentRef::provider()).await.unwrap().is_some());
    }

    /// A number below `bound`, by the seed.
    pub(crate) fn below(&self, bound: usize) -> usize {
        let mut bytes = [0; 8];
        self.chance.fill(&mut bytes);
        usize::try_from(u64::from_le_bytes(bytes) % bound as u64).unwrap()
    }

    pub(crate) fn caller(&self, account: &str, through_agent: bool) -> Caller {
        let mut token = [0; 32];
        SystemEntropy.fill(&mut token);
        // After whatever a test sets the clock to: a token that would have expired by then counts as used.
        let expires_at = "2030-01-01T00:00:00Z".parse().unwrap();
        let mut caller = ssbtek_example::caller(board(), account, CERTIFICATE, token, expires_at);
        if through_agent {
            let organisation = OrganisationNumber::parse(AGENT).unwrap();
            caller.processors = vec![Processor { organisation, name: "Ombudet".to_owned() }];
        }
        caller
    }

    /// One thing that happens, by the seed.
    pub(crate) async fn something_happens(&self) {
        self.clock.advance(TimeDelta::seconds(self.below(7200) as i64));
        let (account, _) = WORKERS[self.below(WORKERS.len())];
        match self.below(10) {
            0 => {
                let reading = Reading::by("list", "person", person(self.below(PERSONS)).expose(), Some(3));
                self.log.record_reading(&self.caller("greta", false), reading, None).await.unwrap();
            }
            1 => {
                let caller = self.caller("greta", false);
                let rules = SampleRules { random: 3, ..SampleRules::default() };
                let drawn = self.log.draw_sample(&caller, "2026-11", "published seed", rules, None).await;
                let Some(entry) = drawn.unwrap().unwrap().entries.first().map(|one| one.entry) else {
                    return;
                };
                let (outcome, signed) = (ReviewOutcome::NoRemark, "signed".to_owned());
                let review = self.log.record_review(&caller, "2026-11", entry, outcome, signed, None);
                review.await.unwrap();
            }
            2 => {
                let case = ssbtek_domain::CaseId::parse(&format!("EB-{}", self.below(PERSONS))).unwrap();
                let body = ssbtek_example::case(case.as_str(), "anna", &person(0));
                let write = DocumentWrite::new(DocumentRef::case(board(), &case), 99, &body).unwrap();
                // The version is wrong on purpose: a change that is refused leaves no entry.
                self.log.change(board(), "system", "set_members", None, vec![write]).await.unwrap_err();
            }
            _ => drop(self.ask(account, self.below(PERSONS)).await),
        }
    }

    /// A question, refused, left open, or answered with whatever the seed says.
    pub(crate) async fn ask(&self, account: &str, n: usize) -> Option<EntryId> {
        let caller = self.caller(account, self.below(3) == 0);
        let (case, number) = (format!("EB-{n}"), person(n));
        let raw = RawAsk {
            case_id: &case,
            role: Some(Role::Applicant),
            person_number: Some(number.expose()),
            from: "2026-09-01",
            to: "2026-11-01",
            ..RawAsk::default()
        };
        let ask = Ask::parse(&raw, &AskLimits::default(), self.clock.today()).unwrap();
        let facts = self.store.facts(&caller.facts_key(Some(ask.case.clone()))).await.unwrap();
        if self.below(6) == 0 {
            let refused = Refused::new(Some(&ask), Denial::CaseClosed, vec![], self.clock.now(), Door::Grpc);
            self.log.refuse(&caller, refused).await.unwrap();
            return None;
        }
        let permit = decide(&caller, &ask, &facts.under(&ssbtek_example::law()), self.clock.now()).unwrap();
        let some = permit.agencies().iter().filter(|_| self.below(3) > 0);
        let line = |(agency, basis): &(Agency, _)| ManifestLine {
            source: Source::Agency(*agency),
            period: permit.period(),
            basis: Clone::clone(basis),
            kinds: Information::of(*agency).into_iter().collect(),
            without_ground: vec![],
            note: None,
            case_alias: None,
        };
        let manifest = Manifest { ask: some.map(line).collect(), ..Manifest::default() };
        let opened = self.log.open(&permit, &manifest, Door::Grpc).await.unwrap();
        let entry = opened.entry();
        if self.below(8) == 0 {
            return Some(entry);
        }
        let outcome = |line: &ManifestLine| SourceOutcome {
            source: line.source.clone(),
            outcome: Outcome::ALL[self.below(Outcome::ALL.len())],
        };
        let levels = [
            Protection::None,
            Protection::NotKnown,
            Protection::Sekretessmarkering,
            Protection::SkyddadFolkbokforing,
        ];
        let disclosure = Disclosure {
            outcomes: manifest.ask.iter().map(outcome).collect(),
            kinds: vec!["payments".to_owned()],
            ..Disclosure::nothing(levels[self.below(levels.len())])
        };
        self.log.close(opened, &permit, &disclosure, &ssbtek_authorize::Learned::default()).await.unwrap();
        Some(entry)
    }
}

/// Documents of several types in one list.
mod erased {
    use ssbtek_access_log::DocumentWrite;
    use ssbtek_authorize::DocumentRef;

    pub(super) trait Body {
        fn write(&self, reference: DocumentRef) -> DocumentWrite;
    }

    impl<T: serde::Serialize> Body for T {
        fn write(&self, reference: DocumentRef) -> DocumentWrite {
            DocumentWrite::new(reference, 0, self).unwrap()
        }
    }
}
