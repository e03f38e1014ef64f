//! The conformance kit: nothing to say about services that keep the contract, something about every one that does not.

use std::{sync::Arc, time::Duration};

use mock_agencies::{Behaviour, Lie, Outage};
use ssbtek_agencies::Connector;
use ssbtek_check_agency::{Check, Expectations, Persons, Reasons, Report, Subject, run};
use ssbtek_domain::{
    Agency, AskingParty, CaseWorkerId, FUNDS, FundCode, Information, NaiveDate, OrganisationNumber,
    SeededEntropy, Source,
};

use crate::{
    agencies_alone::{Agencies, every_agency},
    harness::{BOARD, Wires},
};

async fn checked(agencies: &Agencies, connector: &Arc<dyn Connector>, deadline: Duration) -> Report {
    let persons = agencies.persons();
    let subject = Subject {
        connector: connector.clone(),
        without_certificate: None,
        persons: Persons::with(persons[0].number.clone(), Some(persons[1].number.clone())).unwrap(),
        asking: AskingParty {
            organisation: OrganisationNumber::parse(BOARD).unwrap(),
            name: "Nämnden".into(),
            case_worker: CaseWorkerId::parse("kontroll").unwrap(),
            processors: vec![],
        },
        ground: ssbtek_example::law().body.ground(Information::all(), NaiveDate::MAX).unwrap(),
        expectations: Expectations { deadline, ..Expectations::default() },
    };
    run(&subject, &*agencies.clock, &SeededEntropy::new(1), &Reasons::default()).await
}

fn everybody() -> Vec<Source> {
    let funds = FUNDS.iter().map(|(code, _)| Source::Fund(FundCode::parse(code).unwrap()));
    every_agency().into_iter().chain(funds).collect()
}

#[tokio::test]
async fn a_service_that_keeps_the_contract_has_no_deviation_on_either_wire() {
    let agencies = Agencies::start(1, 3).await;
    for wires in [Wires::Own, Wires::Grpc] {
        for connector in agencies.connectors(wires, &everybody()) {
            let report = checked(&agencies, &connector, Duration::from_secs(20)).await;
            assert_eq!(report.deviations(), 0, "{report}");
            assert!(report.reachable && report.checks.len() == Check::ALL.len());
        }
    }
    assert_eq!(agencies.running.control().strays(), 0);
}

#[tokio::test]
async fn every_lie_and_outage_is_a_deviation_and_no_report_tells_of_a_person() {
    let agencies = Agencies::start(1, 3).await;
    let of = [Agency::Csn, Agency::Fk].map(Source::Agency);
    for connector in agencies.connectors(Wires::Own, &of) {
        let source = connector.source().clone();
        let control = agencies.running.control();
        for lie in Lie::ALL {
            if matches!(lie, Lie::Utf16) {
                continue;
            }
            control.set(&source, Behaviour::lying(lie)).unwrap();
            let patience = if matches!(lie, Lie::Late | Lie::Drip) { 100 } else { 10_000 };
            let report = checked(&agencies, &connector, Duration::from_millis(patience)).await;
            assert!(report.deviations() > 0, "{source} {lie:?}");
            clean(&agencies, &report);
        }
        for outage in [Outage::Refuse, Outage::CloseConnection] {
            control.set(&source, Behaviour::out(outage)).unwrap();
            let report = checked(&agencies, &connector, Duration::from_secs(10)).await;
            assert!(report.deviations() > 0, "{source} {outage:?}");
        }
        control.set(&source, Behaviour::default()).unwrap();
    }
}

#[tokio::test]
async fn what_an_agency_leaves_unsaid_or_misreports_is_a_deviation() {
    let agencies = Agencies::start(1, 3).await;
    let table = [
        (Agency::Af, "no-sekretess", "protected"),
        (Agency::Af, "report-502", "aktivitetsrapport"),
        (Agency::Csn, "-1101", "HUT"),
        (Agency::Csn, "unknown-codes", "outside the published list"),
        (Agency::Fk, "no-gepi", "protected"),
        (Agency::Fk, "pm-down", "PM"),
        (Agency::So, "fund-unknown-status", "outside the published list"),
        (Agency::Tns, "fel", "failed"),
        (Agency::Skv, "part-500", "skattekonto"),
        (Agency::Miv, "other-person", "about another person"),
    ];
    for (agency, script, word) in table {
        let source = Source::Agency(agency);
        let connector = agencies.connectors(Wires::Own, std::slice::from_ref(&source)).remove(0);
        let behaviour = Behaviour { scripted: Some(script.into()), ..Behaviour::default() };
        agencies.running.control().set(&source, behaviour).unwrap();
        let report = checked(&agencies, &connector, Duration::from_secs(10)).await;
        agencies.running.control().set(&source, Behaviour::default()).unwrap();
        assert!(report.deviations() > 0 && report.to_string().contains(word), "{agency} {script}: {report}");
        clean(&agencies, &report);
    }
}

fn clean(agencies: &Agencies, report: &Report) {
    let text = format!("{report}{}", serde_json::to_string(report).unwrap());
    for person in agencies.persons() {
        for canary in
            [person.number.expose(), person.number.ten_digits(), &person.street, &person.family_name]
        {
            assert!(!text.contains(canary));
        }
    }
}
