//! The access log.

use serde_json::json;
use ssbtek_proto::{
    agency::v1::Outcome,
    broker::v1::{
        EntryState, LogEntry, LoggedSource, NotPermittedAgency, Protection, Role,
        list_entries_request::Filter,
    },
};

use crate::{
    canned::period,
    double::{Double, Ended},
};

fn entry(n: u32, state: EntryState) -> LogEntry {
    LogEntry {
        entry_id: format!("{n:032x}"),
        state: state.into(),
        opened_at: "2026-11-22T10:15:32.120Z".to_owned(),
        case_worker: "anna.berg".to_owned(),
        ..LogEntry::default()
    }
}

fn released() -> LogEntry {
    let source = |code: &str, outcome: Outcome| LoggedSource {
        source: code.to_owned(),
        period: Some(period("2026-09-01", "2026-11-22")),
        legal_basis: "SFS 2008:975".to_owned(),
        case_alias: String::new(),
        outcome: outcome.into(),
    };
    LogEntry {
        ended_at: "2026-11-22T10:15:33.000Z".to_owned(),
        leaf_index: 4,
        person_number: "198001019804".to_owned(),
        role: Role::Applicant.into(),
        case_id: "EB-1".to_owned(),
        period: Some(period("2026-09-01", "2026-11-22")),
        sources: vec![
            source("AF", Outcome::Answered),
            source("FK", Outcome::TimedOut),
            source("unionen", Outcome::TimedOut),
        ],
        kinds: vec!["AF".to_owned()],
        protection: Protection::NotKnown.into(),
        door: "grpc".to_owned(),
        duration_ms: 880,
        organisation_number: "162120009994".to_owned(),
        agents: vec!["162021009994".to_owned()],
        wanted: ["AF", "FK", "SO", "TNS"].map(str::to_owned).to_vec(),
        not_permitted: vec![NotPermittedAgency {
            agency: "TNS".to_owned(),
            reason: "no_legal_basis".to_owned(),
        }],
        versions: vec!["board 3".to_owned(), "case 1".to_owned()],
        attested: true,
        ..entry(7, EntryState::Released)
    }
}

fn ids(ended: &Ended) -> Vec<String> {
    let line = |line: &str| {
        serde_json::from_str::<serde_json::Value>(line).unwrap()["entry"].as_str().unwrap().to_owned()
    };
    ended.out.lines().map(line).collect()
}

#[tokio::test]
async fn a_program_gets_every_entry_over_all_pages_one_a_line() {
    let broker = Double::start().await;
    broker.logs((0..1200).map(|n| entry(n, EntryState::LogRead)).collect());
    let ended = broker.ssbtek(&["log", "list", "--json"]).await;
    assert_eq!((ended.status, ended.err.as_str()), (0, ""));
    assert_eq!(ids(&ended), (0..1200).map(|n| format!("{n:032x}")).collect::<Vec<_>>());
    let seen = broker.seen();
    assert_eq!(seen.listed.len(), 3, "pages of 500");
    assert_eq!(seen.accounts, ["greta", "greta", "greta"], "each with an assertion of its own");
}

#[tokio::test]
async fn a_limit_is_kept_and_what_lies_beyond_is_told() {
    let broker = Double::start().await;
    broker.logs((0..1200).map(|n| entry(n, EntryState::LogRead)).collect());
    let ended = broker.ssbtek(&["log", "list", "--json", "--limit", "501"]).await;
    assert_eq!(ids(&ended).len(), 501);
    assert_eq!(ended.err, "ssbtek: there are older entries; --limit 0 lists all\n");
    assert_eq!(broker.seen().listed.iter().map(|page| page.page_size).collect::<Vec<_>>(), [500, 1]);
    let table = broker.ssbtek(&["log", "list"]).await;
    assert_eq!(table.out.lines().count(), 1 + 100, "a line of titles and the newest hundred");
}

#[tokio::test]
async fn each_filter_goes_to_the_broker_and_several_go_together() {
    let broker = Double::start().await;
    for arguments in [
        ["--person", "198001019804"],
        ["--case", "EB-1"],
        ["--case-worker", "anna.berg"],
        ["--entry", "0123456789abcdef0123456789abcdef"],
    ] {
        assert_eq!(broker.ssbtek(&[&["log", "list"][..], &arguments].concat()).await.status, 0);
    }
    let filters: Vec<_> = broker.seen().listed.iter().map(|asked| asked.filter.clone().unwrap()).collect();
    let expected = [
        Filter::PersonNumber("198001019804".to_owned()),
        Filter::CaseId("EB-1".to_owned()),
        Filter::CaseWorker("anna.berg".to_owned()),
        Filter::EntryId("0123456789abcdef0123456789abcdef".to_owned()),
    ];
    assert_eq!(filters, expected);
    let both = ["log", "list", "--case", "EB-1", "--unit", "Försörjningsstöd", "--since", "2026-11-01"];
    assert_eq!(broker.ssbtek(&both).await.status, 0);
    let asked = broker.seen().listed.last().unwrap().clone();
    let criteria = asked.criteria.unwrap();
    assert_eq!(
        (asked.filter, criteria.case_id.as_str(), criteria.unit.as_str()),
        (None, "EB-1", "Försörjningsstöd")
    );
    assert_eq!(criteria.from, "2026-11-01T00:00:00+01:00");
}

#[tokio::test]
async fn yesterday_is_a_day_as_any_other() {
    let broker = Double::start().await;
    for (since, until) in [("yesterday", "today"), ("igår", "idag")] {
        let ended = broker.ssbtek(&["log", "list", "--since", since, "--until", until]).await;
        assert_eq!(ended.status, 0, "{}", ended.err);
        let criteria = broker.seen().listed.last().unwrap().criteria.clone().unwrap();
        let days = (criteria.from.as_str(), criteria.until.as_str());
        assert_eq!(days, ("2026-11-21T00:00:00+01:00", "2026-11-22T00:00:00+01:00"));
    }
}

#[tokio::test]
async fn an_entry_keeps_its_keys_and_its_words() {
    let broker = Double::start().await;
    broker.logs(vec![released()]);
    let ended = broker.ssbtek(&["log", "list", "--json"]).await;
    let days = json!({ "from": "2026-09-01", "to": "2026-11-22" });
    let source = |code: &str, outcome: &str| json!({ "source": code, "period": days, "legal_basis": "SFS 2008:975", "outcome": outcome });
    let expected = json!({
        "entry": "00000000000000000000000000000007", "state": "released", "opened_at": "2026-11-22T10:15:32.120Z",
        "ended_at": "2026-11-22T10:15:33.000Z", "leaf_index": 4, "erased": false, "case_worker": "anna.berg",
        "unit": null, "certificate": null, "person_number": "198001019804", "role": "applicant", "case_id": "EB-1",
        "purpose": null, "period": days,
        "sources": [source("AF", "answered"), source("FK", "timed_out"), source("unionen", "timed_out")],
        "kinds": ["AF"], "protection": "not_known", "denial": null, "malformed_field": null, "door": "grpc", "duration_ms": 880, "action": null,
        "organisation_number": "162120009994", "agent": null, "agents": ["162021009994"], "wanted": ["AF", "FK", "SO", "TNS"],
        "not_permitted": [{ "agency": "TNS", "reason": "no_legal_basis" }], "versions": ["board 3", "case 1"],
        "provisional_case": false, "attested": true, "same_family_name": false, "person_held_back": false
    });
    assert_eq!(serde_json::from_str::<serde_json::Value>(&ended.out).unwrap(), expected);
}

#[tokio::test]
async fn every_state_has_its_word() {
    let broker = Double::start().await;
    broker.logs((1..=7).map(|n| entry(n as u32, EntryState::try_from(n).unwrap())).collect());
    let ended = broker.ssbtek(&["log", "list", "--json"]).await;
    let states: Vec<String> = ended
        .out
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["state"].as_str().unwrap().to_owned()
        })
        .collect();
    let words =
        ["open", "released", "withheld", "assumed_disclosed", "denied", "registry_change", "log_read"];
    assert_eq!(states, words);
}

#[tokio::test]
async fn people_see_who_asked_about_whom_and_what_came_of_it() {
    let broker = Double::start().await;
    let denied = LogEntry {
        denial: "case_closed".to_owned(),
        case_id: "EB-2".to_owned(),
        ..entry(8, EntryState::Denied)
    };
    let erased = LogEntry { erased: true, case_worker: String::new(), ..entry(9, EntryState::Released) };
    broker.logs(vec![released(), denied, erased]);
    let expected = "
2026-11-22 11:15:32 CET  released by anna.berg about 198001019804 in EB-1
  3 sources: 1 answered, 2 timed out (FK, unionen); protection not known; attested case; entry
    00000000000000000000000000000007
2026-11-22 11:15:32 CET  denied by anna.berg in EB-2
  case_closed; entry 00000000000000000000000000000008
2026-11-22 11:15:32 CET  released
  content erased; entry 00000000000000000000000000000009
";
    assert_eq!(broker.ssbtek(&["log", "list"]).await.out, expected[1..]);
}

#[tokio::test]
async fn an_empty_log_is_told_in_the_logs_name() {
    let broker = Double::start().await;
    assert_eq!(broker.ssbtek(&["log", "list"]).await.out, "No entries, says the log.\n");
    assert_eq!(broker.ssbtek(&["log", "list", "--json"]).await.out, "");
}
