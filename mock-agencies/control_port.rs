//! The control interface: plain HTTP on loopback, described in the README.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use serde::Serialize;
use serde_json::{Value, json};
use ssbtek_domain::Source;

use crate::{
    behaviour::Behaviour,
    body::{self, BoxError, MockBody},
    control::{Control, UnknownSource},
    population::Population,
    serve::Handler,
    start::Mocks,
};

/// Longest behaviour that is read.
const MAX_BODY_BYTES: usize = 16 * 1024;

/// Households listed unless the query says otherwise.
const DEFAULT_HOUSEHOLDS: usize = 10;

pub(crate) fn handler(mocks: &Mocks) -> Handler {
    let mocks = mocks.clone();
    Arc::new(move |request| {
        let mocks = mocks.clone();
        Box::pin(async move { handle(&mocks, request).await })
    })
}

async fn handle<B>(mocks: &Mocks, request: Request<B>) -> Response<MockBody>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let (head, body) = request.into_parts();
    let control = &mocks.control;
    match (head.method, head.uri.path()) {
        (Method::GET, "/behaviour") => reply(StatusCode::OK, &behaviours(control)),
        (Method::GET, "/calls") => {
            let calls = json!({ "total": control.total_calls(), "strays": control.strays(), "sources": control.all_calls() });
            reply(StatusCode::OK, &calls)
        }
        (Method::GET, "/households") => {
            let count = head.uri.query().and_then(|query| query.strip_prefix("count=")?.parse().ok());
            reply(StatusCode::OK, &households(&mocks.population, count.unwrap_or(DEFAULT_HOUSEHOLDS)))
        }
        (Method::POST, "/reset") => {
            control.reset();
            reply(StatusCode::OK, &behaviours(control))
        }
        (Method::PUT, path) if path.starts_with("/behaviour/") => {
            let code = path.trim_start_matches("/behaviour/").to_owned();
            match Limited::new(body, MAX_BODY_BYTES).collect().await {
                Ok(body) => put(control, &code, &body.to_bytes()),
                Err(_) => wrong(StatusCode::PAYLOAD_TOO_LARGE, "the body is too long or broke off"),
            }
        }
        _ => wrong(
            StatusCode::NOT_FOUND,
            "there are GET /behaviour, PUT /behaviour/{source|all}, GET /calls, GET /households?count=N, POST /reset",
        ),
    }
}

fn put(control: &Control, code: &str, body: &[u8]) -> Response<MockBody> {
    // Nothing personal can stand in a behaviour, so the parser may say what is wrong with it.
    let behaviour: Behaviour = match serde_json::from_slice(body) {
        Ok(behaviour) => behaviour,
        Err(error) => return wrong(StatusCode::BAD_REQUEST, &format!("not a behaviour: {error}")),
    };
    if code == "all" {
        control.set_all(&behaviour);
        return reply(StatusCode::OK, &behaviours(control));
    }
    let set = control.source(code).and_then(|source| control.set(source, behaviour.clone()));
    match set {
        Ok(()) => reply(StatusCode::OK, &behaviour),
        Err(UnknownSource) => wrong(StatusCode::NOT_FOUND, &format!("the source {UnknownSource}")),
    }
}

fn behaviours(control: &Control) -> Value {
    let of = |source: &Source| (source.code().to_owned(), json!(control.get(source).unwrap_or_default()));
    Value::Object(control.sources().map(of).collect())
}

/// Generated persons, so that there is somebody to ask about.
fn households(population: &Population, count: usize) -> Value {
    let person = |person: &crate::TestPerson| {
        json!({
            "role": person.role,
            "person_number": person.number.expose(),
            "situation": format!("{:?}", person.situation),
            "protected": person.protection.as_str(),
            "fund": person.fund.as_ref().map(|fund| fund.as_str()),
            "unknown_at": person.unknown_at.iter().map(|agency| agency.code()).collect::<Vec<_>>(),
        })
    };
    let household = |members: &[crate::TestPerson]| members.iter().map(person).collect::<Value>();
    population.households().take(count).map(household).collect()
}

fn reply(status: StatusCode, value: &impl Serialize) -> Response<MockBody> {
    let mut json = serde_json::to_vec_pretty(value).unwrap_or_default();
    json.push(b'\n');
    let mut response = Response::new(body::whole(json));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn wrong(status: StatusCode, text: &str) -> Response<MockBody> {
    reply(status, &json!({ "error": text }))
}
