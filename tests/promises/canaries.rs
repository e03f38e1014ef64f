//! Something unmistakable in every string and number of every agency's answer, for every case of protection, looked for in
//! every output of every door: what its verdict does not allow is in none, and what it allows comes out.

mod cases;
mod costs;
mod fill;
mod named;
mod names;
mod outputs;
mod search;
mod verdict;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use mock_agencies::{Behaviour, Outage};
use ssbtek_domain::{
    HoldBack, Source,
    verdict::{Reveals, Verdict},
    verdicts,
};

use self::{
    cases::{Case, Silence},
    fill::{Contract, Filled, Flags, Leaf, Left},
    outputs::{Asked, Output},
    search::Search,
    verdict::allows,
};
use crate::harness::{Wires, World};

/// What was tried.
#[derive(Debug, Default)]
struct Tried {
    fields: BTreeSet<String>,
    unmistakable: BTreeSet<String>,
    /// Those that stood in what an agency sent.
    sent: BTreeSet<String>,
    values: usize,
    cases: usize,
    outputs: usize,
    told: usize,
    held: usize,
}

#[test]
fn every_field_of_the_contract_has_a_verdict_and_every_verdict_a_field() {
    let filled = Contract::read(OWN).fill(OWN, &Flags::NO, &|_| Left::AsItIs);
    let mut reached = BTreeSet::new();
    for leaf in &filled.leaves {
        reached.extend(verdict::on(leaf).into_iter().map(|row| (row.agency, row.record, row.field)));
    }
    let missed: Vec<_> = verdicts::all()
        .map(|row| (row.agency, row.record, row.field))
        .filter(|row| !reached.contains(row) && !WITHOUT_FIELD.contains(&(row.1, row.2)))
        .collect();
    assert!(missed.is_empty(), "no field of the contract is filled for {missed:?}");
}

const OWN: &str = "198001019804";

/// Rows of the table that no field of the contract stands for: Skatteverket's documents, made of all its other facts, and the
/// record that the contract has no message for.
const WITHOUT_FIELD: [(&str, &str); 6] = [
    ("Section", "documents"),
    ("Document", "part"),
    ("Document", "text"),
    ("Document", "reduced"),
    ("Document", "own"),
    ("Registration", "activity_report"),
];

#[tokio::test]
async fn nothing_that_is_held_back_leaves_by_any_door_and_what_is_not_comes_out_over_own_formats() {
    everywhere(Wires::Own).await;
}

#[tokio::test]
async fn nothing_that_is_held_back_leaves_by_any_door_and_what_is_not_comes_out_over_grpc() {
    everywhere(Wires::Grpc).await;
}

async fn everywhere(wires: Wires) {
    let cases: Vec<Case> = cases::tried()
        .into_iter()
        .filter(|case| if wires == Wires::Own { case.own_format } else { case.twist.is_none() })
        .collect();
    let contract = Contract::read(OWN);
    let log = outputs::Events::default();
    let _recording = log.record();
    let world = outputs::world(wires, cases.len()).await;
    let persons = outputs::persons(&world, cases.len());
    let mut tried = Tried::default();
    let mut all = Search::default();
    for (number, (case, household)) in cases.iter().zip(&persons).enumerate() {
        let own = household[0].number.expose();
        let filled = contract.fill(own, &case.flags, &|_| Left::AsItIs);
        let search = Search::of(&filled.leaves);
        all.add(&filled.leaves);
        let asked = Asked::of(&world, number, household, case.marked).await;
        if let Some(flags) = &case.before {
            prepare(&world, case, &contract.fill(own, flags, &|_| Left::AsItIs));
            asked.told_alike(&world).await;
            world.agencies.control().reset();
        }
        let sent = prepare(&world, case, &filled);
        let outputs = asked.outputs(&world).await;
        let sent = outputs::readable(&sent.lock().unwrap());
        let sent = (wires == Wires::Own).then(|| search.find(&sent));
        for leaf in sent.iter().flatten() {
            tried.sent.insert(filled.leaves[*leaf].path());
        }
        for output in outputs {
            tried.outputs += 1;
            let was_sent =
                |leaf: &usize| sent.as_ref().is_none_or(|sent: &BTreeSet<usize>| sent.contains(leaf));
            judge(case, &filled, &search, &output, &was_sent, &mut tried);
        }
        tried.cases += 1;
        tried.values = filled.leaves.len();
        tried.fields.extend(filled.leaves.iter().map(Leaf::path));
        let unmistakable = filled.leaves.iter().filter(|leaf| leaf.unmistakable);
        tried.unmistakable.extend(unmistakable.map(Leaf::path));
        world.agencies.control().reset();
    }
    for output in outputs::that_tell_nothing(&world, &persons).await.into_iter().chain([log.output()]) {
        tried.outputs += 1;
        let found = all.find(&output.bytes);
        assert!(found.is_empty(), "{}: {:?}", output.name, all.paths(&found));
    }
    if wires == Wires::Own && cases::are_all() {
        let unmistakable = tried.unmistakable.iter();
        let no_place: Vec<_> = unmistakable.filter(|path| !tried.sent.contains(*path)).collect();
        let known = |path: &str| NO_PLACE.iter().any(|(prefix, _)| path.starts_with(prefix));
        let forgotten: Vec<_> = no_place.iter().filter(|path| !known(path)).collect();
        assert!(forgotten.is_empty(), "never sent in an agency's own format: {forgotten:#?}");
        println!("without a place in the agencies' own formats: {no_place:?}");
    }
    let wire = if wires == Wires::Own { "own formats" } else { "gRPC" };
    let figures = format!(
        "Agencies over {wire}: {} fields of the contract, {} values in each answer, {} cases, {} outputs looked into.\n",
        tried.fields.len(),
        tried.values,
        tried.cases,
        tried.outputs,
    );
    println!("{figures}{} times a value was told as allowed, {} times held back", tried.told, tried.held);
    if !cases::are_all() {
        published(wire, &figures);
    }
}

/// Figures that docs/PROTECTION.md repeats; `UPDATE_DOCS=1` writes them anew (one test at a time: `-j1`).
fn published(what: &str, figures: &str) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/PROTECTION.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (begin, end) = (format!("<!-- {what} -->\n"), format!("<!-- end of {what} -->"));
    let (before, rest) = text.split_once(&begin).unwrap();
    let (told, after) = rest.split_once(&end).unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, format!("{before}{begin}{figures}{end}{after}")).unwrap();
    } else {
        assert!(
            told == figures,
            "docs/PROTECTION.md is older than {what}: UPDATE_DOCS=1 writes it anew: {figures}"
        );
    }
}

/// Fields of the contract that have no place in the agencies' own formats, or none that the mocks write.
const NO_PLACE: [(&str, &str); 7] = [
    ("CSN.hemutrustningslan.applied", "the loan has no such times"),
    ("CSN.hemutrustningslan.granted", "the loan has no such times"),
    ("CSN.unknown_status", "the mock states it by a script of its own"),
    ("FK.reconciliations.amounts", "LEFI's names are a closed list"),
    ("FK.pension_agency.decisions.persons.person", "PM states persons by number alone"),
    ("FK.matters.decisions.days", "texts that are there stand in its place"),
    ("SKV.statements.month", "a month, not its days"),
];

/// Figures that the mock writes where LEFI has none, so that nobody reads them.
const NOT_READ: [&str; 2] = ["FK.pension_agency.other.figures", "FK.pension_years.figures"];

fn is_read(leaf: &Leaf) -> bool {
    !NOT_READ.iter().any(|place| leaf.path().starts_with(place))
}

/// The agencies say what the case needs. What they send in their own formats is collected.
fn prepare(world: &World, case: &Case, filled: &Filled) -> Arc<Mutex<Vec<u8>>> {
    let sent = Arc::new(Mutex::new(vec![]));
    let control = world.agencies.control();
    for (agency, section) in &filled.sections {
        control.tell(&Source::Agency(*agency), Some(section.clone())).unwrap();
        let twist = case.twist.filter(|(who, _)| who == agency).map(|(_, twist)| twist);
        let collected = sent.clone();
        let send = move |bytes: Vec<u8>| {
            let bytes = twist.map_or(bytes.clone(), |twist| twist(bytes));
            collected.lock().unwrap().extend_from_slice(&bytes);
            bytes
        };
        control.twist(&Source::Agency(*agency), send).unwrap();
    }
    match case.silent {
        Some((agency, Silence::Gone)) => {
            control.set(&Source::Agency(agency), Behaviour::out(Outage::Refuse)).unwrap();
        }
        Some((agency, Silence::Fails)) => {
            let fails = Behaviour { failure_rate_percent: 100, ..Behaviour::default() };
            control.set(&Source::Agency(agency), fails).unwrap();
        }
        _ => {}
    }
    sent
}

fn judge(
    case: &Case,
    filled: &Filled,
    search: &Search,
    output: &Output,
    was_sent: &dyn Fn(&usize) -> bool,
    tried: &mut Tried,
) {
    let found = search.find(&output.bytes);
    // Over gRPC there is no place that no reader knows.
    let every_place = was_sent(&usize::MAX);
    let mut leaked: BTreeMap<String, usize> = BTreeMap::new();
    let mut missing: BTreeMap<String, usize> = BTreeMap::new();
    for (n, leaf) in filled.leaves.iter().enumerate().filter(|(_, leaf)| leaf.unmistakable) {
        let held = if output.ahead { HoldBack::Whereabouts } else { case.held };
        let allowed = allows(leaf, held, false);
        match (allowed, found.contains(&n)) {
            (false, true) => *leaked.entry(leaf.path()).or_default() += 1,
            (true, false) if was_sent(&n) && output.tells(leaf) && (every_place || is_read(leaf)) => {
                *missing.entry(leaf.path()).or_default() += 1
            }
            (true, true) => tried.told += 1,
            (false, false) => tried.held += 1,
            (true, false) => {}
        }
    }
    let name = format!("{}, {}", case.name, output.name);
    assert!(leaked.is_empty(), "{name}: told in spite of their verdict: {leaked:#?}");
    assert!(missing.is_empty(), "{name}: held back in spite of their verdict: {missing:#?}");
}

#[tokio::test]
async fn what_is_held_back_cannot_be_told_from_something_else_nor_from_nothing_over_own_formats() {
    alike(Wires::Own).await;
}

#[tokio::test]
async fn what_is_held_back_cannot_be_told_from_something_else_nor_from_nothing_over_grpc() {
    alike(Wires::Grpc).await;
}

/// Nobody may ask about a person while a restriction stands: no door tells anything that any agency would say.
#[tokio::test]
async fn of_a_restricted_person_no_door_tells_anything() {
    let contract = Contract::read(OWN);
    let world = outputs::world(Wires::Own, 1).await;
    let persons = outputs::persons(&world, 1);
    let own = persons[0][0].number.expose();
    let filled = contract.fill(own, &Flags::NO, &|_| Left::AsItIs);
    let case = Case::open();
    let asked = Asked::of(&world, 0, &persons[0], None).await;
    let sent = prepare(&world, &case, &filled);
    outputs::restrict(&world, own).await;
    let outputs = asked.refusals(&world).await;
    assert_eq!(outputs.len(), 5);
    for output in outputs {
        let found = Search::of(&filled.leaves).find(&output.bytes);
        assert!(found.is_empty(), "{}: {found:?}", output.name);
    }
    assert!(sent.lock().unwrap().is_empty(), "no agency was asked");
}

/// Answers that differ only in what is held back are told in the same words.
async fn alike(wires: Wires) {
    let contract = Contract::read(OWN);
    let named = ["AF flags the person", "FK flags somebody else", "an agency that can flag is gone"];
    let mut cases: Vec<Case> = cases::all().into_iter().filter(|case| named.contains(&case.name)).collect();
    cases.dedup_by_key(|case| case.name);
    let world = outputs::world(wires, cases.len()).await;
    let persons = outputs::persons(&world, cases.len());
    for (number, (case, household)) in cases.iter().zip(&persons).enumerate() {
        let own = household[0].number.expose();
        let asked = Asked::of(&world, number, household, case.marked).await;
        // That an agency uses words of its own is told.
        let is_text = |leaf: &Leaf| {
            let held = |row: &&Verdict| {
                row.held_from.is_some_and(|least| case.held >= least) && row.reveals != Reveals::FreeText
            };
            !verdict::on(leaf).iter().any(held)
        };
        let mut told = vec![];
        // What the board remembers, it remembers from here on.
        prepare(&world, case, &contract.fill(own, &case.flags, &|_| Left::AsItIs));
        asked.told_alike(&world).await;
        let other = |leaf: &Leaf| if allows(leaf, case.held, false) { Left::AsItIs } else { Left::Other };
        let out = |leaf: &Leaf| match other(leaf) {
            Left::Other if !is_text(leaf) => Left::Out,
            left => left,
        };
        let changes: [fill::Change<'_>; 3] = [&|_| Left::AsItIs, &other, &out];
        for change in changes {
            prepare(&world, case, &contract.fill(own, &case.flags, change));
            told.push(asked.told_alike(&world).await);
            world.agencies.control().reset();
        }
        for (first, others) in told[0].iter().zip(told[1].iter().zip(&told[2])) {
            for (second, what) in [(others.0, "something else"), (others.1, "nothing")] {
                let (first_text, second) =
                    (String::from_utf8_lossy(&first.bytes), String::from_utf8_lossy(&second.bytes));
                let name = format!("{wires:?}, {}, {}", case.name, first.name);
                if let Some(at) = first_text.bytes().zip(second.bytes()).position(|(a, b)| a != b) {
                    let around = |text: &str| {
                        let bytes = &text.as_bytes()[at.saturating_sub(600)..(at + 200).min(text.len())];
                        String::from_utf8_lossy(bytes).into_owned()
                    };
                    panic!("{name}: is told from {what}: {} || {}", around(&first_text), around(&second));
                }
                assert_eq!(first_text.len(), second.len(), "{name}: is told from {what}");
            }
        }
    }
}
