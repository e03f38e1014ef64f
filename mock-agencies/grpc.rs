//! The gRPC side: `ssbtek.agency.v1.AgencyService` for every source; the question's `source` says which is meant.

use std::{
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures::future::{BoxFuture, pending};
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use ssbtek_domain::{
    Agency, Information, Kinds, OrganisationNumber, Outcome, PartOutcome, Personnummer, Source,
};
use ssbtek_proto::agency::v1::{
    GetPersonFactsRequest, GetPersonFactsResponse,
    agency_service_server::{AgencyService, AgencyServiceServer},
};
use tonic::Status;

use crate::{
    behaviour::{Lie, Outage},
    body::{self, BoxError, MockBody},
    control::{Did, Turn},
    facts,
    lie::distort_message,
    population::TestPerson,
    serve::Hangup,
    start::Mocks,
};

/// How much later than asked for an answer under [`Lie::Late`] comes.
pub(crate) const LATE: Duration = Duration::from_secs(60);

/// Length of a gRPC message's prefix: compression flag and length.
const PREFIX_BYTES: usize = 5;

/// Marks an answer whose bytes are to be distorted.
#[derive(Clone, Copy)]
struct Distort(Lie);

/// The agency contract over gRPC, for all sources at once. A `tower::Service`, so that a client can be put on it without
/// a socket.
#[derive(Clone)]
pub struct GrpcMock(AgencyServiceServer<Desk>);

/// The service behind one port.
struct Desk {
    mocks: Mocks,
    /// The one source that this port plays; `None`: all of them.
    only: Option<Source>,
}

impl GrpcMock {
    /// Plays every source, or `only` one, which then refuses questions that mean another.
    pub fn new(mocks: Mocks, only: Option<Source>) -> Self {
        Self(AgencyServiceServer::from_arc(Arc::new(Desk { mocks, only })))
    }

    /// Answers one call.
    pub async fn handle<B>(&self, request: Request<B>) -> Response<MockBody>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError> + Send + 'static,
    {
        let mut server = self.0.clone();
        let answered = tower::Service::call(&mut server, request).await;
        let response = answered.unwrap_or_else(|never: Infallible| match never {});
        match response.extensions().get::<Distort>().copied() {
            None => response.map(|body| body.map_err(BoxError::from).boxed_unsync()),
            Some(Distort(lie)) => distorted(lie, response).await,
        }
    }
}

impl<B> tower::Service<Request<B>> for GrpcMock
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError> + Send + 'static,
{
    type Response = Response<MockBody>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let mock = self.clone();
        Box::pin(async move { Ok(mock.handle(request).await) })
    }
}

#[tonic::async_trait]
impl AgencyService for Desk {
    async fn get_person_facts(
        &self,
        request: tonic::Request<GetPersonFactsRequest>,
    ) -> Result<tonic::Response<GetPersonFactsResponse>, Status> {
        let control = &self.mocks.control;
        let Ok(source) = control.source(&request.get_ref().source) else {
            control.stray();
            return Err(Status::invalid_argument("source is not played here"));
        };
        if self.only.as_ref().is_some_and(|only| only != source) {
            control.stray();
            return Err(Status::invalid_argument("source is not the one behind this port"));
        }
        let turn = control.arrive(source).map_err(|_| Status::internal("source has no counter"))?;
        turn.wait().await;
        let hangup = request.extensions().get::<Hangup>().cloned();
        outage(&turn, hangup).await?;
        let answer =
            self.answer(source, request.get_ref(), &turn).inspect_err(|_| turn.did(Did::BadQuestion))?;
        if turn.lie() == Some(Lie::Late) {
            tokio::time::sleep(LATE).await;
        }
        let mut response = tonic::Response::new(answer);
        if let Some(lie) = turn.lie() {
            response.extensions_mut().insert(Distort(lie));
        }
        Ok(response)
    }
}

/// Ends the call where the source is out or fails.
async fn outage(turn: &Turn, hangup: Option<Hangup>) -> Result<(), Status> {
    match turn.outage() {
        Outage::Refuse => {
            turn.did(Did::Refused);
            Err(Status::unavailable("closed"))
        }
        Outage::Hang => {
            turn.did(Did::Hung);
            pending().await
        }
        Outage::CloseConnection => {
            turn.did(Did::Closed);
            match hangup {
                Some(hangup) => hangup.now().await,
                None => Err(Status::unavailable("connection closed")),
            }
        }
        Outage::None if turn.fails => {
            turn.did(Did::Failed);
            Err(Status::internal("failed"))
        }
        Outage::None => Ok(()),
    }
}

impl Desk {
    fn answer(
        &self,
        source: &Source,
        question: &GetPersonFactsRequest,
        turn: &Turn,
    ) -> Result<GetPersonFactsResponse, Status> {
        check(question)?;
        let today = self.mocks.clock.today();
        let number = Personnummer::parse(&question.person_number, today)
            .map_err(|_| Status::invalid_argument("person_number is not valid"))?;
        let period = question.period.as_ref().ok_or_else(|| Status::invalid_argument("period is missing"))?;
        let period = ssbtek_wire::period_from_proto(period, "period")
            .map_err(|_| Status::invalid_argument("period is not valid"))?;

        let empty = |outcome| GetPersonFactsResponse {
            person_number: number.expose().to_owned(),
            outcome: ssbtek_wire::outcome_to_proto(outcome).into(),
            parts: vec![],
            section: None,
        };
        if turn.scripted().is_some() {
            turn.did(Did::Failed);
            return Ok(empty(Outcome::FailedAtSource));
        }
        let person = self.whom(&number, turn.lie());
        // Who lies about whom it is tells of somebody, known to the agency or not.
        let lies = turn.lie() == Some(Lie::WrongPerson);
        let Some(person) = person.filter(|person| lies || !person.unknown_at.contains(&source.agency()))
        else {
            turn.did(if turn.lie().is_some() { Did::Lied } else { Did::NoSuchPerson });
            return Ok(empty(Outcome::NoSuchPerson));
        };
        turn.did(if turn.lie().is_some() { Did::Lied } else { Did::Answered });
        let meant = if turn.lie() == Some(Lie::OtherSection) { another(source) } else { source.clone() };
        let mut section = match &turn.told {
            Some(told) => (**told).clone(),
            None => facts::section(&meant, person, &period, today),
        };
        let mut parts = facts::parts(&meant, &section);
        if turn.told.is_none() && !question.kinds.is_empty() {
            let asked: Kinds =
                question.kinds.iter().filter_map(|kind| Information::parse(kind).ok()).collect();
            section.keep_only(&asked);
            let left_out = |part: &PartOutcome| {
                let of = Information::of(source.agency()).into_iter();
                of.filter(|kind| !asked.contains(kind)).any(|kind| kind.part() == Some(part.part.as_str()))
            };
            parts.retain(|part| !left_out(part));
        }
        let outcome = Outcome::of_parts(parts.iter().map(|part| part.outcome)).unwrap_or(Outcome::Answered);
        Ok(GetPersonFactsResponse {
            person_number: person.number.expose().to_owned(),
            parts: parts.iter().map(ssbtek_wire::part).collect(),
            section: Some(ssbtek_wire::section(&section)),
            ..empty(outcome)
        })
    }

    fn whom(&self, number: &Personnummer, lie: Option<Lie>) -> Option<&TestPerson> {
        let person = self.mocks.population.find(number.expose())?;
        match lie {
            Some(Lie::WrongPerson) => self.mocks.population.somebody_else(person),
            _ => Some(person),
        }
    }
}

/// What the contract wants besides person and period. Strict, so that a broker that leaves something out is found.
fn check(question: &GetPersonFactsRequest) -> Result<(), Status> {
    let entry_id = &question.entry_id;
    if entry_id.len() != 32 || !entry_id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Status::invalid_argument("entry_id is not 32 hexadecimal digits"));
    }
    if OrganisationNumber::parse(&question.organisation_number).is_err() {
        return Err(Status::invalid_argument("organisation_number is not valid"));
    }
    for (field, text) in [
        ("organisation_name is missing", &question.organisation_name),
        ("case_worker is missing", &question.case_worker),
        ("case_id is missing", &question.case_id),
        ("purpose is missing", &question.purpose),
        ("legal_basis is missing", &question.legal_basis),
    ] {
        if text.is_empty() {
            return Err(Status::invalid_argument(field));
        }
    }
    Ok(())
}

fn another(source: &Source) -> Source {
    Source::Agency(if source.agency() == Agency::Csn { Agency::Af } else { Agency::Csn })
}

/// The answer again, with its bytes distorted.
async fn distorted(lie: Lie, response: Response<tonic::body::Body>) -> Response<MockBody> {
    let (head, body) = response.into_parts();
    if lie == Lie::Redirect {
        let mut redirect = Response::new(body::whole(Bytes::new()));
        *redirect.status_mut() = StatusCode::TEMPORARY_REDIRECT;
        redirect.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/redirected"));
        return redirect;
    }
    let Ok(collected) = body.collect().await else {
        return Response::from_parts(head, body::whole(Bytes::new()));
    };
    let trailers = collected.trailers().cloned();
    let framed = collected.to_bytes();
    let message = framed.get(PREFIX_BYTES..).unwrap_or_default();
    let body = match lie {
        Lie::GigabyteLong => {
            let length = (body::GIGABYTE as u32).to_be_bytes();
            body::gigabyte(Bytes::from([&[0], length.as_slice()].concat()), 0, Bytes::new())
        }
        Lie::Drip => body::dripping(framed, trailers),
        Lie::Duplicated => body::with_trailers([framed.as_ref(), &framed].concat().into(), trailers),
        lie => body::with_trailers(frame(&distort_message(lie, message)), trailers),
    };
    Response::from_parts(head, body)
}

fn frame(message: &[u8]) -> Bytes {
    let length = (message.len() as u32).to_be_bytes();
    [[0].as_slice(), &length, message].concat().into()
}
