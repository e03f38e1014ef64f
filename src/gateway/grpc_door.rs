//! gRPC over HTTP/2, as its protocol document has it, before any service sees a call.
//!
//! A call is judged in this order: its head ([`head`]), the certificate, its time, its one message ([`message`]), whether that
//! holds nothing but what the contract has ([`form`]), and then by the service. A message that is there and cannot be read is refused, logged and spends the assertion like any
//! malformed question; nothing is told of what a library says about it.

mod form;
mod head;
mod message;

use std::{sync::Arc, time::Duration};

use http::{Request, Response, request::Parts};
use http_body_util::Full;
use hyper::body::Incoming;
use ssbtek_access_log::{Door, RefusedCall};
use ssbtek_authenticate::AuthenticationError;
use ssbtek_authorize::AskError;
use ssbtek_pki::PeerCertificate;
use ssbtek_query::QueryPath;
use tonic::{Code, Status, body::Body, metadata::MetadataMap, service::Routes};
use tower::ServiceExt;

use self::message::Unreadable;
use crate::{Callers, GrpcServices, Refusal, ServiceLimits, calls::CALLS, status, under_way::UnderWay};

/// The one service whose method takes more than one message.
const REFLECTION: &str = "/grpc.reflection.v1.ServerReflection/";

/// All services behind the protocol's rules.
pub struct GrpcService {
    routes: Routes,
    callers: Callers,
    query: Arc<QueryPath>,
    limits: ServiceLimits,
}

impl GrpcService {
    /// Over these services.
    pub async fn new(services: GrpcServices) -> Self {
        let (callers, query, limits) = (services.callers.clone(), services.query.clone(), services.limits);
        Self { routes: services.routes().await, callers, query, limits }
    }

    /// Answers one call.
    pub(crate) async fn answer(
        &self,
        peer: Arc<PeerCertificate>,
        request: Request<Incoming>,
        call: &Arc<UnderWay>,
    ) -> Response<Body> {
        let (mut head, body) = request.into_parts();
        head.extensions.insert(peer.clone());
        head.extensions.insert(call.clone());
        match self.tried(&peer, head, body, call).await {
            Ok(response) | Err(response) => response,
        }
    }

    async fn tried(
        &self,
        peer: &PeerCertificate,
        head: Parts,
        body: Incoming,
        call: &Arc<UnderWay>,
    ) -> Result<Response<Body>, Response<Body>> {
        let timeout = head::check(&head)?;
        self.callers.holds_good(peer).map_err(|refusal| told(&refusal))?;
        let longest = Duration::from_millis(self.limits.query_deadline_ms);
        if let Some(timeout) = timeout {
            if timeout.is_zero() {
                return Err(told(&Refusal::TooLate));
            }
            // Less a little to send the answer in.
            call.end_within(timeout - timeout.min(Duration::from_secs(2)) / 10);
        }
        if head.uri.path().starts_with(REFLECTION) {
            return Ok(self.serve(Request::from_parts(head, Body::new(body))).await);
        }
        let arrival = Duration::from_millis(self.limits.read_timeout_ms).min(call.left(longest));
        let received = tokio::time::timeout(arrival, message::receive(body, self.limits.max_question_bytes));
        let message = match received.await {
            Err(_) => return Err(told(&Refusal::NotArrived)),
            Ok(Err(error)) => return Err(self.unreadable(&head, error).await),
            Ok(Ok(message)) => message,
        };
        let content = message.get(message::PREFIX_BYTES..).unwrap_or_default();
        if let Err(misfit) = form::check(head.uri.path(), content) {
            return Err(self.unreadable(&head, misfit).await);
        }
        let kept = head.clone();
        let response = self.serve(Request::from_parts(head, Body::new(Full::new(message)))).await;
        // Nobody was asked who calls, and yet it failed: the message could not be decoded.
        if !call.is_judged() && status_of(&response).is_some_and(|status| status.code() == Code::Internal) {
            return Err(self.unreadable(&kept, Unreadable::Undecodable).await);
        }
        Ok(response)
    }

    async fn serve(&self, request: Request<Body>) -> Response<Body> {
        match self.routes.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }

    /// Refuses a message that is there and cannot be read. What an account sends is logged and spends its assertion.
    async fn unreadable(&self, head: &Parts, error: Unreadable) -> Response<Body> {
        if error == Unreadable::GivenUp {
            return told(&Refusal::NotArrived);
        }
        let request = tonic_request(head);
        let account = match self.callers.account(&request).await {
            // A call for operators, agents, portals: it has no assertion to spend, and no board whose log it stood in.
            Err(Refusal::Authentication(
                AuthenticationError::AssertionMissing | AuthenticationError::CertificateOfNobody,
            )) => return error.response(self.limits.max_question_bytes),
            Err(refusal) => return told(&refusal),
            Ok(account) => account,
        };
        let (field, call) = (error.field(), call_of(head.uri.path()));
        match self.query.refuse_malformed(&account, field, call, Door::Grpc).await {
            Ok(()) => error.response(self.limits.max_question_bytes),
            Err(refused) => told(&Refusal::from(refused)),
        }
    }

    /// What is told to who has as many calls under way as it may.
    pub(crate) fn too_many() -> Response<Body> {
        told(&Refusal::TooManyUnderWay)
    }

    /// What is told when the broker itself failed.
    pub(crate) fn failed() -> Response<Body> {
        told(&status::panicked("a call ended in a panic"))
    }

    /// Whether an answer says that the connection's certificate is refused, as it would be again.
    pub(crate) fn refuses_the_certificate(response: &Response<Body>) -> bool {
        status_of(response).is_some_and(|status| status::refuses_the_certificate(status.message()))
    }
}

fn told(refusal: &Refusal) -> Response<Body> {
    Status::new(refusal.grpc_code(), refusal.text()).into_http()
}

fn status_of(response: &Response<Body>) -> Option<Status> {
    Status::from_header_map(response.headers())
}

/// The head as services see it, for what is judged before them.
fn tonic_request(head: &Parts) -> tonic::Request<()> {
    let metadata = MetadataMap::from_headers(head.headers.clone());
    tonic::Request::from_parts(metadata, head.extensions.clone(), ())
}

/// The call's name in the contract.
fn call_of(path: &str) -> Option<RefusedCall> {
    let (service, method) = path.strip_prefix('/')?.split_once('/')?;
    let service = service.rsplit('.').next()?;
    CALLS.iter().find(|call| call.service == service && call.method == method).map(|call| call.refused())
}

impl Unreadable {
    /// The field that is wrong; the whole message, if none of it was read.
    fn field(self) -> &'static str {
        if let Unreadable::Misfit(field, _) = self { field } else { message::FIELD }
    }

    fn response(self, max_bytes: usize) -> Response<Body> {
        let status = match self {
            Unreadable::TooLarge => Status::out_of_range(format!(
                "{}: is too large, at most {max_bytes} bytes are taken",
                message::FIELD
            )),
            // The protocol's own list of codes has this one for a number of messages that the method does not take.
            Unreadable::Missing | Unreadable::Several => {
                Status::unimplemented(format!("{}: must be exactly one", message::FIELD))
            }
            Unreadable::Compressed => Status::internal(format!(
                "{}: is marked as compressed, and no encoding was named",
                message::FIELD
            )),
            Unreadable::Cut => {
                Refusal::from(AskError::new(message::FIELD, "is shorter than the length before it")).into()
            }
            Unreadable::Misfit(field, why) => Refusal::from(AskError::new(field, why)).into(),
            Unreadable::Undecodable | Unreadable::GivenUp => {
                Refusal::from(AskError::new(message::FIELD, "is not what the method takes")).into()
            }
        };
        status.into_http()
    }
}
