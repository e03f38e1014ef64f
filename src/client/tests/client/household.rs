//! `ssbtek ask --household`: everybody at once, line by line, in one answer.

use ssbtek_proto::{agency::v1::Outcome, broker::v1::*};
use tonic::Code;

use crate::{
    canned::{self, period},
    double::Double,
    streaming::Terminal,
};

fn place(role: Role, nth: u32) -> Option<MemberPlace> {
    Some(MemberPlace { role: role.into(), nth })
}

/// An applicant, two children, and a co-applicant about whom nobody may ask.
fn household() -> HouseholdAnswer {
    let answer = |role: Role, nth: u32, number: &str| {
        let mut answer = canned::empty_answer();
        (answer.role, answer.person_number) = (role.into(), number.to_owned());
        answer.entry_id.replace_range(..1, &nth.to_string());
        MemberAnswer { member: place(role, nth), result: Some(member_answer::Result::Answer(answer)) }
    };
    let refused = MemberRefused {
        code: Code::PermissionDenied as u32,
        reason: "person_number: is restricted".to_owned(),
    };
    let refused = Some(member_answer::Result::Refused(refused));
    let mut members = vec![
        answer(Role::Applicant, 1, "198001019804"),
        MemberAnswer { member: place(Role::CoApplicant, 1), result: refused },
        answer(Role::Child, 1, "201001019816"),
        answer(Role::Child, 2, "201201019814"),
    ];
    if let Some(member_answer::Result::Answer(answer)) = &mut members[3].result {
        answer.sources[2] = canned::source("FK", Outcome::TimedOut);
        answer.sources[6] = canned::source("MIV", Outcome::NotAsked);
        answer.complete = false;
    }
    HouseholdAnswer { members, complete: false }
}

#[tokio::test]
async fn everybody_is_asked_about_in_one_call_and_told_side_by_side() {
    let broker = Double::start().await;
    broker.answers_about_a_household(household());
    let ended =
        broker.ssbtek(&["ask", "--household", "--month", "2026-10", "--agency", "FK", "--originals"]).await;
    assert_eq!(ended.status, 3, "not everybody was answered about: {}", ended.err);
    {
        let seen = broker.seen();
        let [asked] = seen.households.as_slice() else { panic!("one call") };
        assert_eq!(
            (asked.case_id.as_str(), asked.agencies.as_slice()),
            ("EB-1", ["FK".to_owned()].as_slice())
        );
        assert_eq!(asked.period, Some(period("2026-10-01", "2026-10-31")));
        assert!(asked.include_originals && seen.asked.is_empty() && seen.streamed.is_empty());
    }
    for told in [
        "198001019804 · applicant (sökande) · case EB-1",
        "201001019816 · child (barn) · case EB-1",
        "201201019814 · child (barn) · case EB-1",
        "co-applicant: no answer (refused: person_number: is restricted)",
    ] {
        assert!(ended.out.contains(told), "{told}\n{}", ended.out);
    }
    // Who failed is asked again about the very child.
    assert!(ended.out.contains("--role child --person 201201019814"), "{}", ended.out);
    // A line for each agency about each, and one for who is not asked about.
    let lines: Vec<&str> = ended.err.lines().collect();
    assert_eq!(lines.len(), 1 + 3 * 7, "{}", ended.err);
    assert_eq!(lines[0], "  co-applicant: no answer (refused: person_number: is restricted)");
    assert_eq!(lines[1], "  applicant      MIV  Migrationsverket            answered, after 12 ms");
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("  child 2        FK   Försäkringskassan           could not"))
    );
    assert!(!ended.err.contains("19"), "nobody's number: {}", ended.err);

    let ended = broker.ssbtek(&["--language", "sv", "ask", "--household"]).await;
    assert!(ended.out.contains("medsökande: inget svar (nekat: "), "{}", ended.out);
    assert!(ended.err.contains("  barn 2         FK   Försäkringskassan "), "{}", ended.err);
}

#[tokio::test]
async fn on_a_terminal_a_line_for_each_person_fills_in_and_makes_room() {
    let broker = Double::start().await;
    broker.answers_about_a_household(household());
    let ended = broker.on_a_terminal(&["ask", "--household"]).await;
    let screen = Terminal::show(&ended.err);
    assert_eq!(screen.most, 4, "a line for each, once");
    assert!(screen.lines.iter().all(String::is_empty), "wiped at the end: {:?}", screen.lines);

    // Cut for good, after all of the applicant and one child: what was told stays.
    broker.cuts(1 + 7 + 7 + 5, None);
    let ended = broker.on_a_terminal(&["ask", "--household"]).await;
    assert_eq!((ended.status, ended.out.as_str()), (5, ""));
    let screen = Terminal::show(&ended.err);
    assert_eq!(screen.lines[0], "  applicant      AF ✓  CSN ✓  FK ✓  SKV ✓  SO ✓  TNS ✓  MIV");
    assert!(screen.lines[1].starts_with("  co-applicant: no answer (refused"), "{:?}", screen.lines);
    assert_eq!(screen.lines[3], "  child 2        AF …  CSN …  FK ✗  SKV ✓  SO ✓  TNS ✓  MIV");
}

#[tokio::test]
async fn a_household_that_is_cut_is_taken_up_and_every_line_stands_once() {
    let broker = Double::start().await;
    broker.answers_about_a_household(household());
    broker.cuts(4, None);
    broker.resumes([Ok(Some(10)), Ok(Some(1)), Ok(None)]);
    let ended = broker.ssbtek(&["ask", "--household"]).await;
    assert_eq!(ended.status, 3, "{}", ended.err);
    assert_eq!(ended.err.lines().count(), 1 + 3 * 7, "{}", ended.err);
    let seen = broker.seen();
    assert_eq!(
        (seen.households.len(), seen.resumed.len()),
        (1, 3),
        "one question, taken up under the first entry"
    );
    assert!(seen.resumed.iter().all(|entry| entry.starts_with('1')));
}

#[tokio::test]
async fn the_json_document_of_a_household_keeps_its_keys_and_tells_nothing_before() {
    let broker = Double::start().await;
    broker.answers_about_a_household(household());
    let ended = broker.ssbtek(&["ask", "--household", "--json"]).await;
    assert_eq!((ended.status, ended.err.as_str()), (3, ""));
    let json: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(json["complete"], false);
    let members = json["members"].as_array().unwrap();
    let who: Vec<_> =
        members.iter().map(|member| (member["role"].as_str().unwrap(), member["nth"].as_u64())).collect();
    let nth = |nth| Some(nth);
    assert_eq!(who, [("applicant", nth(1)), ("co_applicant", nth(1)), ("child", nth(1)), ("child", nth(2))]);
    assert_eq!(
        members[1]["refused"],
        serde_json::json!({ "code": 7, "reason": "person_number: is restricted" })
    );
    assert!(members[1]["answer"].is_null() && members[0]["refused"].is_null());
    assert_eq!(members[3]["answer"]["person_number"], "201201019814");
}

#[tokio::test]
async fn a_household_is_everybody() {
    let broker = Double::start().await;
    for with in [["--role", "applicant"], ["--person", "198001019804"], ["--again", "0123"]] {
        let ended = broker.ssbtek(&[&["ask", "--household"], &with[..]].concat()).await;
        assert_eq!(ended.status, 2, "{}", ended.err);
    }
    assert!(broker.seen().nobody_asked());
}
