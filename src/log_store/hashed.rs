//! Sets and maps of what is a hash, or random, already: nothing to be hashed once more.

use std::hash::{BuildHasherDefault, Hasher};

/// For maps whose keys are hashes.
pub(crate) type Hashed = BuildHasherDefault<AsItIs>;

/// Takes eight bytes of the key as they are.
#[derive(Debug, Default)]
pub(crate) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        let mut first = [0; 8];
        bytes.iter().zip(&mut first).for_each(|(byte, place)| *place = *byte);
        self.0 = u64::from_le_bytes(first);
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    /// A key's length, which is always the same.
    fn write_usize(&mut self, _: usize) {}
}
