//! One connection with a certificate: serves its requests until it ends, is too old, is refused or the door closes.

use std::{convert::Infallible, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use ssbtek_pki::{PeerCertificate, TlsStream};
use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    sync::{Notify, Semaphore, watch},
    time::Instant,
};
use tonic::body::Body;

use super::{
    Doorway, Service,
    followed::Followed,
    frames::Frames,
    pace::{Answering, Overdue, Pace},
};
use crate::{
    GrpcService, SoapService,
    under_way::{Keeping, UnderWay},
};

/// One connection.
pub(super) struct Connection {
    door: Arc<Doorway>,
    peer: Arc<PeerCertificate>,
    /// Calls that may still be begun on it.
    free: Arc<Semaphore>,
    /// Told when a call was refused for its certificate: there is nothing to hope for on this connection.
    refused: Notify,
}

impl Connection {
    pub(super) fn new(door: Arc<Doorway>, peer: PeerCertificate) -> Arc<Self> {
        let free = Arc::new(Semaphore::new(door.limits.max_streams as usize));
        Arc::new(Self { door, peer: Arc::new(peer), free, refused: Notify::new() })
    }

    pub(super) async fn serve(self: Arc<Self>, stream: TlsStream<TcpStream>, stop: watch::Receiver<bool>) {
        match self.door.service.clone() {
            Service::Grpc(service) => self.http2(stream, service, stop).await,
            Service::Soap(service) => self.http1(stream, service, stop).await,
        }
    }

    async fn http2(
        self: Arc<Self>,
        stream: TlsStream<TcpStream>,
        grpc: Arc<GrpcService>,
        stop: watch::Receiver<bool>,
    ) {
        let limits = self.door.limits;
        let connection = self.clone();
        let service = hyper::service::service_fn(move |request| {
            let (connection, grpc) = (connection.clone(), grpc.clone());
            async move { Ok::<_, Infallible>(connection.call(grpc, request).await) }
        });
        let mut http2 = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        http2
            .timer(TokioTimer::new())
            .max_concurrent_streams(limits.max_streams)
            .max_pending_accept_reset_streams(limits.max_reset_streams)
            .max_header_list_size(limits.max_header_list_bytes)
            .keep_alive_interval(Duration::from_secs(limits.keepalive_interval_s))
            .keep_alive_timeout(Duration::from_secs(limits.keepalive_timeout_s));
        let frames = Frames::new();
        let begun = frames.begun();
        let followed = TokioIo::new(Followed::new(stream, frames));
        let mut serving = std::pin::pin!(http2.serve_connection(followed, service));
        let mut overdue = std::pin::pin!(overdue(begun, Duration::from_secs(limits.header_timeout_s)));
        let mut must_end = std::pin::pin!(self.until_it_must_end(stop));
        tokio::select! {
            _ = serving.as_mut() => return,
            // Nothing that comes after it can be read.
            () = overdue.as_mut() => return,
            () = must_end.as_mut() => {}
            () = tokio::time::sleep(Duration::from_secs(limits.max_connection_age_s)) => {
                // Takes no new calls; an export that runs on it may come to its end.
                serving.as_mut().graceful_shutdown();
                tokio::select! {
                    _ = serving.as_mut() => return,
                    () = overdue => return,
                    () = must_end => {}
                    () = tokio::time::sleep(Duration::from_secs(limits.max_stream_s)) => {}
                }
            }
        }
        serving.as_mut().graceful_shutdown();
        let _ = tokio::time::timeout(Duration::from_secs(limits.drain_s), serving).await;
    }

    async fn http1(
        self: Arc<Self>,
        stream: TlsStream<TcpStream>,
        soap: Arc<SoapService>,
        stop: watch::Receiver<bool>,
    ) {
        let limits = self.door.limits;
        let max_head_bytes = limits.max_header_list_bytes.max(8192) as usize;
        let pace = Pace::new(max_head_bytes);
        let (connection, followed) = (self.clone(), Followed::new(stream, pace.clone()));
        let paced = pace.clone();
        let service = hyper::service::service_fn(move |request| {
            let (connection, soap, pace) = (connection.clone(), soap.clone(), paced.clone());
            async move { Ok::<_, Infallible>(connection.post(soap, pace, request).await) }
        });
        let mut http1 = hyper::server::conn::http1::Builder::new();
        http1.timer(TokioTimer::new()).header_read_timeout(None).max_buf_size(max_head_bytes);
        let mut serving = http1.serve_connection(TokioIo::new(followed), service);
        let mut at = std::pin::Pin::new(&mut serving);
        let (idle, head) =
            (Duration::from_secs(limits.keep_alive_s), Duration::from_secs(limits.header_timeout_s));
        tokio::select! {
            _ = at.as_mut() => return,
            overdue = pace.overdue(idle, head) => match overdue {
                Overdue::Head => return late(serving.into_parts().io.into_inner()).await,
                Overdue::Nothing => return,
                Overdue::Silence => {}
            },
            () = self.until_it_must_end(stop) => {}
            () = tokio::time::sleep(Duration::from_secs(limits.max_connection_age_s)) => {}
        }
        at.as_mut().graceful_shutdown();
        let _ = tokio::time::timeout(Duration::from_secs(limits.drain_s), at).await;
    }

    /// Resolves when the connection was refused, has a certificate that is no longer good, or the door closes.
    async fn until_it_must_end(&self, mut stop: watch::Receiver<bool>) {
        let limits = self.door.limits;
        let no_longer_good = async {
            let every = Duration::from_secs(limits.keepalive_interval_s.max(1));
            loop {
                tokio::time::sleep(every).await;
                let callers = &self.door.callers;
                if callers.gatekeeper.check(&self.peer, callers.clock.now()).is_err() {
                    return;
                }
            }
        };
        tokio::select! {
            () = self.refused.notified() => {}
            () = no_longer_good => {}
            _ = stop.wait_for(|stopped| *stopped) => {}
        }
    }

    /// One gRPC call, in a task of its own: a stream that is reset frees no place before the work has ended.
    async fn call(&self, grpc: Arc<GrpcService>, request: Request<Incoming>) -> Response<Body> {
        let Some(call) = self.door.places.take(self.peer.fingerprint_sha256, &self.free) else {
            return GrpcService::too_many();
        };
        let peer = self.peer.clone();
        let task = tokio::spawn(async move {
            let response = grpc.answer(peer, request, &call).await;
            response.map(|body| Body::new(Keeping::new(body, call)))
        });
        let response = task.await.unwrap_or_else(|_| GrpcService::failed());
        if GrpcService::refuses_the_certificate(&response) {
            self.refused.notify_one();
        }
        response
    }

    /// One SOAP request, likewise.
    async fn post(
        &self,
        soap: Arc<SoapService>,
        pace: Arc<Pace>,
        request: Request<Incoming>,
    ) -> Response<Keeping<Full<Bytes>, (Answering, Option<Arc<UnderWay>>)>> {
        let framing = pace.asked();
        let answering = Answering(pace);
        let Some(call) = self.door.places.take(self.peer.fingerprint_sha256, &self.free) else {
            return SoapService::too_many().map(|body| Keeping::new(body, (answering, None)));
        };
        let (peer, held) = (self.peer.clone(), call.clone());
        let task = tokio::spawn(async move { soap.handle(&peer, request, framing, &held).await });
        let response = task.await.unwrap_or_else(|_| SoapService::failed());
        response.map(|body| Keeping::new(body, (answering, Some(call))))
    }
}

/// Resolves once what has begun to arrive has taken so long.
async fn overdue(mut begun: watch::Receiver<Option<Instant>>, most: Duration) {
    loop {
        let since = *begun.borrow_and_update();
        let wait = async {
            match since.and_then(|since| since.checked_add(most)) {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            changed = begun.changed() => if changed.is_err() { std::future::pending().await },
            () = wait => return,
        }
    }
}

/// Tells that a head did not arrive in time (RFC 9110 section 15.5.9), as far as the other end reads it at once.
async fn late<IO: AsyncWrite + Unpin>(mut connection: IO) {
    const TOLD: &[u8] = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    let tell = async {
        connection.write_all(TOLD).await?;
        connection.shutdown().await
    };
    let _ = tokio::time::timeout(Duration::from_secs(1), tell).await;
}
