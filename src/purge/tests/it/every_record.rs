//! Every kind of record that the broker can write: found by everything that stands in it, before a restart and after, checked,
//! exported, verified, erased, and verified again.

use std::collections::BTreeSet;

use serde_json::Value;
use ssbtek_access_log::{
    Disclosure, DocumentWrite, Door, ExportOptions, Filter, LoggedRecord, Manifest, PortalReader, Reading,
    RecordKind, Refused, ReviewOutcome, SampleRules,
};
use ssbtek_authorize::{Ask, AskLimits, Caller, Denial, DocumentKind, DocumentRef, Learned, RawAsk};
use ssbtek_domain::{
    Agency, CaseId, CaseWorkerId, Clock, Entropy, OrganisationNumber, Personnummer, Protection, Role,
    SystemEntropy,
};
use ssbtek_transparency::bundle::BundleVerifier;

use crate::world::{World, board, checked, person};

const CASE: &str = "EB-1";
const ACCOUNTS: [&str; 4] = ["anna.berg", "greta", "operator", "nobody"];

fn caller(world: &World, account: &str) -> Caller {
    let mut token = [0; 32];
    SystemEntropy.fill(&mut token);
    ssbtek_example::caller(board(0), account, [9; 32], token, world.clock.now())
}

async fn answer(world: &World, closes: bool) {
    let permit = world.permit(board(0), CASE).await;
    let opened = world.log.open(&permit, &Manifest::default(), Door::Grpc).await.unwrap();
    if closes {
        world.close_case(board(0), CASE).await;
    }
    let disclosure = Disclosure::nothing(Protection::None);
    assert_eq!(
        world.log.close(opened, &permit, &disclosure, &ssbtek_authorize::Learned::default()).await.is_ok(),
        !closes
    );
}

async fn refuse(world: &World, about: Option<&Personnummer>, case: Option<&str>) {
    let number = about.map(|person| person.expose().to_owned());
    let raw = RawAsk {
        case_id: case.unwrap_or(CASE),
        role: Some(Role::Applicant),
        person_number: number.as_deref(),
        from: "2026-01-01",
        to: "2026-01-10",
        ..RawAsk::default()
    };
    let ask = case.map(|_| Ask::parse(&raw, &AskLimits::default(), world.clock.today()).unwrap());
    let refused = Refused::new(ask.as_ref(), Denial::CaseClosed, vec![], world.clock.now(), Door::Grpc);
    world.log.refuse(&caller(world, "anna.berg"), refused).await.unwrap();
}

/// A change of one document of each kind that a board's log tells of, and one of none.
async fn changes(world: &World) {
    let of = board(0);
    let case = CaseId::parse("EB-2").unwrap();
    let references = [
        DocumentRef::restriction(of, &person(7)),
        DocumentRef::case(of, &case),
        DocumentRef::case_worker(of, &CaseWorkerId::parse("greta").unwrap()),
        DocumentRef::accounts(of),
    ];
    for (n, reference) in references.into_iter().enumerate() {
        let by = ["anna.berg", "greta", "operator", "agent 162021009994"][n];
        let write = DocumentWrite::new(reference, 0, &Value::Null).unwrap();
        world.log.change(of, by, "register_something", None, vec![write]).await.unwrap();
    }
    world.log.change(of, "operator", "rotate_log_key", None, vec![]).await.unwrap();
}

async fn readings(world: &World) {
    let by_person = || Reading::by("list", "person", person(0).expose(), Some(1));
    for reading in [by_person(), Reading::by("list", "case", CASE, None), Reading::whole("export", None)] {
        world.log.record_reading(&caller(world, "greta"), reading, None).await.unwrap();
    }
    let portal =
        PortalReader { organisation: board(1), certificate: "00".to_owned(), login: "some login".to_owned() };
    world.log.record_portal_reading(board(0), &portal, by_person()).await.unwrap();
}

/// Writes every kind of record but the receipt of a purge, each in every shape that leads somewhere else.
async fn write_everything(world: &World) {
    world.register(board(0), CASE, &person(0)).await;
    answer(world, false).await;
    let permit = world.permit(board(0), CASE).await;
    let _left_open = world.log.open(&permit, &Manifest::default(), Door::Grpc).await.unwrap();
    world.log.recover().await.unwrap();
    refuse(world, Some(&person(3)), Some("EB-9")).await;
    refuse(world, None, Some(CASE)).await;
    refuse(world, None, None).await;
    changes(world).await;
    readings(world).await;
    let greta = caller(world, "greta");
    let rules = SampleRules { random: 3, ..SampleRules::default() };
    let drawn = world.log.draw_sample(&greta, "2026-01", "seed", rules, None).await.unwrap().unwrap();
    let (entry, outcome) = (drawn.entries[0].entry, ReviewOutcome::NoRemark);
    world.log.record_review(&greta, "2026-01", entry, outcome, "signed".to_owned(), None).await.unwrap();
    let (case, until) = (CaseId::parse(CASE).unwrap(), "2026-03-01".parse().unwrap());
    let (why, law) = ("because".to_owned(), "OSL 26:1".to_owned());
    world.log.decide_delay(&greta, &case, why, law, until, None).await.unwrap();
    lifted(world).await;
    answer(world, true).await;
}

/// What was said is taken back, and lifted.
async fn lifted(world: &World) {
    for says in [Some(Protection::Sekretessmarkering), None] {
        let permit = world.permit(board(0), CASE).await;
        let opened = world.log.open(&permit, &Manifest::default(), Door::Grpc).await.unwrap();
        let protection = Protection::Sekretessmarkering;
        let disclosure = Disclosure::nothing(protection);
        let learned = Learned { own: [(Agency::Fk, says)].into(), ..Learned::default() };
        world.log.close(opened, &permit, &disclosure, &learned).await.unwrap();
    }
    let anna = Caller { certificate: crate::world::certificate(board(0)), ..caller(world, "anna.berg") };
    world.log.lift_protection(&anna, &person(0), "because", None).await.unwrap();
}

/// Values of these fields anywhere in a record.
fn values(of: &Value, names: &[&str], found: &mut BTreeSet<String>) {
    match of {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| match value {
            Value::String(text) if names.contains(&name.as_str()) => drop(found.insert(text.clone())),
            _ => values(value, names, found),
        }),
        Value::Array(all) => all.iter().for_each(|one| values(one, names, found)),
        _ => {}
    }
}

/// Whether a record tells of a value, read by nothing but its fields' names.
fn tells_of(record: &LoggedRecord, filter: &Filter) -> bool {
    let Some(payload) = &record.payload else { return false };
    let mut json = serde_json::to_value(payload).unwrap();
    let fields = json.as_object_mut().unwrap().values_mut().next().unwrap().as_object_mut().unwrap();
    let selection = fields.remove("selection").unwrap_or_default();
    let kind_of_document = fields.get("document").and_then(Value::as_str).map(str::to_owned);
    let is_case =
        kind_of_document == serde_json::to_value(DocumentKind::Case).unwrap().as_str().map(str::to_owned);
    let has = |of: &Value, names: &[&str], wanted: &str| {
        let mut found = BTreeSet::new();
        values(of, names, &mut found);
        found.contains(wanted)
    };
    match filter {
        Filter::Person(person) => has(&json, &["person"], person.expose()),
        Filter::ReadingsAbout(person) => has(&selection, &["person"], person.expose()),
        Filter::CaseWorker(account) => has(&json, &["case_worker", "by"], account.as_str()),
        Filter::Case(case) => has(&json, if is_case { &["case", "id"] } else { &["case"] }, case.as_str()),
        Filter::All | Filter::Entry(_) => unreachable!(),
    }
}

fn filters() -> Vec<Filter> {
    let persons = [0, 3, 7, 8].map(person);
    let cases = [CASE, "EB-2", "EB-9", "EB-0"].map(|case| Filter::Case(CaseId::parse(case).unwrap()));
    let accounts = ACCOUNTS.map(|account| Filter::CaseWorker(CaseWorkerId::parse(account).unwrap()));
    let readings = persons.clone().map(Filter::ReadingsAbout);
    persons.map(Filter::Person).into_iter().chain(readings).chain(cases).chain(accounts).collect()
}

/// Every record is found by each thing that stands in it, and by nothing else.
async fn everything_is_found(world: &World, when: &str) -> Vec<LoggedRecord> {
    let all = world.records(board(0), &Filter::All).await;
    let index = |records: &[LoggedRecord]| records.iter().map(|record| record.index).collect::<Vec<_>>();
    for filter in filters() {
        let expected: Vec<_> = all.iter().filter(|record| tells_of(record, &filter)).cloned().collect();
        let found = world.records(board(0), &filter).await;
        assert_eq!(index(&found), index(&expected), "{when}: {filter:?}");
    }
    for record in &all {
        let found = world.records(board(0), &Filter::Entry(record.header.entry)).await;
        assert!(index(&found).contains(&record.index), "{when}: by its entry");
    }
    all
}

async fn exported(world: &World, of: OrganisationNumber) -> (u64, u64) {
    let mut export = world.log.export(of, ExportOptions::default()).await.unwrap();
    let mut verifier = BundleVerifier::new(Some(world.trust(of)));
    while let Some(lines) = export.next().await.unwrap() {
        lines.lines().for_each(|line| drop(verifier.line(line).unwrap()));
    }
    let verdict = verifier.finish().unwrap();
    (verdict.open, verdict.erased)
}

#[tokio::test]
async fn every_kind_of_record_is_found_checked_exported_and_erased_as_it_was_written() {
    // A month to be erased before the others, so that the log also holds the receipt of a purge.
    let mut world = World::new("2025-11-20");
    world.register(board(0), "EB-0", &person(8)).await;
    world.at("2026-01-20T11:00:00Z");
    world.run().await.unwrap();
    write_everything(&world).await;

    let all = everything_is_found(&world, "as written").await;
    let kinds: BTreeSet<_> = all.iter().map(|record| record.header.kind.as_str()).collect();
    assert_eq!(kinds, RecordKind::ALL.iter().map(|kind| kind.as_str()).collect(), "every kind is here");
    world = checked(world, "as written").await;
    assert_eq!(everything_is_found(&world, "after a restart").await.len(), all.len());
    // Twice more, so that what was told anew from the records is written out and told again.
    for _ in 0..2 {
        for _ in 0..6 {
            refuse(&world, Some(&person(3)), Some("EB-9")).await;
        }
        world = checked(world, "after further records").await;
        everything_is_found(&world, "after further records").await;
    }
    let (open, erased) = exported(&world, board(0)).await;
    assert!(open as usize > all.len() && erased > 0);

    world.at("2026-03-20T11:00:00Z");
    assert_eq!(world.run().await.unwrap().receipts.len(), 1);
    everything_is_found(&world, "after the purge").await;
    let (left, now_erased) = exported(&world, board(0)).await;
    assert_eq!((left, now_erased), (2, erased + open - 1), "the receipts of purges alone are left");
    world = checked(world, "after the purge").await;
    everything_is_found(&world, "after the purge and a restart").await;
}
