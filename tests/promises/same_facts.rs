//! The same person gives the same sections and outcomes over every source's own format and over gRPC, for a whole
//! population.

use std::time::Duration;

use futures::future::join_all;
use ssbtek_domain::{Agency, FUNDS, FundCode, Outcome, Source, SourceAnswer};

use crate::{
    agencies_alone::{Agencies, ask, every_agency},
    harness::Wires,
};

const HOUSEHOLDS: usize = 60;
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn everybody_is_answered_the_same_over_own_formats_and_grpc() {
    let agencies = Agencies::start(11, HOUSEHOLDS).await;
    // SO for all funds, two funds directly, and for each person the fund that pays.
    let funds = FUNDS.iter().map(|(code, _)| Source::Fund(FundCode::parse(code).unwrap()));
    let sources: Vec<Source> = every_agency().into_iter().chain(funds).collect();
    let own = agencies.connectors(Wires::Own, &sources);
    let grpc = agencies.connectors(Wires::Grpc, &sources);
    let mut compared = 0;
    for (nth, person) in agencies.persons().iter().enumerate() {
        let asked =
            own.iter().zip(&grpc).enumerate().filter(|(n, (connector, _))| match connector.source() {
                Source::Agency(_) => true,
                Source::Fund(fund) => {
                    person.fund.as_ref() == Some(fund) || n % FUNDS.len() == nth % FUNDS.len()
                }
            });
        let pairs = asked.map(|(_, (own, grpc))| async {
            (ask(&**own, &person.number, PATIENCE).await, ask(&**grpc, &person.number, PATIENCE).await)
        });
        for (own, grpc) in join_all(pairs).await {
            let what = format!("{} of the {nth}th person", own.source);
            assert_eq!(told(&own), told(&grpc), "{what}");
            assert!(facts(&own) == facts(&grpc), "{what}: sections differ");
            compared += 1;
        }
    }
    assert!(agencies.running.population().households().len() == HOUSEHOLDS && compared > 8 * HOUSEHOLDS);
    assert_eq!(agencies.running.control().strays(), 0);
}

/// The outcome. LEFI has no way to say "no such person": an empty answer is what it says instead.
fn told(answer: &SourceAnswer) -> Outcome {
    let empty = answer.section.as_ref().is_none_or(|section| section.facts().payments().is_empty());
    match (&answer.source, answer.outcome) {
        (Source::Agency(Agency::Fk), Outcome::Answered) if empty && facts(answer).is_none() => {
            Outcome::NoSuchPerson
        }
        (_, outcome) => outcome,
    }
}

/// The section; none where it says nothing at all.
fn facts(answer: &SourceAnswer) -> Option<&ssbtek_domain::sections::Section> {
    use ssbtek_domain::sections::{Section, fk};
    answer.section.as_ref().filter(|section| match section {
        Section::Fk(section) => {
            *section != fk::Section { person: section.person.clone(), ..Default::default() }
        }
        _ => true,
    })
}
