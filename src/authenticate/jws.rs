//! A compact JWS (RFC 7515) whose payload is a JSON object: read strictly and once, so that what is verified is what was read.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value};
use ssbtek_authorize::{AssertionKey, KeyAlgorithm};
use ssbtek_domain::{DateTime, Utc};

use crate::{AssertionRules, AuthenticationError, strict::object};

/// Headers that change what a token means, none of which is understood here: extensions that must be (RFC 7515 section
/// 4.1.11), a payload that is not encoded (RFC 7797), compression and encryption (RFC 7516), a token in the token (RFC 7519
/// section 5.2).
const NOT_TAKEN: [&str; 5] = ["crit", "b64", "zip", "enc", "cty"];

/// No key's name is longer.
const MAX_KID_BYTES: usize = 64;

/// A token that has been read but not yet believed.
pub(crate) struct Jws<'a> {
    /// Header and payload as they were signed.
    signed: &'a str,
    signature: &'a str,
    kid: Option<String>,
    algorithm: Algorithm,
    payload: Map<String, Value>,
}

impl<'a> Jws<'a> {
    /// Reads a token, whose `typ`, if it has one, must be `JWT` (RFC 8725 section 3.11).
    pub(crate) fn parse(token: &'a str) -> Result<Self, AuthenticationError> {
        const MALFORMED: AuthenticationError = AuthenticationError::AssertionMalformed;
        if token.len() > AssertionRules::MAX_BYTES {
            return Err(MALFORMED);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(MALFORMED)?;
        let (header, payload) = signed.split_once('.').ok_or(MALFORMED)?;
        if payload.contains('.') || URL_SAFE_NO_PAD.decode(signature).map_or(true, |bytes| bytes.is_empty()) {
            return Err(MALFORMED);
        }
        let read =
            |part: &str| URL_SAFE_NO_PAD.decode(part).ok().and_then(|json| object(&json)).ok_or(MALFORMED);
        let (header, payload) = (read(header)?, read(payload)?);
        if let Some(name) = NOT_TAKEN.into_iter().find(|name| header.contains_key(*name)) {
            return Err(AuthenticationError::AssertionHeader(name));
        }
        if !header.get("typ").is_none_or(is_jwt) {
            return Err(AuthenticationError::AssertionHeader("typ"));
        }
        let kid = match header.get("kid") {
            None => None,
            Some(Value::String(kid)) if !kid.trim().is_empty() && kid.len() <= MAX_KID_BYTES => {
                Some(kid.clone())
            }
            Some(_) => return Err(AuthenticationError::AssertionHeader("kid")),
        };
        let algorithm = match header.get("alg") {
            Some(Value::String(name)) if name == "ES256" => Algorithm::ES256,
            Some(Value::String(name)) if name == "EdDSA" => Algorithm::EdDSA,
            Some(Value::String(_)) => return Err(AuthenticationError::AssertionAlgorithm),
            _ => return Err(MALFORMED),
        };
        Ok(Self { signed, signature, kid, algorithm, payload })
    }

    /// What it says. Not to be believed before [`Jws::is_signed`].
    pub(crate) fn payload(&self) -> &Map<String, Value> {
        &self.payload
    }

    /// The name of the key in use at `now`, meant for this algorithm and of this name, that made the signature. The token's own word on
    /// keys (`jwk`, `jku`, `x5c`, …) is never looked at.
    pub(crate) fn signed_with(&self, keys: &[AssertionKey], now: DateTime<Utc>) -> Option<String> {
        keys.iter()
            .filter(|key| key.is_valid_at(now))
            .filter(|key| algorithm(key.algorithm) == self.algorithm)
            .filter(|key| self.kid.as_deref().is_none_or(|kid| kid == key.kid))
            .find(|key| {
                let pem = key.public_pem.as_bytes();
                let decoding = match key.algorithm {
                    KeyAlgorithm::Es256 => DecodingKey::from_ec_pem(pem),
                    KeyAlgorithm::EdDsa => DecodingKey::from_ed_pem(pem),
                };
                decoding
                    .and_then(|key| {
                        jsonwebtoken::crypto::verify(
                            self.signature,
                            self.signed.as_bytes(),
                            &key,
                            self.algorithm,
                        )
                    })
                    .unwrap_or(false)
            })
            .map(|key| key.kid.clone())
    }
}

fn algorithm(algorithm: KeyAlgorithm) -> Algorithm {
    match algorithm {
        KeyAlgorithm::Es256 => Algorithm::ES256,
        KeyAlgorithm::EdDsa => Algorithm::EdDSA,
    }
}

/// `JWT` or `application/jwt`, in whatever case: media types have none (RFC 7515 section 4.1.9).
fn is_jwt(typ: &Value) -> bool {
    let Value::String(typ) = typ else { return false };
    let typ = typ.to_ascii_lowercase();
    typ.strip_prefix("application/").unwrap_or(&typ) == "jwt"
}
