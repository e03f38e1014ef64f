//! What is remembered of protected persons, for generated persons, cases, answers and corrections in generated orders, against the rule in
//! words (adr/0079), told here a second time and without any of what makes it quick.
//!
//! `SSBTEK_REMEMBERED_RUNS`: how many orders are drawn (150).

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
};

use chrono::{Datelike, TimeDelta};
use ssbtek_access_log::{Disclosure, Door, LiftError, Manifest};
use ssbtek_authorize::{Ask, AskLimits, CaseState, DocumentRef, Learned, Member, RawAsk, Registry, decide};
use ssbtek_domain::{
    Agency, CaseId, CaseWorkerId, Clock, DateTime, Entropy, Personnummer, Protection, Role, SystemEntropy,
    Utc,
};

use crate::{
    remembered::{caller, world},
    world::{World, board, person},
};

const PERSONS: usize = 4;
const CASES: usize = 3;

/// What happens, by the places of persons and cases among those of this run.
#[derive(Debug, Clone)]
enum Event {
    /// A case is registered, or its household replaced; who is marked.
    Household {
        case: usize,
        members: Vec<usize>,
        marked: Vec<usize>,
    },
    /// The same household, in which one is marked who was not, or is not any more.
    Mark {
        case: usize,
        who: usize,
    },
    Correct {
        case: usize,
        wrong: usize,
        right: usize,
    },
    Close {
        case: usize,
    },
    Answer {
        case: usize,
        about: usize,
        agency: Agency,
        own: Option<Protection>,
        beside: bool,
        flagged: Option<usize>,
        named: Vec<usize>,
    },
    Lift {
        whom: usize,
    },
    /// Forty days, and a purge.
    Later,
}

/// Numbers by chance, the same for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % n
    }

    fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn some(&mut self, often: usize) -> Vec<usize> {
        (0..PERSONS).filter(|_| self.below(4) < often).collect()
    }

    fn event(&mut self, erases: bool) -> Event {
        let (case, who) = (self.below(CASES), self.below(PERSONS));
        match self.below(if erases { 16 } else { 14 }) {
            0..=2 => {
                let members = self.some(2);
                let marked = if self.once_in(4) { self.some(1) } else { Vec::new() };
                Event::Household { case, members, marked }
            }
            3..=4 => Event::Correct { case, wrong: who, right: self.below(PERSONS) },
            5..=8 => {
                let own =
                    [None, Some(Protection::Sekretessmarkering), Some(Protection::SkyddadFolkbokforing)];
                let own = own[if self.once_in(3) { 1 + self.below(2) } else { 0 }];
                let flagged = self.once_in(8).then(|| self.below(PERSONS)).filter(|one| *one != who);
                let agency = [Agency::Fk, Agency::Csn][self.below(2)];
                let beside = flagged.is_some() || self.once_in(12);
                Event::Answer { case, about: who, agency, own, beside, flagged, named: self.some(1) }
            }
            9..=10 => Event::Lift { whom: who },
            11 => Event::Close { case },
            12..=13 => Event::Mark { case, who },
            _ => Event::Later,
        }
    }
}

/// Somebody said that somebody is protected, or that somebody beside is.
#[derive(Debug, Clone)]
struct Saying {
    of: usize,
    by: By,
    /// Of whoever is beside, not of the person.
    of_another: bool,
    at: DateTime<Utc>,
    taken_back: bool,
    /// For which of the person's other numbers a later answer of the same agency took it back.
    taken_back_for: BTreeSet<usize>,
    /// Of which numbers it was lifted.
    lifted_of: BTreeSet<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum By {
    Agency(Agency),
    Case(usize),
}

#[derive(Debug, Default, Clone)]
struct Household {
    registered: bool,
    closed: Option<DateTime<Utc>>,
    members: Vec<usize>,
    marked: BTreeSet<usize>,
    ever: BTreeSet<usize>,
    corrections: BTreeSet<(usize, usize)>,
}

/// The rule in words, over everything that ever happened and is kept.
#[derive(Debug, Default)]
struct Rule {
    sayings: Vec<Saying>,
    cases: [Household; CASES],
    named: Vec<(usize, usize, DateTime<Utc>)>,
}

fn month(at: DateTime<Utc>) -> i32 {
    at.year() * 12 + at.month0() as i32
}

fn connected(pairs: &BTreeSet<(usize, usize)>, from: usize) -> BTreeSet<usize> {
    let mut found = BTreeSet::from([from]);
    for _ in 0..PERSONS {
        for (a, b) in pairs {
            if found.contains(a) || found.contains(b) {
                found.extend([*a, *b]);
            }
        }
    }
    found
}

impl Rule {
    /// Numbers that cases have corrected to each other are one person's.
    fn numbers(&self, one: usize) -> BTreeSet<usize> {
        connected(&self.cases.iter().flat_map(|case| case.corrections.clone()).collect(), one)
    }

    /// What is said of one number counts for all, until it is lifted: each is lifted by itself.
    fn counts(&self, one: usize, of_another: bool) -> bool {
        let numbers = self.numbers(one);
        let is_said = |said: &&Saying| said.of_another == of_another && numbers.contains(&said.of);
        self.sayings.iter().filter(is_said).any(|said| !said.lifted_of.contains(&one))
    }

    /// Others may live with somebody protected because of this number.
    fn protects_others(&self, one: usize) -> bool {
        self.counts(one, false) || self.counts(one, true)
    }

    /// Two numbers that once stood in one case together, unless it was corrected from one to the other there.
    fn shared(&self, a: usize, b: usize) -> bool {
        a != b
            && self.cases.iter().any(|case| {
                case.ever.contains(&a)
                    && case.ever.contains(&b)
                    && !connected(&case.corrections, a).contains(&b)
            })
    }

    /// An answer about one of them named the other.
    fn named(&self, a: usize, b: usize) -> bool {
        a != b && self.named.iter().any(|(x, y, _)| (*x, *y) == (a, b) || (*y, *x) == (a, b))
    }

    /// Whose links are those of `one`, protected: its own, those of the numbers that were wrong for it, and those of others that count too.
    fn through(&self, one: usize) -> BTreeSet<usize> {
        let corrections: BTreeSet<_> = self.cases.iter().flat_map(|case| case.corrections.clone()).collect();
        let mut through = BTreeSet::from([one]);
        for _ in 0..PERSONS {
            let wrong =
                corrections.iter().filter(|(_, right)| through.contains(right)).map(|(wrong, _)| *wrong);
            through.extend(wrong.collect::<Vec<_>>());
        }
        through.extend(self.numbers(one).into_iter().filter(|other| self.protects_others(*other)));
        through
    }

    /// Who is linked to somebody protected, or by two links of which one at least is that an answer names somebody.
    fn beside(&self, one: usize) -> bool {
        self.counts(one, true)
            || (0..PERSONS).any(|other| self.protects_others(other) && self.is_beside(one, other))
    }

    fn is_beside(&self, one: usize, protected: usize) -> bool {
        if one == protected {
            return false;
        }
        let (through, hers) = (self.through(protected), self.numbers(protected));
        let linked = |a: &usize, b: &usize| self.shared(*a, *b) || self.named(*a, *b);
        if hers.contains(&one) {
            return through.iter().any(|number| linked(number, &one));
        }
        let own = self.numbers(one);
        if through.iter().any(|number| own.iter().any(|own| linked(number, own))) {
            return true;
        }
        (0..PERSONS).filter(|between| !hers.contains(between) && !own.contains(between)).any(|between| {
            let between = self.numbers(between);
            let any = |link: &dyn Fn(usize, usize) -> bool, from: &BTreeSet<usize>, to: &BTreeSet<usize>| {
                from.iter().any(|a| to.iter().any(|b| link(*a, *b)))
            };
            let (shared, named) =
                (|a: usize, b: usize| self.shared(a, b), |a: usize, b: usize| self.named(a, b));
            let first = (any(&shared, &through, &between), any(&named, &through, &between));
            let second = (any(&shared, &between, &own), any(&named, &between, &own));
            (first.1 && (second.0 || second.1)) || (first.0 && second.1)
        })
    }

    fn say(&mut self, of: usize, by: By, of_another: bool, says: bool, at: DateTime<Utc>) {
        let before = self
            .sayings
            .iter_mut()
            .filter(|said| (said.of, said.by, said.of_another) == (of, by, of_another));
        // What is said again is said once, and counts again for all; what is not said again is taken back and stays.
        let mut lifted_of = BTreeSet::new();
        for said in before {
            said.taken_back |= !says;
            if says {
                lifted_of = (0..PERSONS).collect();
                said.lifted_of.clone_from(&lifted_of);
            }
        }
        if says {
            lifted_of.clear();
            let taken_back_for = BTreeSet::new();
            self.sayings.push(Saying {
                of,
                by,
                of_another,
                at,
                taken_back: false,
                taken_back_for,
                lifted_of,
            });
        } else {
            let numbers = self.numbers(of);
            let of_others =
                self.sayings.iter_mut().filter(|said| (said.by, said.of_another) == (by, of_another));
            for said in of_others.filter(|said| numbers.contains(&said.of)) {
                said.taken_back_for.insert(of);
            }
        }
        self.sayings.retain(|said| said.lifted_of.len() < PERSONS);
    }

    /// A case says it as long as it marks somebody, and that it did stays; after it was lifted, of whichever number, it is said again.
    fn marks(&mut self, case: usize, at: DateTime<Utc>) {
        for one in self.cases[case].marked.clone() {
            let is_known =
                |said: &Saying| (said.of, said.by) == (one, By::Case(case)) && said.lifted_of.is_empty();
            if !self.sayings.iter().any(is_known) {
                self.say(one, By::Case(case), false, true, at);
            }
        }
    }

    fn lift(&mut self, whom: usize) {
        let numbers = self.numbers(whom);
        let alone = numbers.len() == 1;
        for said in self.sayings.iter_mut().filter(|said| numbers.contains(&said.of)) {
            said.lifted_of.insert(whom);
            if alone {
                said.lifted_of = (0..PERSONS).collect();
            }
        }
        self.sayings.retain(|said| said.lifted_of.len() < PERSONS);
    }

    /// Whether an agency's newest answer, or an open case, says it still, of whichever of the person's numbers.
    fn still_said(&self, whom: usize) -> bool {
        let numbers = self.numbers(whom);
        let agencies = self.sayings.iter().any(|said| {
            let counts = numbers.contains(&said.of) && !said.lifted_of.contains(&whom);
            let is_over = said.taken_back || said.taken_back_for.contains(&whom);
            counts && !is_over && matches!(said.by, By::Agency(_))
        });
        let is_open = |case: &Household| case.registered && case.closed.is_none();
        agencies || self.cases.iter().any(|case| is_open(case) && !case.marked.is_disjoint(&numbers))
    }

    fn forget(&mut self, now: DateTime<Utc>) {
        for nth in 0..CASES {
            if self.cases[nth].closed.is_some_and(|at| now - at > TimeDelta::days(10)) {
                let id =
                    Household { registered: true, closed: self.cases[nth].closed, ..Household::default() };
                self.cases[nth] = id;
                self.sayings.retain(|said| said.by != By::Case(nth));
            }
        }
        let is_kept = |at: DateTime<Utc>| month(at) + 1 >= month(now);
        self.named.retain(|(_, _, at)| is_kept(*at));
        self.sayings.retain(|said| matches!(said.by, By::Case(_)) || is_kept(said.at));
    }
}

/// A world, and the rule beside it, for one run: with persons and cases of its own.
struct Run<'w> {
    world: &'w World,
    nth: usize,
    rule: Rule,
    /// Something was erased: what followed from it may hold longer, as long as what it was written with.
    erased: bool,
    /// Two who were linked are one person: what followed from the link holds until it is lifted.
    joined: bool,
}

impl Run<'_> {
    fn person(&self, who: usize) -> Personnummer {
        person((100 + self.nth * PERSONS + who) as u32)
    }

    fn case(&self, case: usize) -> CaseId {
        CaseId::parse(&format!("R-{}-{case}", self.nth)).unwrap()
    }

    fn tick(&self) -> DateTime<Utc> {
        self.world.clock.set(self.world.clock.now() + TimeDelta::minutes(1));
        self.world.clock.now()
    }

    async fn happens(&mut self, event: &Event) -> Result<(), String> {
        let at = self.tick();
        match event {
            Event::Household { case, members, marked } => self.household(*case, members, marked, at).await,
            Event::Mark { case, who } => {
                let known = self.rule.cases[*case].clone();
                if known.members.contains(who) {
                    let marked: Vec<_> = (&known.marked ^ &BTreeSet::from([*who])).into_iter().collect();
                    self.household(*case, &known.members, &marked, at).await;
                }
            }
            Event::Correct { case, wrong, right } => {
                let members = &self.rule.cases[*case].members;
                let Some(role) = members.iter().position(|one| one == wrong).map(role) else { return Ok(()) };
                let right_one = (self.person(*right), role);
                let id = self.case(*case);
                let were_linked = self.rule.shared(*wrong, *right) || self.rule.named(*wrong, *right);
                let (caller, wrong_one) = (caller(self.world), self.person(*wrong));
                if self.world.desk.correct_member(&caller, &id, &wrong_one, right_one).await.is_err() {
                    return Ok(());
                }
                let known = &mut self.rule.cases[*case];
                known.members.iter_mut().filter(|one| **one == *wrong).for_each(|one| *one = *right);
                known.ever.insert(*right);
                if known.marked.remove(wrong) {
                    known.marked.insert(*right);
                }
                if wrong != right {
                    known.corrections.insert((*wrong, *right));
                    self.joined |= were_linked;
                }
                self.rule.marks(*case, at);
            }
            Event::Close { case } => {
                let id = self.case(*case);
                if self.world.desk.close_case(&caller(self.world), &id).await.is_ok() {
                    self.rule.cases[*case].closed = Some(at);
                }
            }
            Event::Answer { .. } => self.answer(event, at).await,
            Event::Lift { whom } => return self.lift(*whom).await,
            Event::Later => {
                self.world.clock.set(at + TimeDelta::days(40));
                self.world.run().await.unwrap();
                self.rule.forget(self.world.clock.now());
                self.erased = true;
            }
        }
        Ok(())
    }

    async fn household(&mut self, case: usize, members: &[usize], marked: &[usize], at: DateTime<Utc>) {
        let household = members.iter().enumerate().map(|(nth, who)| Member {
            protected: marked.contains(who),
            ..Member::new(self.person(*who), role(nth))
        });
        let (household, id) = (household.collect(), self.case(case));
        let desk = &self.world.desk;
        let workers = [CaseWorkerId::parse("anna.berg").unwrap()].into();
        let done = match self.rule.cases[case].registered {
            false => desk.register_case(&caller(self.world), id, household, workers).await,
            true => {
                let version = self.world.log.newest_version(&DocumentRef::case(board(0), &id)).await.unwrap();
                desk.having_read(Some(version)).set_members(&caller(self.world), &id, household).await
            }
        };
        if done.is_err() {
            return;
        }
        let known = &mut self.rule.cases[case];
        (known.registered, known.members) = (true, members.to_vec());
        known.marked = marked.iter().filter(|who| members.contains(who)).copied().collect();
        known.ever.extend(members);
        self.rule.marks(case, at);
    }

    async fn answer(&mut self, event: &Event, at: DateTime<Utc>) {
        let Event::Answer { case, about, agency, own, beside, flagged, named } = event else { return };
        let Some(permit) = self.permit(*case, *about).await else { return };
        let opened = self.world.log.open(&permit, &Manifest::default(), Door::Grpc).await.unwrap();
        let disclosure = Disclosure::nothing(own.unwrap_or(Protection::None).max(permit.protection()));
        let named: BTreeSet<_> = named.iter().filter(|one| *one != about).copied().collect();
        let learned = Learned {
            own: [(*agency, *own)].into(),
            others: [(*agency, *beside)].into(),
            flagged: flagged.iter().map(|one| (self.person(*one), *agency)).collect(),
            named: named.iter().map(|one| self.person(*one)).collect(),
            named_protected: true,
            ..Learned::default()
        };
        // Whether or not it leaves, it is remembered.
        let _ = self.world.log.close(opened, &permit, &disclosure, &learned).await;
        let rule = &mut self.rule;
        rule.say(*about, By::Agency(*agency), false, own.is_some(), at);
        rule.say(*about, By::Agency(*agency), true, *beside, at);
        if let Some(one) = flagged {
            rule.say(*one, By::Agency(*agency), false, true, at);
        }
        rule.named.extend(named.into_iter().map(|one| (*about, one, at)));
        if own.is_some() || *beside || permit.household_protected() {
            rule.marks(*case, at);
        }
    }

    async fn permit(&self, case: usize, about: usize) -> Option<ssbtek_authorize::Permit> {
        let nth = self.rule.cases[case].members.iter().position(|one| *one == about)?;
        let mut token = [0; 32];
        SystemEntropy.fill(&mut token);
        let now = self.world.clock.now();
        let caller =
            ssbtek_example::caller(board(0), "anna.berg", crate::world::certificate(board(0)), token, now);
        let (today, number, id) =
            (self.world.clock.today().to_string(), self.person(about).expose().to_owned(), self.case(case));
        let raw = RawAsk {
            case_id: id.as_str(),
            role: Some(role(nth)),
            person_number: Some(&number),
            from: &today,
            to: &today,
            purpose: "ekonomiskt bistånd",
            ..RawAsk::default()
        };
        let ask = Ask::parse(&raw, &AskLimits::default(), self.world.clock.today()).unwrap();
        let facts = self.world.store.facts(&caller.facts_key(Some(id))).await.unwrap();
        if facts.case.as_ref().is_none_or(|case| case.body.state != CaseState::Active) {
            return None;
        }
        Some(decide(&caller, &ask, &facts.under(&ssbtek_example::law()), now).unwrap())
    }

    async fn lift(&mut self, whom: usize) -> Result<(), String> {
        let who = self.person(whom);
        let lifted = self.world.log.lift_protection(&caller(self.world), &who, "ett beslut", None).await;
        let still = self.rule.still_said(whom);
        match lifted {
            Ok(()) => {
                same("whether it is still said", whom, false, still)?;
                self.rule.lift(whom);
            }
            Err(LiftError::Nothing) => {
                same("whether there is something to lift", whom, false, self.rule.protects_others(whom))?;
            }
            Err(LiftError::StillSaid(..)) => {
                // What was erased may be said still where it was said again.
                same("whether it is still said", whom, true, still || self.erased)?;
            }
            Err(error) => return Err(format!("{error}")),
        }
        Ok(())
    }

    /// Whether everybody counts by what is remembered as the rule has it.
    async fn holds(&self) -> Result<(), String> {
        for who in 0..PERSONS {
            let known = self.world.log.remembered(board(0), &self.person(who)).await.unwrap();
            let is = (known.level() > Protection::None, known.protects_beside());
            let rule = (self.rule.counts(who, false), self.rule.beside(who));
            if self.erased || self.joined {
                same("at least as the rule", who, (is.0 >= rule.0, is.1 >= rule.1), (true, true))?;
            } else {
                same("(protected, beside)", who, is, rule)?;
            }
        }
        Ok(())
    }

    /// Once everything is erased that it rests on, nothing is left.
    async fn ends(&mut self) -> Result<(), String> {
        for case in 0..CASES {
            self.happens(&Event::Close { case }).await?;
        }
        for _ in 0..3 {
            self.happens(&Event::Later).await?;
        }
        for who in 0..PERSONS {
            let known = self.world.log.remembered(board(0), &self.person(who)).await.unwrap();
            let is = (known.level() > Protection::None, known.protects_beside());
            same("at the end", who, is, (false, false))?;
        }
        Ok(())
    }
}

/// The first of a household is the applicant.
fn role(nth: usize) -> Role {
    if nth == 0 { Role::Applicant } else { Role::Child }
}

fn same<T: PartialEq + Debug>(what: &str, who: usize, is: T, rule: T) -> Result<(), String> {
    if is == rule { Ok(()) } else { Err(format!("{what}, person {who}: is {is:?}, by the rule {rule:?}")) }
}

/// The first place at which it is otherwise than the rule has it.
async fn otherwise(world: &World, nth: &mut usize, events: &[Event]) -> Option<String> {
    *nth += 1;
    let mut run = Run { world, nth: *nth, rule: Rule::default(), erased: false, joined: false };
    for (at, event) in events.iter().enumerate() {
        let done = match run.happens(event).await {
            Ok(()) => run.holds().await,
            failed => failed,
        };
        if let Err(what) = done {
            return Some(format!("after event {at}: {what}"));
        }
    }
    if run.erased { run.ends().await.err() } else { None }
}

/// The same with as few events as show it.
async fn shortest(world: &World, nth: &mut usize, mut events: Vec<Event>) -> String {
    let mut at = 0;
    while at < events.len() {
        let mut without = events.clone();
        without.remove(at);
        match otherwise(world, nth, &without).await {
            Some(_) => events = without,
            None => at += 1,
        }
    }
    let what = otherwise(world, nth, &events).await;
    format!("{what:?}\n{events:#?}")
}

async fn drawn(seed: u64, runs: usize) {
    let world = world("2026-01-05").await;
    let (mut nth, mut met): (usize, BTreeMap<bool, usize>) = (0, BTreeMap::new());
    for run in 0..runs {
        let mut chance = Chance(seed.wrapping_add(run as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let erases = chance.once_in(6);
        let length = 3 + chance.below(10);
        let events: Vec<_> = (0..length).map(|_| chance.event(erases)).collect();
        *met.entry(erases).or_default() += 1;
        if otherwise(&world, &mut nth, &events).await.is_some() {
            let short = shortest(&world, &mut nth, events).await;
            panic!("run {run} of seed {seed}: {short}");
        }
    }
    assert!(runs < 100 || met.values().all(|runs| *runs > 5), "{met:?}");
}

#[tokio::test]
async fn whatever_happens_in_whatever_order_is_remembered_as_the_rule_has_it() {
    let runs = std::env::var("SSBTEK_REMEMBERED_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(150);
    drawn(2026, runs).await;
}

/// Orders that once were not, each in few words.
fn known() -> Vec<(&'static str, Vec<Event>)> {
    let household =
        |case, members: &[usize]| Event::Household { case, members: members.to_vec(), marked: vec![] };
    let marked = |case, members: &[usize], marked: &[usize]| Event::Household {
        case,
        members: members.to_vec(),
        marked: marked.to_vec(),
    };
    let answer = |case, about, own, (beside, flagged): (bool, Option<usize>), named: &[usize]| {
        Event::Answer { case, about, agency: Agency::Fk, own, beside, flagged, named: named.to_vec() }
    };
    let said = |case, about, own, named: &[usize]| answer(case, about, own, (false, None), named);
    let (yes, no) = (Some(Protection::Sekretessmarkering), None);
    let correct = |case, wrong, right| Event::Correct { case, wrong, right };
    let lift = |whom| Event::Lift { whom };
    vec![
        (
            "who names only her child, whom her answer names",
            vec![household(0, &[0]), said(0, 0, yes, &[1]), household(1, &[2]), said(1, 2, no, &[1])],
        ),
        (
            "who names only her child, with whom she shares a case",
            vec![household(0, &[0, 1]), household(1, &[2]), said(1, 2, no, &[1]), said(0, 0, yes, &[])],
        ),
        (
            "the right number is protected, the wrong one's answers name",
            vec![
                household(0, &[0]),
                correct(0, 0, 1),
                household(1, &[0]),
                said(1, 0, no, &[3]),
                said(0, 1, yes, &[]),
            ],
        ),
        (
            "the right number is protected, the wrong one shared another case",
            vec![household(0, &[0]), household(1, &[0, 3]), correct(0, 0, 1), said(0, 1, yes, &[])],
        ),
        (
            "her child's number is corrected where she is not",
            vec![household(0, &[0, 2]), household(1, &[2]), correct(1, 2, 3), said(0, 0, yes, &[])],
        ),
        (
            "somebody in another case of the wrong number is protected",
            vec![household(0, &[0]), household(1, &[2, 0]), correct(0, 0, 1), said(1, 2, yes, &[])],
        ),
        (
            "lifted of the right number, and said of the wrong one again",
            vec![
                household(0, &[0]),
                said(0, 0, yes, &[]),
                correct(0, 0, 1),
                said(0, 1, no, &[]),
                lift(1),
                household(1, &[0]),
                said(1, 0, yes, &[]),
            ],
        ),
        (
            "lifted of both, and said of the wrong one again",
            vec![
                household(0, &[0]),
                said(0, 0, yes, &[]),
                correct(0, 0, 1),
                said(0, 1, no, &[]),
                lift(1),
                household(1, &[0]),
                said(1, 0, no, &[]),
                lift(0),
                said(1, 0, yes, &[]),
            ],
        ),
        (
            "lifted of the wrong number, and not of the right one",
            vec![
                household(0, &[0]),
                said(0, 0, yes, &[]),
                correct(0, 0, 1),
                household(1, &[0]),
                said(1, 0, yes, &[3]),
                said(1, 0, no, &[]),
                lift(0),
            ],
        ),
        (
            "the right number is protected, and so the old one",
            vec![household(0, &[0]), correct(0, 0, 1), said(0, 1, yes, &[])],
        ),
        (
            "said of the wrong number long after the correction",
            vec![
                household(0, &[0]),
                correct(0, 0, 1),
                Event::Later,
                Event::Later,
                household(1, &[0]),
                said(1, 0, yes, &[]),
            ],
        ),
        (
            "corrected to somebody who had left the case",
            vec![marked(0, &[0, 1, 2], &[1]), marked(0, &[1], &[]), correct(0, 1, 2)],
        ),
        (
            "lifted of a number before another was corrected to it",
            vec![marked(0, &[3], &[3]), marked(0, &[1], &[1]), lift(3), household(0, &[1]), correct(0, 1, 3)],
        ),
        (
            "taken out of her household before she is flagged",
            vec![household(0, &[0, 1]), household(0, &[0]), said(0, 0, yes, &[])],
        ),
        (
            "taken out of the household before her child's is marked elsewhere",
            vec![household(0, &[1, 0]), household(0, &[1]), marked(1, &[0], &[0])],
        ),
        (
            "the wrong number is marked again, in the same case, after it was lifted of the right one",
            vec![
                household(0, &[0]),
                correct(0, 0, 1),
                marked(1, &[0], &[0]),
                household(1, &[0]),
                lift(1),
                marked(1, &[0], &[0]),
            ],
        ),
        (
            "the right number is marked again, in the same case, after it was lifted of the wrong one",
            vec![
                household(0, &[0]),
                correct(0, 0, 1),
                marked(0, &[1], &[1]),
                household(0, &[1]),
                lift(0),
                marked(0, &[1], &[1]),
            ],
        ),
        (
            "lifted while an open case marks the person under another number",
            vec![marked(1, &[0], &[0]), household(0, &[0]), correct(0, 0, 1), lift(1), lift(0)],
        ),
        (
            "lifted although the wrong number was said to be protected again after the right one was not",
            vec![
                household(0, &[0]),
                said(0, 0, yes, &[]),
                correct(0, 0, 1),
                said(0, 1, no, &[]),
                household(1, &[0]),
                said(1, 0, yes, &[]),
                lift(1),
                said(0, 1, no, &[]),
                lift(1),
            ],
        ),
        (
            "the same, and last said in an answer about somebody else",
            vec![
                household(0, &[0]),
                said(0, 0, yes, &[]),
                correct(0, 0, 1),
                said(0, 1, no, &[]),
                household(1, &[2]),
                answer(1, 2, no, (true, Some(0)), &[]),
                lift(1),
            ],
        ),
        (
            "the same of somebody beside",
            vec![
                household(0, &[0]),
                answer(0, 0, no, (true, None), &[]),
                correct(0, 0, 1),
                said(0, 1, no, &[]),
                household(1, &[0]),
                answer(1, 0, no, (true, None), &[]),
                lift(1),
            ],
        ),
        (
            "said of both and taken back of both, of the right number twice",
            vec![
                household(0, &[1]),
                said(0, 1, yes, &[]),
                said(0, 1, no, &[]),
                household(1, &[0]),
                household(2, &[0]),
                correct(2, 0, 1),
                said(1, 0, yes, &[]),
                said(0, 1, no, &[]),
                lift(1),
                lift(0),
            ],
        ),
        (
            "marked in one write with somebody of whom it was lifted, and corrected to that number",
            vec![
                household(0, &[3]),
                correct(0, 3, 0),
                marked(1, &[0, 2], &[0, 2]),
                marked(1, &[0, 2], &[2]),
                lift(0),
                household(2, &[2]),
                correct(2, 2, 0),
            ],
        ),
        (
            "flagged in one answer with somebody of whom it was lifted, and corrected to that number",
            vec![
                household(0, &[3]),
                correct(0, 3, 0),
                household(1, &[0]),
                answer(1, 0, yes, (true, Some(2)), &[]),
                said(1, 0, no, &[]),
                lift(0),
                household(2, &[2]),
                correct(2, 2, 0),
            ],
        ),
    ]
}

#[tokio::test]
async fn orders_that_once_lost_somebody_do_not_any_more() {
    let world = world("2026-01-05").await;
    let (mut nth, mut lost) = (0, Vec::new());
    for (name, events) in known() {
        lost.extend(otherwise(&world, &mut nth, &events).await.map(|what| format!("{name}: {what}")));
    }
    assert_eq!(lost, Vec::<String>::new());
}
