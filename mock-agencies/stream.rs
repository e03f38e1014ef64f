//! Random streams, one for each name: one more agency changes nobody else's.

use ssbtek_domain::SeededEntropy;

/// The stream of that name (FNV-1a of it, mixed with the seed).
pub(crate) fn stream(seed: u64, name: &str) -> SeededEntropy {
    let mixed = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    SeededEntropy::new(seed ^ mixed)
}
