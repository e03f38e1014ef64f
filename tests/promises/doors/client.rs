//! A client of the gRPC door that writes HTTP/2 requests by hand, so that it can be as wrong as it likes.

use std::{convert::Infallible, time::Duration};

use bytes::{BufMut, Bytes, BytesMut};
use futures::stream;
use http::{Request, request::Builder};
use http_body_util::{BodyExt, StreamBody, combinators::BoxBody};
use hyper::{body::Frame, client::conn::http2::SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use prost::Message;
use ssbtek_pki::{ALPN_H2, Connector, Identity, Roots, client_config};
use ssbtek_proto::broker::v1::AskRequest;
use tokio::task::JoinHandle;
use tonic::Code;

use crate::harness::World;

/// Where questions are asked.
pub(crate) const ASK: &str = "/ssbtek.broker.v1.PersonQueryService/Ask";

/// Far longer than any answer here takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

type Body = BoxBody<Bytes, Infallible>;

/// One connection.
pub(crate) struct Wire {
    pub(crate) send: SendRequest<Body>,
    pub(crate) connection: JoinHandle<()>,
}

/// What came back.
#[derive(Debug, PartialEq)]
pub(crate) struct Told {
    /// HTTP status.
    pub(crate) http: u16,
    /// gRPC status and text, if there is one.
    pub(crate) grpc: Option<(Code, String)>,
}

impl Told {
    pub(crate) fn code(&self) -> Option<Code> {
        self.grpc.as_ref().map(|(code, _)| *code)
    }

    pub(crate) fn text(&self) -> &str {
        self.grpc.as_ref().map_or("", |(_, text)| text)
    }
}

impl World {
    /// A connection to the gRPC door with a certificate, if the door lets it be one.
    pub(crate) async fn try_http2(&self, identity: &Identity) -> Option<Wire> {
        let roots = Roots::from_pem(self.authority.root_pem().as_bytes()).unwrap();
        let tls = client_config(Some(identity), &roots, self.clock.clone(), &[ALPN_H2]).unwrap();
        let uri = format!("https://{}", self.broker().ports.grpc).parse().unwrap();
        let connected = Connector::tls(tls, PATIENCE, PATIENCE).connect(&uri).await.ok()?;
        let mut http2 = hyper::client::conn::http2::Builder::new(TokioExecutor::new());
        http2.timer(TokioTimer::new());
        let (send, connection) = http2.handshake(TokioIo::new(connected)).await.ok()?;
        let connection = tokio::spawn(async move {
            // How it ended is for the test to see at the requests.
            let _ = connection.await;
        });
        Some(Wire { send, connection })
    }

    pub(crate) async fn http2(&self, identity: &Identity) -> Wire {
        self.try_http2(identity).await.unwrap()
    }

    /// A question's head as it should be, with a fresh assertion of the first board.
    pub(crate) fn head(&self) -> Builder {
        self.head_with(&format!("Bearer {}", self.assertion("anna").token()))
    }

    /// The same, with an `authorization` of one's own.
    pub(crate) fn head_with(&self, authorization: &str) -> Builder {
        plain(ASK).header("authorization", authorization)
    }

    /// A question about the applicant, to one agency.
    pub(crate) fn question_to(&self, agency: &str) -> Bytes {
        framed(&AskRequest { agencies: vec![agency.into()], ..self.question() })
    }
}

/// A call's head as it should be, without an assertion.
pub(crate) fn plain(path: &str) -> Builder {
    Request::builder()
        .method("POST")
        .uri(format!("https://localhost{path}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
}

/// A message with its prefix.
pub(crate) fn framed(message: &impl Message) -> Bytes {
    prefixed(&message.encode_to_vec())
}

/// Bytes with the prefix of a message.
pub(crate) fn prefixed(bytes: &[u8]) -> Bytes {
    let mut framed = BytesMut::new();
    framed.put_u8(0);
    framed.put_u32(u32::try_from(bytes.len()).unwrap());
    framed.put_slice(bytes);
    framed.freeze()
}

/// A body that is there, and ends.
pub(crate) fn whole(bytes: Bytes) -> Body {
    frames(vec![Frame::data(bytes)])
}

/// A body of frames, and then the end.
pub(crate) fn frames(frames: Vec<Frame<Bytes>>) -> Body {
    StreamBody::new(stream::iter(frames.into_iter().map(Ok))).boxed()
}

/// A body that begins and never ends.
pub(crate) fn unending(bytes: Bytes) -> Body {
    let first = stream::iter([Ok(Frame::data(bytes))]);
    StreamBody::new(futures::StreamExt::chain(first, stream::pending())).boxed()
}

impl Wire {
    /// Sends one request and reads what comes back; `None` if the stream or the connection ended.
    pub(crate) async fn tell(&mut self, head: Builder, body: Body) -> Option<Told> {
        let exchange = async {
            self.send.ready().await.ok()?;
            let response = self.send.send_request(head.body(body).unwrap()).await.ok()?;
            let http = response.status().as_u16();
            let (head, body) = response.into_parts();
            let collected = body.collect().await.ok()?;
            let status = |headers| tonic::Status::from_header_map(headers);
            let status = status(&head.headers).or(collected.trailers().and_then(status));
            let grpc = status.map(|status| (status.code(), status.message().to_owned()));
            Some(Told { http, grpc })
        };
        tokio::time::timeout(PATIENCE, exchange).await.expect("an answer within bounds")
    }

    /// Asks one agency as `anna` of the first board.
    pub(crate) async fn ask(&mut self, world: &World, agency: &str) -> Option<Told> {
        self.tell(world.head(), whole(world.question_to(agency))).await
    }
}
