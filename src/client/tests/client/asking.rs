//! What is asked, by whom, and how the exit status tells of the answer.

use serde_json::json;
use ssbtek_proto::{agency::v1::Outcome, broker::v1::Role};

use crate::{canned, double::Double};

#[tokio::test]
async fn a_demo_needs_no_arguments() {
    let broker = Double::start().await;
    broker.answers(Ok(canned::empty_answer()));
    let ended = broker.ssbtek(&["ask"]).await;
    assert_eq!(ended.status, 0);
    let seen = broker.seen();
    let asked = &seen.streamed[0];
    assert_eq!(
        (asked.case_id.as_str(), asked.role(), &asked.person_number),
        ("EB-1", Role::Applicant, &None)
    );
    assert_eq!(asked.period, Some(canned::period("2026-09-01", "2026-11-22")));
    assert!(asked.agencies.is_empty() && asked.purpose.is_empty() && !asked.include_originals);
    assert_eq!(seen.accounts, ["anna.berg"]);
    assert_eq!(seen.timeouts, ["40000000u"]);
}

#[tokio::test]
async fn every_argument_reaches_the_broker() {
    let broker = Double::start_with_ed25519().await;
    broker.answers(Ok(canned::empty_answer()));
    let arguments = "--timeout 7 --as bo ask --case EB-2 --role co-applicant --person 198001019804 --from 2026-10-01 \
                     --to 2026-10-31 --agency fk --agency CSN --purpose återkrav --originals --json --again 0123abcd";
    let ended = broker.ssbtek(&arguments.split_whitespace().collect::<Vec<_>>()).await;
    assert_eq!((ended.status, ended.err.as_str()), (0, ""));
    let seen = broker.seen();
    let asked = &seen.asked[0];
    assert_eq!((asked.case_id.as_str(), asked.role()), ("EB-2", Role::CoApplicant));
    assert_eq!(asked.person_number.as_deref(), Some("198001019804"));
    assert_eq!(asked.period, Some(canned::period("2026-10-01", "2026-10-31")));
    assert_eq!((asked.agencies.join(" ").as_str(), asked.purpose.as_str()), ("FK CSN", "återkrav"));
    assert!(asked.include_originals);
    assert_eq!(asked.follows_entry_id, "0123abcd");
    assert_eq!((seen.accounts[0].as_str(), seen.timeouts[0].as_str()), ("bo", "7000000u"));
}

#[tokio::test]
async fn a_demos_person_brings_the_role_along() {
    let broker = Double::start().await;
    broker.answers(Ok(canned::empty_answer()));
    broker.ssbtek(&["ask", "--person", "201501019806"]).await;
    broker.ssbtek(&["ask", "--person", "198001019804", "--role", "child"]).await;
    let roles: Vec<Role> = broker.seen().streamed.iter().map(|asked| asked.role()).collect();
    assert_eq!(roles, [Role::Child, Role::Child]);
}

#[tokio::test]
async fn an_earlier_last_day_moves_the_usual_first_day_along() {
    let broker = Double::start().await;
    broker.answers(Ok(canned::empty_answer()));
    broker.ssbtek(&["ask", "--to", "2026-06-30"]).await;
    assert_eq!(broker.seen().streamed[0].period, Some(canned::period("2026-04-01", "2026-06-30")));
}

#[tokio::test]
async fn an_answer_in_part_has_its_own_exit_status_in_both_forms() {
    let broker = Double::start().await;
    let mut answer = canned::empty_answer();
    answer.sources[2] = canned::source("FK", Outcome::NotReachable);
    answer.complete = false;
    broker.answers(Ok(answer));
    assert_eq!(broker.ssbtek(&["ask"]).await.status, 3);
    assert_eq!(broker.ssbtek(&["ask", "--json"]).await.status, 3);
}

#[tokio::test]
async fn the_json_document_keeps_its_keys() {
    let broker = Double::start().await;
    let mut answer = canned::empty_answer();
    let tns = ssbtek_proto::agency::v1::TnsSection::default();
    answer.sources[5] = canned::with(
        canned::source("TNS", Outcome::Answered),
        ssbtek_proto::agency::v1::section::Agency::Tns(tns),
    );
    answer.payments = vec![canned::payment(
        "CSN",
        "CSN",
        "Studiemedel",
        "",
        &[(ssbtek_proto::broker::v1::net_amount::Kind::Net, "9200")],
    )];
    broker.answers(Ok(answer));
    let ended = broker.ssbtek(&["ask", "--json"]).await;
    let json: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    let (receipt, _) = canned::receipt();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(json["entry_id"], canned::ENTRY);
    assert_eq!(json["person_number"], "198001019804");
    assert_eq!((&json["role"], &json["complete"]), (&json!("applicant"), &json!(true)));
    let protection = json!({ "level": "none", "said_by": [], "silent": [], "others_said_by": [], "household_protected": false,
        "household_not_checked": false, "remembered": false, "others_not_known_by": [] });
    assert_eq!(json["protection"], protection);
    assert_eq!(
        json["sources"][5],
        json!({
            "source": "TNS", "outcome": "answered", "parts": [],
            "period": { "from": "2026-09-01", "to": "2026-11-22" }, "legal_basis": "SFS 2008:975",
            "section": { "tns": {} }, "withheld": [], "notes": [], "fault_code": null, "originals": [],
            "duration_ms": 12
        })
    );
    assert_eq!(
        json["payments"][0],
        json!({
            "source": "CSN", "payer": "CSN", "benefit": "Studiemedel", "sub_benefit": null, "amount_type": null,
            "net": [{ "kind": "net", "amount": "9200" }], "gross": null, "tax": null, "deduction": null,
            "paid_on": null, "covers": null, "days": null, "state": "paid",
            "asked_at": "2026-11-22T10:15:32.120Z", "legal_basis": "SFS 2008:975", "perhaps_duplicate": false
        })
    );
    assert_eq!(json["discrepancies"], json!([]));
    assert_eq!(json["receipt"]["leaf_hash"], hex(&receipt.leaf_hash));
    assert_eq!(json["receipt"]["leaf_index"], 6);
    assert_eq!(json["receipt"]["inclusion"][0], hex(&receipt.inclusion[0]));
    assert_eq!(json["receipt"]["checkpoint"], receipt.checkpoint);
}

#[tokio::test]
async fn what_is_asked_again_is_about_one_person() {
    let broker = Double::start().await;
    let ended =
        broker.ssbtek(&["ask", "--again", "0123abcd", "--role", "applicant", "--role", "child"]).await;
    assert_eq!(ended.status, 2, "{}", ended.err);
    assert!(ended.err.contains("--again: goes with one --role only") && broker.seen().nobody_asked());
}
