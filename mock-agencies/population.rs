//! Generated test persons. Their birth numbers (980–999, 238–239) are never given to people.

mod generate;
mod names;
mod numbers;

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    ops::Range,
};

use ssbtek_domain::{Agency, FundCode, NaiveDate, Personnummer, Protection, Role};

/// What a person lives on; decides which facts each agency has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Situation {
    /// Looks for work, paid by an unemployment fund, activity support from FK, reports to AF.
    Jobseeker,
    /// Studies: CSN grants and loans.
    Student,
    /// Parental benefit and child allowance from FK.
    Parent,
    /// Sickness benefit from FK.
    SickListed,
    /// Pension and housing supplement from PM.
    Pensioner,
    /// Newly arrived: permit at MIV, establishment benefit.
    Newcomer,
    /// A child in a household: study grant at most.
    Child,
}

/// One generated person.
#[derive(Clone)]
pub struct TestPerson {
    /// Valid number from the reserved ranges.
    pub number: Personnummer,
    /// Given name.
    pub given_name: String,
    /// Family name, shared by most of the household.
    pub family_name: String,
    /// Street address.
    pub street: String,
    /// Postal code and town.
    pub postal: String,
    /// Protected identity as the population register has it: `None`, `Sekretessmarkering` or `SkyddadFolkbokforing`.
    pub protection: Protection,
    /// Agencies that know no such person.
    pub unknown_at: BTreeSet<Agency>,
    /// The unemployment fund the person belongs to.
    pub fund: Option<FundCode>,
    /// What the person lives on.
    pub situation: Situation,
    /// Role in the household.
    pub role: Role,
    /// Other persons of the household.
    pub household: Vec<Personnummer>,
    /// Those of them who are protected.
    pub protected_household: BTreeSet<Personnummer>,
    /// Seed for amounts, dates and details, so that every wire format tells the same.
    pub seed: u64,
}

impl fmt::Debug for TestPerson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TestPerson({}, {:?}, redacted)", self.role, self.situation)
    }
}

/// All generated persons, household by household. The same seed, size and day give the same population.
pub struct Population {
    persons: Vec<TestPerson>,
    households: Vec<Range<usize>>,
    by_number: HashMap<Personnummer, usize>,
}

impl Population {
    /// Generates `households` households (at least one) as they stand on `today`. The first is
    /// [`Population::demo_household`]. Should the reserved numbers of an age group run out (beyond some hundred thousand
    /// households), the population is smaller than asked for.
    pub fn generate(seed: u64, households: usize, today: NaiveDate) -> Self {
        generate::population(seed, households.max(1), today)
    }

    /// The person with these 12 digits (a hyphen before the last four is accepted).
    pub fn find(&self, number: &str) -> Option<&TestPerson> {
        let number = Personnummer::parse_undated(number).ok()?;
        self.persons.get(*self.by_number.get(&number)?)
    }

    /// Everybody, household by household.
    pub fn persons(&self) -> &[TestPerson] {
        &self.persons
    }

    /// The households, each with the applicant first.
    pub fn households(&self) -> impl ExactSizeIterator<Item = &[TestPerson]> {
        self.households.iter().map(|range| self.persons.get(range.clone()).unwrap_or_default())
    }

    /// The first household, whatever the seed: a jobseeking applicant without protection, a co-applicant with
    /// skyddad folkbokföring, a child of 17 and a younger one; all known at every agency.
    pub fn demo_household(&self) -> &[TestPerson] {
        self.households().next().unwrap_or_default()
    }

    /// Somebody else, outside the person's household where there is anybody outside it.
    pub fn somebody_else(&self, person: &TestPerson) -> Option<&TestPerson> {
        let own = *self.by_number.get(&person.number)?;
        let after = self.persons.iter().skip(own + 1).chain(self.persons.iter().take(own));
        after.clone().find(|other| !person.household.contains(&other.number)).or_else(|| after.clone().next())
    }
}

impl fmt::Debug for Population {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Population({} persons in {} households)", self.persons.len(), self.households.len())
    }
}

#[cfg(test)]
mod tests {
    use chrono::Days;
    use proptest::prelude::*;

    use super::*;

    fn today() -> NaiveDate {
        "2026-11-22".parse().unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(50))]

        #[test]
        fn no_generated_number_can_belong_to_a_person(seed: u64, later in 0u64..10_000) {
            let today = today() + Days::new(later);
            for person in Population::generate(seed, 40, today).persons() {
                let birth_number: u32 = person.number.expose()[8..11].parse().unwrap();
                prop_assert!(matches!(birth_number, 980..=999 | 238..=239));
                prop_assert!(person.postal.starts_with("99"), "no Swedish postal code begins with 99");
                prop_assert!(person.number.birth_date().is_some_and(|day| day <= today));
            }
        }
    }

    #[test]
    fn every_generated_number_is_valid_unique_and_not_in_the_future() {
        let population = Population::generate(7, 3_000, today());
        let mut seen = BTreeSet::new();
        for person in population.persons() {
            assert!(Personnummer::parse(person.number.expose(), today()).is_ok());
            assert!(seen.insert(person.number.clone()));
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_population() {
        let told = |seed| {
            let population = Population::generate(seed, 50, today());
            let tell =
                |p: &TestPerson| format!("{} {} {} {}", p.number.expose(), p.given_name, p.street, p.seed);
            population.persons().iter().map(tell).collect::<Vec<_>>()
        };
        assert_eq!(told(1), told(1));
        assert_ne!(told(1), told(2));
    }

    #[test]
    fn a_larger_population_begins_with_the_smaller_one() {
        let (small, large) = (Population::generate(3, 5, today()), Population::generate(3, 50, today()));
        let numbers = |p: &Population| p.persons().iter().map(|p| p.number.clone()).collect::<Vec<_>>();
        assert!(numbers(&large).starts_with(&numbers(&small)));
    }

    #[test]
    fn the_first_household_always_shows_both_a_protected_and_an_unprotected_person() {
        for seed in 0..50 {
            let population = Population::generate(seed, 1, today());
            let [applicant, partner, older, younger] = population.demo_household() else {
                panic!("four persons expected")
            };
            assert_eq!((applicant.role, applicant.situation), (Role::Applicant, Situation::Jobseeker));
            assert_eq!(applicant.protection, Protection::None);
            assert!(applicant.fund.is_some() && applicant.unknown_at.is_empty());
            assert_eq!(
                (partner.role, partner.protection),
                (Role::CoApplicant, Protection::SkyddadFolkbokforing)
            );
            assert_eq!((older.role, younger.role), (Role::Child, Role::Child));
            assert_eq!(older.number.age_on(today()), Some(17));
            assert_eq!(applicant.household.len(), 3);
        }
    }

    #[test]
    fn households_hold_together_and_children_are_younger_than_the_applicant() {
        let population = Population::generate(11, 2_000, today());
        for household in population.households() {
            let applicant = &household[0];
            assert_eq!(applicant.role, Role::Applicant);
            assert!(applicant.number.age_on(today()) >= Some(19));
            for person in household {
                assert_eq!(person.household.len(), household.len() - 1);
                assert!(!person.household.contains(&person.number));
                if person.role == Role::Child {
                    let ages = (person.number.age_on(today()), applicant.number.age_on(today()));
                    let (Some(child), Some(adult)) = ages else { panic!("both dates are known") };
                    assert!((0..20).contains(&child) && adult - child >= 17, "{child} {adult}");
                }
            }
        }
    }

    #[test]
    fn about_four_in_a_hundred_are_protected_at_both_levels_and_jobseekers_have_a_fund() {
        let population = Population::generate(5, 5_000, today());
        let count = |level| population.persons().iter().filter(|p| p.protection == level).count() * 1000;
        let all = population.persons().len();
        let (marked, moved) =
            (count(Protection::Sekretessmarkering) / all, count(Protection::SkyddadFolkbokforing) / all);
        assert!((15..40).contains(&marked) && (5..25).contains(&moved), "{marked} {moved} per mille");
        let jobseekers = population.persons().iter().filter(|p| p.situation == Situation::Jobseeker);
        assert!(jobseekers.clone().all(|p| p.fund.is_some()) && jobseekers.count() > 1_000);
        assert!(population.persons().iter().any(|p| p.number.is_samordningsnummer()));
        for agency in Agency::ALL {
            assert!(population.persons().iter().any(|p| p.unknown_at.contains(&agency)), "{agency}");
        }
    }

    #[test]
    fn a_hundred_thousand_persons_are_all_found_by_number() {
        let population = Population::generate(1, 45_000, today());
        assert!(population.persons().len() >= 100_000, "{}", population.persons().len());
        assert!(
            population.persons().iter().all(|p| population.find(p.number.expose()).unwrap().seed == p.seed)
        );
        assert!(population.find("198001019804x").is_none() && population.find("").is_none());
    }

    #[test]
    fn somebody_else_is_of_another_household() {
        let population = Population::generate(1, 3, today());
        for person in population.persons() {
            let other = population.somebody_else(person).unwrap();
            assert!(other.number != person.number && !person.household.contains(&other.number));
        }
    }

    #[test]
    fn debug_shows_no_person() {
        let population = Population::generate(1, 1, today());
        let person = &population.persons()[0];
        let shown = format!("{person:?} {population:?}");
        assert!(!shown.contains(person.number.expose()) && !shown.contains(&person.family_name));
    }
}
