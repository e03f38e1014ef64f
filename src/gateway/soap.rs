//! The SOAP door: the published contract, v10 and v11, over HTTP/1.1 and TLS. Same path, same log, same rules as gRPC.
//!
//! The envelope's namespace decides the version. The certificate says which board asks, or which agent
//! for the board in `ingivare`; the account (`handlaggare`) and the
//! case (`arendeidentitet`) must be registered and active like anybody's. Who may not call is turned away before the
//! body is read.

mod answer;
mod http;
mod question;
mod refusal;

use std::{sync::Arc, time::Duration};

use ::http::{HeaderMap, Method, Request, Response, StatusCode, header};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use ssbtek_access_log::Door;
use ssbtek_authenticate::Connected;
use ssbtek_authorize::{AskLimits, Caller};
use ssbtek_domain::{Entropy, Outcome};
use ssbtek_merge::OriginalsWanted;
use ssbtek_pki::PeerCertificate;
use ssbtek_query::{Asking, QueryPath};
use ssbtek_soap::{FaultCode, InformationQuestion, Sender, SoapFault, SoapQuestion, Version};

use self::http::{closing, envelope, plain, text};
use crate::{Callers, Refusal, door::Framing, status::panicked, under_way::UnderWay};

/// Bounds of the SOAP door.
#[derive(Debug, Clone, Copy)]
pub struct SoapLimits {
    /// Largest question, in bytes.
    pub max_question_bytes: usize,
    /// Longest a question may take to arrive, in milliseconds.
    pub read_timeout_ms: u64,
    /// Longest a whole question may take, in milliseconds.
    pub query_deadline_ms: u64,
    /// Bounds on a question's form.
    pub ask: AskLimits,
}

/// What answers at the SOAP door.
pub struct SoapService {
    /// Establishes callers.
    pub callers: Callers,
    /// Answers questions.
    pub query: Arc<QueryPath>,
    /// For the one-time names of questions, which this contract does not have.
    pub entropy: Arc<dyn Entropy>,
    /// The path at which questions are taken, and below which each version has its own.
    pub path: String,
    /// Bounds.
    pub limits: SoapLimits,
}

impl SoapService {
    /// One request on a connection whose other end is `peer`.
    pub(crate) async fn handle(
        &self,
        peer: &PeerCertificate,
        request: Request<Incoming>,
        framing: Framing,
        call: &UnderWay,
    ) -> Response<Full<Bytes>> {
        let party = match self.callers.party_on(peer).await {
            Ok(party) => party,
            Err(refused) => {
                let fault = ssbtek_soap::fault(&refusal::fault(&refused));
                return closing(envelope(StatusCode::FORBIDDEN, fault));
            }
        };
        if let Err(refused) = http::check(&request, framing) {
            return refused;
        }
        let Some(version) = http::place(&self.path, request.uri().path()) else {
            return plain(StatusCode::NOT_FOUND, "there is nothing here\n");
        };
        if *request.method() != Method::POST {
            return describe(&request, version);
        }
        match self.post(peer, party, request, call).await {
            Ok(answer) => envelope(StatusCode::OK, answer),
            Err(fault) => envelope(StatusCode::INTERNAL_SERVER_ERROR, ssbtek_soap::fault(&fault)),
        }
    }

    /// What is told to who has as many questions under way as it may.
    pub(crate) fn too_many() -> Response<Full<Bytes>> {
        told(&Refusal::TooManyUnderWay)
    }

    /// What is told when the broker itself failed.
    pub(crate) fn failed() -> Response<Full<Bytes>> {
        told(&panicked("a call ended in a panic"))
    }

    async fn post(
        &self,
        peer: &PeerCertificate,
        party: Connected,
        request: Request<Incoming>,
        call: &UnderWay,
    ) -> Result<Vec<u8>, SoapFault> {
        let (head, body) = request.into_parts();
        uncompressed(&head.headers)?;
        let content_type = text(&head.headers, &header::CONTENT_TYPE);
        let body = self.receive(body).await?;
        let today = self.callers.clock.today();
        match ssbtek_soap::parse(&body, content_type.as_deref(), &ssbtek_soap::LIMITS, today) {
            // What calls nothing that the contract has is no question, and is not read again.
            Err(fault) if fault.call.is_none() => Err(fault),
            Err(fault) => {
                let sender = ssbtek_soap::sender(&body, &ssbtek_soap::LIMITS, today);
                Err(self.refuse_of(peer, party, sender, fault, call).await)
            }
            Ok(SoapQuestion::Test(version)) => Ok(self.test(version, party).await),
            Ok(SoapQuestion::Information(question)) => {
                let asked = self.information(peer, party, &question, call).await;
                asked.map_err(|fault| fault.in_reply_to(question.call()))
            }
        }
    }

    async fn information(
        &self,
        peer: &PeerCertificate,
        party: Connected,
        asked: &InformationQuestion,
        call: &UnderWay,
    ) -> Result<Vec<u8>, SoapFault> {
        let stated = question::stated(asked.sender(), &*self.entropy, self.callers.clock.now());
        let caller = self.callers.stated_on(peer, party, stated, call).await;
        let caller = caller.map_err(|error| refusal::fault(&error))?;
        let door = Door::Soap(asked.version.number());
        let ask = match question::ask(asked, &self.limits.ask, self.callers.clock.today()) {
            Ok(ask) => ask,
            Err(fault) => return Err(self.refuse(&caller, door, fault).await),
        };
        let within = Duration::from_millis(self.limits.query_deadline_ms);
        let certificate = self.callers.certificate_check(Some(Arc::new(peer.clone())));
        let released = self
            .query
            .ask(Asking {
                caller,
                ask,
                door,
                follows: None,
                originals: OriginalsWanted::AsPayload,
                within,
                certificate,
            })
            .await
            .map_err(|error| refusal::fault(&Refusal::from(error)))?;
        Ok(answer::encode(asked, &released))
    }

    /// Refuses a message that could not be read, and logs it if it comes from an account whose board the party may speak for.
    async fn refuse_of(
        &self,
        peer: &PeerCertificate,
        party: Connected,
        sender: Option<Sender>,
        fault: SoapFault,
        call: &UnderWay,
    ) -> SoapFault {
        let Some(sender) = sender else { return fault };
        let door = Door::Soap(sender.version.number());
        let stated = question::stated(sender, &*self.entropy, self.callers.clock.now());
        match self.callers.stated_on(peer, party, stated, call).await {
            Ok(caller) => self.refuse(&caller, door, fault).await,
            Err(_) => fault,
        }
    }

    /// Logs that a caller put a malformed question: the element's name, and nothing of its content.
    async fn refuse(&self, caller: &Caller, door: Door, fault: SoapFault) -> SoapFault {
        match self.query.refuse_malformed(caller, fault.element(), None, door).await {
            Ok(()) => fault,
            Err(error) => refusal::fault(&Refusal::from(error)),
        }
    }

    /// Whether the agencies can be reached. No personal data, no question.
    async fn test(&self, version: Version, party: Connected) -> Vec<u8> {
        let (Connected::Board(party) | Connected::Agent(party)) = party;
        let reached = self.query.reach(party).await;
        let result = |reached: Result<(), Outcome>| ssbtek_soap::TestResult {
            called: reached.is_ok(),
            error: reached.err().map(ssbtek_soap::AgencyError::of_unreached),
        };
        let results = reached.into_iter().map(|(agency, reached)| (agency, result(reached))).collect();
        ssbtek_soap::test_answer(version, &results)
    }

    async fn receive(&self, body: Incoming) -> Result<Bytes, SoapFault> {
        let limited = Limited::new(body, self.limits.max_question_bytes).collect();
        let timeout = Duration::from_millis(self.limits.read_timeout_ms);
        match tokio::time::timeout(timeout, limited).await {
            Ok(Ok(collected)) => Ok(collected.to_bytes()),
            Ok(Err(_)) => Err(SoapFault::client(
                FaultCode::TooLarge,
                format!("Frågan är större än {} byte, eller avbröts", self.limits.max_question_bytes),
            )),
            Err(_) => Err(SoapFault::client(FaultCode::TimedOut, "Frågan kom inte fram i tid")),
        }
    }
}

fn told(refusal: &Refusal) -> Response<Full<Bytes>> {
    envelope(StatusCode::INTERNAL_SERVER_ERROR, ssbtek_soap::fault(&refusal::fault(refusal)))
}

fn uncompressed(headers: &HeaderMap) -> Result<(), SoapFault> {
    let mut encodings = headers.get_all(header::CONTENT_ENCODING).iter();
    match encodings.all(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        true => Ok(()),
        false => Err(SoapFault::client(
            FaultCode::ContentType,
            "Content-Encoding: komprimerade frågor tas inte emot",
        )),
    }
}

/// `?wsdl` and `?xsd=<name>`. The path or the query says which version: `…/v10`, `?wsdl=10`; else v11.
fn describe(request: &Request<Incoming>, of_path: Option<Version>) -> Response<Full<Bytes>> {
    let (path, query) = (request.uri().path(), request.uri().query().unwrap_or_default());
    let host = text(request.headers(), &header::HOST).unwrap_or_else(|| "localhost".to_owned());
    let (key, value) = query.split_once('=').unwrap_or((query, ""));
    let document = match key.to_ascii_lowercase().as_str() {
        "wsdl" => {
            let version = of_path.or(Version::parse(value)).unwrap_or(Version::newest());
            Some(ssbtek_soap::wsdl(version, &address(&host, path, version, of_path.is_some())))
        }
        "xsd" => {
            let version = of_path.unwrap_or(Version::newest());
            ssbtek_soap::schema(version, value, &address(&host, path, version, of_path.is_some()))
        }
        _ => None,
    };
    match document {
        Some(document) => envelope(StatusCode::OK, document.into_bytes()),
        None => plain(StatusCode::NOT_FOUND, "ask for ?wsdl, or post a SOAP 1.1 envelope\n"),
    }
}

/// The address that the description names: always one that ends with the version, so that its schemas are found.
fn address(host: &str, path: &str, version: Version, versioned: bool) -> String {
    let suffix = if versioned { String::new() } else { format!("/v{}", version.number()) };
    format!("https://{host}{path}{suffix}")
}
