//! Every field of every agency's facts in which somebody else's number can stand, one by one: whoever stands there in an answer about
//! somebody protected counts as beside, whenever it was said that she is.

use std::collections::BTreeSet;

use mock_agencies::TestPerson;
use ssbtek_domain::{
    Agency, Protection, Role, Source,
    sections::{Section, skv::person_numbers},
};

use super::fill::{Contract, Flags, Left};
use crate::{
    harness::{Ask, Wires, World},
    named_by::{asked, at_home, register, tells},
    remembered::{about, mark},
};

/// The facts of an agency about `own` in which `other` stands in one field.
type Told = Box<dyn Fn(&TestPerson, &'static str) -> Section>;

/// One for each field that the agency's facts tell others' numbers by.
fn fields() -> Vec<(String, Agency, Told)> {
    const OWN: &str = "198001019804";
    const OTHER: &str = "198506079824";
    let other = person_numbers(OTHER);
    let contract = std::rc::Rc::new(Contract::read(OWN));
    let leaves = contract.fill(OWN, &Flags::NO, &|_| Left::AsItIs).leaves;
    let places: BTreeSet<(Agency, String)> = leaves.iter().map(|leaf| (leaf.agency, leaf.path())).collect();
    let mut found: Vec<(String, Agency, Told)> = vec![];
    for (agency, path) in places {
        let place = path.clone();
        let contract = contract.clone();
        let filled = move |own: &str, other: &'static str| {
            let change =
                |leaf: &super::Leaf| if leaf.path() == place { Left::Says(other) } else { Left::AsItIs };
            contract.of(agency, own, &Flags::NO, &change, &mut 0).map(|(section, _)| section)
        };
        let stands = |section: &Section| {
            section
                .facts()
                .numbers_of_others()
                .into_iter()
                .flat_map(person_numbers)
                .any(|one| one == other[0])
        };
        // A number is no number of an amount or a day: those fields are refused.
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            filled(OWN, OTHER).is_ok_and(|it| stands(&it))
        }))
        .unwrap_or(false)
        {
            let told = move |own: &TestPerson, other| {
                filled(own.number.expose(), other).map_err(|(it, _)| it).unwrap()
            };
            found.push((path, agency, Box::new(told)));
        }
    }
    found
}

/// Persons of different households whom nobody flags, each once.
fn persons(world: &World) -> impl Iterator<Item = TestPerson> + use<'_> {
    let open = |household: &&[TestPerson]| {
        household[0].unknown_at.is_empty() && household.iter().all(|it| it.protection == Protection::None)
    };
    world.agencies.population().households().skip(1).filter(open).map(|household| household[0].clone())
}

async fn everywhere(wires: Wires) {
    let fields = fields();
    let agencies: BTreeSet<Agency> = fields.iter().map(|field| field.1).collect();
    assert_eq!(agencies, [Agency::Csn, Agency::Fk, Agency::Skv].into(), "who names others");
    let world = World::start_among(wires, fields.len() * 24 + 24).await;
    let mut persons = persons(&world);
    let control = world.agencies.control();
    for (number, (path, agency, told)) in fields.iter().enumerate() {
        for marked_before in [true, false] {
            let [mother, other, child] = std::array::from_fn(|_| persons.next().unwrap());
            let case = |name: &str| format!("{name}-{number}-{marked_before}");
            let hers = [(&mother, Role::Applicant)];
            register(&world, &case("M"), &hers).await;
            register(&world, &case("F"), &[(&other, Role::Applicant), (&child, Role::Child)]).await;
            if marked_before {
                mark(&world, &case("M"), &hers, &[&mother]).await;
            }
            let section = told(&mother, child.number.expose().to_owned().leak());
            control.tell(&Source::Agency(*agency), Some(section)).unwrap();
            Ask::with(&world, about(&world, &case("M"), Role::Applicant)).await.unwrap();
            control.reset();
            let childs = async || asked(&world, &case("F"), Role::Child, at_home(&child, false, &[])).await;
            if !marked_before {
                assert!(tells(&childs().await), "{path}: nobody has said anything yet");
                register(&world, &case("X"), &hers).await;
                mark(&world, &case("X"), &hers, &[&mother]).await;
            }
            assert!(!tells(&childs().await), "{path} over {wires:?}, marked before: {marked_before}");
        }
    }
    println!("over {wires:?}: {} fields, each before and after the mark", fields.len());
}

#[tokio::test]
async fn whoever_stands_in_any_field_of_a_protected_persons_answer_counts_as_beside_over_own_formats() {
    everywhere(Wires::Own).await;
}

#[tokio::test]
async fn whoever_stands_in_any_field_of_a_protected_persons_answer_counts_as_beside_over_grpc() {
    everywhere(Wires::Grpc).await;
}
