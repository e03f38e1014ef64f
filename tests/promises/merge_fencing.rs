//! Each member of a household is fenced off: what agencies tell about one holds no other's number or name, whatever the
//! roles, the protection, the wire.

use std::{collections::BTreeSet, time::Duration};

use mock_agencies::TestPerson;
use ssbtek_domain::{Agency, HoldBack, Protection, sections::Section};
use ssbtek_merge::{OriginalsWanted, Report};

use crate::{
    agencies_alone::{Agencies, report, with_funds},
    harness::Wires,
};

const HOUSEHOLDS: usize = 20;

/// Everything of a report that can reach a caller, as text.
fn told(report: &Report) -> String {
    let mut text = String::new();
    for source in &report.sources {
        if let Some(section) = &source.section {
            text.push_str(&format!("{:?}\n", ssbtek_wire::section(section)));
        }
        for original in source.originals.beside() {
            text.push_str(&String::from_utf8_lossy(&original.bytes));
        }
        text.push_str(&format!("{:?} {:?} {:?}\n", source.parts, source.notes, source.fault_code));
    }
    for line in &report.payments {
        text.push_str(&format!("{} {}\n", line.payment.payer, line.payment.benefit));
    }
    text + &format!("{:?}", report.discrepancies)
}

/// Runs of letters, and of digits with their hyphens taken out.
fn words(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).map(str::to_owned);
    words.chain([text.replace('-', "")]).collect()
}

fn leaks(
    text: &str,
    words: &BTreeSet<String>,
    other: &TestPerson,
    about: &TestPerson,
) -> Option<&'static str> {
    let joined = text.replace('-', "");
    if joined.contains(other.number.expose()) || joined.contains(other.number.ten_digits()) {
        return Some("number");
    }
    let own: BTreeSet<&str> = about.given_name.split(' ').chain([about.family_name.as_str()]).collect();
    let names = other.given_name.split(' ').chain([other.family_name.as_str()]);
    let told = names.filter(|name| !own.contains(name) && words.contains(*name)).count();
    (told > 0).then_some("name")
}

async fn nobody_leaks(wires: Wires) {
    let agencies = Agencies::start(5, HOUSEHOLDS).await;
    let connectors = agencies.connectors(wires, &with_funds());
    let (mut fenced, mut withheld, mut protected) = (0, 0, 0);
    let (mut fenced_homes, mut told_homes) = (0, 0);
    for household in agencies.running.population().households() {
        for about in household {
            let report =
                report(&connectors, &about.number, Duration::from_secs(30), OriginalsWanted::Beside).await;
            let text = told(&report);
            let words = words(&text);
            for other in household.iter().filter(|other| other.number != about.number) {
                assert_eq!(leaks(&text, &words, other, about), None, "{:?} about {:?}", other, about);
                fenced += 1;
            }
            withheld += report.sources.iter().filter(|source| !source.withheld.is_empty()).count();
            if about.protection > Protection::None {
                protected += 1;
                assert!(report.protection.level > Protection::None);
            }
            let told_home = text.contains(&about.street) || text.contains(&about.postal);
            let someone = household.iter().any(|member| member.protection > Protection::None);
            assert!(!(someone && told_home), "{about:?}");
            if report.protection.hold_back() == HoldBack::Home {
                fenced_homes += 1;
                let tns = report.sources.iter().find(|source| source.agency == Agency::Tns);
                let Some(Section::Tns(told)) = &tns.unwrap().section else { continue };
                let told = told.vehicles.as_ref().is_some_and(|vehicles| !vehicles.is_empty());
                assert!(!told, "an owner's entry in the open register is the household's address");
            }
            told_homes += usize::from(told_home);
        }
    }
    assert!(fenced_homes > 0 && told_homes > 0, "{fenced_homes} {told_homes}");
    assert!(fenced > HOUSEHOLDS && withheld > 0 && protected > 0, "{fenced} {withheld} {protected}");
}

#[tokio::test]
async fn no_member_is_told_of_in_anothers_answer_over_own_formats() {
    nobody_leaks(Wires::Own).await;
}

#[tokio::test]
async fn no_member_is_told_of_in_anothers_answer_over_grpc() {
    nobody_leaks(Wires::Grpc).await;
}
