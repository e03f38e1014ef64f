//! Households from a seed: who lives together, on what, and which agencies know them.

use std::collections::{BTreeSet, HashMap};

use ssbtek_domain::{Agency, FUNDS, FundCode, NaiveDate, Personnummer, Protection, Role, SeededEntropy};

use super::{
    Population, Situation, TestPerson, names,
    numbers::{self, Wish},
};
use crate::stream::stream;

/// One person still to be generated.
struct Plan {
    role: Role,
    situation: Situation,
    min_age: u32,
    max_age: u32,
    /// `None` to draw it.
    protection: Option<Protection>,
    /// Known at every agency.
    known: bool,
}

pub(super) fn population(seed: u64, households: usize, today: NaiveDate) -> Population {
    let mut population = Population { persons: vec![], households: vec![], by_number: HashMap::new() };
    for n in 0..households {
        // A seed of its own for each household: a larger population begins with the smaller one.
        let random = SeededEntropy::new(
            SeededEntropy::new(seed.wrapping_add(n as u64)).next_u64() ^ seed.rotate_left(32),
        );
        let plans = if n == 0 { demo() } else { household(&random) };
        if add(&mut population, &plans, &random, today).is_none() {
            break;
        }
    }
    population
}

fn demo() -> Vec<Plan> {
    let plan = |role, situation, min_age, max_age, protection| Plan {
        role,
        situation,
        min_age,
        max_age,
        protection: Some(protection),
        known: true,
    };
    vec![
        plan(Role::Applicant, Situation::Jobseeker, 38, 44, Protection::None),
        plan(Role::CoApplicant, Situation::Parent, 36, 44, Protection::SkyddadFolkbokforing),
        plan(Role::Child, Situation::Child, 17, 17, Protection::None),
        plan(Role::Child, Situation::Child, 4, 8, Protection::None),
    ]
}

fn household(random: &SeededEntropy) -> Vec<Plan> {
    let applicant = adult(random, Role::Applicant, None);
    // The youngest the applicant can be bounds the children's ages.
    let oldest_child = applicant.min_age.saturating_sub(18).min(19);
    let may_have_children = applicant.situation != Situation::Pensioner && applicant.min_age > 18;
    let mut plans = vec![];
    let partner = random.below(100) < 45;
    if partner {
        plans.push(adult(random, Role::CoApplicant, Some(applicant.min_age)));
    }
    let children = match random.below(100) {
        0..40 => 0,
        40..65 => 1,
        65..88 => 2,
        _ => 3,
    };
    for _ in 0..if may_have_children { children } else { 0 } {
        plans.push(Plan {
            role: Role::Child,
            situation: Situation::Child,
            min_age: 0,
            max_age: oldest_child,
            protection: None,
            known: false,
        });
    }
    plans.insert(0, applicant);
    plans
}

/// An adult; a partner is of about the same age.
fn adult(random: &SeededEntropy, role: Role, partner_of: Option<u32>) -> Plan {
    let (situation, youngest, oldest) = match random.below(100) {
        0..35 => (Situation::Jobseeker, 20, 64),
        35..50 => (Situation::Parent, 22, 45),
        50..65 => (Situation::SickListed, 25, 64),
        65..77 => (Situation::Student, 19, 40),
        77..88 => (Situation::Newcomer, 20, 55),
        _ => (Situation::Pensioner, 66, 92),
    };
    let min_age = match partner_of {
        Some(age) => (age as i64 + random.below(11) as i64 - 5).clamp(youngest, oldest),
        None => youngest + random.below((oldest - youngest + 1) as u64) as i64,
    } as u32;
    Plan { role, situation, min_age, max_age: min_age, protection: None, known: false }
}

fn add(population: &mut Population, plans: &[Plan], random: &SeededEntropy, today: NaiveDate) -> Option<()> {
    let start = population.persons.len();
    let family_name = names::family(random);
    let (street, postal) = names::address(random);
    let mut numbers: Vec<Personnummer> = vec![];
    for plan in plans {
        let samordningsnummer = plan.situation == Situation::Newcomer && random.below(100) < 40;
        let wish = Wish { min_age: plan.min_age, max_age: plan.max_age, samordningsnummer };
        let free = || numbers::draw(random, &wish, today, &population.by_number);
        // Within the household, too, nobody shares a number.
        numbers.push((0..20).filter_map(|_| free()).find(|number| !numbers.contains(number))?);
    }
    for (n, (plan, number)) in plans.iter().zip(&numbers).enumerate() {
        let own_family_name = plan.role == Role::CoApplicant && random.below(100) < 30;
        population.by_number.insert(number.clone(), start + n);
        population.persons.push(TestPerson {
            given_name: names::given(random, numbers::is_man(number)),
            family_name: if own_family_name { names::family(random) } else { family_name.clone() },
            street: street.clone(),
            postal: postal.clone(),
            protection: plan.protection.unwrap_or_else(|| protection(random)),
            unknown_at: if plan.known { BTreeSet::new() } else { unknown_at(random, plan.situation, number) },
            fund: fund(random, plan.situation),
            situation: plan.situation,
            role: plan.role,
            household: numbers.iter().filter(|other| *other != number).cloned().collect(),
            protected_household: BTreeSet::new(),
            seed: random.next_u64(),
            number: number.clone(),
        });
    }
    fence_off(population.persons.get_mut(start..)?);
    population.households.push(start..population.persons.len());
    Some(())
}

/// Tells each member which of the others are protected.
fn fence_off(household: &mut [TestPerson]) {
    let protected: BTreeSet<Personnummer> = household
        .iter()
        .filter(|member| member.protection > Protection::None)
        .map(|member| member.number.clone())
        .collect();
    for member in household {
        let others = protected.iter().filter(|number| **number != member.number);
        member.protected_household = others.cloned().collect();
    }
}

/// About 4 in 100, more of them with the milder level.
fn protection(random: &SeededEntropy) -> Protection {
    match random.below(1000) {
        0..27 => Protection::Sekretessmarkering,
        27..40 => Protection::SkyddadFolkbokforing,
        _ => Protection::None,
    }
}

/// Which agencies have never heard of the person, likelier where the situation gives them no reason to have.
fn unknown_at(random: &SeededEntropy, situation: Situation, number: &Personnummer) -> BTreeSet<Agency> {
    let per_cent = |agency| match (agency, situation) {
        (Agency::Af, Situation::Jobseeker | Situation::Newcomer) => 1,
        (Agency::Af, Situation::Child) => 90,
        (Agency::Af, _) => 40,
        (Agency::Csn, Situation::Student) => 1,
        (Agency::Csn, _) => 30,
        (Agency::Fk | Agency::Skv, _) => 2,
        (Agency::So, _) => 3,
        (Agency::Tns, Situation::Child) => 80,
        (Agency::Tns, _) => 10,
        (Agency::Miv, Situation::Newcomer) => 1,
        (Agency::Miv, _) => 60,
    };
    let seed = random.next_u64();
    let drawn = |agency: &Agency| stream(seed, agency.code()).below(100) < per_cent(*agency);
    let mut unknown: BTreeSet<Agency> = Agency::ALL.into_iter().filter(drawn).collect();
    // CSN's published pattern of a person number has no room for the raised day.
    if number.is_samordningsnummer() {
        unknown.insert(Agency::Csn);
    }
    unknown
}

fn fund(random: &SeededEntropy, situation: Situation) -> Option<FundCode> {
    let (draw, which) = (random.below(100), random.below(FUNDS.len() as u64));
    let per_cent = match situation {
        Situation::Jobseeker => 100,
        Situation::Parent | Situation::SickListed => 50,
        Situation::Student | Situation::Newcomer => 10,
        Situation::Pensioner | Situation::Child => 0,
    };
    let (code, _) = FUNDS.get(which as usize)?;
    if draw < per_cent { FundCode::parse(code) } else { None }
}
