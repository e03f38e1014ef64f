//! What is arriving on an HTTP/2 connection (RFC 9113 sections 3.4 and 4): a preface, a frame, a header block of several frames.
//! Each must get on. What frames say, and whether they are good, is judged elsewhere.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::{sync::watch, time::Instant};

use super::followed::Follows;

/// The client's preface.
const PREFACE_BYTES: usize = 24;
/// A frame's head: length, type, flags, stream.
const HEAD_BYTES: usize = 9;
const HEADERS: u8 = 1;
const CONTINUATION: u8 = 9;
const END_HEADERS: u8 = 4;

/// Follows one connection.
#[derive(Debug)]
pub(super) struct Frames {
    place: Mutex<Place>,
    begun: watch::Sender<Option<Instant>>,
}

/// Where in the stream of bytes.
#[derive(Debug)]
struct Place {
    /// Of the preface, or of a frame's content, so many bytes are still to come.
    left: usize,
    /// Of a frame's head, what has come.
    head: Vec<u8>,
    /// A header block has begun and not ended.
    in_block: bool,
    /// The first frame has not come whole.
    is_first: bool,
}

impl Frames {
    /// From a connection's first byte on.
    pub(super) fn new() -> Arc<Self> {
        let place = Place { left: PREFACE_BYTES, head: Vec::new(), in_block: false, is_first: true };
        Arc::new(Self { place: Mutex::new(place), begun: watch::Sender::new(Some(Instant::now())) })
    }

    /// Since when something is arriving that has not come whole, as it changes.
    pub(super) fn begun(&self) -> watch::Receiver<Option<Instant>> {
        self.begun.subscribe()
    }
}

impl Follows for Frames {
    fn came(&self, bytes: &[u8]) {
        let whole = self.place.lock().unwrap_or_else(PoisonError::into_inner).came(bytes);
        self.begun.send_if_modified(|begun| {
            let before = *begun;
            match whole {
                Whole::All => *begun = None,
                Whole::Some => *begun = Some(Instant::now()),
                Whole::None => *begun = begun.or_else(|| Some(Instant::now())),
            }
            before != *begun
        });
    }
}

/// What has come whole with some bytes.
#[derive(Debug, PartialEq)]
enum Whole {
    /// Everything: nothing is begun.
    All,
    /// What was begun before; something else has begun.
    Some,
    /// Nothing.
    None,
}

impl Place {
    fn came(&mut self, mut bytes: &[u8]) -> Whole {
        let mut ended = false;
        while !bytes.is_empty() {
            if self.left > 0 {
                let (_, rest) = bytes.split_at(self.left.min(bytes.len()));
                self.left -= bytes.len() - rest.len();
                bytes = rest;
            } else {
                let (head, rest) = bytes.split_at((HEAD_BYTES - self.head.len()).min(bytes.len()));
                self.head.extend_from_slice(head);
                bytes = rest;
                let [a, b, c, kind, flags, ..] = self.head[..] else { continue };
                if self.head.len() < HEAD_BYTES {
                    continue;
                }
                self.head.clear();
                self.left = u32::from_be_bytes([0, a, b, c]) as usize;
                self.is_first = false;
                if matches!(kind, HEADERS | CONTINUATION) {
                    self.in_block = flags & END_HEADERS == 0;
                }
            }
            ended |= self.is_between();
        }
        match (self.is_between(), ended) {
            (true, _) => Whole::All,
            (false, true) => Whole::Some,
            (false, false) => Whole::None,
        }
    }

    /// Whether nothing has begun that is not whole.
    fn is_between(&self) -> bool {
        self.left == 0 && self.head.is_empty() && !self.in_block && !self.is_first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    const SETTINGS: &[u8] = &[0, 0, 6, 4, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6];
    /// Not the end of its block, and its end.
    const OPEN: &[u8] = &[0, 0, 1, 1, 0, 0, 0, 0, 1, 0x83];
    const GOES_ON: &[u8] = &[0, 0, 1, 9, 0, 0, 0, 0, 1, 0x87];
    const ENDS: &[u8] = &[0, 0, 0, 9, 4, 0, 0, 0, 1];

    fn is_begun(frames: &Frames) -> bool {
        frames.begun().borrow().is_some()
    }

    #[test]
    fn nothing_is_begun_between_frames_and_something_within_them_however_the_bytes_are_cut() {
        let whole = [PREFACE, SETTINGS, OPEN, GOES_ON, ENDS, SETTINGS].concat();
        let between = [PREFACE.len() + SETTINGS.len(), whole.len() - SETTINGS.len(), whole.len()];
        for size in [1, 2, 3, 7, 24, 64, 1_000] {
            let frames = Frames::new();
            assert!(is_begun(&frames), "a preface is awaited");
            let mut came = 0;
            for bytes in whole.chunks(size) {
                frames.came(bytes);
                came += bytes.len();
                assert_eq!(is_begun(&frames), !between.contains(&came), "after {came} bytes by {size}");
            }
        }
    }

    #[test]
    fn a_block_counts_from_its_first_frame_and_a_new_frame_from_its_own_first_byte() {
        let frames = Frames::new();
        frames.came(&[PREFACE, SETTINGS, OPEN].concat());
        let block = *frames.begun().borrow();
        while Some(Instant::now()) <= block {}
        frames.came(GOES_ON);
        assert_eq!(*frames.begun().borrow(), block);
        frames.came(&[ENDS, &SETTINGS[..1]].concat());
        assert!(*frames.begun().borrow() > block);
    }
}
