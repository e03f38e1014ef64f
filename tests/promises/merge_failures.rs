//! Every way in which a failure hides inside a "successful" answer, from the agency's own bytes to the merged report.

use std::time::Duration;

use mock_agencies::{Behaviour, TestPerson};
use ssbtek_domain::{Agency, Outcome, Protection, Source};
use ssbtek_merge::{OriginalsWanted, Report};

use crate::{
    agencies_alone::{Agencies, every_agency, report},
    harness::Wires,
};

/// Agency, what it is scripted to do, its outcome, sub-sources that did not speak, whether protection is then not known.
type Row = (Agency, &'static str, Outcome, &'static [&'static str], bool);

#[rustfmt::skip]
const HIDDEN: [Row; 42] = {
    use Agency::{Af, Csn, Fk, Miv, Skv, So, Tns};
    use Outcome::{Answered, AnsweredInPart, FailedAtSource, NoSuchPerson};
    [
        (Csn, "-2", NoSuchPerson, &[], false),
        (Csn, "-1004", FailedAtSource, &["SM/SH", "HUT", "OSS"], true),
        (Csn, "-1005", FailedAtSource, &["SM/SH", "HUT", "OSS"], true),
        (Csn, "-1006", FailedAtSource, &["SM/SH", "HUT", "OSS"], true),
        (Csn, "-1007", FailedAtSource, &["SM/SH", "HUT", "OSS"], true),
        (Csn, "-1101", AnsweredInPart, &["HUT"], false),
        (Csn, "-1102", AnsweredInPart, &["SM/SH"], false),
        (Csn, "-1103", FailedAtSource, &["SM/SH", "HUT", "OSS"], true),
        (Csn, "-1104", AnsweredInPart, &["OSS"], false),
        (Csn, "unknown-code", FailedAtSource, &["SM/SH", "HUT", "OSS"], true),
        (Csn, "ej-traff", NoSuchPerson, &[], false),
        (Csn, "http-500", FailedAtSource, &[], true),
        (Fk, "fk-down", AnsweredInPart, &["FK"], true),
        (Fk, "pm-down", AnsweredInPart, &["PM"], false),
        (Fk, "both-down", FailedAtSource, &["FK", "PM"], true),
        (Fk, "unlisted", FailedAtSource, &["FK", "PM"], true),
        (Fk, "avvikelse", AnsweredInPart, &["FK"], false),
        (Fk, "obehorig", AnsweredInPart, &["FK"], false),
        (Fk, "gepi-avvikelse", AnsweredInPart, &["FK"], true),
        (Fk, "no-gepi", Answered, &[], true),
        (Fk, "no-flag", Answered, &[], true),
        (Fk, "400", FailedAtSource, &[], true),
        (Fk, "403", FailedAtSource, &[], true),
        (Fk, "500", FailedAtSource, &[], true),
        (So, "fund-unknown-status", AnsweredInPart, &["fund"], false),
        (So, "fund-unknown-status-facts", AnsweredInPart, &["fund"], false),
        (So, "fund-fault", AnsweredInPart, &["fund"], false),
        (So, "all-funds-fault", FailedAtSource, &["every fund"], false),
        (So, "soap-fault", FailedAtSource, &[], false),
        (Af, "status-4", FailedAtSource, &[], true),
        (Af, "status-4-facts", AnsweredInPart, &["sökandeinformation"], true),
        (Af, "report-500", AnsweredInPart, &["aktivitetsrapport"], false),
        (Af, "report-502", AnsweredInPart, &["aktivitetsrapport"], false),
        (Af, "report-501", Answered, &[], false),
        (Af, "soap-fault", FailedAtSource, &[], true),
        (Tns, "fel", FailedAtSource, &[], false),
        (Tns, "resultat-other", AnsweredInPart, &[], false),
        (Skv, "part-500", AnsweredInPart, &["skattekonto"], false),
        (Skv, "part-missing", AnsweredInPart, &["skattekonto"], false),
        (Skv, "all-404", NoSuchPerson, &[], false),
        (Skv, "whole-error", FailedAtSource, &[], false),
        (Miv, "soap-fault", FailedAtSource, &[], false),
    ]
};

#[tokio::test]
async fn every_hidden_failure_is_found_and_the_other_agencies_stand() {
    let agencies = Agencies::start(1, 1).await;
    let connectors = agencies.connectors(Wires::Own, &every_agency());
    let person = &agencies.persons()[0];
    let ask = || report(&connectors, &person.number, Duration::from_secs(30), OriginalsWanted::No);
    let healthy = ask().await;
    assert!(healthy.is_complete() && healthy.protection.level == Protection::None);
    for (agency, script, outcome, silent, not_known) in HIDDEN {
        let what = format!("{agency} {script}");
        let behaviour = Behaviour { scripted: Some(script.into()), ..Behaviour::default() };
        agencies.running.control().set(&Source::Agency(agency), behaviour).unwrap();
        let report = ask().await;
        agencies.running.control().set(&Source::Agency(agency), Behaviour::default()).unwrap();

        for (source, before) in report.sources.iter().zip(&healthy.sources) {
            if source.agency == agency {
                assert_eq!(source.outcome, outcome, "{what}");
            } else {
                assert!(source.section == before.section || not_known, "{what}: {}", source.agency);
                assert_eq!(source.outcome, Outcome::Answered, "{what}: {}", source.agency);
            }
        }
        assert_eq!(report.is_complete(), outcome.is_conclusive(), "{what}");
        assert_eq!(report.protection.level > Protection::None, not_known, "{what}");
        told_apart(&report, agency, silent, &what);
        if !matches!(outcome, Outcome::Answered | Outcome::AnsweredInPart) {
            assert!(report.payments.iter().all(|line| line.source != agency), "{what}");
        }
    }
}

/// The sub-sources that did not speak are named, and only they.
fn told_apart(report: &Report, agency: Agency, silent: &[&str], what: &str) {
    let source = report.sources.iter().find(|source| source.agency == agency).unwrap();
    let found: Vec<&str> = source
        .parts
        .iter()
        // A single benefit that could not be delivered stands beside its provider.
        .filter(|part| !part.outcome.is_conclusive() && !part.part.contains('/') | (part.part == "SM/SH"))
        .map(|part| part.part.as_str())
        .collect();
    match silent {
        ["fund"] => assert_eq!(found.len(), 1, "{what}: {found:?}"),
        ["every fund"] => assert_eq!(found.len(), 24, "{what}"),
        [] => assert!(found.is_empty() || !source.outcome.is_conclusive(), "{what}: {found:?}"),
        silent => assert_eq!(found, silent, "{what}"),
    }
}

#[tokio::test]
async fn every_encoding_of_protection_is_read_from_the_agencys_own_bytes() {
    use Protection::{None as No, NotKnown, Sekretessmarkering};
    let agencies = Agencies::start(1, 20).await;
    let connectors = agencies.connectors(Wires::Own, &every_agency());
    // Nobody else's protection takes the street away.
    let alone = |person: &&TestPerson| person.protection == No && person.protected_household.is_empty();
    let everywhere = |person: &&TestPerson| person.unknown_at.is_empty();
    let person = agencies.persons().iter().filter(alone).find(everywhere).unwrap();
    let table = [
        (Agency::Af, "sekretess", Sekretessmarkering),
        (Agency::Af, "no-sekretess", NotKnown),
        (Agency::Csn, "sekretess-ja", Sekretessmarkering),
        (Agency::Csn, "sekretess-blank", No),
        (Agency::Csn, "sekretess-absent", NotKnown),
        (Agency::Csn, "sekretess-unknown", NotKnown),
        (Agency::Csn, "ej-traff-sekretess", Sekretessmarkering),
        (Agency::Fk, "protected", Sekretessmarkering),
        (Agency::Fk, "no-flag", NotKnown),
        (Agency::Fk, "no-gepi", NotKnown),
    ];
    for (agency, script, level) in table {
        let behaviour = Behaviour { scripted: Some(script.into()), ..Behaviour::default() };
        agencies.running.control().set(&Source::Agency(agency), behaviour).unwrap();
        let report = report(&connectors, &person.number, Duration::from_secs(30), OriginalsWanted::No).await;
        agencies.running.control().set(&Source::Agency(agency), Behaviour::default()).unwrap();
        assert_eq!(report.protection.level, level, "{agency} {script}");
        let located = report.sources.iter().any(|source| {
            source.section.as_ref().is_some_and(|section| {
                format!("{:?}", ssbtek_wire::section(section)).contains(&person.street)
            })
        });
        assert_eq!(located, level == No, "{agency} {script}");
    }
}
