//! Every field of every agency's facts in which somebody else's number can stand, one by one: whoever stands there in an answer about
//! somebody protected counts as beside, whenever it was said that she is.

use std::{cell::RefCell, collections::BTreeSet};

use mock_agencies::TestPerson;
use ssbtek_domain::{Agency, Protection, Role, Source, sections::skv::person_numbers};

use super::{
    OWN,
    fill::{Contract, Flags, Left},
};
use crate::{
    harness::{Ask, Wires, World},
    named_by::{asked, at_home, register, tells},
    remembered::{about, mark},
};

/// A field of an agency's facts.
type Field = (Agency, String);

/// A person's number for each place.
fn number(nth: usize) -> &'static str {
    let (month, day, birth) = (nth / 28 % 12 + 1, nth % 28 + 1, 980 + nth / 336);
    let nine = format!("85{month:02}{day:02}{birth:03}");
    let sums = nine.bytes().enumerate().map(|(at, digit)| {
        let product = u32::from(digit - b'0') * if at % 2 == 0 { 2 } else { 1 };
        product / 10 + product % 10
    });
    let check = (10 - sums.sum::<u32>() % 10) % 10;
    format!("19{nine}{check}").leak()
}

/// Every field by which an agency's facts tell others' numbers: found by a number of its own in each text.
fn fields(contract: &Contract) -> Vec<Field> {
    let places: RefCell<Vec<Field>> = RefCell::new(vec![]);
    let mut found = vec![];
    for agency in Agency::ALL {
        places.borrow_mut().clear();
        let change = |leaf: &super::Leaf| {
            let field = (leaf.agency, leaf.path());
            if !leaf.value.contains("kana") {
                return Left::AsItIs;
            }
            let mut places = places.borrow_mut();
            let nth = places.iter().position(|known| *known == field).unwrap_or_else(|| {
                places.push(field);
                places.len() - 1
            });
            Left::Says(number(nth))
        };
        let (section, _) =
            contract.of(agency, OWN, &Flags::NO, &change, &mut 0).map_err(|(it, _)| it).unwrap();
        let named: BTreeSet<_> =
            section.facts().numbers_of_others().into_iter().flat_map(person_numbers).collect();
        let places = places.borrow();
        let of = |nth: &usize| person_numbers(number(*nth)).iter().any(|one| named.contains(one));
        found.extend((0..places.len()).filter(of).map(|nth| places[nth].clone()));
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
    let contract = Contract::read(OWN);
    let fields = fields(&contract);
    let agencies: BTreeSet<Agency> = fields.iter().map(|field| field.0).collect();
    assert_eq!(agencies, [Agency::Csn, Agency::Fk, Agency::Skv].into(), "who names others");
    let world = World::start_among(wires, fields.len() * 40 + 40).await;
    let mut persons = persons(&world);
    let control = world.agencies.control();
    for (number, field @ (agency, path)) in fields.iter().enumerate() {
        let [mother, before, after] = std::array::from_fn(|_| persons.next().unwrap());
        let case = |name: &str| format!("{name}-{number}");
        let hers = [(&mother, Role::Applicant)];
        register(&world, &case("M"), &hers).await;
        for (nth, child) in [&before, &after].into_iter().enumerate() {
            let says = child.number.expose().to_owned().leak();
            let change = |leaf: &super::Leaf| match (leaf.agency, leaf.path()) == *field {
                true => Left::Says(says),
                false => Left::AsItIs,
            };
            let told = contract.of(*agency, mother.number.expose(), &Flags::NO, &change, &mut 0);
            let (section, _) = told.map_err(|(refused, _)| refused).unwrap();
            control.tell(&Source::Agency(*agency), Some(section)).unwrap();
            Ask::with(&world, about(&world, &case("M"), Role::Applicant)).await.unwrap();
            control.reset();
            if nth == 0 {
                // Said in another case, after that answer and before the next.
                register(&world, &case("X"), &hers).await;
                mark(&world, &case("X"), &hers, &[&mother]).await;
            }
            let own = format!("C-{number}-{nth}");
            register(&world, &own, &[(child, Role::Applicant)]).await;
            let answer = asked(&world, &own, Role::Applicant, at_home(child, false, &[])).await;
            assert!(!tells(&answer), "{path} over {wires:?}, named {}", ["before the mark", "after it"][nth]);
        }
    }
    let nobody = persons.next().unwrap();
    register(&world, "N", &[(&nobody, Role::Applicant)]).await;
    assert!(
        tells(&asked(&world, "N", Role::Applicant, at_home(&nobody, false, &[])).await),
        "whom nobody names"
    );
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
