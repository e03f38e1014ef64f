//! Everything that comes out of the broker about one question, and about all of them.

use std::{
    io::Write,
    path::Path,
    sync::{Arc, Mutex},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use mock_agencies::TestPerson;
use prost::Message;
use ssbtek_domain::{Agency, Role};
use ssbtek_proto::broker::v1::{
    AskHouseholdRequest, AskRequest, AskResponse, AskStreamResponse, EntryState, HouseholdMember,
    ReplayDecisionRequest, SetMembersRequest, SourceReport,
};
use tracing::subscriber::DefaultGuard;

use super::fill::Leaf;
use crate::{
    commands::{ssbtek, ssbtek_ends},
    harness::{Ask, Wires, World, provider, role, with_pages},
    soap::client::Question,
};

/// One text that somebody may read.
pub(crate) struct Output {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    /// The agencies whose facts it must tell as far as they may be told; of the contract's own answer, all that gave facts.
    pub(crate) of: Vec<Agency>,
    /// Whether every field has its place in it.
    pub(crate) whole: bool,
    /// Told before it is known whether anybody is protected, and so as of who is.
    pub(crate) ahead: bool,
}

impl Output {
    /// Whether a leaf's value must be found here if it may be told.
    pub(crate) fn tells(&self, leaf: &Leaf) -> bool {
        self.whole && self.of.contains(&leaf.agency)
    }

    fn nothing(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), bytes: bytes.into(), of: vec![], whole: false, ahead: false }
    }
}

/// A broker that asks SO for all funds, so that each agency answers once.
pub(crate) async fn world(wires: Wires, cases: usize) -> World {
    let provider = provider(World::clock()).await;
    let world = World::start_among_with(wires, cases * 24 + 5, |config| {
        with_pages(config, &provider.issuer);
        let mut so = config.sources[0].clone();
        so.options = Default::default();
        so.code = "SO".into();
        so.url = so.url.replace("/af", "/so");
        config.sources.retain(|source| Agency::parse(&source.code).is_ok());
        config.sources.push(so);
        config.doors.metrics_listen = Some("127.0.0.1:0".parse().unwrap());
        // A busy machine makes no agency silent.
        (config.query.agency_deadline_ms, config.query.deadline_ms) = (25_000, 30_000);
    })
    .await;
    world.set_sign_in("anna", &provider.issuer, "anna", None).await.unwrap();
    // It answers for as long as the test runs.
    std::mem::forget(provider);
    world
}

/// A household for each case, so that none learns from another; every agency knows its first adult.
pub(crate) fn persons(world: &World, cases: usize) -> Vec<Vec<TestPerson>> {
    let known = |household: &&[TestPerson]| {
        household[0].role == Role::Applicant
            && household[0].unknown_at.is_empty()
            && household.iter().any(|person| person.role == Role::Child)
            // Another adult who has not been asked about would be another's sake already.
            && household.iter().all(|person| person.role != Role::CoApplicant)
    };
    let households: Vec<_> = world.agencies.population().households().skip(1).filter(known).collect();
    assert!(households.len() >= cases, "{} households are too few", households.len());
    households.into_iter().take(cases).map(<[TestPerson]>::to_vec).collect()
}

/// One case of one household, asked at every door.
pub(crate) struct Asked {
    case: String,
    person: String,
}

impl Asked {
    pub(crate) async fn of(
        world: &World,
        number: usize,
        household: &[TestPerson],
        marked: Option<Role>,
    ) -> Self {
        let case = format!("K-{number}");
        world.register_case_of(household, &case, &["anna"]).await;
        if let Some(marked) = marked {
            let members = household.iter().map(|person| HouseholdMember {
                person_number: person.number.expose().into(),
                role: role(person.role).into(),
                protected: person.role == marked,
                ..HouseholdMember::default()
            });
            let members = members.collect();
            let members = SetMembersRequest { case_id: case.clone(), members, ..Default::default() };
            world.cases().set_members(world.assertion("system").on(members)).await.unwrap();
        }
        Self { case, person: household[0].number.expose().to_owned() }
    }

    /// What each door tells, without what no two answers share.
    pub(crate) async fn told_alike(&self, world: &World) -> Vec<Output> {
        let question = AskRequest { case_id: self.case.clone(), ..world.question() };
        let mut told = Ask::with(world, question).await.unwrap();
        told.entry_id.clear();
        told.receipt = None;
        told.sources.iter_mut().for_each(|source| source.duration_ms = 0);
        let mut outputs = vec![Output::nothing("gRPC", format!("{told:#?}"))];
        let mut sections = self.sections(world, false).await;
        sections.iter_mut().for_each(|section| section.duration_ms = 0);
        outputs.push(Output::nothing("gRPC, told as it comes", format!("{sections:#?}")));
        for version in [10, 11] {
            let question = Question {
                case: self.case.clone(),
                correlation: "7".repeat(32),
                ..Question::about(version, &self.person)
            };
            let reply = world.soap_ask(&question).await;
            let mut bytes = reply.body.into_bytes();
            bytes.extend(decoded(&bytes));
            outputs.push(Output::nothing(format!("SOAP v{version}"), bytes));
        }
        outputs
    }

    /// What each door says where it refuses.
    pub(crate) async fn refusals(&self, world: &World) -> Vec<Output> {
        let question = AskRequest { case_id: self.case.clone(), include_originals: true, ..world.question() };
        let refused = Ask::with(world, question).await.unwrap_err();
        let mut outputs = vec![Output::nothing("gRPC", format!("{refused:?}"))];
        for version in [10, 11] {
            let question = Question { case: self.case.clone(), ..Question::about(version, &self.person) };
            let reply = world.soap_ask(&question).await;
            assert_eq!(reply.status, 500, "{}", reply.body);
            outputs.push(Output::nothing(format!("SOAP v{version}"), reply.body));
        }
        for json in ["", " --json"] {
            let line = format!("ask --case {} --role applicant --from 2026-09-01{json}", self.case);
            let (_, text, complaint) = ssbtek_ends(world, &line).await;
            outputs.push(Output::nothing(format!("ssbtek ask{json}"), text + &complaint));
        }
        outputs
    }

    /// What each door tells.
    pub(crate) async fn outputs(&self, world: &World) -> Vec<Output> {
        let question = || AskRequest { case_id: self.case.clone(), ..world.question() };
        let mut outputs = vec![];
        let mut told = Ask::with(world, AskRequest { include_originals: true, ..question() }).await.unwrap();
        outputs.push(Output::nothing("gRPC with originals", told.encode_to_vec()));
        let of = gave_facts(&told);
        told.sources.iter_mut().for_each(|source| source.originals.clear());
        // As bytes, and as text for the numbers in it.
        let bytes = [told.encode_to_vec(), format!("{told:?}").into_bytes()].concat();
        let name = format!("gRPC ({:?})", told.protection);
        outputs.push(Output { name, bytes, of: of.clone(), whole: true, ahead: false });
        let sections = self.sections(world, true).await;
        let bytes =
            sections.iter().flat_map(|section| [section.encode_to_vec(), format!("{section:?}").into()]);
        let (name, bytes) = ("gRPC, told as it comes".to_owned(), bytes.flatten().collect());
        outputs.push(Output { name, bytes, of, whole: true, ahead: true });
        for version in [10, 11] {
            let question = Question { case: self.case.clone(), ..Question::about(version, &self.person) };
            let reply = world.soap_ask(&question).await;
            assert_eq!(reply.status, 200, "{}", reply.body);
            let mut bytes = reply.body.into_bytes();
            bytes.extend(decoded(&bytes));
            outputs.push(Output::nothing(format!("SOAP v{version}"), bytes));
        }
        for form in [" --all --language sv", " --json"] {
            let line = format!("ask --case {} --role applicant --from 2026-09-01{form}", self.case);
            let (_, text, complaint) = ssbtek_ends(world, &line).await;
            assert!(text.len() > 100, "{line}: {complaint}");
            let ungrouped = ungrouped(&text);
            outputs.push(Output::nothing(format!("ssbtek ask{form}"), text + &ungrouped + &complaint));
        }
        outputs.push(self.page(world).await);
        outputs.push(self.household(world).await);
        outputs
    }
}

impl Asked {
    /// Everything that is told of the household. What the agencies send of the person they send of the children as well, who are others.
    async fn household(&self, world: &World) -> Output {
        let period = world.question().period;
        let case_id = self.case.clone();
        let asked = AskHouseholdRequest { case_id, period, include_originals: true, ..Default::default() };
        let mut parts = Ask::household(world, asked).await.unwrap();
        let mut bytes = vec![];
        while let Some(part) = parts.next().await.unwrap() {
            let part = AskStreamResponse { part: Some(part) };
            bytes.extend(part.encode_to_vec());
            bytes.extend(format!("{part:?}").into_bytes());
        }
        Output::nothing("gRPC, a household", bytes)
    }

    /// The page that somebody who has signed in is shown, with every address that led to it.
    async fn page(&self, world: &World) -> Output {
        let mut anna = world.signed_in("anna").await;
        let case = anna.open_case(&self.case).await.location;
        let asked = anna.ask(&case, "0").await;
        let page = anna.get(&asked.location).await;
        assert!(page.text.contains("class=\"whole\""), "{}", page.text);
        let plain = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")];
        let plain =
            plain.iter().fold(page.text.clone(), |text, (escaped, plain)| text.replace(escaped, plain));
        let text = [page.text.as_str(), &plain, &ungrouped(&plain), &case, &asked.location].concat();
        Output::nothing("the pages", text)
    }

    /// What is told of each agency before the whole, in the contract's order.
    async fn sections(&self, world: &World, originals: bool) -> Vec<SourceReport> {
        let question =
            AskRequest { case_id: self.case.clone(), include_originals: originals, ..world.question() };
        let mut parts = Ask::stream(world, question).await.unwrap();
        parts.begun().await;
        let mut sections = vec![];
        while sections.len() < Agency::ALL.len() {
            sections.push(parts.section().await);
        }
        parts.answer().await;
        sections.sort_by_key(|section| Agency::parse(&section.source).unwrap());
        sections
    }
}

/// With amounts as they came: people are shown them in groups of three digits.
fn ungrouped(text: &str) -> String {
    let mut parts = text.split(' ');
    let mut joined = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        if !(digits == 3 && joined.ends_with(|c: char| c.is_ascii_digit())) {
            joined.push(' ');
        }
        joined.push_str(part);
    }
    joined
}

/// Nobody may ask about this person from here on.
pub(crate) async fn restrict(world: &World, person: &str) {
    ssbtek(world, &format!("rights restrict --as admin --person {person} --reference T-1")).await.unwrap();
}

fn gave_facts(told: &AskResponse) -> Vec<Agency> {
    let told = told.sources.iter().filter(|source| source.section.is_some());
    told.map(|source| Agency::parse(&source.source).unwrap()).collect()
}

/// With what stands in base64 or is escaped there.
pub(crate) fn readable(bytes: &[u8]) -> Vec<u8> {
    [bytes.to_vec(), decoded(bytes)].concat()
}

/// What stands in base64 there.
fn decoded(bytes: &[u8]) -> Vec<u8> {
    let runs = bytes.split(|byte| !byte.is_ascii_alphanumeric() && !b"+/=".contains(byte));
    runs.filter(|run| run.len() >= 40).filter_map(|run| STANDARD.decode(run).ok()).flatten().collect()
}

/// What tells of questions and never of their answers: log, exports, extracts, decisions, what is on disk.
pub(crate) async fn that_tell_nothing(world: &World, persons: &[Vec<TestPerson>]) -> Vec<Output> {
    let mut outputs = vec![];
    let path = world.data_dir().join("export");
    let path = path.to_str().unwrap();
    for line in [
        "log list --as greta --limit 500".to_owned(),
        "log list --as greta --limit 500 --json".to_owned(),
        format!("log export --as greta --bundle {path}.bundle --receipts"),
        format!("log export --as greta --jsonl {path}.jsonl"),
        format!("log export --as greta --csv {path}.csv"),
        "log report --as greta --month 2026-11 --json".to_owned(),
        format!("log report --as greta --person {} --with-case-worker --json", persons[0][0].number.expose()),
    ] {
        let text = ssbtek(world, &line).await.unwrap_or_else(|error| panic!("{line}: {error}"));
        outputs.push(Output::nothing(line, text));
    }
    let numbers: Vec<&str> = persons.iter().map(|household| household[0].number.expose()).collect();
    let told = crate::portal::told_of_all(world, &numbers).await;
    // Whom nobody says anything of is told; so there is something in which to look.
    assert!(told.contains("released"), "{told}");
    outputs.push(Output::nothing("a citizen portal", told));
    let mut replayed = String::new();
    for question in world.log().await.iter().filter(|entry| entry.state() == EntryState::Released) {
        let message =
            ReplayDecisionRequest { entry_id: question.entry_id.clone(), organisation_number: None };
        let decision = world.agreements(&world.operator.identity).replay_decision(message).await.unwrap();
        replayed += &format!("{:?}", decision.into_inner());
    }
    assert!(replayed.contains("permitted"), "{replayed}");
    outputs.push(Output::nothing("decisions replayed", replayed));
    let metrics = world.broker().ports.metrics.unwrap();
    // Reading waits, and the broker answers on this thread.
    let read = tokio::task::spawn_blocking(move || crate::metrics::get(metrics, "/metrics"));
    outputs.push(Output::nothing("metrics", read.await.unwrap()));
    let mut files = vec![];
    collect(world.data_dir(), &mut files);
    outputs.push(Output::nothing("the data directory, exports included", files));
    outputs
}

fn collect(directory: &Path, into: &mut Vec<u8>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, into);
        } else {
            into.extend(std::fs::read(&path).unwrap_or_default());
        }
    }
}

/// Every event, of every level.
#[derive(Clone, Default)]
pub(crate) struct Events(Arc<Mutex<Vec<u8>>>);

impl Write for Events {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Events {
    pub(crate) fn record(&self) -> DefaultGuard {
        let writer = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::set_default(subscriber)
    }

    pub(crate) fn output(&self) -> Output {
        Output::nothing("events", self.0.lock().unwrap().clone())
    }
}
