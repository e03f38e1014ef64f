//! Everybody in a household asked about together: one question for each on the one path, all logged or none, protection settled over all of
//! them before anything that can locate any of them leaves.

mod cut;
mod held_back;

use std::collections::{BTreeMap, BTreeSet};

use mock_agencies::{Behaviour, Outage, TestPerson};
use ssbtek_domain::{Agency, Protection, Role};
use ssbtek_proto::{
    agency::v1::Outcome,
    broker::v1::{
        self as proto, AskHouseholdRequest, AskRequest, AskResponse, EntryState, HouseholdAnswer,
        HouseholdBegun, LogEntry, MemberRefused, MemberSection, ask_stream_response::Part, member_answer,
        member_begun,
    },
};
use tonic::Status;

use super::{ended, held, hold_all, let_go, sources};
use crate::harness::{Ask, Parts, Wires, World, role, source_count};

/// Who somebody is in the household: the role, and which of those who have it.
type Place = (i32, u32);

fn place(member: &Option<proto::MemberPlace>) -> Place {
    let member = member.as_ref().unwrap();
    (member.role, member.nth)
}

fn question(world: &World, case: &str) -> AskHouseholdRequest {
    AskHouseholdRequest { case_id: case.into(), period: world.question().period, ..Default::default() }
}

async fn begun(parts: &mut Parts) -> HouseholdBegun {
    match parts.next().await.unwrap().unwrap() {
        Part::HouseholdBegun(begun) => begun,
        other => panic!("{other:?} came first"),
    }
}

/// The entries of who is asked about.
fn entries(begun: &HouseholdBegun) -> BTreeMap<Place, String> {
    let members = begun.members.iter().filter_map(|member| match member.result.as_ref().unwrap() {
        member_begun::Result::EntryId(entry) => Some((place(&member.member), entry.clone())),
        member_begun::Result::Refused(_) => None,
    });
    members.collect()
}

async fn section(parts: &mut Parts) -> MemberSection {
    match parts.next().await.unwrap().unwrap() {
        Part::MemberSection(section) => section,
        other => panic!("{other:?} came where a section should"),
    }
}

async fn whole(parts: &mut Parts) -> HouseholdAnswer {
    loop {
        match parts.next().await.unwrap().unwrap() {
            Part::Household(whole) => {
                assert!(parts.next().await.unwrap().is_none(), "something came after the answer");
                return whole;
            }
            Part::MemberSection(_) => {}
            other => panic!("{other:?} came where the answer should"),
        }
    }
}

fn told(whole: &HouseholdAnswer) -> BTreeMap<Place, Result<&AskResponse, &MemberRefused>> {
    let members = whole.members.iter().map(|member| {
        let told = match member.result.as_ref().unwrap() {
            member_answer::Result::Answer(answer) => Ok(answer),
            member_answer::Result::Refused(refused) => Err(refused),
        };
        (place(&member.member), told)
    });
    members.collect()
}

/// The answer about whoever has a role first.
fn answer(whole: &HouseholdAnswer, of: Role) -> &AskResponse {
    told(whole)[&(role(of).into(), 1)].unwrap_or_else(|refused| panic!("{refused:?}"))
}

/// Everybody's answer, with nothing held and nobody changed.
async fn ask(world: &World, case: &str) -> Result<HouseholdAnswer, Status> {
    let mut parts = Ask::household(world, question(world, case)).await?;
    begun(&mut parts).await;
    Ok(whole(&mut parts).await)
}

async fn questions(world: &World) -> Vec<LogEntry> {
    world.log().await.into_iter().filter(|logged| !logged.sources.is_empty()).collect()
}

/// The answer without what no two questions share.
fn alike(mut answer: AskResponse) -> AskResponse {
    answer.entry_id.clear();
    answer.receipt = None;
    answer.sources.iter_mut().for_each(|source| source.duration_ms = 0);
    answer
}

async fn together(wires: Wires) {
    let world = with_both(wires).await;
    let household = both(&world);
    let mut parts = Ask::household(&world, question(&world, BOTH)).await.unwrap();
    let begun = begun(&mut parts).await;
    let entries = entries(&begun);
    assert_eq!(entries.len(), household.len());
    assert_eq!(entries.values().collect::<BTreeSet<_>>().len(), household.len(), "an entry for each");
    // One INTENT for each, next to each other, before anybody was asked; each names the first.
    let logged = questions(&world).await;
    assert_eq!(logged.len(), household.len());
    for (nth, logged) in logged.iter().rev().enumerate() {
        assert!(entries.values().any(|entry| *entry == logged.entry_id));
        assert_eq!(logged.leaf_index, logged_first(&world).await + nth as u64);
        assert!(logged.details.contains(&format!("household={}", begun.entry_id)), "{:?}", logged.details);
        assert!(logged.details.contains(&"telling=as_it_comes".to_owned()), "{:?}", logged.details);
    }
    // Agency by agency, the last one first; each outcome once, and nothing that can locate.
    let mut outcomes = BTreeMap::new();
    for agency in Agency::ALL.into_iter().rev() {
        let_go(&world, agency);
        for _ in &household {
            let section = section(&mut parts).await;
            let text = format!("{section:?}");
            for person in &household {
                assert!(
                    !text.contains(&person.street) && !text.contains(&person.postal),
                    "{agency} tells too early"
                );
            }
            let of = section.section.unwrap();
            assert_eq!(of.source, agency.code());
            let before = outcomes.insert((place(&section.member), of.source), of.outcome);
            assert_eq!(before, None, "told twice");
        }
    }
    let whole = whole(&mut parts).await;
    assert_eq!(world.agencies.control().total_calls(), household.len() as u64 * source_count());
    assert!(whole.complete);
    let told = told(&whole);
    assert!(told.keys().eq(entries.keys()));
    for (place, answer) in &told {
        let answer = answer.unwrap();
        assert_eq!(answer.entry_id, entries[place]);
        assert!(answer.receipt.is_some());
        for source in &answer.sources {
            assert_eq!(outcomes.remove(&(*place, source.source.clone())), Some(source.outcome));
        }
        assert_eq!(ended(&world, &answer.entry_id).await.state(), EntryState::Released);
    }
    assert!(outcomes.is_empty(), "the last part is complete by itself");
    // Each is what asking about the one person would answer.
    for (place, answer) in told {
        let answer = answer.unwrap();
        let alone = AskRequest {
            case_id: BOTH.into(),
            role: place.0,
            person_number: Some(answer.person_number.clone()),
            ..world.question()
        };
        let alone = Ask::with(&world, alone).await.unwrap();
        assert_eq!(alike(answer.clone()), alike(alone));
        assert!(format!("{answer:?}").contains(&household[0].street) || answer.role() == proto::Role::Child);
    }
}

/// Where the first question of the log stands.
async fn logged_first(world: &World) -> u64 {
    questions(world).await.iter().map(|logged| logged.leaf_index).min().unwrap()
}

#[tokio::test]
async fn everybody_is_asked_about_together_and_the_last_part_is_what_asking_about_each_would_answer_over_grpc()
 {
    together(Wires::Grpc).await;
}

#[tokio::test]
async fn everybody_is_asked_about_together_and_the_last_part_is_what_asking_about_each_would_answer_over_own_formats()
 {
    together(Wires::Own).await;
}

/// The case of a household of two adults and more in which nobody is protected.
const BOTH: &str = "EB-BOTH";

/// Everybody in it.
fn both(world: &World) -> Vec<TestPerson> {
    let is_clear = |one: &TestPerson| one.protection == Protection::None;
    let mut households = world.agencies.population().households();
    let found = households.find(|household| {
        household.iter().all(is_clear)
            && [Role::CoApplicant, Role::Child].iter().all(|of| household.iter().any(|one| one.role == *of))
    });
    found.unwrap().to_vec()
}

async fn with_both(wires: Wires) -> World {
    let world = held(wires).await;
    world.register_case_of(&both(&world), BOTH, &["anna"]).await;
    world
}

/// Two adults of different households, each marked or not, in a case of their own.
fn couples(world: &World) -> Vec<[TestPerson; 2]> {
    let adults = world.agencies.population().persons().iter();
    let adults = adults.filter(|one| one.role != Role::Child && one.unknown_at.is_empty());
    let (clear, marked): (Vec<_>, Vec<_>) = adults.partition(|one| one.protection == Protection::None);
    // Their answers name whom they live with.
    let beside = |one: &&TestPerson| !one.protected_household.is_empty();
    let clear: Vec<_> = clear.into_iter().filter(|one| !beside(one)).collect();
    let (mut clear, mut marked) = (clear.into_iter(), marked.into_iter());
    let mut next = |is_marked: bool| if is_marked { marked.next() } else { clear.next() }.unwrap().clone();
    [(false, false), (false, true), (true, false), (true, true)]
        .map(|(one, other)| [next(one), next(other)])
        .into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_combination_of_flag_silence_and_order_tells_a_home_only_where_nobody_is_or_may_be_protected() {
    let world = World::start_among_with(Wires::Grpc, 300, |config| {
        (config.query.agency_deadline_ms, config.query.deadline_ms) = (120_000, 150_000);
        // Nobody is left alone for being silent again and again.
        config.query.breaker_after = u32::MAX;
    })
    .await;
    let flagging = [Agency::Af, Agency::Csn, Agency::Fk];
    let mut with_home = 0;
    for (nth, couple) in couples(&world).into_iter().enumerate() {
        let case = format!("TWO-{nth}");
        let [mut one, mut other] = couple;
        (one.role, other.role) = (Role::Applicant, Role::CoApplicant);
        let couple = [one, other];
        world.register_case_of(&couple, &case, &["anna"]).await;
        for silent in 0..8 {
            for order in [[0, 1, 2], [2, 0, 1]] {
                world.agencies.control().reset();
                hold_all(&world, true);
                let is_silent = |at: usize| silent >> at & 1 == 1;
                for (_, agency) in flagging.into_iter().enumerate().filter(|(at, _)| is_silent(*at)) {
                    for source in sources(&world, Some(agency)) {
                        world.agencies.control().set(&source, Behaviour::out(Outage::Refuse)).unwrap();
                    }
                }
                let before = world.agencies.control().total_calls();
                let agencies = flagging.map(|agency| agency.code().to_owned()).into();
                let asked = AskHouseholdRequest { agencies, ..question(&world, &case) };
                let mut parts = Ask::household(&world, asked).await.unwrap();
                begun(&mut parts).await;
                let what = format!("{nth}: silent {silent:03b}, order {order:?}");
                let mut text = String::new();
                // Those who are not asked come at once, as do those who refuse; then one agency after another.
                let mut come = BTreeMap::<String, usize>::new();
                for at in order {
                    let_go(&world, flagging[at]);
                    while come.get(flagging[at].code()) != Some(&couple.len()) {
                        let section = section(&mut parts).await.section.unwrap();
                        text += &format!("{section:?}");
                        *come.entry(section.source).or_default() += 1;
                    }
                }
                assert_eq!(come.len(), Agency::ALL.len(), "{what}: {come:?}");
                assert!(come.values().all(|count| *count == couple.len()), "{what}: {come:?}");
                let whole = whole(&mut parts).await;
                let asked = world.agencies.control().total_calls() - before;
                assert_eq!(asked, 6, "{what}: each agency once about each");
                let open = silent == 0 && couple.iter().all(|one| one.protection == Protection::None);
                for person in &couple {
                    let answer = answer(&whole, person.role);
                    let level = answer.protection.as_ref().unwrap().level();
                    assert!(!text.contains(&person.street), "{what}: too early");
                    let told = format!("{whole:?}").contains(&person.street);
                    assert_eq!(told, open, "{what}: {:?} is {level:?}", person.role);
                    let is_marked = person.protection != Protection::None;
                    let expected = match (is_marked, silent) {
                        // Every agency that was heard says so, and what was once said is remembered.
                        (true, _) => {
                            [proto::Protection::Sekretessmarkering, proto::Protection::SkyddadFolkbokforing]
                                .contains(&level)
                                || silent == 7
                        }
                        (false, 0) => level == proto::Protection::None,
                        (false, _) => level == proto::Protection::NotKnown,
                    };
                    assert!(expected, "{what}: {:?} is {level:?}", person.role);
                    with_home += usize::from(told);
                }
                for source in answer(&whole, Role::Applicant).sources.iter() {
                    let silent = flagging.iter().position(|agency| agency.code() == source.source);
                    let is_silent = silent.is_some_and(is_silent);
                    assert_eq!(is_silent, source.outcome() == Outcome::NotReachable, "{what}: {source:?}");
                }
            }
        }
    }
    assert_eq!(with_home, 4, "the two of whom everybody says no, in each order");
}
