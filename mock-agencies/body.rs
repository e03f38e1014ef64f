//! Bodies that the mocks send: whole, endless, or dripping.

use std::{convert::Infallible, time::Duration};

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use http::HeaderMap;
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody, combinators::UnsyncBoxBody};

/// Any failure while a body is made.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What every mock answers with.
pub type MockBody = UnsyncBoxBody<Bytes, BoxError>;

/// Length of [`crate::Lie::GigabyteLong`].
pub(crate) const GIGABYTE: u64 = 1 << 30;

/// Between two bytes of [`crate::Lie::Drip`].
const DRIP_EVERY: Duration = Duration::from_secs(1);

/// Filler is made of chunks of this many bytes.
const CHUNK_BYTES: usize = 64 * 1024;

/// These bytes at once.
pub(crate) fn whole(bytes: impl Into<Bytes>) -> MockBody {
    Full::new(bytes.into()).map_err(never).boxed_unsync()
}

/// `head`, a gigabyte of `filler` made as it is read, `tail`.
pub(crate) fn gigabyte(head: Bytes, filler: u8, tail: Bytes) -> MockBody {
    let chunk = Bytes::from(vec![filler; CHUNK_BYTES]);
    let chunks = (GIGABYTE / CHUNK_BYTES as u64) as usize;
    streamed(
        stream::iter([head])
            .chain(stream::iter(std::iter::repeat_n(chunk, chunks)))
            .chain(stream::iter([tail])),
        None,
    )
}

/// One byte a second.
pub(crate) fn dripping(bytes: Bytes, trailers: Option<HeaderMap>) -> MockBody {
    let drops = stream::unfold(bytes, |mut left| async move {
        if left.is_empty() {
            return None;
        }
        tokio::time::sleep(DRIP_EVERY).await;
        Some((left.split_to(1), left))
    });
    streamed(drops, trailers)
}

/// Data and then trailers.
pub(crate) fn with_trailers(bytes: Bytes, trailers: Option<HeaderMap>) -> MockBody {
    streamed(stream::iter([bytes]), trailers)
}

fn streamed(data: impl Stream<Item = Bytes> + Send + 'static, trailers: Option<HeaderMap>) -> MockBody {
    let frames = data.map(Frame::data).chain(stream::iter(trailers.map(Frame::trailers)));
    StreamBody::new(frames.map(Ok::<_, BoxError>)).boxed_unsync()
}

fn never(error: Infallible) -> BoxError {
    match error {}
}
