//! A SHA-256 hash, and the two ways RFC 6962 §2.1 makes one.

use aws_lc_rs::digest::{self, Context, SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Bytes in a hash.
pub const HASH_BYTES: usize = 32;

/// A SHA-256 hash: of a leaf, a node, a root, or a commitment.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash([u8; HASH_BYTES]);

/// The text or bytes were not a hash in the one form accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a hash of 32 bytes")]
pub struct NotAHash;

impl Hash {
    /// SHA-256 of `data`.
    pub fn of(data: &[u8]) -> Self {
        Self::from_digest(digest::digest(&SHA256, data))
    }

    /// SHA-256 of the parts one after another.
    pub fn of_parts(parts: &[&[u8]]) -> Self {
        let mut context = Context::new(&SHA256);
        for part in parts {
            context.update(part);
        }
        Self::from_digest(context.finish())
    }

    /// RFC 6962 leaf hash: SHA-256 of 0x00 and the leaf's bytes.
    pub fn leaf(data: &[u8]) -> Self {
        Self::of_parts(&[&[0], data])
    }

    /// RFC 6962 node hash: SHA-256 of 0x01, the left and the right hash.
    pub fn node(left: &Self, right: &Self) -> Self {
        let mut data = [1; 1 + 2 * HASH_BYTES];
        data[1..=HASH_BYTES].copy_from_slice(&left.0);
        data[1 + HASH_BYTES..].copy_from_slice(&right.0);
        Self::of(&data)
    }

    /// The root of the empty tree: SHA-256 of nothing.
    pub fn empty_root() -> Self {
        Self::of(&[])
    }

    /// These 32 bytes, taken as a hash.
    pub const fn from_bytes(bytes: [u8; HASH_BYTES]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; HASH_BYTES] {
        &self.0
    }

    /// Lower-case hex, 64 characters.
    pub fn to_hex(self) -> String {
        let mut text = String::with_capacity(2 * HASH_BYTES);
        for digit in self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]) {
            text.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
        text
    }

    /// From 64 characters of lower-case hex; upper case is refused, so that one hash has one spelling.
    pub fn from_hex(text: &str) -> Result<Self, NotAHash> {
        let digit = |c: u8| match c {
            b'0'..=b'9' => Ok(c - b'0'),
            b'a'..=b'f' => Ok(c - b'a' + 10),
            _ => Err(NotAHash),
        };
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return Err(NotAHash) };
        let bytes = pairs
            .iter()
            .map(|[high, low]| Ok(digit(*high)? << 4 | digit(*low)?))
            .collect::<Result<Vec<u8>, NotAHash>>()?;
        Self::try_from(bytes.as_slice())
    }

    /// Standard base64 with padding, 44 characters (as C2SP writes hashes).
    pub fn to_base64(self) -> String {
        STANDARD.encode(self.0)
    }

    /// From standard base64 with padding, in its one canonical spelling.
    pub fn from_base64(text: &str) -> Result<Self, NotAHash> {
        Self::try_from(STANDARD.decode(text).map_err(|_| NotAHash)?.as_slice())
    }

    fn from_digest(digest: digest::Digest) -> Self {
        let mut bytes = [0; HASH_BYTES];
        bytes.copy_from_slice(digest.as_ref());
        Self(bytes)
    }
}

impl TryFrom<&[u8]> for Hash {
    type Error = NotAHash;

    fn try_from(bytes: &[u8]) -> Result<Self, NotAHash> {
        bytes.try_into().map(Self).map_err(|_| NotAHash)
    }
}

impl AsRef<[u8]> for Hash {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl serde::Serialize for Hash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_hex())
    }
}

impl<'de> serde::Deserialize<'de> for Hash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::from_hex(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_tree_and_the_empty_leaf_hash_as_published() {
        assert_eq!(
            Hash::empty_root().to_hex(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert_eq!(
            Hash::leaf(b"").to_hex(),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
    }

    #[test]
    fn a_hash_has_one_spelling_in_hex_and_one_in_base64() {
        let hash = Hash::leaf(b"x");
        assert_eq!(Hash::from_hex(&hash.to_hex()), Ok(hash));
        assert_eq!(Hash::from_base64(&hash.to_base64()), Ok(hash));
        assert_eq!(Hash::from_hex(&hash.to_hex().to_uppercase()), Err(NotAHash));
        assert_eq!(Hash::from_hex(&hash.to_hex()[1..]), Err(NotAHash));
        assert_eq!(Hash::from_base64(hash.to_base64().trim_end_matches('=')), Err(NotAHash));
        let mut loose = Hash::from_bytes([0; 32]).to_base64();
        loose.replace_range(42..43, "B"); // same bytes, other unused bits
        assert_eq!(Hash::from_base64(&loose), Err(NotAHash));
    }
}
