//! Answers as today's service gives them (`tests/recordings`), served in place of the agencies' own, with the person replaced:
//! every agency has answered, or in part for a reason that is told, and each payload leaves as it came.
//!
//! `SSBTEK_ANSWERS=FOLDER` leaves the answers there; `tests/recordings.sh` holds them against the published contract and lets a
//! client of today's read them.

use std::{env, fs, path::PathBuf};

use base64::{Engine, engine::general_purpose::STANDARD};
use prost::Message;
use ssbtek_config::SourceConfig;
use ssbtek_domain::{Agency, Format, Personnummer, Source};
use ssbtek_proto::{
    agency::v1::Outcome,
    broker::v1::{AskRequest, HouseholdMember, RegisterCaseRequest, Role, SourceReport},
};
use ssbtek_xml::{Element, Limits};

use super::client::{Question, Reply};
use crate::harness::{Ask, Wires, World};

/// Whom the recordings are about.
const RECORDED: &str = "198001019804";
/// What today's clients send as a case.
const CASE: &str = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
/// Folder, where CSN's answer is, and whom it is told about: eleven digits, whose check digit is found. The second is a
/// coordination number of unknown month and day.
const SETS: [(&str, &str, &str); 4] = [
    ("", "csn.xml", "19900101980"),
    ("", "csn-3.0.xml", "19850607982"),
    ("newly-arrived", "csn.xml", "19900060980"),
    ("parent", "csn.xml", "19780229238"),
];
const PARTS: [&str; 4] = ["foretagsinformation", "individuppgifter", "skattekonto", "skatteuppgifter"];

/// One set of recordings, about somebody.
struct Set {
    name: &'static str,
    csn: &'static str,
    person: String,
}

impl Set {
    fn all() -> Vec<Self> {
        let number = |eleven: &str| {
            // A month or day that is not known in a year that has no such day is none.
            let eleven = if eleven.starts_with("19780229") { "19780228238" } else { eleven };
            let mut tried = (0..10).map(|digit| format!("{eleven}{digit}"));
            tried.find(|text| Personnummer::parse_undated(text).is_ok()).unwrap()
        };
        SETS.into_iter().map(|(name, csn, eleven)| Self { name, csn, person: number(eleven) }).collect()
    }

    fn text(&self, file: &str) -> String {
        let path =
            PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/recordings").join(self.name).join(file);
        let text = fs::read_to_string(&path).unwrap_or_else(|_| panic!("{}", path.display()));
        let hyphen = |number: &str| format!("{}-{}", &number[..8], &number[8..]);
        text.replace(RECORDED, &self.person)
            .replace(&hyphen(RECORDED), &hyphen(&self.person))
            .replace(&RECORDED[2..], &self.person[2..])
    }

    /// What the agency's service answers, towards the question of a version of the contract.
    fn of(&self, agency: Agency, version: u8) -> String {
        match agency.profile().format.unwrap() {
            Format::Af => self.text("af.xml"),
            Format::Csn => self.text(self.csn),
            Format::Lefi => self.text("fk.json"),
            Format::Skv if version == 10 => self.text("skv-v10.xml"),
            Format::Skv => {
                let part = |name: &str| format!(r#""{name}":{{"data":"{}"}}"#, self.part(name));
                let appendices = r#""beskattningsbilagor":{"error":{"kalla":"BT","felkod":"404","felmeddelande":["Not Found"]}}"#;
                format!("{{{},{appendices}}}", PARTS.map(part).join(","))
            }
            Format::So => self.text("so.xml"),
            Format::Tns => self.text("tns.xml"),
            Format::Miv => self.text("miv.xml"),
        }
    }

    fn part(&self, name: &str) -> String {
        STANDARD.encode(self.text(&format!("skv-v11/{name}.json")))
    }

    fn serve(&self, world: &World, version: u8) {
        for agency in with_a_format() {
            let bytes = self.of(agency, version).into_bytes();
            let source = Source::Agency(agency);
            world.agencies.control().answer_with(&source, bytes).unwrap();
        }
    }
}

/// Whoever has a service of its own, which answers were recorded of.
fn with_a_format() -> impl Iterator<Item = Agency> {
    Agency::ALL.into_iter().filter(|agency| agency.profile().format.is_some())
}

/// All funds through Samorganisationen, as today.
fn seven_sources(sources: &mut Vec<SourceConfig>) {
    let is_fund = |source: &SourceConfig| Agency::ALL.iter().all(|agency| agency.code() != source.code);
    let fund = sources.iter().position(is_fund).unwrap();
    let mut so = sources.remove(fund);
    sources.retain(|source| !is_fund(source));
    let af = sources.iter().find(|source| source.code == "AF").unwrap();
    so.url = af.url.strip_suffix("/af").unwrap().to_owned() + "/so";
    so.code = "SO".into();
    sources.push(so);
}

async fn world_about(set: &Set) -> World {
    let world = World::start_with(Wires::Own, |config| seven_sources(&mut config.sources)).await;
    let member = HouseholdMember {
        person_number: set.person.clone(),
        role: Role::Applicant.into(),
        ..HouseholdMember::default()
    };
    let case = RegisterCaseRequest {
        case_id: CASE.into(),
        members: vec![member],
        case_workers: vec!["anna".into()],
        provisional: false,
    };
    world.cases().register_case(world.assertion("system").on(case)).await.unwrap();
    world
}

fn question(set: &Set, version: u8) -> Question {
    Question { case: CASE.into(), ..Question::about(version, &set.person) }
}

fn parse(text: &str) -> Element {
    let limits = Limits { max_bytes: 8 << 20, max_nodes: 500_000, ..Limits::default() };
    ssbtek_xml::parse(text.as_bytes(), &limits).unwrap()
}

/// In one form, whatever prefixes and quotation marks stand there.
fn canonical(element: &Element) -> String {
    let mut attributes: Vec<String> = element
        .attributes()
        .iter()
        .map(|attribute| format!("{:?}:{}={:?}", attribute.namespace(), attribute.name(), attribute.value()))
        .collect();
    attributes.sort();
    let inside: String = element.elements().iter().map(canonical).collect();
    let text = if element.elements().is_empty() { element.text() } else { element.trimmed() };
    format!("<{:?}:{} {}>{text:?}{inside}</>", element.namespace(), element.name(), attributes.join(" "))
}

fn all(elements: &[Element]) -> Vec<String> {
    elements.iter().map(canonical).collect()
}

/// What stands in the data of a section.
fn data<T>(reply: &Reply, agency: Agency, read: impl Fn(&[Element]) -> T) -> T {
    let section = parse(&reply.section(agency.code()).unwrap());
    let data = section.child_named("data").unwrap_or_else(|| panic!("{agency}: {}", canonical(&section)));
    read(data.elements())
}

/// Asserts that a section is, byte for byte or in canonical form, what the agency sent.
fn assert_as_it_came(set: &Set, agency: Agency, version: u8, reply: &Reply) {
    let what = format!("{} {agency} v{version}", set.name);
    let sent = set.of(agency, version);
    match agency {
        Agency::Csn | Agency::Fk => {
            let document = data(reply, agency, |inside| inside[0].text().to_owned());
            assert!(STANDARD.decode(document).unwrap() == sent.as_bytes(), "{what}");
        }
        Agency::Skv if version == 11 => {
            let section = parse(&reply.section("SKV").unwrap());
            for part in PARTS {
                let told = section.child_named(part).and_then(|part| part.child_named("data"));
                let told = told.unwrap_or_else(|| panic!("{what} {part}: {}", canonical(&section)));
                assert_eq!(told.text(), set.part(part), "{what} {part}: the base64 letter for letter");
            }
            let error = section.child_named("beskattningsbilagor").unwrap().child_named("error").unwrap();
            let told = ["kalla", "felkod"].map(|name| error.child_text_named(name).unwrap().to_owned());
            assert_eq!(told, ["BT", "404"], "{what}");
        }
        _ => {
            let envelope = parse(&sent);
            let payload = &envelope.child_named("Body").unwrap().elements()[0];
            assert_eq!(data(reply, agency, all), all(payload.elements()), "{what}");
        }
    }
}

fn keep(set: &Set, version: u8, reply: &Reply) {
    let Some(folder) = env::var_os("SSBTEK_ANSWERS").map(PathBuf::from) else { return };
    fs::create_dir_all(&folder).unwrap();
    let name = if set.name.is_empty() { "first" } else { set.name };
    let csn = set.csn.trim_end_matches(".xml");
    fs::write(folder.join(format!("{version}-answer-{name}-{csn}.xml")), &reply.body).unwrap();
}

#[tokio::test]
async fn today_s_answers_leave_as_they_came_in_both_versions() {
    for set in Set::all() {
        let world = world_about(&set).await;
        for version in [10, 11] {
            set.serve(&world, version);
            let reply = world.soap_ask(&question(&set, version)).await;
            assert_eq!(reply.status, 200, "{}", reply.body);
            keep(&set, version, &reply);
            for agency in with_a_format() {
                assert_as_it_came(&set, agency, version, &reply);
            }
        }
    }
}

#[tokio::test]
async fn every_agency_has_answered_or_in_part_for_a_reason_that_is_told() {
    for set in Set::all() {
        let world = world_about(&set).await;
        set.serve(&world, 11);
        let question = AskRequest { case_id: CASE.into(), ..world.question() };
        let answer = Ask::with(&world, question).await.unwrap();
        assert_eq!(answer.sources.len(), Agency::ALL.len());
        for agency in with_a_format() {
            let source = answer.sources.iter().find(|source| source.source == agency.code()).unwrap();
            assert_told(&set, source);
            assert!(source.withheld.is_empty(), "{} {}: {:?}", set.name, source.source, source.withheld);
        }
    }
}

fn assert_told(set: &Set, source: &SourceReport) {
    let what = format!("{} {}: {:?} {:?}", set.name, source.source, source.notes, source.parts);
    match source.outcome() {
        Outcome::Answered => {}
        Outcome::AnsweredInPart => {
            let failed = |part: &ssbtek_proto::agency::v1::PartOutcome| part.outcome() != Outcome::Answered;
            assert!(!source.notes.is_empty() || source.parts.iter().any(failed), "{what}");
        }
        // CSN's own word, and no failure.
        Outcome::NoSuchPerson => assert!(source.source == "CSN" && set.name == "newly-arrived", "{what}"),
        other => panic!("{other:?} {what}"),
    }
}

/// Somebody who is not of the case.
const OTHER: &str = "198506079824";

/// Each agency's answer, with somebody else's number in places where the contracts have nobody else.
fn of_others(set: &Set, agency: Agency, version: u8) -> Vec<String> {
    let whole = set.of(agency, version);
    let put = |at: &str, new: String| {
        assert!(whole.contains(at), "{agency} {at}");
        whole.replacen(at, &format!("{new}{at}"), 1)
    };
    let short = format!("{}-{}", &OTHER[2..8], &OTHER[8..]);
    let xml = |name: &str| format!("<{name}>{OTHER}</{name}>");
    match agency.profile().format.unwrap() {
        Format::Af => vec![
            put("<ns2:ErsattningTyp>", xml("ns2:Person")),
            put("<ns2:Fornamn>", xml("ns2:AnnanPerson")),
            whole.replace("Unionens a-kassa", &short),
        ],
        Format::Csn => vec![
            put("<gem:utbetdatum>", xml("gem:personnummer")),
            put("<sm:stodform>", xml("sm:personnummer")),
            whole.replacen("Studiemedel för studier", &short, 1),
        ],
        Format::Lefi => vec![
            put("\"datum\"", format!("\"personnummer\": \"{OTHER}\", ")),
            put("\"datum\"", format!("\"personnummer\": {OTHER}, ")),
            // Each digit in disguise.
            put("\"datum\"", format!("\"x\": \"\\u0031{}\", ", &OTHER[1..])),
            put("\"utbetalningsdatum\"", format!("\"mottagare\": {{\"nummer\": \"{short}\"}}, ")),
        ],
        Format::Skv if version == 10 => {
            vec![
                put("&lt;ar&gt;", format!("&lt;make&gt;{OTHER}&lt;/make&gt;")),
                whole.replace("51234", OTHER),
            ]
        }
        Format::Skv => {
            let told =
                set.text("skv-v11/skattekonto.json").replacen('{', &format!("{{\"make\": \"{short}\", "), 1);
            let amount = set.text("skv-v11/skattekonto.json").replace("1250.500000000001", OTHER);
            [told, amount]
                .map(|changed| whole.replace(&set.part("skattekonto"), &STANDARD.encode(changed)))
                .into()
        }
        Format::So => vec![
            put("<ns0:Utbetalningsdatum>", xml("ns0:IdentificationNumber")),
            put("<ns0:NettoEfterSkatt>", xml("ns0:Mottagare")),
            put("<ns0:BeslutOmRattTillErsattning", xml("ns0:Person")),
        ],
        Format::Tns => vec![put("<ns2:regnr>", xml("ns2:agare"))],
        Format::Miv => vec![put("<anledning>", xml("personnummer")), whole.replace("Anknytning", &short)],
    }
}

/// What a reply says, base64 included.
fn everything(body: &str) -> String {
    let inside = body
        .split(['<', '>', '"'])
        .filter(|text| text.len() >= 16)
        .filter_map(|text| STANDARD.decode(text.split_ascii_whitespace().collect::<String>()).ok());
    let inside: Vec<String> = inside.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect();
    format!("{body}{}", inside.join(" ")).replace(['-', '+'], "")
}

#[tokio::test]
async fn somebody_elses_number_within_an_answer_leaves_by_no_door_and_the_answer_says_so() {
    let set = &Set::all()[0];
    let world = world_about(set).await;
    let mut wrong = vec![];
    for version in [10, 11] {
        for agency in with_a_format() {
            for (n, body) in of_others(set, agency, version).into_iter().enumerate() {
                set.serve(&world, version);
                world.agencies.control().answer_with(&Source::Agency(agency), body.into_bytes()).unwrap();
                let reply = world.soap_ask(&question(set, version)).await;
                assert_eq!(reply.status, 200, "{}", reply.body);
                let (told, section) = (everything(&reply.body), reply.section(agency.code()).unwrap());
                if told.contains(&OTHER[2..]) {
                    wrong.push(format!("{agency} v{version} {n}: told by SOAP"));
                }
                if !everything(&section).contains("SSBT_SKYDDAD") && !section.contains("hålls inne") {
                    wrong.push(format!("{agency} v{version} {n}: nothing says so: {section}"));
                }
                if version == 10 {
                    continue;
                }
                let asked = AskRequest { case_id: CASE.into(), include_originals: true, ..world.question() };
                let answer = Ask::with(&world, asked).await.unwrap();
                let source = answer.sources.iter().find(|source| source.source == agency.code()).unwrap();
                if everything(&String::from_utf8_lossy(&source.encode_to_vec())).contains(&OTHER[2..]) {
                    wrong.push(format!("{agency} {n}: told by gRPC"));
                }
                if source.outcome() == Outcome::Answered || source.withheld.is_empty() {
                    wrong.push(format!(
                        "{agency} {n}: plain by gRPC: {:?} {:?}",
                        source.outcome(),
                        source.withheld
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
