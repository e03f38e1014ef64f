//! What stands in a leaf. The format is stable: old receipts depend on it for ever.
//!
//! ```text
//! leaf       = "SSBTEK-LOG" || 0x01 || length of header (8 bytes, big-endian) || header || commitment (32 bytes)
//! commitment = SHA-256(salt (32 random bytes) || payload)
//! leaf hash  = SHA-256(0x00 || leaf)                                                       (RFC 6962)
//! ```
//!
//! The header carries no personal data and stays for ever. The payload is personal data; erasing it destroys salt and
//! payload and leaves the commitment, which then tells nothing: 256 bits of salt cannot be guessed.

use crate::hash::{HASH_BYTES, Hash};

/// Separates these leaves from everything else that is ever hashed; its last byte is the format's version.
pub const LEAF_PREFIX: &[u8; 11] = b"SSBTEK-LOG\x01";

/// Bytes in a salt.
pub const SALT_BYTES: usize = 32;

/// The salted commitment to a payload. The salt must be fresh random bytes for each entry.
pub fn commit(salt: &[u8; SALT_BYTES], payload: &[u8]) -> Hash {
    Hash::of_parts(&[salt, payload])
}

/// The bytes of a leaf: `header` without personal data, and the commitment to the payload.
pub fn leaf_bytes(header: &[u8], commitment: &Hash) -> Vec<u8> {
    let mut leaf = Vec::with_capacity(LEAF_PREFIX.len() + 8 + header.len() + HASH_BYTES);
    leaf.extend_from_slice(LEAF_PREFIX);
    leaf.extend_from_slice(&(header.len() as u64).to_be_bytes());
    leaf.extend_from_slice(header);
    leaf.extend_from_slice(commitment.as_bytes());
    leaf
}

/// The leaf's RFC 6962 hash, without building its bytes.
pub fn leaf_hash(header: &[u8], commitment: &Hash) -> Hash {
    let length = (header.len() as u64).to_be_bytes();
    Hash::of_parts(&[&[0], LEAF_PREFIX, &length, header, commitment.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_leaf_format_never_changes() {
        let commitment = commit(&[7; 32], b"payload");
        assert_eq!(commitment.to_hex(), Hash::of(&[[7u8; 32].as_slice(), b"payload"].concat()).to_hex(),);
        let leaf = leaf_bytes(b"head", &commitment);
        assert_eq!(&leaf[..23], b"SSBTEK-LOG\x01\0\0\0\0\0\0\0\x04head");
        assert_eq!(&leaf[23..], commitment.as_bytes());
        assert_eq!(leaf_hash(b"head", &commitment), Hash::leaf(&leaf));
    }
}
