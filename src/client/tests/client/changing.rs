//! Cases and accounts.

use ssbtek_proto::broker::v1::{Duty, Role};

use crate::double::Double;

#[tokio::test]
async fn a_case_is_registered_with_its_household_assigned_and_closed_by_the_case_system() {
    let broker = Double::start().await;
    let register = "case register EB-9 --applicant 198001019804 --co-applicant 198301239912 --child 201501019806 \
                    --child 202008309995 --case-worker bo --case-worker eva";
    let run =
        |line: &'static str| broker.ssbtek(Box::leak(line.split_whitespace().collect::<Vec<_>>().into()));
    let ended = run(register).await;
    assert_eq!((ended.status, ended.out.as_str()), (0, "case registered (version 1)\n"));
    assert_eq!(run("case assign EB-9 --add eva --remove bo").await.out, "case assigned (version 2)\n");
    assert_eq!(run("case close EB-9").await.out, "case closed (version 3)\n");

    let seen = broker.seen();
    let case = &seen.registered[0];
    let household: Vec<(Role, &str)> =
        case.members.iter().map(|member| (member.role(), member.person_number.as_str())).collect();
    let expected = [
        (Role::Applicant, "198001019804"),
        (Role::CoApplicant, "198301239912"),
        (Role::Child, "201501019806"),
        (Role::Child, "202008309995"),
    ];
    assert_eq!((case.case_id.as_str(), household.as_slice()), ("EB-9", &expected[..]));
    assert_eq!(case.case_workers, ["bo", "eva"]);
    assert_eq!(
        (seen.assigned[0].add.join(" "), seen.assigned[0].remove.join(" ")),
        ("eva".into(), "bo".into())
    );
    assert_eq!(seen.closed[0].case_id, "EB-9");
    assert_eq!(seen.accounts, ["system", "system", "system"]);
}

#[tokio::test]
async fn a_case_without_named_case_workers_goes_to_the_settings_one() {
    let broker = Double::start().await;
    broker.ssbtek(&["case", "register", "EB-9", "--applicant", "198001019804"]).await;
    assert_eq!(broker.seen().registered[0].case_workers, ["anna.berg"]);
}

#[tokio::test]
async fn an_assignment_that_changes_nobody_is_wrong_usage() {
    let broker = Double::start().await;
    assert_eq!(broker.ssbtek(&["case", "assign", "EB-9"]).await.status, 2);
    assert!(broker.seen().assigned.is_empty());
}

#[tokio::test]
async fn accounts_are_registered_and_blocked_by_the_administrator() {
    let broker = Double::start().await;
    let new = [
        "case-worker",
        "register",
        "bo",
        "--name",
        "Bo Ek",
        "--unit",
        "Norr",
        "--duty",
        "asks",
        "--duty",
        "audits",
    ];
    assert_eq!(broker.ssbtek(&new).await.out, "account registered (version 1)\n");
    assert_eq!(
        broker.ssbtek(&["case-worker", "block", "bo", "--as", "eva"]).await.out,
        "account blocked (version 2)\n"
    );
    let seen = broker.seen();
    let account = seen.accounts_registered[0].account.as_ref().unwrap();
    assert_eq!((account.id.as_str(), account.name.as_str(), account.unit.as_str()), ("bo", "Bo Ek", "Norr"));
    assert_eq!(account.duties().collect::<Vec<_>>(), [Duty::Asks, Duty::Audits]);
    assert_eq!(seen.blocked[0].id, "bo");
    assert_eq!(seen.accounts, ["nils", "eva"]);
}
