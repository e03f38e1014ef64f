//! Behaviour, lies and counters over gRPC, without sockets and with time that waits for nobody.

use std::time::Duration;

use mock_agencies::{Behaviour, Did, Lie, Outage};
use ssbtek_domain::{Agency, Source};
use ssbtek_proto::agency::v1::{GetPersonFactsRequest, Outcome, section};
use tokio::time::{Instant, timeout};
use tonic::Code;

use crate::world::{CSN, FK, applicant, ask, mocks, question};

#[tokio::test]
async fn every_source_answers_about_the_person_asked_for() {
    let mocks = mocks();
    let person = applicant(&mocks);
    for source in mocks.control.sources().cloned().collect::<Vec<_>>() {
        let answer = ask(&mocks, question(&source, &person)).await.unwrap().into_inner();
        assert_eq!(answer.person_number, person.number.expose());
        let Source::Agency(agency) = source else { continue };
        assert_eq!(answer.outcome(), Outcome::Answered, "{agency}");
        let section = ssbtek_wire::section_from_proto(answer.section.unwrap()).unwrap();
        assert_eq!(section.agency(), agency);
    }
}

#[tokio::test]
async fn only_the_kinds_of_information_that_were_asked_for_are_answered() {
    let mocks = mocks();
    let persons = mocks.population.persons();
    let kinds = |kinds: &[&str]| kinds.iter().map(|kind| (*kind).to_owned()).collect::<Vec<_>>();
    let (mut companies, mut pensions) = (0, 0);
    for person in persons {
        let skv = Source::Agency(Agency::Skv);
        for asked in [vec![], kinds(&["SKV.skatteuppgifter"])] {
            let question = GetPersonFactsRequest { kinds: asked.clone(), ..question(&skv, person) };
            let answer = ask(&mocks, question).await.unwrap().into_inner();
            let Some(section::Agency::Skv(facts)) = answer.section.and_then(|section| section.agency) else {
                continue;
            };
            if asked.is_empty() {
                companies += facts.companies.len();
            } else {
                assert!(
                    facts.companies.is_empty() && facts.statements.is_empty() && facts.tax_account.is_none()
                );
            }
        }
        for asked in [vec![], kinds(&["FK"])] {
            let question = GetPersonFactsRequest { kinds: asked.clone(), ..question(&FK, person) };
            let answer = ask(&mocks, question).await.unwrap().into_inner();
            let parts: Vec<_> = answer.parts.iter().map(|part| part.part.clone()).collect();
            let Some(section::Agency::Fk(facts)) = answer.section.and_then(|section| section.agency) else {
                continue;
            };
            let paid = facts.pension_agency.unwrap_or_default().paid.len();
            if asked.is_empty() {
                pensions += paid;
            } else {
                assert_eq!((paid, parts), (0, vec!["FK".to_owned()]));
            }
        }
    }
    assert!(companies > 0 && pensions > 0, "some have companies ({companies}) and pensions ({pensions})");
}

#[tokio::test]
async fn who_is_unknown_at_an_agency_is_no_such_person_there_and_nothing_else() {
    let mocks = mocks();
    let of = |agency| mocks.population.persons().iter().find(|p| p.unknown_at.contains(&agency));
    let (agency, person) =
        Agency::ALL.into_iter().find_map(|agency| of(agency).map(|p| (agency, p))).unwrap();
    let source = Source::Agency(agency);
    let answer = ask(&mocks, question(&source, person)).await.unwrap().into_inner();
    assert_eq!((answer.outcome(), answer.section), (Outcome::NoSuchPerson, None));
    assert_eq!(mocks.control.did(&source, Did::NoSuchPerson), Ok(1));
}

#[tokio::test]
async fn a_malformed_question_is_refused_by_the_name_of_its_field_without_its_content() {
    let mocks = mocks();
    let good = question(&FK, &applicant(&mocks));
    let mut number = good.clone();
    number.person_number = "198001019803".to_owned();
    let mut basis = good.clone();
    basis.legal_basis.clear();
    let mut period = good.clone();
    period.period = None;
    for (bad, field) in [(number, "person_number"), (basis, "legal_basis"), (period, "period")] {
        let refused = ask(&mocks, bad).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        assert!(refused.message().starts_with(field) && !refused.message().contains("1980"));
    }
    assert_eq!(mocks.control.did(&FK, Did::BadQuestion), Ok(3));
}

#[tokio::test]
async fn a_question_to_an_unknown_source_is_counted_as_a_stray() {
    let mocks = mocks();
    let mut stray = question(&FK, &applicant(&mocks));
    stray.source = "XYZ".to_owned();
    assert_eq!(ask(&mocks, stray).await.unwrap_err().code(), Code::InvalidArgument);
    assert_eq!((mocks.control.strays(), mocks.control.total_calls()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_delay_lasts_as_long_as_asked_for_and_only_at_its_source() {
    let mocks = mocks();
    mocks.control.set(&FK, Behaviour::slow(7_000)).unwrap();
    let started = Instant::now();
    ask(&mocks, question(&CSN, &applicant(&mocks))).await.unwrap();
    assert_eq!(started.elapsed(), Duration::ZERO);
    ask(&mocks, question(&FK, &applicant(&mocks))).await.unwrap();
    let waited = started.elapsed();
    assert!((7_000..7_010).contains(&waited.as_millis()), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn an_outage_refuses_or_hangs_as_switched_and_ends_when_switched_off() {
    let mocks = mocks();
    let person = applicant(&mocks);
    mocks.control.set(&FK, Behaviour::out(Outage::Refuse)).unwrap();
    assert_eq!(ask(&mocks, question(&FK, &person)).await.unwrap_err().code(), Code::Unavailable);
    mocks.control.set(&FK, Behaviour::out(Outage::Hang)).unwrap();
    let hour = Duration::from_secs(3600);
    assert!(timeout(hour, ask(&mocks, question(&FK, &person))).await.is_err());
    mocks.control.set(&FK, Behaviour::default()).unwrap();
    assert!(ask(&mocks, question(&FK, &person)).await.is_ok());
    let told = &mocks.control.all_calls()["FK"];
    assert_eq!(told.calls, 3);
    assert_eq!(told.did, [(Did::Answered, 1), (Did::Refused, 1), (Did::Hung, 1)].into());
}

#[tokio::test]
async fn a_failing_source_fails_at_its_rate_and_a_scripted_failure_is_an_answer() {
    let mocks = mocks();
    let person = applicant(&mocks);
    mocks.control.set(&FK, Behaviour { failure_rate_percent: 50, ..Behaviour::default() }).unwrap();
    let mut failures = 0;
    for _ in 0..100 {
        failures += u32::from(ask(&mocks, question(&FK, &person)).await.is_err());
    }
    assert!((30..70).contains(&failures), "{failures}");
    mocks.control.set(&FK, Behaviour::scripted("PM")).unwrap();
    let answer = ask(&mocks, question(&FK, &person)).await.unwrap().into_inner();
    assert_eq!((answer.outcome(), answer.section), (Outcome::FailedAtSource, None));
}

#[tokio::test]
async fn a_lie_about_the_person_is_a_complete_answer_about_somebody_else() {
    let mocks = mocks();
    let person = applicant(&mocks);
    mocks.control.set(&CSN, Behaviour::lying(Lie::WrongPerson)).unwrap();
    let answer = ask(&mocks, question(&CSN, &person)).await.unwrap().into_inner();
    assert_ne!(answer.person_number, person.number.expose());
    assert!(mocks.population.find(&answer.person_number).is_some());
    mocks.control.set(&CSN, Behaviour::lying(Lie::OtherSection)).unwrap();
    let answer = ask(&mocks, question(&CSN, &person)).await.unwrap().into_inner();
    assert!(matches!(answer.section.unwrap().agency, Some(section::Agency::Af(_))));
}

#[tokio::test]
async fn a_lie_in_the_bytes_is_never_an_answer_that_can_be_used() {
    let mocks = mocks();
    let person = applicant(&mocks);
    for lie in [
        Lie::Truncated,
        Lie::Doctype,
        Lie::EntityBomb,
        Lie::DeepNesting,
        Lie::Utf16,
        Lie::BrokenEncoding,
        Lie::GigabyteLong,
        Lie::Redirect,
        Lie::HtmlPage,
    ] {
        mocks.control.set(&FK, Behaviour::lying(lie)).unwrap();
        assert!(ask(&mocks, question(&FK, &person)).await.is_err(), "{lie:?}");
    }
    for lie in [Lie::WrongNamespace, Lie::EmptyBody] {
        mocks.control.set(&FK, Behaviour::lying(lie)).unwrap();
        let outcome = ask(&mocks, question(&FK, &person)).await.unwrap().into_inner().outcome;
        assert!(ssbtek_wire::outcome_from_proto(outcome).is_err(), "{lie:?}");
    }
    assert_eq!(mocks.control.did(&FK, Did::Lied), Ok(11));
}

#[tokio::test]
async fn an_answer_sent_twice_counts_once() {
    let mocks = mocks();
    let person = applicant(&mocks);
    let once = ask(&mocks, question(&CSN, &person)).await.unwrap().into_inner();
    mocks.control.set(&CSN, Behaviour::lying(Lie::Duplicated)).unwrap();
    assert_eq!(ask(&mocks, question(&CSN, &person)).await.unwrap().into_inner(), once);
}

#[tokio::test(start_paused = true)]
async fn late_and_dripping_answers_are_right_but_outlast_any_deadline() {
    let mocks = mocks();
    let person = applicant(&mocks);
    for lie in [Lie::Late, Lie::Drip] {
        mocks.control.set(&FK, Behaviour::lying(lie)).unwrap();
        let started = Instant::now();
        let answer = ask(&mocks, question(&FK, &person)).await.unwrap().into_inner();
        assert_eq!(answer.person_number, person.number.expose());
        assert!(started.elapsed() > Duration::from_secs(20), "{lie:?} {:?}", started.elapsed());
    }
}

#[tokio::test]
async fn behaviour_changes_while_many_questions_run() {
    let mocks = mocks();
    let person = applicant(&mocks);
    let asked = (0..200).map(|n| {
        let (mocks, question) = (mocks.clone(), question(&FK, &person));
        tokio::spawn(async move {
            let outage = if n % 2 == 0 { Outage::Refuse } else { Outage::None };
            mocks.control.set(&FK, Behaviour::out(outage)).unwrap();
            ask(&mocks, question).await.map(drop).map_err(|status| status.code())
        })
    });
    for answer in futures::future::join_all(asked).await {
        assert!(matches!(answer.unwrap(), Ok(()) | Err(Code::Unavailable)));
    }
    let told = &mocks.control.all_calls()["FK"];
    assert_eq!((told.calls, told.did.values().sum()), (200, 200));
}
