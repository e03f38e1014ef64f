//! Key names, key ids and verifier keys.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::NoteSignature;
use crate::hash::Hash;

const PUBLIC_KEY_BYTES: usize = 32;

/// Why a key name or key was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Empty, or holds a space, a plus sign or a control character.
    #[error("a key name is empty or holds a space, a plus or a control character")]
    Name,
    /// Not `name+<8 hex digits>+<base64>`.
    #[error("a verifier key is not of the form name+id+key")]
    Form,
    /// Neither Ed25519 (0x01) nor cosignature v1 (0x04) with 32 bytes.
    #[error("a verifier key is of an unknown type or length")]
    Type,
    /// The id in the text is not the one that name and key give.
    #[error("a verifier key's id does not belong to its name and key")]
    Id,
    /// The private key could not be read.
    #[error("a signing key is not an Ed25519 private key")]
    Private,
}

/// A key's name: by custom a URL without scheme, such as `log.example.se/0180`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyName(String);

impl KeyName {
    /// A name that is not empty and holds no Unicode space, plus sign or control character.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let allowed = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
        if text.is_empty() || !text.chars().all(allowed) {
            Err(KeyError::Name)
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The signature type, which is part of a key's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// 0x01: Ed25519 over the note's text.
    Ed25519,
    /// 0x04: Ed25519 over a time and the note's text (C2SP tlog-cosignature v1).
    CosignatureV1,
}

impl KeyKind {
    const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::CosignatureV1 => 0x04,
        }
    }

    const fn of_byte(byte: u8) -> Option<Self> {
        match byte {
            0x01 => Some(Self::Ed25519),
            0x04 => Some(Self::CosignatureV1),
            _ => None,
        }
    }
}

/// A public key that checks signature lines. Written as a C2SP vkey: `name+id+base64(type || public key)`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NoteVerifier {
    name: KeyName,
    kind: KeyKind,
    id: [u8; 4],
    public_key: [u8; PUBLIC_KEY_BYTES],
}

impl NoteVerifier {
    /// From a name, a type and a raw Ed25519 public key (RFC 8032, 32 bytes).
    pub fn from_public_key(name: KeyName, kind: KeyKind, public_key: [u8; PUBLIC_KEY_BYTES]) -> Self {
        let digest = Hash::of_parts(&[name.as_str().as_bytes(), b"\n", &[kind.byte()], &public_key]);
        let [a, b, c, d, ..] = *digest.as_bytes();
        Self { name, kind, id: [a, b, c, d], public_key }
    }

    /// From a vkey. Base64 may hold plus signs, names may not: the first two separate.
    pub fn parse(vkey: &str) -> Result<Self, KeyError> {
        let mut parts = vkey.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(KeyError::Form);
        };
        let key = STANDARD.decode(key).map_err(|_| KeyError::Form)?;
        let (kind, public_key) = key.split_first().ok_or(KeyError::Type)?;
        let kind = KeyKind::of_byte(*kind).ok_or(KeyError::Type)?;
        let public_key = public_key.try_into().map_err(|_| KeyError::Type)?;
        let verifier = Self::from_public_key(KeyName::parse(name)?, kind, public_key);
        if hex_id(verifier.id) == id { Ok(verifier) } else { Err(KeyError::Id) }
    }

    /// The vkey: what [`NoteVerifier::parse`] reads.
    pub fn vkey(&self) -> String {
        let mut key = vec![self.kind.byte()];
        key.extend_from_slice(&self.public_key);
        format!("{}+{}+{}", self.name.as_str(), hex_id(self.id), STANDARD.encode(key))
    }

    /// The key's name.
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// The key's signature type.
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The first four bytes of SHA-256(name || 0x0A || type || public key).
    pub const fn id(&self) -> [u8; 4] {
        self.id
    }

    /// The raw Ed25519 public key.
    pub const fn public_key(&self) -> &[u8; PUBLIC_KEY_BYTES] {
        &self.public_key
    }

    /// Does this line claim to be by this key?
    pub fn made(&self, line: &NoteSignature) -> bool {
        line.key_id == self.id && line.name == self.name
    }

    /// Checks a line's signature over a note's text, and returns the time inside it (seconds since 1970) if its type has
    /// one. `None` if the signature does not hold.
    pub(super) fn check(&self, text: &str, line: &NoteSignature) -> Option<Option<u64>> {
        match self.kind {
            KeyKind::Ed25519 => self.holds(text.as_bytes(), &line.signature).then_some(None),
            KeyKind::CosignatureV1 => {
                let (time, signature) = line.signature.split_first_chunk::<8>()?;
                let time = u64::from_be_bytes(*time);
                let in_range = i64::try_from(time).is_ok();
                let holds = self.holds(super::cosigned_message(time, text).as_bytes(), signature);
                (in_range && holds).then_some(Some(time))
            }
        }
    }

    fn holds(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.public_key).verify(message, signature).is_ok()
    }
}

fn hex_id(id: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(id))
}
