//! Two of a household asked about together, and everything that three agencies can say or not say of each: what tells where they live
//! comes with the last part, and only where each agency has said of each that the person is not protected. `HOUSEHOLDS=all` tries flags
//! and silences mixed as well.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use ssbtek_access_log::{Door, Filter, LoggedRecord, Payload};
use ssbtek_agencies::Connector;
use ssbtek_authorize::{Ask, Case, CertificateCheck, DocumentRef, Member, Whom};
use ssbtek_domain::{
    Agency, CaseId, Clock, Outcome, Personnummer, Processor, Protection, Question, Role, Source,
    SourceAnswer,
    sections::{
        Section, af,
        csn::{self, Mark},
        fk::{
            self,
            common::PersonRole,
            matter::{Matter, MatterKind},
            person::{Address, GeneralInformation, Person, PersonInRole},
        },
    },
};
use ssbtek_fan_out::{FanOut, FanOutLimits};
use ssbtek_merge::{OriginalsWanted, Report};
use ssbtek_query::{Asking, Part, QueryPath};
use tokio::{sync::watch, time::Instant};

use crate::world::{BOARD, World, documents, id, organisation, question};

/// Those that can say that somebody is protected.
const AGENCIES: [Agency; 3] = [Agency::Af, Agency::Csn, Agency::Fk];
const STREET: &str = "CANARYGATAN 7";

/// What an agency has to say of a person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Says {
    NotProtected,
    Protected,
    /// It does not answer.
    Nothing,
    /// It answers, and leaves out whether it is so. Arbetsförmedlingen only.
    LeftOut,
    /// That the other one is; of the person, that there is no protection. Försäkringskassan only, which names others.
    OtherProtected,
}

use Says::{LeftOut, NotProtected, Nothing, OtherProtected, Protected};

/// Who says what, and in which order the answers come.
#[derive(Default)]
struct Script {
    says: BTreeMap<(Personnummer, Agency), (Says, usize)>,
    other: BTreeMap<Personnummer, Personnummer>,
}

struct Scripted {
    source: Source,
    script: Arc<Mutex<Script>>,
    turn: Arc<watch::Sender<usize>>,
    calls: Arc<Mutex<Vec<(Personnummer, Agency)>>>,
}

#[async_trait]
impl Connector for Scripted {
    fn source(&self) -> &Source {
        &self.source
    }

    async fn reach(&self, _: Instant) -> Result<(), Outcome> {
        Ok(())
    }

    async fn ask(&self, question: &Question, _: Instant) -> SourceAnswer {
        let (agency, person) = (self.source.agency(), question.person.clone());
        self.calls.lock().unwrap().push((person.clone(), agency));
        let (says, at, other) = {
            let script = self.script.lock().unwrap();
            let (says, at) = script.says[&(person.clone(), agency)];
            (says, at, script.other[&person].clone())
        };
        self.turn.subscribe().wait_for(|turn| *turn >= at).await.unwrap();
        self.turn.send_modify(|turn| *turn += 1);
        match says {
            Nothing => SourceAnswer::without_facts(self.source.clone(), Outcome::TimedOut),
            _ => SourceAnswer {
                section: Some(section(agency, person, says, other)),
                ..SourceAnswer::without_facts(self.source.clone(), Outcome::Answered)
            },
        }
    }
}

fn section(agency: Agency, person: Personnummer, says: Says, other: Personnummer) -> Section {
    let (protected, person) = (says == Protected, Some(person));
    match agency {
        Agency::Af => Section::Af(af::Section {
            person,
            protected: (says != LeftOut).then_some(protected),
            status_code: 0,
            ..Default::default()
        }),
        Agency::Csn => {
            let sekretess = if protected { Mark::Yes } else { Mark::Blank };
            Section::Csn(csn::Section { person, sekretess, ..Default::default() })
        }
        _ => {
            let address = Address { lines: vec![STREET.into()], ..Default::default() };
            let general = GeneralInformation {
                protected: Some(protected),
                addresses: vec![address],
                ..Default::default()
            };
            let named = PersonInRole {
                role: PersonRole::Barn,
                person: Person {
                    number: Some(other.expose().to_owned()),
                    protected: Some(true),
                    ..Person::default()
                },
            };
            let matter = Matter {
                kind: MatterKind::ALL[0],
                started: None,
                active: None,
                rejected: None,
                persons: vec![named],
                basics: vec![],
                decisions: vec![],
                claimed_days: vec![],
            };
            let matters = if says == OtherProtected { vec![matter] } else { vec![] };
            Section::Fk(fk::Section { person, general: vec![general], matters, ..Default::default() })
        }
    }
}

/// Whether the report tells the street.
fn tells_home(report: &Report) -> bool {
    report.sources.iter().any(|source| match &source.section {
        Some(Section::Fk(fk)) => fk.general.iter().any(|general| !general.addresses.is_empty()),
        _ => false,
    })
}

struct Household {
    world: World,
    path: Arc<QueryPath>,
    script: Arc<Mutex<Script>>,
    turn: Arc<watch::Sender<usize>>,
    calls: Arc<Mutex<Vec<(Personnummer, Agency)>>>,
    tried: usize,
}

impl Household {
    async fn new() -> Self {
        let world = World::new();
        let now = world.clock.now();
        let mut board = documents::board(organisation(BOARD), now);
        board.state = ssbtek_authorize::BoardState::InForce;
        let worker = documents::worker("anna", now);
        let number = board.organisation;
        let writes = vec![
            documents::new(DocumentRef::board(number), &board),
            documents::new(DocumentRef::case_worker(number, &worker.id), &worker),
        ];
        world.write(number, writes).await;
        world.publish("1").await;
        let (script, calls, turn) =
            (Arc::<Mutex<Script>>::default(), Arc::default(), Arc::new(watch::Sender::new(0)));
        let source = |agency: &Agency| -> Arc<dyn Connector> {
            Arc::new(Scripted {
                source: Source::Agency(*agency),
                script: script.clone(),
                turn: turn.clone(),
                calls: Arc::clone(&calls),
            })
        };
        // Nobody is left alone for being silent again and again.
        let limits = FanOutLimits { breaker_after: u32::MAX, ..FanOutLimits::default() };
        let provider = Processor { organisation: organisation("162021009994"), name: "Leverantören".into() };
        let fan_out = FanOut::new(AGENCIES.iter().map(source).collect(), provider, limits);
        let law = world.desk.law(world.law.clone()).await.unwrap();
        let path = QueryPath::new(world.store.clone(), law, world.log.clone(), fan_out, world.clock.clone());
        let path = Arc::new(path.with_max_questions_an_hour(0));
        Self { world, path, script, turn, calls, tried: 0 }
    }

    /// An applicant and somebody else, nobody of whom has been asked about before.
    async fn two(&mut self, other: Role) -> (CaseId, [Personnummer; 2]) {
        let mut numbers = (0..).filter_map(|n| {
            let n = 2 * self.tried + n;
            let body = format!("19{:02}{:02}{:02}98{}", 50 + n % 40, 1 + n / 40 % 12, 1 + n / 480, n % 10);
            let with = |digit| Personnummer::parse(&format!("{body}{digit}"), self.world.clock.today()).ok();
            (0..10).find_map(with)
        });
        let two = [numbers.next().unwrap(), numbers.next().unwrap()];
        drop(numbers);
        self.tried += 1;
        let case = CaseId::parse(&format!("EB-{}", self.tried)).unwrap();
        let members = two.clone().into_iter().zip([Role::Applicant, other]);
        let members = members.map(|(person, role)| Member::new(person, role)).collect();
        let body = Case::register(case.clone(), members, [id("anna")].into()).unwrap();
        let board = organisation(BOARD);
        self.world.write(board, vec![documents::new(DocumentRef::case(board, &case), &body)]).await;
        (case, two)
    }

    async fn newest_records(&self) -> Vec<LoggedRecord> {
        let mut records = self.world.log.read(organisation(BOARD), &Filter::All, None, 8).await.unwrap();
        records.reverse();
        records
    }

    /// Asks about two of whom this is said, the answers in that order.
    async fn ask(&mut self, other: Role, says: [[Says; 3]; 2], order: [usize; 6]) -> BTreeMap<Whom, Report> {
        let (case, two) = self.two(other).await;
        self.ask_about(&case, &two, says, order).await
    }

    /// The same about two whom somebody may have asked about before.
    async fn ask_about(
        &mut self,
        case: &CaseId,
        two: &[Personnummer; 2],
        says: [[Says; 3]; 2],
        order: [usize; 6],
    ) -> BTreeMap<Whom, Report> {
        {
            let mut script = self.script.lock().unwrap();
            script.says.clear();
            for (nth, person) in two.iter().enumerate() {
                script.other.insert(person.clone(), two[1 - nth].clone());
                for (at, agency) in AGENCIES.into_iter().enumerate() {
                    let turn = order.iter().position(|one| *one == 3 * nth + at).unwrap();
                    script.says.insert((person.clone(), agency), (says[nth][at], turn));
                }
            }
        }
        self.turn.send_replace(0);
        self.calls.lock().unwrap().clear();
        let before = self.newest_records().await.last().map(|record| record.index);
        let ask = Ask { case: case.clone(), agencies: AGENCIES.into(), role: None, ..question("EB-1") };
        let (door, originals) = (Door::Grpc, OriginalsWanted::No);
        let caller = self.world.caller("anna");
        let (within, certificate) = (Duration::from_secs(60), CertificateCheck::new(|_| true));
        let asking = Asking { caller, ask, door, follows: None, originals, within, certificate };
        let mut parts = self.path.ask_household(asking, (), |_| Vec::new());
        let (mut sections, mut entries, what) = (BTreeSet::new(), vec![], format!("{says:?} {order:?}"));
        let told = loop {
            match parts.next().await.unwrap().unwrap() {
                Part::HouseholdBegun(begun) => {
                    entries = begun.members.iter().map(|(_, entry)| *entry.as_ref().unwrap()).collect();
                    assert_eq!((begun.entry, entries.len()), (entries[0], 2));
                }
                Part::MemberSection(whom, section) => {
                    assert!(sections.insert((whom, section.section().agency)), "{what}: told twice");
                    if let Some(Section::Fk(fk)) = &section.section().section {
                        assert!(
                            fk.general.iter().all(|general| general.addresses.is_empty()),
                            "{what}: too early"
                        );
                    }
                }
                Part::Household(household) => break household,
                other => panic!("{other:?}"),
            }
        };
        assert!(parts.next().await.is_none());
        // Each agency has been told of, of each; each was asked once; each question has one record, next to the other's, and one end.
        assert_eq!(sections.len(), 2 * Agency::ALL.len(), "{what}");
        let calls = self.calls.lock().unwrap().clone();
        assert_eq!((calls.len(), calls.into_iter().collect::<BTreeSet<_>>().len()), (6, 6), "{what}");
        let mut records = self.newest_records().await;
        records.retain(|record| Some(record.index) > before);
        let intents = records.iter().filter(|record| matches!(record.payload, Some(Payload::Intent(_))));
        let intents: Vec<_> = intents.map(|record| (record.header.entry, record.index)).collect();
        assert!(intents.iter().map(|(entry, _)| *entry).eq(entries.iter().copied()), "{what}");
        assert_eq!(intents[0].1 + 1, intents[1].1, "{what}");
        let ends = records.iter().filter(|record| matches!(record.payload, Some(Payload::Release(_))));
        assert_eq!(ends.count(), 2, "{what}");
        let members = told.members().iter();
        let answered = members.map(|(whom, answer)| {
            let answer = answer.as_ref().unwrap_or_else(|error| panic!("{what}: {whom:?} {error}"));
            assert!(entries.contains(&answer.entry()));
            (*whom, answer.report().clone())
        });
        answered.collect()
    }
}

/// Orders in which six answers come, one after another of all of them.
fn orders() -> impl Iterator<Item = [usize; 6]> {
    (0..720).cycle().step_by(7).map(|mut nth| {
        let mut left: Vec<usize> = (0..6).collect();
        [6, 5, 4, 3, 2, 1].map(|of| {
            let at = nth % of;
            nth /= of;
            left.remove(at)
        })
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_home_is_told_only_where_everybody_was_said_not_to_be_protected_whatever_the_order() {
    let mut household = Household::new().await;
    let (mut orders, mut told) = (orders(), 0);
    // Every combination of flags and every one of silences; where more is wanted, all of both.
    let all = std::env::var("HOUSEHOLDS").is_ok_and(|of| of == "all");
    // What is said of a child is told of nowhere else: only adults must have been checked.
    let others = [Role::CoApplicant, Role::Child].into_iter();
    for (other, combination) in others.flat_map(|other| (0..3usize.pow(6)).map(move |nth| (other, nth))) {
        let say = |at: usize| [NotProtected, Protected, Nothing][combination / 3usize.pow(at as u32) % 3];
        let says = [[say(0), say(1), say(2)], [say(3), say(4), say(5)]];
        let has = |what| says.iter().flatten().any(|says| *says == what);
        if has(Protected) && has(Nothing) && !all {
            continue;
        }
        let order = orders.next().unwrap();
        let reports = household.ask(other, says, order).await;
        let open = says.iter().flatten().all(|says| *says == NotProtected);
        for (report, says) in reports.values().zip(says) {
            let what =
                format!("{says:?} of {:?}, in the order {order:?}: {:?}", report.role, report.protection);
            let level = match says {
                says if says.contains(&Protected) => Protection::Sekretessmarkering,
                says if says.contains(&Nothing) => Protection::NotKnown,
                _ => Protection::None,
            };
            assert_eq!(report.protection.level, level, "{what}");
            // Försäkringskassan's own answer is the one that has a home.
            assert_eq!(tells_home(report), open, "{what}");
            told += usize::from(tells_home(report));
        }
    }
    assert_eq!(told, 4, "all, where everybody says no of both, though nobody had asked about either before");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_flagged_in_anothers_answer_is_protected_in_the_own() {
    let mut household = Household::new().await;
    for (nth, order) in orders().take(24).enumerate() {
        let mut says = [[NotProtected; 3]; 2];
        says[nth % 2][2] = OtherProtected;
        let reports = household.ask(Role::CoApplicant, says, order).await;
        for (at, report) in reports.values().enumerate() {
            let what = format!("{says:?} {order:?} {:?}: {:?}", report.role, report.protection);
            let expected = if at == nth % 2 { Protection::None } else { Protection::Sekretessmarkering };
            assert_eq!(report.protection.level, expected, "{what}");
            assert!(!tells_home(report), "{what}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_answer_has_just_taught_the_boards_memory_does_not_hold_back_the_others() {
    let mut household = Household::new().await;
    for (nth, order) in orders().take(12).enumerate() {
        let (case, two) = household.two(Role::CoApplicant).await;
        let clear = household.ask_about(&case, &two, [[NotProtected; 3]; 2], order).await;
        assert!(clear.values().all(tells_home));
        // Found not to be protected a moment ago, and not any more: what that means for the other's home is known already.
        let mut says = [[NotProtected; 3]; 2];
        says[nth % 2][0] = LeftOut;
        let reports = household.ask_about(&case, &two, says, order).await;
        for (at, report) in reports.values().enumerate() {
            let expected = if at == nth % 2 { Protection::NotKnown } else { Protection::None };
            assert_eq!(report.protection.level, expected, "{says:?} {:?}", report.protection);
            assert!(
                !tells_home(report) && report.protection.household_unchecked | (at == nth % 2),
                "{says:?}"
            );
        }
    }
}
