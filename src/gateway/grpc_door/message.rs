//! The one message of a call: a flag, a length, so many bytes, the end.

use bytes::{BufMut, Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt;

/// What errors and the log call it.
pub(super) const FIELD: &str = "message";

/// Flag and length before a message.
pub(super) const PREFIX_BYTES: usize = 5;

/// Why there is no message to decode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// The call ended without one.
    Missing,
    /// More than one.
    Several,
    /// It ends before its length.
    Cut,
    /// Marked as compressed, or with a flag that there is not.
    Compressed,
    /// Longer than is taken.
    TooLarge,
    /// Not what the method takes.
    Undecodable,
    /// A field that is not as the contract has it, and why.
    Misfit(&'static str, &'static str),
    /// The caller gave up before it was there.
    GivenUp,
}

/// Reads until the end of the call, and no further than it must. With its prefix, as services expect it. What comes after
/// it in trailers is left behind: the protocol has none in requests.
pub(super) async fn receive<B: Body<Data = Bytes> + Unpin>(
    mut body: B,
    max_bytes: usize,
) -> Result<Bytes, Unreadable> {
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Err(Unreadable::GivenUp) };
        let Ok(data) = frame.into_data() else { continue };
        let room = (max_bytes + PREFIX_BYTES + 1).saturating_sub(whole.len());
        whole.put(data.slice(..data.len().min(room)));
        if let Some(length) = length(&whole)? {
            if length > max_bytes {
                return Err(Unreadable::TooLarge);
            }
            if whole.len() > PREFIX_BYTES + length {
                return Err(Unreadable::Several);
            }
        }
    }
    match length(&whole)? {
        None if whole.is_empty() => Err(Unreadable::Missing),
        Some(length) if whole.len() == PREFIX_BYTES + length => Ok(whole.freeze()),
        _ => Err(Unreadable::Cut),
    }
}

/// The length that the prefix says, once it is there.
fn length(whole: &[u8]) -> Result<Option<usize>, Unreadable> {
    match whole {
        [] => Ok(None),
        [0, a, b, c, d, ..] => Ok(Some(u32::from_be_bytes([*a, *b, *c, *d]) as usize)),
        [0, ..] => Ok(None),
        _ => Err(Unreadable::Compressed),
    }
}

#[cfg(test)]
mod tests {
    use http_body::Frame;
    use http_body_util::{Full, StreamBody};

    use super::*;

    const MAX: usize = 8;

    async fn of(bytes: &[u8]) -> Result<Bytes, Unreadable> {
        let whole = receive(Full::new(Bytes::copy_from_slice(bytes)), MAX).await;
        let dripping = bytes.iter().map(|byte| Ok::<_, ()>(Frame::data(Bytes::copy_from_slice(&[*byte]))));
        let dripped = receive(StreamBody::new(futures::stream::iter(dripping)), MAX).await;
        assert_eq!(whole, dripped, "however it is cut into frames");
        whole
    }

    #[tokio::test]
    async fn exactly_one_message_of_its_stated_length_is_taken() {
        for good in [&[0, 0, 0, 0, 0][..], &[0, 0, 0, 0, 1, 9], &[0, 0, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8]] {
            assert_eq!(of(good).await.unwrap(), good);
        }
        for (bad, why) in [
            (&[][..], Unreadable::Missing),
            (&[0], Unreadable::Cut),
            (&[0, 0, 0, 0], Unreadable::Cut),
            (&[0, 0, 0, 0, 2, 1], Unreadable::Cut),
            (&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0], Unreadable::Several),
            (&[0, 0, 0, 0, 1, 9, 0], Unreadable::Several),
            (&[0, 0, 0, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9], Unreadable::TooLarge),
            (&[0, 255, 255, 255, 255], Unreadable::TooLarge),
            (&[1, 0, 0, 0, 0], Unreadable::Compressed),
            (&[2, 0, 0, 0, 1, 9], Unreadable::Compressed),
        ] {
            assert_eq!(of(bad).await, Err(why), "{bad:?}");
        }
    }

    #[tokio::test]
    async fn trailers_of_a_request_are_left_behind() {
        let frames = [
            Ok::<_, ()>(Frame::data(Bytes::from_static(&[0, 0, 0, 0, 1, 9]))),
            Ok(Frame::trailers(http::HeaderMap::new())),
        ];
        assert!(receive(StreamBody::new(futures::stream::iter(frames)), MAX).await.is_ok());
    }

    #[tokio::test]
    async fn a_caller_that_gives_up_has_sent_nothing() {
        let frames = [Ok(Frame::data(Bytes::from_static(&[0, 0, 0, 0, 1, 9]))), Err(())];
        assert_eq!(
            receive(StreamBody::new(futures::stream::iter(frames)), MAX).await,
            Err(Unreadable::GivenUp)
        );
    }
}
