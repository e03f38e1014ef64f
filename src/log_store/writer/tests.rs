//! What the writer promises whoever waits for it: a fault is said at once, ends are always taken, work is bounded.

use std::sync::{Arc, mpsc};

use ssbtek_access_log::{
    AccessLog, Disclosure, DocumentWrite, Door, LogError, LogKeys, LogStore, Manifest, Opened, Refused,
    TreeStore,
};
use ssbtek_authorize::{
    Ask, AskLimits, Caller, Denial, DocumentRef, Facts, Permit, RawAsk, Registry, decide,
};
use ssbtek_domain::{
    CaseWorkerId, Clock, DateTime, Entropy, FixedClock, Personnummer, Protection, Role, SystemEntropy, Utc,
};
use ssbtek_vault::DirectoryVault;
use tempfile::TempDir;

use super::*;
use crate::{
    Around, CheckpointSigner, Store, StoreOptions,
    engine::{Done, Rows as _},
    memory::Memory,
    rows::{LogKeyRow, TermsRow},
};

struct World {
    store: Arc<Store>,
    engine: Memory,
    log: AccessLog,
    clock: Arc<FixedClock>,
    /// Whether the process was told to end.
    poison: Poison,
    files: TempDir,
}

fn board() -> OrganisationNumber {
    OrganisationNumber::parse("162120009994").unwrap()
}

impl World {
    fn new(max_queue: usize) -> Self {
        let now: DateTime<Utc> = "2026-11-22T12:00:00Z".parse().unwrap();
        let clock = Arc::new(FixedClock::at(now));
        Self::open(tempfile::tempdir().unwrap(), max_queue, clock, Memory::default())
    }

    fn open(files: TempDir, max_queue: usize, clock: Arc<FixedClock>, engine: Memory) -> Self {
        let keys = files.path().join("keys");
        let vault = Arc::new(DirectoryVault::open(&keys, Arc::new(SystemEntropy)).unwrap());
        let signer = Arc::new(CheckpointSigner::new("log.example.se", vault.clone()));
        let options = StoreOptions { max_queue, ..StoreOptions::default() };
        let poison = Poison::default();
        let entropy = Arc::new(SystemEntropy);
        let (vault_of, clock_of) = (vault.clone(), clock.clone());
        let around = Around {
            vault: vault_of,
            signer,
            clock: clock_of,
            entropy: entropy.clone(),
            poison: poison.clone(),
        };
        let store = Arc::new(Store::open(Arc::new(engine.clone()), &options, around).unwrap());
        let log = AccessLog::new(store.clone(), vault, clock.clone(), entropy);
        Self { store, engine, log, clock, poison, files }
    }

    async fn reopened(self) -> Self {
        self.store.close().await;
        Self::open(self.files, 64, self.clock, self.engine)
    }

    /// Registers what a question of this account needs and `facts` lacks.
    async fn register(&self, account: &str, most: Option<u32>, facts: &Facts) {
        let now = self.clock.now();
        if facts.provider.is_none() {
            self.store_document(DocumentRef::provider(), &ssbtek_example::provider(now)).await;
            let person = Personnummer::parse_undated("198001019804").unwrap();
            let mut case = ssbtek_example::case("EB-1", "anna", &person);
            case.case_workers.insert(CaseWorkerId::parse("bo").unwrap());
            self.store_document(DocumentRef::board(board()), &ssbtek_example::board(board(), &[7; 32], now))
                .await;
            self.store_document(DocumentRef::case(board(), &case.id), &case).await;
        }
        if facts.case_worker.is_none() {
            let worker = ssbtek_example::case_worker(account, now);
            self.store_document(DocumentRef::case_worker(board(), &worker.id), &worker).await;
        }
        if facts.board.as_ref().map(|board| board.body.rules.max_questions_an_hour) != Some(most) {
            let mut of_board = ssbtek_example::board(board(), &[7; 32], now);
            of_board.rules.max_questions_an_hour = most;
            self.store_document(DocumentRef::board(board()), &of_board).await;
        }
    }

    async fn store_document<T: serde::Serialize>(&self, reference: DocumentRef, body: &T) {
        let version = self.store.newest_version(&reference).await.unwrap();
        let write = DocumentWrite::new(reference, version, body).unwrap();
        self.log.change(board(), "operator", "register", None, vec![write]).await.unwrap();
    }

    async fn ask(&self, account: &str, most: Option<u32>) -> (Caller, Ask, Permit) {
        let (now, certificate) = (self.clock.now(), [7; 32]);
        let mut token = [0; 32];
        SystemEntropy.fill(&mut token);
        let caller = ssbtek_example::caller(board(), account, certificate, token, now);
        let raw = RawAsk {
            case_id: "EB-1",
            role: Some(Role::Applicant),
            from: "2026-09-01",
            to: "2026-11-22",
            ..RawAsk::default()
        };
        let ask = Ask::parse(&raw, &AskLimits::default(), now.date_naive()).unwrap();
        let key = caller.facts_key(Some(ask.case.clone()));
        self.register(account, most, &self.store.facts(&key).await.unwrap()).await;
        let facts = self.store.facts(&key).await.unwrap();
        let permit = decide(&caller, &ask, &facts.under(&ssbtek_example::law()), now).unwrap();
        (caller, ask, permit)
    }

    async fn opened(&self, account: &str, most: Option<u32>) -> Result<Opened, LogError> {
        let (_, _, permit) = self.ask(account, most).await;
        self.log.open(&permit, &Manifest::default(), Door::Grpc).await
    }

    async fn refuse(&self, account: &str) {
        let (caller, ask, _) = self.ask(account, None).await;
        let refused = Refused::new(Some(&ask), Denial::CaseClosed, vec![], self.clock.now(), Door::Grpc);
        self.log.refuse(&caller, refused).await.unwrap();
    }

    /// Rows that the engine looks at for one question.
    async fn steps_of_a_question(&self, account: &str) -> u64 {
        let (_, _, permit) = self.ask(account, Some(1_000_000)).await;
        let before = self.engine.rows_read();
        drop(self.log.open(&permit, &Manifest::default(), Door::Grpc).await.unwrap());
        self.engine.rows_read() - before
    }
}

fn disclosure() -> Disclosure {
    Disclosure::nothing(Protection::None)
}

#[tokio::test]
async fn a_writer_that_panics_poisons_the_store_and_says_so() {
    let world = World::new(64);
    world.ask("anna", None).await;
    let panicked = world.store.on_writer(None, |_| -> Done<()> { panic!("as tried") }).await;
    assert!(panicked.is_err());
    // Whoever comes next knows of it by then: the writer is gone.
    assert_eq!(world.opened("anna", None).await.unwrap_err(), LogError::Poisoned);
    assert!(world.poison.is_set(), "the process is told to end");
}

#[tokio::test]
async fn an_answer_is_recorded_also_when_the_queue_is_full() {
    let world = World::new(1);
    let (_, _, permit) = world.ask("anna", None).await;
    let opened = world.log.open(&permit, &Manifest::default(), Door::Grpc).await.unwrap();
    // The writer is held, and one more job fills the queue.
    let (release, held) = mpsc::channel::<()>();
    let (began, begun) = tokio::sync::oneshot::channel();
    let hold = world.store.on_writer(None, move |_| {
        let _ = began.send(());
        let _ = held.recv();
        Ok(())
    });
    let (world, permit) = (&world, &permit);
    let others = async {
        begun.await.unwrap();
        world.store.jobs.try_send(Box::new(Work::Maintain(Box::new(|_| ())))).unwrap();
        let what = disclosure();
        let nothing = ssbtek_authorize::Learned::default();
        let close = world.log.close(opened, permit, &what, &nothing);
        let let_go = async {
            // By now the others have met the full queue: a question is refused at once.
            let refused = world.opened("anna", None).await.unwrap_err();
            assert_eq!(refused, LogError::Unavailable);
            release.send(()).unwrap();
        };
        let (closed, ()) = tokio::join!(close, let_go);
        closed
    };
    let (_, closed) = tokio::join!(hold, others);
    closed.unwrap();
    assert!(world.store.open_entries().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_question_whose_task_panics_or_whose_end_is_not_recorded_is_ended_without_a_restart() {
    let world = World::new(64);
    drop(world.opened("anna", None).await.unwrap());
    let opened = world.opened("anna", None).await.unwrap();
    let task = tokio::spawn(async move {
        let _opened = opened;
        panic!("as tried");
    });
    assert!(task.await.is_err());
    let (_, _, permit) = world.ask("anna", None).await;
    let answered = world.log.open(&permit, &Manifest::default(), Door::Grpc).await.unwrap();
    let entries = || async { world.store.open_entries().await.unwrap().len() };
    assert_eq!(entries().await, 3);
    assert_eq!(world.log.end_left_open().await, 2, "not the one that is under way");
    assert_eq!(entries().await, 1);
    assert_eq!(world.log.end_left_open().await, 0);
    drop(answered);
    assert_eq!(world.log.end_left_open().await, 1);
}

#[tokio::test]
async fn a_bound_on_questions_costs_the_same_however_much_the_account_was_refused() {
    let world = World::new(4096);
    for _ in 0..5 {
        world.refuse("anna").await;
    }
    let few = world.steps_of_a_question("anna").await;
    for _ in 0..600 {
        world.refuse("anna").await;
    }
    let many = world.steps_of_a_question("anna").await;
    assert!(few > 0 && many <= few * 2, "{few} steps after 5 refusals, {many} after 600");
}

#[tokio::test]
async fn a_bound_on_questions_holds_for_an_hour_over_restarts_and_counts_nothing_else() {
    let mut world = World::new(64);
    for _ in 0..3 {
        drop(world.opened("anna", Some(3)).await.unwrap());
        world.refuse("anna").await;
    }
    let too_many = || LogError::Denied(Denial::TooManyQuestions);
    assert_eq!(world.opened("anna", Some(3)).await.unwrap_err(), too_many());
    world = world.reopened().await;
    assert_eq!(world.opened("anna", Some(3)).await.unwrap_err(), too_many());
    drop(world.opened("anna", Some(4)).await.unwrap());
    drop(world.opened("bo", Some(1)).await.unwrap());
    world.clock.advance(chrono::TimeDelta::milliseconds(3_599_999));
    assert_eq!(world.opened("anna", Some(3)).await.unwrap_err(), too_many());
    world.clock.advance(chrono::TimeDelta::milliseconds(1));
    drop(world.opened("anna", Some(1)).await.unwrap());
}

#[tokio::test]
async fn a_bound_on_questions_holds_over_a_restart_whatever_the_clock_did_before() {
    let hours = chrono::TimeDelta::hours;
    for steps in [vec![-5], vec![-5, -9, -3], vec![7, -5], vec![-2, 7, -5]] {
        let mut world = World::new(64);
        let now = world.clock.now();
        for at in 0..3 {
            drop(world.opened("anna", Some(3)).await.unwrap());
            if let Some(step) = steps.get(at) {
                // Records of another time between those of this hour.
                world.clock.set(now + hours(*step));
                world.refuse("bo").await;
                world.refuse("bo").await;
            }
            world.clock.set(now);
        }
        world.refuse("bo").await;
        world.clock.set(now - hours(6));
        world.refuse("bo").await;
        world.clock.set(now);
        world = world.reopened().await;
        let refused = world.opened("anna", Some(3)).await;
        assert_eq!(refused.unwrap_err(), LogError::Denied(Denial::TooManyQuestions), "{steps:?}");
    }
}

#[tokio::test]
async fn the_latest_record_is_told_also_after_a_step_back_and_a_restart_until_another_clock_confirms() {
    let mut world = World::new(64);
    let noon = world.clock.now();
    world.refuse("anna").await;
    let earlier = noon - chrono::TimeDelta::hours(3);
    world.clock.set(earlier);
    for _ in 0..2 {
        world.refuse("anna").await;
        assert_eq!(world.store.latest_time().await.unwrap(), Some(noon));
        world = world.reopened().await;
        assert_eq!(world.store.latest_time().await.unwrap(), Some(noon));
    }
    world.store.confirm_times().await.unwrap();
    assert_eq!(world.store.latest_time().await.unwrap(), Some(earlier));
    // A step that comes later counts again.
    world.clock.set(earlier - chrono::TimeDelta::hours(1));
    world.refuse("anna").await;
    assert_eq!(world.store.latest_time().await.unwrap(), Some(earlier));
}

#[tokio::test]
async fn records_that_come_a_little_out_of_order_are_no_step() {
    let world = World::new(64);
    let noon = world.clock.now();
    for second in [0, 30, -29, 31, 2] {
        world.clock.set(noon + chrono::TimeDelta::seconds(second));
        world.refuse("anna").await;
    }
    assert_eq!(world.engine.rows().steps_back(None).unwrap(), []);
}

#[tokio::test]
async fn what_is_damaged_of_one_board_keeps_nobody_else_from_starting() {
    let other = OrganisationNumber::parse("162120008988").unwrap();
    let month = format!("log.{}.2026-11", board());
    for damaged in ["signing key", "month's key", "row of a log key"] {
        let mut world = World::new(64);
        let change = async |world: &World, of, action: &'static str| {
            world.log.change(of, "operator", action, None, Vec::new()).await
        };
        // One question of each is left open.
        drop(world.opened("anna", None).await.unwrap());
        change(&world, other, "begins").await.unwrap();
        let key = |name: &str| world.files.path().join("keys").join(name);
        match damaged {
            "signing key" => std::fs::write(key(&format!("sign.{}", board())), "short").unwrap(),
            "month's key" => {
                std::fs::remove_file(key(&month)).unwrap();
                std::fs::create_dir(key(&month)).unwrap();
            }
            _ => {
                world.store.rotate_log_key(board()).await.unwrap();
                let damage = world.store.in_transaction(board(), |changes| {
                    let row = changes.log_keys(None)?.pop().ok_or(Fault::Io)?;
                    changes.set_log_key(&LogKeyRow { first_size: 99, ..row })
                });
                damage.await.unwrap();
            }
        }
        world = world.reopened().await;
        assert_eq!(world.log.recover().await, Ok(0), "{damaged}: the end of one board's is not recorded yet");
        assert!(change(&world, board(), "damaged").await.is_err(), "{damaged}");
        change(&world, other, "sound").await.expect(damaged);
        assert!(!world.poison.is_set(), "{damaged}");
        assert_eq!(world.log.end_left_open().await, 0, "{damaged}: and is tried again");
    }
}

#[tokio::test]
async fn what_one_boards_damaged_terms_keep_from_being_written_is_that_boards_alone() {
    let world = World::new(64);
    let other = OrganisationNumber::parse("162120008988").unwrap();
    world.refuse("anna").await;
    let change = |board, action| world.log.change(board, "operator", action, None, Vec::new());
    change(other, "as_it_is").await.unwrap();
    let damage = world.store.in_transaction(board(), |changes| {
        let row = changes.terms(board().as_str())?.ok_or(Fault::Io)?;
        changes.set_terms(&TermsRow { log_months: Some(99), ..row })
    });
    damage.await.unwrap();
    for _ in 0..2 {
        // Both at once, so that they may come into one group.
        let (damaged, sound) = tokio::join!(change(board(), "damaged"), change(other, "sound"));
        assert!(damaged.is_err(), "written on terms that nobody can tell");
        sound.expect("one board's row stopped another");
    }
    let vault = world.store.vault.clone();
    let closed = world
        .store
        .in_transaction(board(), move |changes| crate::retention::close(changes, &*vault, board()));
    assert!(closed.await.is_err());
    change(other, "after_a_purge_was_tried").await.expect("one board's row stopped another");
    assert!(!world.poison.is_set());
}
