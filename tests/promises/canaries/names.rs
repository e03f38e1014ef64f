//! The names of the agencies' own formats against the one table. Every element, attribute and member that an agency's filled answer has
//! is changed by itself: what of the facts changes with it is what the name means, and that has a verdict. What changes no fact is named
//! here, with why; nothing of it is written anew where something is held back, since only facts are.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, engine::general_purpose::STANDARD};
use mock_agencies::{
    Population, TestPerson,
    own_format::{self, Request, Response, World},
};
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, Kind, ReflectMessage, Value};
use ssbtek_domain::{
    Agency, AskingParty, CaseId, CaseWorkerId, EntryId, LegalBasis, NaiveDate, OrganisationNumber, Period,
    Purpose, Question, Wanted,
    sections::{Section, fk::FIGURES, so::StatusTexts},
};
use ssbtek_formats::{
    Codec, HttpAnswer, af, csn,
    fk::{ActorId, Actors, InformationTypes, Lefi},
    miv, skv, so, tns,
};

use super::{
    fill::{Contract, Flags, Leaf, Left},
    verdict,
};

const WHOM: &str = "whom it is about: another's is refused";
const REPEATED: &str = "the question repeated";
const WENT: &str = "how the look-up went";
const NO_FIGURES: &str = "the mock writes figures where LEFI has none: nobody reads them";

/// Places in which no fact stands: of which format, the end of the names that lead there, and why.
const NO_FACT: [(&str, &str, &str); 44] = [
    ("AF", "Fraga/From", REPEATED),
    ("AF", "Fraga/IdentitetsbeteckningFysiskPerson", WHOM),
    ("AF", "Fraga/KontonamnForHandlaggare", REPEATED),
    ("AF", "Fraga/LagParagraf", REPEATED),
    ("AF", "Fraga/NamnPaIngivare", REPEATED),
    ("AF", "Fraga/OrganisationsnummerForIngivare", REPEATED),
    ("AF", "Fraga/Referensnummer", REPEATED),
    ("AF", "Fraga/SyfteMedFraga", REPEATED),
    ("AF", "Fraga/Tom", REPEATED),
    ("AF", "Svar/IdentitetsbeteckningFysiskPerson", WHOM),
    ("AF", "Svar/LagParagraf", REPEATED),
    ("AF", "Svar/Referensnummer", REPEATED),
    ("AF", "Svar/Schemaversion", "the version of the schema"),
    ("CSN", "CSNSvar/@schemaVersion", "the version of the schema"),
    ("CSN", "GemensamtFragaEkbistand/HushallsMedlemsId", WHOM),
    ("CSN", "GemensamtFragaEkbistand/HushallsMedlemsIdSekel", WHOM),
    ("CSN", "GemensamtFragaEkbistand/SchemaVersion", REPEATED),
    ("CSN", "Person/@personnummer", WHOM),
    ("CSN", "Person/@sekel", WHOM),
    ("CSN", "Resultat/ResultatKod", WENT),
    ("CSN", "Resultat/ResultatText", WENT),
    ("FK", "generellPersoninformation/personnummer", WHOM),
    ("FK", "intjanandeuppgift/faktor", NO_FIGURES),
    ("FK", "intjanandeuppgift/totalBostadskostnad", NO_FIGURES),
    ("FK", "ovrigInformation/faktor", NO_FIGURES),
    ("FK", "ovrigInformation/totalBostadskostnad", NO_FIGURES),
    ("FK", "tillstand/kod", WENT),
    ("FK", "utlamnare/kod", "which of the two speaks"),
    ("FK", "utlamnare/namn", "which of the two speaks"),
    ("MIV", "response/correlationid", "which message it is"),
    ("MIV", "response/korrelationsid", "which question it answers"),
    ("MIV", "response/personnummer", WHOM),
    ("SKV v10", "Beskattningsuppgifter/personnummer", WHOM),
    ("SKV v11", "/personidentitet", WHOM),
    ("SO", "GetUnemploymentBenefitPaymentResponse/From", REPEATED),
    ("SO", "GetUnemploymentBenefitPaymentResponse/IdentificationNumber", WHOM),
    ("SO", "GetUnemploymentBenefitPaymentResponse/KontonamnHandlaggare", REPEATED),
    ("SO", "GetUnemploymentBenefitPaymentResponse/NamnIngivare", REPEATED),
    ("SO", "GetUnemploymentBenefitPaymentResponse/OrganisationsnummerIngivare", REPEATED),
    ("SO", "GetUnemploymentBenefitPaymentResponse/Paragraf", REPEATED),
    ("SO", "GetUnemploymentBenefitPaymentResponse/Referensnummer", REPEATED),
    ("SO", "GetUnemploymentBenefitPaymentResponse/Syfte", REPEATED),
    ("SO", "GetUnemploymentBenefitPaymentResponse/Tom", REPEATED),
    ("TNS", "HamtaUppgifterResponse/resultat", WENT),
];

/// What stands in place of a value, until something changes.
const OTHERS: [&str; 16] = [
    "zzkana",
    "77777",
    "7",
    "2",
    "1",
    "0",
    "true",
    "false",
    "2024-02-03",
    "2024-02-03T04:05:06",
    "2024-02",
    "Ja",
    "J",
    "OK",
    "50",
    "999",
];

type Mock = fn(&Request<'_>, &dyn World) -> Response;

/// One agency's own format.
struct Format {
    name: &'static str,
    agency: Agency,
    codec: Box<dyn Codec>,
    mock: Mock,
}

fn formats() -> Vec<Format> {
    let actors = Actors::Same(ActorId::parse("test").unwrap());
    let format = |name, agency, codec, mock| Format { name, agency, codec, mock };
    vec![
        format(
            "AF",
            Agency::Af,
            Box::new(af::Codec::default()) as Box<dyn Codec>,
            own_format::af::answer as Mock,
        ),
        format("CSN", Agency::Csn, Box::new(csn::Csn), own_format::csn::answer),
        format(
            "FK",
            Agency::Fk,
            Box::new(Lefi::new(actors, InformationTypes::default())),
            own_format::fk::answer,
        ),
        format("SKV v10", Agency::Skv, Box::new(skv::Skv::v10()), own_format::skv::answer),
        format("SKV v11", Agency::Skv, Box::new(skv::Skv::v11()), own_format::skv::answer),
        format(
            "SO",
            Agency::So,
            Box::new(so::Codec::all_funds(StatusTexts::default())),
            own_format::so::answer,
        ),
        format("TNS", Agency::Tns, Box::<tns::Codec>::default(), own_format::tns::answer),
        format("MIV", Agency::Miv, Box::<miv::Codec>::default(), own_format::miv::answer),
    ]
}

/// A world in which everybody is told the same.
struct Told<'a> {
    population: &'a Population,
    section: &'a Section,
}

impl World for Told<'_> {
    fn find(&self, number: &str) -> Option<&TestPerson> {
        self.population.find(number)
    }

    fn today(&self) -> NaiveDate {
        day("2026-11-22")
    }

    fn scripted(&self) -> Option<&str> {
        None
    }

    fn told(&self) -> Option<&Section> {
        Some(self.section)
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn question(person: &TestPerson) -> Question {
    Question {
        entry: EntryId::from_bytes([7; 16]),
        asking: AskingParty {
            organisation: OrganisationNumber::parse("212000-0142").unwrap(),
            name: "Nämnden".to_owned(),
            case_worker: CaseWorkerId::parse("anna").unwrap(),
            processors: vec![],
        },
        case: CaseId::parse("EB-1").unwrap(),
        person: person.number.clone(),
        period: Period::new(day("2026-05-01"), day("2026-11-30")).unwrap(),
        purpose: Purpose::parse("ekonomiskt bistånd").unwrap(),
        legal_basis: LegalBasis("lag".to_owned()),
        kinds: ssbtek_domain::Information::all().collect(),
        asked_at: "2026-11-22T08:00:00Z".parse().unwrap(),
        wanted: Wanted::Standard,
    }
}

/// One value in a document: its place (the names that lead to it) and where it stands.
#[derive(Clone)]
struct Place {
    name: String,
    at: std::ops::Range<usize>,
    /// In JSON: whether it is a text.
    quoted: bool,
}

/// Every value of an XML document, by the last two names that lead to it.
fn xml(text: &str) -> Vec<Place> {
    let (mut places, mut open, mut at) = (vec![], Vec::<String>::new(), 0);
    while let Some(from) = text[at..].find('<').map(|found| at + found) {
        let to = from + text[from..].find('>').unwrap();
        let tag = &text[from + 1..to];
        at = to + 1;
        if tag.starts_with(['?', '!']) {
            continue;
        }
        if tag.starts_with('/') {
            open.pop();
            continue;
        }
        let local = |name: &str| name.rsplit(':').next().unwrap().to_owned();
        let name = local(tag.trim_end_matches('/').split_whitespace().next().unwrap());
        let mut inside = 0;
        while let Some(equals) = tag[inside..].find("=\"").map(|found| inside + found) {
            let end = equals + 2 + tag[equals + 2..].find('"').unwrap();
            let attribute = tag[..equals].rsplit(|c: char| c.is_whitespace()).next().unwrap();
            if !attribute.starts_with("xmlns") && !attribute.contains(':') {
                let at = from + 1 + equals + 2..from + 1 + end;
                places.push(Place { name: format!("{name}/@{attribute}"), at, quoted: false });
            }
            inside = end + 1;
        }
        if tag.ends_with('/') {
            continue;
        }
        let end = at + text[at..].find('<').unwrap();
        if text[end..].starts_with("</") {
            let parent = open.last().cloned().unwrap_or_default();
            places.push(Place { name: format!("{parent}/{name}"), at: at..end, quoted: false });
        }
        open.push(name);
    }
    places
}

/// Every value of a JSON document that is no list and no object.
fn json(text: &str) -> Vec<Place> {
    let (bytes, mut places, mut at) = (text.as_bytes(), vec![], 0);
    let (mut names, mut name) = (Vec::<String>::new(), String::new());
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' => names.push(name.clone()),
            b'}' => name = names.pop().unwrap(),
            b'"' => {
                let end = (at + 1..).find(|end| bytes[*end] == b'"' && bytes[*end - 1] != b'\\').unwrap();
                if text[end + 1..].trim_start().starts_with(':') {
                    name = text[at + 1..end].to_owned();
                } else {
                    let parent = names.last().cloned().unwrap_or_default();
                    places.push(Place { name: format!("{parent}/{name}"), at: at..end + 1, quoted: true });
                }
                at = end;
            }
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => {
                let end = at + text[at..].find([',', '}', ']']).unwrap();
                let parent = names.last().cloned().unwrap_or_default();
                places.push(Place { name: format!("{parent}/{name}"), at: at..end, quoted: false });
                at = end - 1;
            }
            _ => {}
        }
        at += 1;
    }
    places
}

fn places(text: &str) -> Vec<Place> {
    if text.trim_start().starts_with('{') { json(text) } else { xml(text) }
}

/// A document inside a text, if one is there: as it is read, and how it is put back.
type Inside = (String, fn(&str) -> String);

fn inside(value: &str) -> Option<Inside> {
    let text = value.trim_matches('"');
    if text.starts_with("&lt;") {
        let plain =
            text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
        return Some((plain, |text| {
            text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
        }));
    }
    let packed = STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok())?;
    packed.starts_with('{').then_some((packed, |text| format!("\"{}\"", STANDARD.encode(text))))
}

/// Makes the document with another value in one place.
type Change<'t> = Box<dyn Fn(&str) -> String + 't>;

/// Every place of a document and of those inside it, each with what makes the document with another value there.
fn changes<'t>(text: &'t str, around: &str) -> Vec<(String, Change<'t>)> {
    let mut found: Vec<(String, Change<'t>)> = vec![];
    for place in places(text) {
        let (before, value, after) =
            (&text[..place.at.start], &text[place.at.clone()], &text[place.at.end..]);
        if let Some((document, packed)) = inside(value) {
            let document: &'static str = String::leak(document);
            for (name, change) in changes(document, &format!("{around}{}: ", place.name)) {
                found.push((
                    name,
                    Box::new(move |other| format!("{before}{}{after}", packed(&change(other)))),
                ));
            }
            continue;
        }
        let is_json = text.trim_start().starts_with('{');
        let quoted = place.quoted;
        let made = move |other: &str| {
            let plain = matches!(other, "true" | "false") || other.bytes().all(|byte| byte.is_ascii_digit());
            if is_json && (quoted || !plain) {
                format!("{before}\"{other}\"{after}")
            } else {
                format!("{before}{other}{after}")
            }
        };
        found.push((format!("{around}{}", place.name), Box::new(made)));
    }
    found
}

/// Fields of the contract in which two messages differ, as the steps that lead there.
fn differences(one: &DynamicMessage, other: &DynamicMessage) -> Vec<Vec<(String, String)>> {
    let mut found = vec![];
    for field in one.descriptor().fields() {
        // Skatteverket's documents change with whatever stands in them.
        if field.full_name() == "ssbtek.agency.v1.SkvSection.documents" {
            continue;
        }
        let (mine, theirs) = (one.get_field(&field), other.get_field(&field));
        if *mine == *theirs {
            continue;
        }
        let step = (one.descriptor().name().to_owned(), field.name().to_owned());
        let is_message = matches!(field.kind(), Kind::Message(_));
        let inside: Vec<_> = match (&*mine, &*theirs) {
            (Value::Message(mine), Value::Message(theirs)) if is_message => differences(mine, theirs),
            (Value::List(mine), Value::List(theirs)) if is_message && mine.len() == theirs.len() => {
                let pairs = mine.iter().zip(theirs);
                pairs
                    .flat_map(|(a, b)| differences(a.as_message().unwrap(), b.as_message().unwrap()))
                    .collect()
            }
            _ => vec![],
        };
        if inside.is_empty() {
            found.push(vec![step.clone()]);
        }
        found.extend(inside.into_iter().map(|steps| [vec![step.clone()], steps].concat()));
    }
    found
}

/// What a name turned out to mean.
#[derive(Default)]
struct Meaning {
    fields: BTreeSet<String>,
    /// A change of it led to the answer's being refused, or to another outcome.
    decides: bool,
    tried: usize,
}

/// How many times the same name is tried where nothing changes with it.
const MOST_TRIED: usize = 2;

#[test]
fn every_name_of_an_agencys_own_format_is_a_field_with_a_verdict_or_holds_no_fact() {
    let pool = DescriptorPool::decode(ssbtek_proto::DESCRIPTORS).unwrap();
    let whole = pool.get_message_by_name("ssbtek.agency.v1.Section").unwrap();
    let population = Population::generate(7, 12, day("2026-11-22"));
    let person = population.persons().iter().find(|person| person.unknown_at.is_empty()).unwrap();
    let filled =
        Contract::read(person.number.expose()).fill(person.number.expose(), &Flags::NO, &|_| Left::AsItIs);
    let asked = question(person);
    let (mut unnamed, mut figures) = (BTreeSet::new(), vec![]);
    // FK has some 450 names, each of which makes the whole answer be read anew: minutes.
    let all = super::cases::are_all();
    for Format { name: format, agency, codec, mock } in formats() {
        if agency == Agency::Fk && !all {
            continue;
        }
        let asked = Question {
            period: codec.derive_period(asked.period, day("2026-11-22")).unwrap().0,
            ..asked.clone()
        };
        let sent = codec.question(&asked).unwrap();
        let world = Told { population: &population, section: &filled.sections[&agency] };
        let body = mock(&Request { path: &sent.path, body: &sent.body }, &world).body;
        let body = String::from_utf8(body).unwrap();
        let read = |body: String| {
            let answer = HttpAnswer { status: 200, content_type: None, body: body.into_bytes() };
            let answer = codec.answer(&asked, answer).ok()?;
            let section = answer.section.as_ref().map(|section| {
                let bytes = ssbtek_wire::section(section).encode_to_vec();
                let message = DynamicMessage::decode(whole.clone(), bytes.as_slice()).unwrap();
                let field = whole.get_field_by_name(&agency.code().to_ascii_lowercase()).unwrap();
                message.get_field(&field).as_message().unwrap().clone()
            });
            Some((answer.outcome, section))
        };
        let Some((outcome, Some(facts))) = read(body.clone()) else {
            let got = codec.answer(
                &asked,
                HttpAnswer { status: 200, content_type: None, body: body.clone().into_bytes() },
            );
            let told = got
                .map(|answer| (answer.outcome, answer.fault_code))
                .map_err(|refused| format!("{refused:?}"));
            unnamed.insert(format!("{format}: {told:?} {}", body.chars().take(600).collect::<String>()));
            continue;
        };
        let mut names: BTreeMap<String, Meaning> = BTreeMap::new();
        for (name, change) in changes(&body, "") {
            let meaning = names.entry(name).or_default();
            meaning.tried += 1;
            if !meaning.fields.is_empty() || meaning.tried > MOST_TRIED {
                continue;
            }
            for other in OTHERS {
                let Some((told, Some(changed))) = read(change(other)) else {
                    meaning.decides = true;
                    continue;
                };
                meaning.decides |= told != outcome;
                let found = differences(&facts, &changed);
                if found.is_empty() {
                    continue;
                }
                for steps in found {
                    let (value, figure) = (String::new(), None);
                    let leaf = Leaf { agency, steps, value, figure, unmistakable: false };
                    let judged = std::panic::catch_unwind(|| verdict::on(&leaf));
                    if judged.is_err() {
                        unnamed.insert(format!("{format}: no verdict on {}", leaf.path()));
                    }
                    meaning.fields.insert(leaf.path());
                }
                break;
            }
        }
        for (_, place, _) in NO_FACT.iter().filter(|(of, ..)| *of == format) {
            let holds =
                |(name, meaning): (&String, &Meaning)| name.ends_with(place) && meaning.fields.is_empty();
            if !names.iter().any(holds) {
                unnamed.insert(format!(
                    "{format} {place}: is said to hold no fact, and holds one or is not there"
                ));
            }
        }
        for (name, meaning) in &names {
            let known = NO_FACT.iter().any(|(of, place, _)| *of == format && name.ends_with(place));
            if meaning.fields.is_empty() && !known {
                unnamed.insert(format!("{format} {name}{}", if meaning.decides { " (decides)" } else { "" }));
            }
        }
        let told = names.values().filter(|meaning| !meaning.fields.is_empty()).count();
        figures.push(format!("{format} {} ({told} of them facts)", names.len()));
        // The closed list of figures is a table of its own.
        if agency == Agency::Fk {
            let figures: BTreeSet<_> = FIGURES.iter().map(|row| row.name).collect();
            let met = |name: &&&str| names.keys().any(|place| place.ends_with(&format!("/{name}")));
            let missed: Vec<_> = figures.iter().filter(|name| !met(name)).collect();
            assert!(missed.is_empty(), "figures that no place of the filled answer has: {missed:?}");
        }
    }
    println!("{}", figures.join(", "));
    assert!(unnamed.is_empty(), "names in which no fact stands, and of which nobody says why: {unnamed:#?}");
}
