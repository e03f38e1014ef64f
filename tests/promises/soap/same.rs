//! One path, one log: the same question by gRPC and by SOAP.

use base64::{Engine, engine::general_purpose::STANDARD};
use ssbtek_domain::{
    Agency, AskingParty, CaseId, CaseWorkerId, EntryId, LegalBasis, OrganisationNumber, Period, Purpose,
    Role, Wanted,
    sections::{Section, so::StatusTexts},
};
use ssbtek_formats::{
    Codec, HttpAnswer, af, csn,
    fk::{ActorId, Actors, InformationTypes, Lefi},
    miv, skv, so, tns,
};
use ssbtek_proto::{agency::v1 as agency, broker::v1::LogEntry};
use ssbtek_soap::AGENCIES;
use ssbtek_xml::{Document, Limits};

use super::client::Question;
use crate::harness::{Ask, BOARD, Wires, World};

const ENTRY: [u8; 16] = [7; 16];

/// What the door itself leaves on an entry, and what no two entries share.
fn but_for_the_door(entry: &LogEntry) -> LogEntry {
    let mut entry = LogEntry {
        entry_id: String::new(),
        door: String::new(),
        opened_at: String::new(),
        ended_at: String::new(),
        leaf_index: 0,
        duration_ms: 0,
        ..entry.clone()
    };
    // The published contract names the number alone, and no role.
    entry.details.retain(|detail| detail != "number_alone=true");
    for source in &mut entry.sources {
        // The published contract lets the caller word it.
        source.legal_basis = String::new();
    }
    entry
}

#[tokio::test]
async fn the_log_holds_equal_entries_but_for_the_door() {
    let world = World::start(Wires::Own).await;
    for role in [Role::Applicant, Role::CoApplicant, Role::Child] {
        let mut by_grpc = world.question();
        by_grpc.role = crate::harness::role(role).into();
        by_grpc.person_number = Some(world.member(role).number.expose().to_owned());
        let asked = AGENCIES.into_iter().filter(|agency| *agency != Agency::Skv);
        by_grpc.agencies = asked.map(|agency| agency.code().to_owned()).collect();
        // Once before, so that what is remembered of the answer stands in the facts of each.
        Ask::with(&world, by_grpc.clone()).await.unwrap();
        let told = Ask::with(&world, by_grpc).await.unwrap();
        let grpc = world.newest_question().await.unwrap();
        assert_eq!(grpc.entry_id, told.entry_id);
        for (version, door) in [(10, "soap_v10"), (11, "soap_v11")] {
            let agencies = AGENCIES.into_iter().filter(|agency| *agency != Agency::Skv).collect::<Vec<_>>();
            let question = Question::about(version, world.member(role).number.expose()).only(&agencies);
            assert_eq!(world.soap_ask(&question).await.status, 200);
            let soap = world.newest_question().await.unwrap();
            assert_eq!((grpc.door.as_str(), soap.door.as_str()), ("grpc", door));
            assert_ne!(grpc.entry_id, soap.entry_id);
            assert_eq!(but_for_the_door(&grpc), but_for_the_door(&soap), "{role:?} v{version}");
        }
    }
}

#[tokio::test]
async fn a_reader_of_each_agencys_own_format_finds_the_facts_that_grpc_told() {
    for wires in [Wires::Own, Wires::Grpc] {
        let world = World::start(wires).await;
        for role in [Role::Applicant, Role::CoApplicant] {
            let mut by_grpc = world.question();
            by_grpc.role = crate::harness::role(role).into();
            let told = Ask::with(&world, by_grpc).await.unwrap();
            let correlation = EntryId::from_bytes(ENTRY).to_string();
            let question = Question { correlation, ..world.soap_question(10, role) };
            let reply = world.soap_ask(&question).await;
            let mut compared = 0;
            for agency in AGENCIES {
                let source = told.sources.iter().find(|source| source.source == agency.code()).unwrap();
                let section = reply.section(agency.code()).unwrap();
                // An error instead of data; beside data it says that something is held back.
                if !section.contains("data>") {
                    continue;
                }
                let expected = ssbtek_wire::section_from_proto(source.section.clone().unwrap()).unwrap();
                let period = source.period.as_ref().unwrap();
                let Some(read) = read(agency, &question, period, &section) else { continue };
                compared += 1;
                assert_same(&read, &expected, &format!("{agency} {role:?}"));
            }
            assert!(compared >= 4, "{compared} agencies are too few to prove anything");
        }
    }
}

fn assert_same(read: &Section, told: &Section, what: &str) {
    let (read_facts, told_facts) = (read.facts(), told.facts());
    assert!(read_facts.payments() == told_facts.payments(), "{what}: payments");
    assert!(read_facts.protection() == told_facts.protection(), "{what}: protection");
    // LEFI's and Skatteverket's documents are carried whole or reduced in place; the typed facts hold a reading of them.
    if !matches!(told, Section::Fk(_) | Section::Skv(_)) {
        assert!(read == told, "{what}: facts");
    }
}

fn codec(agency: Agency) -> Box<dyn Codec> {
    match agency.code() {
        "AF" => Box::new(af::Codec::default()),
        "CSN" => Box::new(csn::Csn),
        "FK" => {
            let actors = Actors::Same(ActorId::parse("test").unwrap());
            Box::new(Lefi::new(actors, InformationTypes::default()))
        }
        "SKV" => Box::new(skv::Skv::v10()),
        "SO" => Box::new(so::Codec::all_funds(StatusTexts::default())),
        "TNS" => Box::new(tns::Codec::default()),
        "MIV" => Box::new(miv::Codec::default()),
        other => panic!("{other} has no place in the contract"),
    }
}

/// The agency's answer element around what stands in `data`; CSN and FK are carried as documents of their own.
fn root(agency: Agency) -> Option<(&'static str, &'static str)> {
    Some(match agency.code() {
        "AF" => ("http://api.arbetsformedlingen.se/arbetssokande/ersattningsstod/v2", "SvarMeddelande"),
        "SO" => ("http://INT014.UBPService.Schemas", "GetUnemploymentBenefitPaymentResponse"),
        "TNS" => {
            ("http://schema.transportstyrelsen.se/ssbtek/hamtauppgifterresponder/1", "HamtaUppgifterResponse")
        }
        "MIV" => ("http://schema.migrationsverket.se/ssbtek/1/", "findByPersonnummerResponse"),
        "SKV" => ("http://beskattningws.ws.service.bs.zg.rsv.se/", "BeskattningsuppgifterResponse"),
        "CSN" | "FK" => return None,
        other => panic!("{other} has no place in the contract"),
    })
}

fn read(agency: Agency, asked: &Question, period: &agency::Period, section: &str) -> Option<Section> {
    let limits = Limits { max_bytes: 8 << 20, max_nodes: 500_000, ..Limits::default() };
    let document = Document::parse(section.as_bytes(), &limits).unwrap();
    let data = document.root().child_named("data").unwrap();
    let body = match root(agency) {
        None => STANDARD.decode(data.elements()[0].text()).unwrap(),
        Some((namespace, name)) => {
            let inside: String = data.elements().iter().map(|child| document.standalone(child)).collect();
            format!(
                r#"<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><r:{name} xmlns:r="{namespace}">{inside}</r:{name}></e:Body></e:Envelope>"#
            )
            .into_bytes()
        }
    };
    let question = ssbtek_domain::Question {
        entry: EntryId::from_bytes(ENTRY),
        asking: AskingParty {
            organisation: OrganisationNumber::parse(BOARD).unwrap(),
            name: "Nämnden".to_owned(),
            case_worker: CaseWorkerId::parse(&asked.case_worker).unwrap(),
            processors: vec![],
        },
        case: CaseId::parse(&asked.case).unwrap(),
        person: ssbtek_domain::Personnummer::parse_undated(&asked.person).unwrap(),
        period: Period::new(period.from.parse().unwrap(), period.to.parse().unwrap()).unwrap(),
        purpose: Purpose::parse("ekonomiskt bistånd").unwrap(),
        legal_basis: LegalBasis(asked.legal_basis.clone()),
        kinds: ssbtek_domain::Information::all().collect(),
        asked_at: "2026-11-22T10:00:00Z".parse().unwrap(),
        wanted: Wanted::Standard,
    };
    let answer = HttpAnswer { status: 200, content_type: None, body };
    let answer = codec(agency).answer(&question, answer).unwrap();
    // What holds nothing but our word that all of it is held back.
    assert!(answer.section.is_some() || section.contains("SSBT_SKYDDAD"), "{agency}: {section}");
    answer.section
}
