//! A case, a question in it, and its answer as it comes.

use http::StatusCode;
use mock_agencies::{Behaviour, Outage};
use ssbtek_domain::{Agency, Role, Source};
use ssbtek_proto::broker::v1::EntryState;

use crate::harness::{Pages, Wires};

fn agency(agency: Agency) -> Source {
    Source::Agency(agency)
}

#[tokio::test]
async fn somebody_asks_and_each_step_stands_in_the_log() {
    let pages = Pages::start(Wires::Grpc).await;
    let (world, applicant) = (&pages.world, pages.world.member(Role::Applicant).number.expose().to_owned());
    let mut anna = pages.world.signed_in("anna").await;
    let found = anna.open_case("EB-1").await;
    assert_eq!(found.status, StatusCode::SEE_OTHER, "{}", found.text);
    let case = found.location;
    let page = anna.get(&case).await;
    assert!(page.text.contains(&format!("{}-{}", &applicant[..8], &applicant[8..])), "{}", page.text);
    let asked = anna.ask(&case, "0").await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text);
    let answer = anna.get(&asked.location).await;
    assert_eq!(answer.status, StatusCode::OK);
    for said in
        ["Hela svaret står nedanför", "Vem har svarat", "Betalningar", "Loggat som post", "det stämmer"]
    {
        assert!(answer.text.contains(said), "{said}: {}", answer.text);
    }
    assert!(answer.text.ends_with("</html>"));
    // Neither an address nor a title holds anything of it.
    let title = answer.text.split("<title>").nth(1).unwrap().split("</title>").next().unwrap();
    for place in [case.as_str(), &asked.location, title] {
        assert!(!place.contains(&applicant) && !place.contains(&applicant[2..]), "{place}");
    }
    let log = world.log().await;
    let question = log.iter().find(|entry| entry.state() == EntryState::Released).unwrap();
    assert_eq!((question.door.as_str(), question.case_worker.as_str()), ("web", "anna"));
    assert_eq!((question.case_id.as_str(), question.person_number.as_str()), ("EB-1", applicant.as_str()));
    let opened = log.iter().filter(|entry| entry.action == "case by case").count();
    assert_eq!(opened, 2, "for the form that found it and its first showing, and for the second showing");
    // Once more, with nobody asked, and recorded.
    let calls = world.agencies.control().total_calls();
    let again = anna.get(&asked.location).await;
    assert!(again.text.contains("Loggat som post"), "{}", again.text);
    assert_eq!(world.agencies.control().total_calls(), calls);
    assert!(
        world
            .log()
            .await
            .iter()
            .any(|entry| entry.action == "resume by entry" && entry.case_worker == "anna")
    );
    // What is asked in lately is on the first page.
    assert!(anna.get("/").await.text.contains("value=\"EB-1\""));
}

#[tokio::test]
async fn a_page_fills_in_as_agencies_answer_and_comes_to_its_end() {
    let pages = Pages::start(Wires::Grpc).await;
    let control = pages.world.agencies.control();
    control.hold(&agency(Agency::Skv), true).unwrap();
    let mut anna = pages.world.signed_in("anna").await;
    let case = anna.open_case("EB-1").await.location;
    let asked = anna.ask(&case, "0").await;
    let mut page = anna.open(&asked.location).await;
    let come = page.until("Centrala studiestödsnämnden").await;
    assert!(!come.contains("Skatteverket: <span"), "{come}");
    assert!(!come.contains("class=\"whole\""), "{come}");
    control.hold(&agency(Agency::Skv), false).unwrap();
    let rest = page.rest().await;
    assert!(rest.contains("class=\"whole\"") && rest.ends_with("</html>"), "{rest}");
}

#[tokio::test]
async fn of_a_question_whose_account_is_blocked_meanwhile_or_that_signed_out_nothing_more_is_shown() {
    let pages = Pages::start(Wires::Grpc).await;
    let (world, control) = (&pages.world, pages.world.agencies.control());
    for blocks in [false, true] {
        control.hold(&agency(Agency::Skv), true).unwrap();
        let mut anna = pages.world.signed_in("anna").await;
        let case = anna.open_case("EB-1").await.location;
        let asked = anna.ask(&case, "0").await;
        let mut page = anna.open(&asked.location).await;
        page.until("Centrala studiestödsnämnden").await;
        if blocks {
            pages.block("anna").await;
        } else {
            let token = anna.get("/").await.token("/ut");
            anna.post("/ut", &[("token", &token)]).await;
        }
        control.hold(&agency(Agency::Skv), false).unwrap();
        let rest = page.rest().await;
        let why = if blocks { "Kontot är spärrat" } else { "Du är inte inloggad längre" };
        assert!(rest.contains(why) && rest.contains("kom inte till slut"), "{rest}");
        assert!(!rest.contains("Betalningar") && !rest.contains("Skatteverket"), "{rest}");
        // The page is told at once; the agencies are heard to the end all the same, and then it is recorded.
        let mut withheld = 0;
        for _ in 0..10_000 {
            let log = world.log().await;
            withheld = log.iter().filter(|entry| entry.state() == EntryState::Withheld).count();
            if withheld > usize::from(blocks) {
                break;
            }
        }
        assert_eq!(withheld, 1 + usize::from(blocks));
    }
}

#[tokio::test]
async fn a_case_that_is_somebody_elses_is_refused_as_one_that_is_none_and_both_searches_are_logged() {
    let pages = Pages::start(Wires::Grpc).await;
    let world = &pages.world;
    world.register_case("EB-2", &["bo"]).await;
    let mut anna = pages.world.signed_in("anna").await;
    let (others, none) = (anna.open_case("EB-2").await, anna.open_case("EB-404").await);
    assert_eq!((others.status, none.status), (StatusCode::FORBIDDEN, StatusCode::FORBIDDEN));
    let without_token = |text: &str| text.split("name=\"token\" value=\"").next().unwrap().to_owned();
    assert_eq!(without_token(&others.text), without_token(&none.text));
    let searched: Vec<_> = world
        .log()
        .await
        .into_iter()
        .filter(|entry| entry.state() == EntryState::Denied)
        .map(|entry| (entry.case_id, entry.denial, entry.door))
        .collect();
    let told = |case: &str, denial: &str| (case.to_owned(), denial.to_owned(), "web".to_owned());
    assert!(searched.contains(&told("EB-2", "case_not_assigned")), "{searched:?}");
    assert!(searched.contains(&told("EB-404", "case_unknown")), "{searched:?}");
}

#[tokio::test]
async fn who_is_protected_is_told_before_everything_and_what_could_locate_is_not_in_the_page() {
    let pages = Pages::start(Wires::Own).await;
    let protected =
        pages.world.household.iter().find(|person| person.protection > ssbtek_domain::Protection::None);
    let protected = protected.unwrap();
    let mut anna = pages.world.signed_in("anna").await;
    let case = anna.open_case("EB-1").await.location;
    let people = anna.get(&case).await.text;
    let number = protected.number.expose();
    let place = people.split(&format!("{}-{}", &number[..8], &number[8..])).next().unwrap();
    let place = place.matches("type=\"radio\" name=\"person\"").count() - 1;
    let asked = anna.ask(&case, &place.to_string()).await;
    let answer = anna.get(&asked.location).await.text;
    let whole = answer.split("class=\"whole\"").nth(1).unwrap();
    let band = whole.find("class=\"guard\"").unwrap();
    assert!(whole.find("SKYDDADE PERSONUPPGIFTER").unwrap() > band);
    assert!(band < whole.find("<h2>").unwrap(), "before anything else of the answer");
    for locates in [&protected.street, &protected.postal] {
        assert!(!answer.contains(locates.as_str()), "{locates}");
    }
    // From now on the board remembers, and every page that names the person says so.
    let people = anna.get(&case).await.text;
    assert!(people.contains("class=\"guard\"") && people.contains("class=\"mark\""), "{people}");
    let again = anna.ask(&case, &place.to_string()).await;
    let mut page = anna.open(&again.location).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.until("class=\"arriving\"").await.contains("class=\"guard\""), "at once");
}

#[tokio::test]
async fn an_agency_that_failed_is_told_in_words_and_asked_again_alone() {
    let pages = Pages::start(Wires::Grpc).await;
    let (world, control) = (&pages.world, pages.world.agencies.control());
    control.set(&agency(Agency::Csn), Behaviour::out(Outage::Refuse)).unwrap();
    let mut anna = pages.world.signed_in("anna").await;
    let case = anna.open_case("EB-1").await.location;
    let asked = anna.ask(&case, "0").await;
    let answer = anna.get(&asked.location).await;
    assert!(answer.text.contains("Centrala studiestödsnämnden: <span class=\"bad\">"), "{}", answer.text);
    assert!(answer.text.contains("Fråga Centrala studiestödsnämnden igen"), "{}", answer.text);
    assert!(answer.text.contains("SVARAT DELVIS"));
    control.set(&agency(Agency::Csn), Behaviour::default()).unwrap();
    let calls = |of| control.calls(&agency(of)).unwrap();
    let before = (calls(Agency::Csn), calls(Agency::Fk));
    let form = format!("{}/igen", asked.location);
    let token = answer.token(&form);
    let again = anna.post(&form, &[("token", &token), ("agency", "CSN")]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.text);
    let second = anna.get(&again.location).await;
    assert!(second.text.contains("Centrala studiestödsnämnden: <span class=\" good\">"), "{}", second.text);
    assert_eq!((calls(Agency::Csn), calls(Agency::Fk)), (before.0 + 1, before.1), "nobody else");
    // Of that answer nobody failed.
    let form = format!("{}/igen", again.location);
    assert!(!second.text.contains(&form));
    let log = world.log().await;
    assert!(
        log.iter().any(|entry| entry.details.iter().any(|detail| detail.starts_with("follows="))),
        "it says which question it follows"
    );
}

#[tokio::test]
async fn markup_in_an_agencys_text_does_nothing_to_the_page() {
    let pages = Pages::start(Wires::Own).await;
    let twist = |bytes| String::from_utf8(bytes).unwrap().replace("Wallin", "W<b>'x").into_bytes();
    pages.world.agencies.control().twist(&agency(Agency::Fk), twist).unwrap();
    let mut anna = pages.world.signed_in("anna").await;
    let case = anna.open_case("EB-1").await.location;
    let asked = anna.ask(&case, "0").await;
    let answer = anna.get(&asked.location).await.text;
    assert!(answer.contains("W&lt;b&gt;'x"), "{answer}");
    assert!(!answer.contains("W<b>"), "{answer}");
}
