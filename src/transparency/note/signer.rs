//! Signing keys: a log's and a witness's.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};

use super::cosigned_message;
use super::key::{KeyError, KeyKind, KeyName, NoteVerifier};
use super::signed::NoteSignature;

/// The cryptographic library refused to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The library failed.
    #[error("signing failed")]
    Failed,
    /// A cosignature's time lies beyond 2⁶³ − 1 seconds.
    #[error("the time of a cosignature is out of range")]
    Time,
    /// The text is not one that a note can carry.
    #[error("the text cannot stand in a signed note")]
    Text,
}

/// A log's signing key: makes Ed25519 (0x01) signature lines.
#[derive(Debug)]
pub struct NoteSigner {
    // Debug of the key pair shows its public half only.
    pair: Ed25519KeyPair,
    verifier: NoteVerifier,
}

impl NoteSigner {
    /// From the 32-byte seed that RFC 8032 calls the private key.
    pub fn from_seed(name: KeyName, seed: &[u8; 32]) -> Result<Self, KeyError> {
        let (pair, verifier) = from_seed(name, KeyKind::Ed25519, seed)?;
        Ok(Self { pair, verifier })
    }

    /// From a PKCS#8 document (DER), version 1 or 2.
    pub fn from_pkcs8(name: KeyName, der: &[u8]) -> Result<Self, KeyError> {
        let (pair, verifier) = from_pkcs8(name, KeyKind::Ed25519, der)?;
        Ok(Self { pair, verifier })
    }

    /// The public half.
    pub const fn verifier(&self) -> &NoteVerifier {
        &self.verifier
    }

    /// Signs a note's text.
    pub fn sign(&self, text: &str) -> Result<NoteSignature, SignError> {
        line(&self.verifier, sign(&self.pair, text)?)
    }
}

/// A witness's signing key: makes cosignature v1 (0x04) lines. Its Ed25519 key must be used for nothing else, not even for
/// another witness name: the signed message does not hold the name.
#[derive(Debug)]
pub struct CosignatureSigner {
    pair: Ed25519KeyPair,
    verifier: NoteVerifier,
}

impl CosignatureSigner {
    /// From the 32-byte seed that RFC 8032 calls the private key.
    pub fn from_seed(name: KeyName, seed: &[u8; 32]) -> Result<Self, KeyError> {
        let (pair, verifier) = from_seed(name, KeyKind::CosignatureV1, seed)?;
        Ok(Self { pair, verifier })
    }

    /// From a PKCS#8 document (DER), version 1 or 2.
    pub fn from_pkcs8(name: KeyName, der: &[u8]) -> Result<Self, KeyError> {
        let (pair, verifier) = from_pkcs8(name, KeyKind::CosignatureV1, der)?;
        Ok(Self { pair, verifier })
    }

    /// The public half.
    pub const fn verifier(&self) -> &NoteVerifier {
        &self.verifier
    }

    /// States that at `time` (seconds since 1970) this checkpoint text was the largest consistent tree this witness had seen.
    pub fn cosign(&self, text: &str, time: u64) -> Result<NoteSignature, SignError> {
        i64::try_from(time).map_err(|_| SignError::Time)?;
        let signature = sign(&self.pair, &cosigned_message(time, text))?;
        line(&self.verifier, [time.to_be_bytes().as_slice(), &signature].concat())
    }
}

fn from_seed(
    name: KeyName,
    kind: KeyKind,
    seed: &[u8; 32],
) -> Result<(Ed25519KeyPair, NoteVerifier), KeyError> {
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| KeyError::Private)?;
    with_verifier(name, kind, pair)
}

fn from_pkcs8(name: KeyName, kind: KeyKind, der: &[u8]) -> Result<(Ed25519KeyPair, NoteVerifier), KeyError> {
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map_err(|_| KeyError::Private)?;
    with_verifier(name, kind, pair)
}

fn with_verifier(
    name: KeyName,
    kind: KeyKind,
    pair: Ed25519KeyPair,
) -> Result<(Ed25519KeyPair, NoteVerifier), KeyError> {
    let public_key = pair.public_key().as_ref().try_into().map_err(|_| KeyError::Private)?;
    Ok((pair, NoteVerifier::from_public_key(name, kind, public_key)))
}

fn sign(pair: &Ed25519KeyPair, message: &str) -> Result<Vec<u8>, SignError> {
    let signature = pair.try_sign(message.as_bytes()).map_err(|_| SignError::Failed)?;
    Ok(signature.as_ref().to_vec())
}

fn line(verifier: &NoteVerifier, signature: Vec<u8>) -> Result<NoteSignature, SignError> {
    Ok(NoteSignature { name: verifier.name().clone(), key_id: verifier.id(), signature })
}
