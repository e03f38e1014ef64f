//! What a case worker sees in Swedish: by month, month against month, beside what was stated, people side by side.

use ssbtek_proto::{
    agency::v1::Outcome,
    broker::v1::{AskResponse, Protection, Role, net_amount::Kind},
};
use tonic::Status;

use crate::{
    canned::{self, payment, period},
    double::Double,
};

fn october() -> AskResponse {
    let mut answer = canned::empty_answer();
    let november = payment("FK", "FK", "Barnbidrag", "2026-11-20", &[(Kind::Net, "2500")]);
    let october = payment("FK", "FK", "Bostadsbidrag", "2026-10-27", &[(Kind::Net, "2051")]);
    answer.payments = vec![november, october];
    answer.sources.iter_mut().for_each(|source| source.period = Some(period("2026-10-01", "2026-11-30")));
    answer
}

#[tokio::test]
async fn an_answer_is_told_in_swedish_where_that_is_asked_for() {
    let broker = Double::start().await;
    let mut answer = october();
    answer.sources[3] = canned::source("SKV", Outcome::TimedOut);
    answer.complete = false;
    answer.protection.as_mut().unwrap().level = Protection::NotKnown.into();
    broker.answers(Ok(answer));
    let ended = broker.ssbtek(&["ask", "--language", "sv", "--no-stream"]).await;
    for told in [
        "198001019804 · sökande · ärende EB-1\n",
        "SVARAT DELVIS: det som källorna nedan inte svarade på är inte känt.\n",
        "SKYDDADE PERSONUPPGIFTER: INTE KÄNT. Behandla personen som skyddad.\n",
        "  SKV  Skatteverket                kunde inte kontrolleras: svarade inte i tid\n",
        "Fråga Skatteverket igen.",
        "Betalningar, nyast först, efter betalningsdag\n  november 2026\n",
        "    2026-11-20  utbetalt  FK    Barnbidrag",
        "Loggat som post 0123456789abcdef0123456789abcdef.\n",
    ] {
        assert!(ended.out.contains(told), "{told}\n{}", ended.out);
    }
    assert_eq!(ended.status, 3);
    broker.answers(Err(Status::permission_denied("case: is closed")));
    let ended = broker.ssbtek(&["--language", "sv", "ask"]).await;
    assert_eq!((ended.status, ended.err.as_str()), (4, "ssbtek: nekat: case: is closed\n"));
}

#[tokio::test]
async fn cases_and_accounts_are_kept_in_swedish_too() {
    let broker = Double::start().await;
    let register = "--language sv case register EB-9 --applicant 198001019804";
    let ended = broker.ssbtek(&register.split(' ').collect::<Vec<_>>()).await;
    assert_eq!((ended.status, ended.out.as_str()), (0, "ärendet är registrerat (version 1)\n"));
    let ended = broker.ssbtek(&["case-worker", "block", "bo", "--language", "sv"]).await;
    assert!(ended.out.starts_with("kontot är spärrat (version "), "{}", ended.out);
}

#[tokio::test]
async fn a_month_is_asked_about_whole_and_shown_alone() {
    let broker = Double::start().await;
    broker.answers(Ok(october()));
    let ended = broker.ssbtek(&["ask", "--month", "2026-10", "--no-stream"]).await;
    assert_eq!(broker.seen().asked[0].period, Some(period("2026-10-01", "2026-10-31")));
    assert!(ended.out.contains("  October 2026\n") && !ended.out.contains("November 2026"), "{}", ended.out);
    assert!(ended.out.contains("Outside the month, not shown here: 1 payment."), "{}", ended.out);
    for wrong in [&["ask", "--month", "2026-13"][..], &["ask", "--month", "2026-10", "--from", "2026-10-01"]]
    {
        assert_eq!(broker.ssbtek(wrong).await.status, 2);
    }
}

#[tokio::test]
async fn a_month_is_compared_with_an_earlier_one_over_the_whole_of_both() {
    let broker = Double::start().await;
    broker.answers(Ok(october()));
    let ended = broker.ssbtek(&["ask", "--since", "2026-10", "--language", "sv", "--no-stream"]).await;
    assert_eq!(broker.seen().asked[0].period, Some(period("2026-10-01", "2026-11-30")));
    let expected = "november 2026 mot oktober 2026, efter betalningsdag
  november 2026 är inte slut: det som saknas kan komma.
  Nytt
    Barnbidrag, FK: 2 500 kr
  Inte ännu
    Bostadsbidrag, FK: 2 051 kr
  Ändrat mer än 12 %
    Inget.
";
    assert!(ended.out.contains(expected), "{}", ended.out);
    let ended = broker.ssbtek(&["ask", "--since", "2026-11"]).await;
    assert_eq!((ended.status, broker.seen().asked.len()), (2, 1), "nobody is asked");
}

#[tokio::test]
async fn by_the_time_covered_days_up_to_today_are_asked_about_too() {
    let broker = Double::start().await;
    broker.answers(Ok(october()));
    let today = "2026-11-22";
    for (more, from, to) in [
        (&["--month", "2026-10"][..], "2026-10-01", today),
        (&["--month", "2026-10", "--since", "2026-09"], "2026-09-01", today),
        (&["--month", "2026-11"], "2026-11-01", "2026-11-30"),
        (&["--month", "2026-05"], "2026-05-01", "2026-07-31"),
    ] {
        let asked = [&["ask", "--by", "period", "--no-stream"][..], more].concat();
        broker.ssbtek(&asked).await;
        assert_eq!(broker.seen().asked.last().unwrap().period, Some(period(from, to)), "{more:?}");
    }
}

#[tokio::test]
async fn an_agency_that_was_not_asked_this_time_is_not_called_silent() {
    let broker = Double::start().await;
    let mut answer = october();
    answer.sources[0] = canned::source("AF", Outcome::NotAsked);
    let report = answer.protection.as_mut().unwrap();
    report.level = Protection::NotKnown.into();
    report.silent = vec!["AF".to_owned(), "CSN".to_owned()];
    broker.answers(Ok(answer));
    let ended = broker.ssbtek(&["ask", "--language", "sv", "--no-stream"]).await;
    assert!(ended.out.contains("Kunde ha sagt det och gjorde det inte: CSN."), "{}", ended.out);
    assert!(ended.out.contains("Kunde ha sagt det, men frågades inte den här gången: AF."), "{}", ended.out);
}

#[tokio::test]
async fn what_the_applicant_states_is_compared_and_goes_nowhere() {
    let broker = Double::start().await;
    broker.answers(Ok(october()));
    let stated = broker.file("stated.txt", "barnbidrag 2 500\nlön 12 345,67 kr\n");
    let arguments = ["ask", "--compare", stated.to_str().unwrap(), "--language", "sv", "--no-stream"];
    let ended = broker.ssbtek(&arguments).await;
    let expected = "Uppgivet av sökanden mot källorna, november 2026, efter betalningsdag
  Vad          Uppgivet  Källorna
  barnbidrag   2 500 kr  2 500 kr  stämmer
  lön      12 345,67 kr            lön jämförs inte med betalningar
  Det uppgivna sparas inte och skickas inte någonstans.
";
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(squeezed(&ended.out).contains(&squeezed(expected)), "{}", ended.out);
    assert!(!format!("{:?}", broker.seen().asked).contains("12345"), "nothing of it is sent");
    let unread = broker.file("unread.txt", "barnbidrag 2 500\nhemligt\n");
    let ended = broker.ssbtek(&["ask", "--compare", unread.to_str().unwrap()]).await;
    assert_eq!((ended.status, broker.seen().streamed.len()), (2, 0), "nobody is asked");
    assert!(ended.err.contains("--compare: line 2") && !ended.err.contains("hemligt"), "{}", ended.err);
}

#[tokio::test]
async fn several_people_of_a_case_are_asked_about_in_turn_and_stand_side_by_side() {
    let broker = Double::start().await;
    broker.answers(Ok(october()));
    let roles = ["ask", "--role", "sökande", "--role", "medsökande", "--no-stream"];
    let ended = broker.ssbtek(&roles).await;
    let asked: Vec<Role> = broker.seen().asked.iter().map(|asked| asked.role()).collect();
    assert_eq!(asked, [Role::Applicant, Role::CoApplicant]);
    assert_eq!(ended.out.matches("Payments, newest first").count(), 1, "{}", ended.out);
    assert_eq!(ended.out.matches("Logged as entry").count(), 2, "{}", ended.out);
    let with = |more: &[&'static str]| [&roles[..], more].concat();
    for more in [&["--json"][..], &["--person", "198001019804"]] {
        assert_eq!(broker.ssbtek(&with(more)).await.status, 2);
    }
}

#[tokio::test]
async fn what_is_folded_is_shown_to_who_asks_for_everything() {
    let broker = Double::start().await;
    broker.answers(Ok(october()));
    let basis = "SFS 2008:975";
    let short = broker.ssbtek(&["ask", "--no-stream"]).await.out;
    let all = broker.ssbtek(&["ask", "--no-stream", "--all"]).await.out;
    assert!(!short.contains(basis) && all.matches(basis).count() >= 9, "{all}");
}
