//! A client of the broker's doors, as any case system would write one.

use std::time::Duration;

use anyhow::{Context, Result};
use chrono::{Datelike, Days, Months, NaiveDate};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use ssbtek_authenticate::{Claims, Confirmation, thumbprint};
use ssbtek_domain::{Clock, Entropy, SystemClock};
use ssbtek_pki::{ALPN_H2, Roots, client_config};
use ssbtek_proto::{
    agency::v1::Period,
    broker::v1::{AskRequest, AskResponse, Role, person_query_service_client::PersonQueryServiceClient},
};
use tonic::{
    Request,
    transport::{Channel, Endpoint},
};

use super::files::{Facts, Files};

/// Connects to the gRPC door with one party's certificate.
pub(super) fn connect(files: &Files, facts: &Facts, party: &str) -> Result<Channel> {
    let roots = Roots::from_pem(files.read("pki/ca.pem")?.as_bytes())?;
    let identity = files.identity(party)?;
    let clock = std::sync::Arc::new(SystemClock);
    let tls = client_config(Some(&identity), &roots, clock, &[ALPN_H2])?;
    let patience = Duration::from_secs(5);
    let connector = ssbtek_pki::Connector::tls(tls, patience, patience);
    Ok(Endpoint::from_shared(facts.grpc.clone())?.connect_with_connector_lazy(connector))
}

/// A call as one of the board's accounts, with a fresh assertion.
pub(super) fn call_as<T>(
    message: T,
    files: &Files,
    facts: &Facts,
    account: &str,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<Request<T>> {
    let now = clock.now().timestamp();
    let mut jti = [0; 16];
    entropy.fill(&mut jti);
    let claims = Claims {
        iss: facts.board.clone(),
        sub: account.to_owned(),
        aud: facts.audience.clone(),
        iat: now,
        exp: now + 120,
        jti: jti.iter().map(|byte| format!("{byte:02x}")).collect(),
        cnf: Confirmation { x5t_s256: thumbprint(&files.identity("board")?.fingerprint()) },
    };
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some(facts.assertion_kid.clone());
    let key = EncodingKey::from_ec_pem(files.read("pki/assertion.key")?.as_bytes())?;
    let token = jsonwebtoken::encode(&header, &claims, &key)?;
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse()?);
    Ok(request)
}

/// The first question: the applicant, three months back.
pub(super) async fn first_question(
    files: &Files,
    facts: &Facts,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<(AskRequest, AskResponse)> {
    let today = clock.today();
    let question = AskRequest {
        case_id: facts.case.clone(),
        role: Role::Applicant.into(),
        period: Some(Period { from: months_back(today, 2).to_string(), to: today.to_string() }),
        ..AskRequest::default()
    };
    let mut client = PersonQueryServiceClient::new(connect(files, facts, "board")?)
        .max_decoding_message_size(64 * 1024 * 1024);
    let request = call_as(question.clone(), files, facts, &facts.case_worker, clock, entropy)?;
    let answer = client.ask(request).await.context("the first question was not answered")?;
    Ok((question, answer.into_inner()))
}

/// First day of the month so many months before `day`.
fn months_back(day: NaiveDate, months: u32) -> NaiveDate {
    let first = day.checked_sub_days(Days::new(u64::from(day.day0()))).unwrap_or(day);
    first.checked_sub_months(Months::new(months)).unwrap_or(first)
}
