//! Whatever a decision rested on is changed while the question is under way: before it is recorded, while it waits for a
//! place at an agency, while the agencies are held, and at any moment. What comes of it is what asking after the change would
//! give, or nothing. `CHANGES=200` tries each change at so many random moments, `CHANGES_SEED` the same ones again.

mod again;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use chrono::{NaiveTime, TimeDelta};
use ssbtek_access_log::{DocumentWrite, Payload};
use ssbtek_authorize::{
    AgencyTerms, Agent, AgentNotification, Ask, Attestation, Board, BoardState, Caller, Case, CaseState,
    CaseWorker, CertificateCheck, CertificateOwner, Denial, DocumentRef, Duty, Facts, FactsKey, Hours,
    InCases, InformationSet, Member, Provider, Published, QualificationItem, RegisteredCertificate, Registry,
    RegistryError, Restriction, Said, Whom,
};
use ssbtek_domain::{
    Agency, CaseId, Clock, Entropy, EntryId, OrganisationNumber, Processor, Role, SeededEntropy,
    SystemEntropy,
};
use ssbtek_fan_out::FanOutLimits;
use ssbtek_merge::OriginalsWanted;
use ssbtek_query::{Asking, Part, QueryError, QueryPath, Released};
use tokio::sync::Semaphore;

use crate::world::{
    AGENT, AGENTS_CERTIFICATE, BOARD, PERSONS, World, ask_with, documents, hash, id, organisation, person,
    question,
};

const PROVIDER: &str = "162021009994";
const AGENCIES: [Agency; 2] = [Agency::Fk, Agency::Csn];

/// Everything a decision rests on, as it stands before the change.
#[derive(Clone)]
struct Before {
    board: Board,
    account: CaseWorker,
    case: Case,
    provider: Provider,
    agent: Agent,
    notification: AgentNotification,
}

/// One change: what is written, and what else happens.
type Change = fn(&mut Before, &World, &Flags) -> Option<DocumentWrite>;

/// What is no document.
#[derive(Default)]
struct Flags {
    certificate_revoked: AtomicBool,
}

/// By its name: how the question is put, and what is changed.
const CHANGES: &[(&str, Way, Change)] = &[
    ("the case is closed", Way::Own, |b, w, _| {
        b.case.state = CaseState::Closed { at: w.clock.now() };
        None
    }),
    ("the person is marked as protected", Way::Own, |b, _, _| {
        b.case.members[0].protected = true;
        None
    }),
    ("another in the household is marked as protected", Way::Own, |b, _, _| {
        b.case.members[2].protected = true;
        None
    }),
    ("a mark is lifted", Way::OwnMarked, |b, _, _| {
        b.case.members[1].protected = false;
        None
    }),
    ("the role goes to somebody else", Way::Own, |b, _, _| {
        b.case.members[0].role = Role::CoApplicant;
        b.case.members[1].role = Role::Applicant;
        None
    }),
    ("a second person has the role", Way::Own, |b, _, _| {
        b.case.members[1].role = Role::Applicant;
        None
    }),
    ("the person leaves the household", Way::Own, |b, w, _| {
        b.case.members[0].to = Some(w.clock.today() - TimeDelta::days(1));
        None
    }),
    ("somebody joins the household", Way::Own, |b, _, _| {
        b.case.members.push(Member::new(person("19850101983"), Role::Child));
        None
    }),
    ("the person asked about by number changes role", Way::ByNumber, |b, _, _| {
        b.case.members[0].role = Role::CoApplicant;
        b.case.members[1].role = Role::Applicant;
        None
    }),
    ("the case goes to another account", Way::Own, |b, _, _| {
        b.case.case_workers = [id("bo")].into();
        None
    }),
    ("the provisional case is confirmed", Way::OwnProvisional, |b, _, _| {
        b.case.provisional_to = None;
        None
    }),
    ("the provisional case lapses", Way::OwnProvisional, |b, w, _| {
        b.case.provisional_to = Some(w.clock.today() - TimeDelta::days(1));
        None
    }),
    ("the person is restricted", Way::Own, restrict),
    ("the person asked about by number is restricted", Way::ByNumber, restrict),
    ("the person is learned to be protected", Way::Own, |b, w, _| learned(b, w, 0)),
    ("the person asked about by number is learned to be protected", Way::ByNumber, |b, w, _| {
        learned(b, w, 0)
    }),
    ("the person of an attested case is learned to be protected", Way::Attested, |b, w, _| learned(b, w, 1)),
    ("another in the household is learned to be protected", Way::Own, |b, w, _| learned(b, w, 2)),
    ("the person is learned to live with somebody protected elsewhere", Way::Own, |b, w, _| {
        let mut cases = InCases::default();
        cases.note_beside(&CaseId::parse("EB-OTHER").unwrap(), None, w.clock.now());
        let whose = person(PERSONS[0]);
        Some(documents::new(DocumentRef::protected_in_cases(b.board.organisation, &whose), &cases))
    }),
    ("the hours are set", Way::Own, |b, _, _| {
        let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
        b.board.rules.hours = Some(Hours { from: at(1), to: at(2), weekdays_only: false });
        None
    }),
    ("the hour passes", Way::OwnInHours, |_, w, _| {
        w.clock.set(w.clock.now() + TimeDelta::hours(6));
        None
    }),
    ("only others may be told of protected persons", Way::Own, |b, _, _| {
        b.board.rules.protected_only_for = Some([id("bo")].into());
        None
    }),
    ("fewer questions are allowed", Way::Own, |b, _, _| {
        b.board.rules.max_questions_an_hour = Some(1);
        None
    }),
    ("an agency is never to be asked", Way::Own, |b, _, _| {
        b.board.never_asked = [Agency::Fk].into();
        None
    }),
    ("no agency is to be asked", Way::Own, |b, _, _| {
        b.board.never_asked = AGENCIES.into();
        None
    }),
    ("the board is suspended", Way::Own, |b, _, _| {
        b.board.state = BoardState::Suspended;
        None
    }),
    ("the agreement ends", Way::Own, |b, w, _| {
        b.board.state = BoardState::Ended { on: w.clock.today() };
        None
    }),
    ("the board's certificate is revoked in the registry", Way::Own, |b, w, _| {
        b.board.certificates[0].revoked_at = Some(w.clock.now());
        None
    }),
    ("the key of the assertion is retired", Way::Own, |b, w, _| {
        b.board.assertion_keys[0].valid_until = Some(w.clock.now());
        None
    }),
    ("the certificate is revoked by its issuer", Way::Own, |_, _, flags| {
        flags.certificate_revoked.store(true, Ordering::SeqCst);
        None
    }),
    ("attestation ends", Way::Attested, |b, _, _| {
        b.board.attests_cases = None;
        None
    }),
    ("the attested case is registered, with others in it", Way::Attested, |b, _, _| {
        let mut case = documents::case("EB-OWN", &["anna"]);
        case.members.retain(|member| member.person != person(PERSONS[1]));
        Some(documents::new(DocumentRef::case(b.board.organisation, &case.id), &case))
    }),
    ("the account is blocked", Way::Own, |b, _, _| {
        b.account.blocked = true;
        None
    }),
    ("the account asks no more", Way::Own, |b, _, _| {
        b.account.duties = [Duty::KeepsCases].into();
        None
    }),
    ("an agency withdraws", Way::Own, |b, _, _| {
        let terms = AgencyTerms { information_set: InformationSet::Nothing, ..AgencyTerms::default() };
        b.provider.agencies.insert(Agency::Csn, terms);
        None
    }),
    ("instructions are published", Way::Own, |b, w, _| {
        let (valid_from, published_at) = (w.clock.today(), w.clock.now());
        let version =
            Published { version: "2".into(), valid_from, published_at, ..b.provider.instructions[0].clone() };
        b.provider.instructions.push(version);
        None
    }),
    ("a sub-processor starts", Way::Own, |b, _, _| {
        b.provider.sub_processors.push(crate::world::sub_processor(organisation("165560000999"), None));
        None
    }),
    ("the agent's agreement ends", Way::Agent, |b, w, _| {
        b.agent.ended_on = Some(w.clock.today() - TimeDelta::days(1));
        None
    }),
    ("the agent's qualification goes", Way::Agent, |b, _, _| {
        b.agent.qualification.remove(&QualificationItem::TaxesPaid);
        None
    }),
    ("the agent's certificate is revoked", Way::Agent, |b, w, _| {
        b.agent.certificates[0].revoked_at = Some(w.clock.now());
        None
    }),
    ("the agent's connection ends", Way::Agent, |b, w, _| {
        b.notification.ended_at = Some(w.clock.now());
        None
    }),
    ("the chain changes", Way::Agent, |b, _, _| {
        let link = Processor { organisation: organisation("165560000777"), name: "Mellanled".into() };
        b.notification.processors_before = vec![link];
        None
    }),
];

/// What another question has learned meanwhile.
fn learned(b: &mut Before, w: &World, nth: usize) -> Option<DocumentWrite> {
    let mut said = Said::default();
    said.hear_flag(Agency::Csn, &Default::default(), EntryId::from_bytes([7; 16]), w.clock.now());
    let whose = person(PERSONS[nth]);
    Some(documents::new(DocumentRef::said_of_person(b.board.organisation, &whose), &said))
}

fn restrict(b: &mut Before, w: &World, _: &Flags) -> Option<DocumentWrite> {
    let whom = person(PERSONS[0]);
    let restriction = Restriction {
        reference: "1".into(),
        by: id("admin"),
        since: w.clock.now(),
        lifted: None,
        placed_in: None,
    };
    Some(documents::new(DocumentRef::restriction(b.board.organisation, &whom), &restriction))
}

/// How the question is put.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Own,
    OwnMarked,
    OwnProvisional,
    OwnInHours,
    ByNumber,
    Attested,
    Agent,
}

/// When the change is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Moment {
    /// The facts have been read, the question is not recorded yet.
    BeforeIntent,
    /// The question is recorded, and waits for a place at the agencies.
    Waiting,
    /// The agencies hold the question.
    Held,
    /// At any moment: after so many turns of the scheduler, while each agency answers after so many.
    Any { change: u32, agencies: [u32; 2] },
}

impl Before {
    fn new(world: &World, way: Way) -> Self {
        let now = world.clock.now();
        let number = organisation(BOARD);
        let mut board = documents::board(number, now);
        board.state = BoardState::InForce;
        if way == Way::Attested {
            let today = world.clock.today();
            board.attests_cases = Attestation::new(today, today);
        }
        if way == Way::OwnInHours {
            let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
            board.rules.hours = Some(Hours { from: at(8), to: at(17), weekdays_only: false });
        }
        let mut case = documents::case("EB-1", &["anna", "bo"]);
        case.members[1].protected = way == Way::OwnMarked;
        case.provisional_to = (way == Way::OwnProvisional).then(|| world.clock.today());
        let instructions = Published {
            version: "1".into(),
            document: hash(3),
            valid_from: world.clock.today(),
            published_at: now,
        };
        let mut agent = documents::agent(organisation(AGENT), AGENTS_CERTIFICATE, now);
        agent.certificates = vec![RegisteredCertificate::new(&AGENTS_CERTIFICATE)];
        Self {
            account: documents::worker("anna", now),
            case,
            provider: Provider { instructions: vec![instructions], ..Provider::default() },
            notification: documents::notification(number, organisation(AGENT), now),
            agent,
            board,
        }
    }

    /// All documents, each to be the one after `version`.
    fn writes(&self, version: u64) -> [(OrganisationNumber, Vec<DocumentWrite>); 2] {
        fn write<T: serde::Serialize>(reference: DocumentRef, version: u64, body: &T) -> DocumentWrite {
            DocumentWrite::new(reference, version, body).unwrap()
        }
        let board = self.board.organisation;
        let own = vec![
            write(DocumentRef::board(board), version, &self.board),
            write(DocumentRef::case_worker(board, &self.account.id), version, &self.account),
            write(DocumentRef::case(board, &self.case.id), version, &self.case),
            write(
                DocumentRef::agent_notification(board, self.agent.organisation),
                version,
                &self.notification,
            ),
        ];
        let providers = vec![
            write(DocumentRef::provider(), version, &self.provider),
            write(DocumentRef::agent(self.agent.organisation), version, &self.agent),
        ];
        [(board, own), (organisation(PROVIDER), providers)]
    }
}

/// A registry that lets something happen after it was read.
struct Meddled {
    inner: Arc<dyn Registry>,
    meddle: Mutex<Option<futures::future::BoxFuture<'static, ()>>>,
}

#[async_trait]
impl Registry for Meddled {
    async fn certificate_owner(&self, of: &[u8; 32]) -> Result<Option<CertificateOwner>, RegistryError> {
        self.inner.certificate_owner(of).await
    }

    async fn facts(&self, key: &FactsKey) -> Result<Facts, RegistryError> {
        let facts = self.inner.facts(key).await;
        let meddle = self.meddle.lock().unwrap().take();
        if let Some(meddle) = meddle {
            meddle.await;
        }
        facts
    }
}

fn call(world: &World, way: Way) -> (Caller, Ask) {
    let mut ask = question(if way == Way::Attested { "EB-OWN" } else { "EB-1" });
    ask.agencies = AGENCIES.into();
    if matches!(way, Way::ByNumber | Way::Attested) {
        let nth = usize::from(way == Way::Attested);
        (ask.role, ask.person) = (None, Some(person(PERSONS[nth])));
    }
    let caller = match way {
        Way::Agent => world.through_agent("anna"),
        _ => world.caller("anna"),
    };
    (Caller { signed_with: Some("k1".into()), ..caller }, ask)
}

/// What an answer tells, as far as it does not differ from question to question.
fn told(answer: &Released) -> String {
    let report = answer.report();
    let sources = report.sources.iter().map(|source| (source.agency, source.outcome, &source.withheld));
    format!(
        "{:?} {:?} {} {:?} {:?}",
        report.role,
        report.person.expose(),
        answer.is_provisional(),
        report.protection,
        sources.collect::<Vec<_>>()
    )
}

/// What came of a question: of one person, under `None`; of a household, of each member.
type Came = Result<BTreeMap<Option<Whom>, Result<String, QueryError>>, Denial>;

/// How many are asked about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    One,
    Household,
}

async fn ask(
    path: Arc<QueryPath>,
    about: About,
    certificate: CertificateCheck,
    (caller, ask): (Caller, Ask),
) -> Came {
    if about == About::One {
        let answer = ask_with(&path, caller, ask, certificate).await?;
        return Ok([(None, Ok(told(&answer)))].into());
    }
    let (door, originals) = (ssbtek_access_log::Door::Grpc, OriginalsWanted::No);
    let within = Duration::from_secs(60);
    let asking = Asking { caller, ask, door, follows: None, originals, within, certificate };
    let mut parts = path.ask_household(asking, (), |_| Vec::new());
    loop {
        match parts.next().await.unwrap() {
            Ok(Part::Household(household)) => {
                let members = household.members().iter();
                let told = |answer: &Released| told(answer);
                return Ok(members
                    .map(|(whom, answer)| (Some(*whom), answer.as_ref().map(told).map_err(Clone::clone)))
                    .collect());
            }
            Ok(_) => {}
            Err(QueryError::Denied(denial)) => return Err(denial),
            Err(error) => panic!("{error}"),
        }
    }
}

/// Whether nothing was told but what asking after the change would give.
fn is_what_asking_after_gives(under_way: &Came, after: &Came) -> bool {
    let Ok(under_way) = under_way else { return true };
    let after: Vec<&String> =
        after.iter().flat_map(BTreeMap::values).filter_map(|told| told.as_ref().ok()).collect();
    under_way.iter().filter_map(|(whom, told)| Some((whom, told.as_ref().ok()?))).all(|(whom, told)| {
        // Who is asked about no longer may not have been known about: the others' answers then hold back more than they would.
        let held = |told: &str| told.replace("household_unchecked: true", "household_unchecked: false");
        after.contains(&told) || (whom.is_some() && after.iter().any(|after| held(after) == held(told)))
    })
}

struct Try {
    under_way: Came,
    after: Came,
    /// Questions that reached an agency, of the one under way alone.
    reached: u64,
    /// And of the one that was asked after the change.
    after_reached: u64,
    replays_agree: bool,
    /// The answer stood in the log before the change did.
    answered_before: bool,
}

async fn try_one(way: Way, about: About, change: Change, moment: Moment) -> Try {
    let world = Arc::new(World::new());
    let flags = Arc::new(Flags::default());
    let before = Before::new(&world, way);
    for (tree, writes) in before.writes(0) {
        world.write(tree, writes).await;
    }
    let certificate = {
        let flags = flags.clone();
        CertificateCheck::new(move |_| !flags.certificate_revoked.load(Ordering::SeqCst))
    };
    let make_change = {
        let (world, flags, mut after) = (world.clone(), flags.clone(), before.clone());
        async move {
            let extra = change(&mut after, &world, &flags);
            // The board's own last: once they stand in its log, all is changed.
            for (tree, writes) in after.writes(1).into_iter().rev() {
                world.write(tree, writes).await;
            }
            if let Some(extra) = extra {
                world.write(after.board.organisation, vec![extra]).await;
            }
        }
    };
    let gate = Arc::new(Semaphore::new(0));
    let meddled = Arc::new(Meddled { inner: world.store.clone(), meddle: Mutex::default() });
    // One place: what is asked while it is taken waits for it.
    let limits = FanOutLimits { max_in_flight_per_source: 1, ..FanOutLimits::default() };
    let (path, arrived) = world.path_over(meddled.clone(), limits, &AGENCIES, Some(gate.clone())).await;
    let mut first = None;
    if moment == Moment::Waiting {
        let (case, caller) = ("EB-2", Caller { case_worker: id("bo"), ..world.caller("bo") });
        let (document, worker) = (documents::case(case, &["bo"]), documents::worker("bo", world.clock.now()));
        let board = organisation(BOARD);
        let writes = vec![
            documents::new(DocumentRef::case(board, &document.id), &document),
            documents::new(DocumentRef::case_worker(board, &worker.id), &worker),
        ];
        world.write(board, writes).await;
        let mut of_another = question(case);
        of_another.agencies = AGENCIES.into();
        let good = CertificateCheck::new(|_| true);
        first = Some(tokio::spawn(ask(path.clone(), About::One, good, (caller, of_another))));
        arrived.acquire_many(2).await.unwrap().forget();
    }
    let calls_before = world.calls.load(Ordering::SeqCst);
    let intents = |world: Arc<World>| async move {
        let records = world.records(organisation(BOARD)).await;
        records.iter().filter(|record| matches!(record.payload, Some(Payload::Intent(_)))).count()
    };
    let intents_before = intents(world.clone()).await;
    if moment == Moment::BeforeIntent {
        *meddled.meddle.lock().unwrap() = Some(Box::pin(make_change));
        gate.add_permits(1000);
        let under_way = ask(path.clone(), about, certificate.clone(), call(&world, way)).await;
        return finish(world, path, (way, about), certificate, under_way, calls_before).await;
    }
    let question = tokio::spawn(ask(path.clone(), about, certificate.clone(), call(&world, way)));
    if let Moment::Any { change, agencies } = moment {
        let of_each = if about == About::Household { PERSONS.len() } else { 1 };
        for turns in agencies {
            let gate = gate.clone();
            tokio::spawn(async move {
                pass(turns).await;
                gate.add_permits(of_each);
            });
        }
        pass(change).await;
        make_change.await;
        let under_way = question.await.unwrap();
        gate.add_permits(1000);
        return finish(world, path, (way, about), certificate, under_way, calls_before).await;
    }
    match moment {
        Moment::Held => arrived.acquire_many(2).await.unwrap().forget(),
        _ => {
            while intents(world.clone()).await == intents_before {
                tokio::task::yield_now().await;
            }
        }
    }
    make_change.await;
    gate.add_permits(1000);
    let under_way = question.await.unwrap();
    if let Some(first) = first {
        // Its own facts may have been changed too.
        let _ = first.await.unwrap();
    }
    finish(world, path, (way, about), certificate, under_way, calls_before).await
}

/// Lets others go on.
async fn pass(turns: u32) {
    for _ in 0..turns {
        tokio::task::yield_now().await;
    }
}

/// Whether the board's log has an answer before the last change, and how many questions and answers it has in all.
async fn answered_before(world: &World) -> bool {
    let records = world.records(organisation(BOARD)).await;
    let answer = records.iter().position(|record| matches!(record.payload, Some(Payload::Release(_))));
    let change =
        records.iter().rposition(|record| matches!(record.payload, Some(Payload::RegistryChange(_))));
    answer < change && answer.is_some()
}

async fn finish(
    world: Arc<World>,
    path: Arc<QueryPath>,
    (way, about): (Way, About),
    certificate: CertificateCheck,
    under_way: Came,
    calls_before: u64,
) -> Try {
    let reached = world.calls.load(Ordering::SeqCst) - calls_before;
    let answered_before = answered_before(&world).await;
    let after = ask(path, about, certificate, call(&world, way)).await;
    let after_reached = world.calls.load(Ordering::SeqCst) - calls_before - reached;
    let board = organisation(BOARD);
    let mut replays_agree = true;
    for record in world.records(board).await {
        if matches!(record.payload, Some(Payload::Intent(_) | Payload::Denial(_))) {
            replays_agree &= world.desk.replay(&[board], record.header.entry).await.unwrap().agrees();
        }
    }
    Try { under_way, after, reached, after_reached, replays_agree, answered_before }
}

/// Each change, with each way of asking about one person or a household in which it can be asked.
fn changes() -> impl Iterator<Item = (&'static str, Way, About, Change)> {
    // A household has no number to be asked about by, and a case that is attested has no household.
    let of_household = CHANGES.iter().filter(|(_, way, _)| !matches!(way, Way::ByNumber | Way::Attested));
    let one = CHANGES.iter().map(|(name, way, change)| (*name, *way, About::One, *change));
    one.chain(of_household.map(|(name, way, change)| (*name, *way, About::Household, *change)))
}

async fn every_change_at(moment: Moment) {
    for (name, way, about, change) in changes() {
        let trying = try_one(way, about, change, moment);
        let tried = tokio::time::timeout(Duration::from_secs(60), trying).await.unwrap();
        let name = format!("{name}{}", if about == About::Household { ", of a household" } else { "" });
        let what = format!("{name}, {moment:?}: {:?}, asked after: {:?}", tried.under_way, tried.after);
        // The one that was under way is the one that is allowed.
        if moment == Moment::BeforeIntent && name == "fewer questions are allowed" {
            assert!(tried.under_way.is_ok(), "{what}");
            continue;
        }
        assert!(is_what_asking_after_gives(&tried.under_way, &tried.after), "{what}");
        // Who is in the household when it is recorded is who is asked about.
        if let (Moment::BeforeIntent, Ok(under_way), Ok(after)) = (moment, &tried.under_way, &tried.after) {
            assert!(under_way.keys().eq(after.keys()), "{what}");
        }
        if moment != Moment::Held {
            assert!(tried.reached <= tried.after_reached, "{what}: {} agencies were asked", tried.reached);
        }
        assert!(tried.replays_agree, "{what}: a replay says something else");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changes_before_the_question_is_recorded_is_what_it_is_decided_on() {
    every_change_at(Moment::BeforeIntent).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changes_while_a_question_waits_for_its_place_reaches_no_agency() {
    every_change_at(Moment::Waiting).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changes_while_the_agencies_are_held_gives_what_asking_after_it_would_or_nothing() {
    every_change_at(Moment::Held).await;
}

/// Random moments: from at once to long after everything, the early ones as many as the late.
fn moments(seed: u64) -> impl Iterator<Item = Moment> {
    let entropy = SeededEntropy::new(seed);
    let draw = move || {
        let mut bytes = [0; 8];
        entropy.fill(&mut bytes);
        let [power, rest] =
            [&bytes[..4], &bytes[4..]].map(|half| u32::from_be_bytes(half.try_into().unwrap()));
        rest % (1 << (power % 15))
    };
    std::iter::from_fn(move || Some(Moment::Any { change: draw(), agencies: [draw(), draw()] }))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changes_at_any_moment_gives_what_asking_after_it_would_or_nothing() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let each = number("CHANGES").unwrap_or(3) as usize;
    let seed = number("CHANGES_SEED").unwrap_or_else(|| {
        let mut drawn = [0; 8];
        SystemEntropy.fill(&mut drawn);
        u64::from_be_bytes(drawn)
    });
    eprintln!("CHANGES_SEED={seed}");
    let mut moments = moments(seed);
    let (mut told_after, mut refused, mut answered_before) = (0, 0, 0);
    for (name, way, about, change) in changes() {
        // A household is several questions.
        let each = if about == About::Household { each.div_ceil(3) } else { each };
        for moment in moments.by_ref().take(each) {
            let trying = try_one(way, about, change, moment);
            let tried = tokio::time::timeout(Duration::from_secs(60), trying).await.unwrap();
            let what = format!("{name}, {moment:?}: {:?}, asked after: {:?}", tried.under_way, tried.after);
            assert!(tried.replays_agree, "{what}: a replay says something else");
            match &tried.under_way {
                Ok(_) if tried.answered_before => answered_before += 1,
                // The one that was under way is the one that is allowed.
                Ok(_) if name == "fewer questions are allowed" => {}
                Ok(_) => {
                    assert!(is_what_asking_after_gives(&tried.under_way, &tried.after), "{what}");
                    told_after += 1;
                }
                Err(_) => refused += 1,
            }
        }
    }
    println!("{told_after} as after the change, {refused} refused, {answered_before} answered before it");
    assert!(told_after + refused > CHANGES.len() * each / 4, "most changes came after the answer");
}
