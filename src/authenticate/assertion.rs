//! The case worker's assertion: a JWT (RFC 7519) bound to the TLS certificate (RFC 8705 § 3.1), short-lived, used once.

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, Serialize};
use ssbtek_authorize::{AssertionKey, KeyAlgorithm, TokenUse};
use ssbtek_domain::{CaseWorkerId, DateTime, OrganisationNumber, Utc};

use crate::AuthenticationError;

/// What is demanded of every assertion.
#[derive(Debug, Clone)]
pub struct AssertionRules {
    /// The audience this broker answers to.
    pub audience: String,
    /// Longest life, in seconds.
    pub max_life_s: i64,
    /// Clock skew allowed between caller and broker, in seconds.
    pub max_skew_s: i64,
}

impl AssertionRules {
    /// Longest assertion accepted, in bytes.
    pub const MAX_BYTES: usize = 4096;
}

impl Default for AssertionRules {
    fn default() -> Self {
        Self { audience: "ssbtek-broker".to_owned(), max_life_s: 300, max_skew_s: 60 }
    }
}

/// The claims of an assertion.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    /// The board's organisation number, 12 digits.
    pub iss: String,
    /// The case worker's account.
    pub sub: String,
    /// The broker's audience name.
    pub aud: String,
    /// When it was made, seconds since 1970.
    pub iat: i64,
    /// When it ends, seconds since 1970.
    pub exp: i64,
    /// A name never used before by this board, 8 to 128 characters.
    pub jti: String,
    /// The certificate it is bound to.
    pub cnf: Confirmation,
}

/// Binding to a certificate (RFC 8705).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Confirmation {
    /// Base64url SHA-256 of the certificate's DER.
    #[serde(rename = "x5t#S256")]
    pub x5t_s256: String,
}

/// The `x5t#S256` value for a certificate's SHA-256 fingerprint.
pub fn thumbprint(fingerprint: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(fingerprint)
}

/// An assertion whose claims have been read but not yet believed: they only say which keys to try.
pub(crate) struct Unverified<'a> {
    token: &'a str,
    kid: Option<String>,
    algorithm: Algorithm,
    claims: Claims,
}

impl<'a> Unverified<'a> {
    pub(crate) fn parse(token: &'a str) -> Result<Self, AuthenticationError> {
        if token.len() > AssertionRules::MAX_BYTES {
            return Err(AuthenticationError::AssertionMalformed);
        }
        let malformed = |_| AuthenticationError::AssertionMalformed;
        let header = jsonwebtoken::decode_header(token).map_err(malformed)?;
        let algorithm = match header.alg {
            algorithm @ (Algorithm::ES256 | Algorithm::EdDSA) => algorithm,
            _ => return Err(AuthenticationError::AssertionAlgorithm),
        };
        let claims = jsonwebtoken::dangerous::insecure_decode::<Claims>(token).map_err(malformed)?.claims;
        Ok(Self { token, kid: header.kid, algorithm, claims })
    }

    pub(crate) fn issuer(&self) -> Result<OrganisationNumber, AuthenticationError> {
        OrganisationNumber::parse(&self.claims.iss).map_err(|_| AuthenticationError::Claim("iss"))
    }

    pub(crate) fn subject(&self) -> Result<CaseWorkerId, AuthenticationError> {
        CaseWorkerId::parse(&self.claims.sub).map_err(|_| AuthenticationError::Claim("sub"))
    }

    /// Believes the claims if a registered key, in use at `now` and meant for this algorithm, made the signature.
    pub(crate) fn verify(
        self,
        keys: &[AssertionKey],
        now: DateTime<Utc>,
    ) -> Result<Claims, AuthenticationError> {
        // Times and audience are judged in `Claims::check`, by the clock that was passed in.
        let mut validation = Validation::new(self.algorithm);
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let candidates = keys
            .iter()
            .filter(|key| key.is_valid_at(now))
            .filter(|key| algorithm(key.algorithm) == self.algorithm)
            .filter(|key| self.kid.as_deref().is_none_or(|kid| kid == key.kid));
        for key in candidates {
            let pem = key.public_pem.as_bytes();
            let decoding = match key.algorithm {
                KeyAlgorithm::Es256 => DecodingKey::from_ec_pem(pem),
                KeyAlgorithm::EdDsa => DecodingKey::from_ed_pem(pem),
            };
            let verified =
                decoding.and_then(|key| jsonwebtoken::decode::<Claims>(self.token, &key, &validation));
            if let Ok(verified) = verified {
                return Ok(verified.claims);
            }
        }
        Err(AuthenticationError::AssertionSignature)
    }
}

fn algorithm(algorithm: KeyAlgorithm) -> Algorithm {
    match algorithm {
        KeyAlgorithm::Es256 => Algorithm::ES256,
        KeyAlgorithm::EdDsa => Algorithm::EdDSA,
    }
}

impl Claims {
    /// Judges verified claims: audience, certificate, times. Returns the token to be spent with the question.
    pub(crate) fn check(
        &self,
        issuer: OrganisationNumber,
        certificate: &[u8; 32],
        rules: &AssertionRules,
        now: DateTime<Utc>,
    ) -> Result<TokenUse, AuthenticationError> {
        if self.aud != rules.audience {
            return Err(AuthenticationError::AssertionAudience);
        }
        if self.cnf.x5t_s256 != thumbprint(certificate) {
            return Err(AuthenticationError::AssertionForeign);
        }
        let at =
            |seconds, claim| DateTime::from_timestamp(seconds, 0).ok_or(AuthenticationError::Claim(claim));
        let (issued_at, expires_at): (DateTime<Utc>, DateTime<Utc>) =
            (at(self.iat, "iat")?, at(self.exp, "exp")?);
        if (issued_at - now).num_seconds() > rules.max_skew_s {
            return Err(AuthenticationError::AssertionNotYetValid);
        }
        if (now - expires_at).num_seconds() >= rules.max_skew_s {
            return Err(AuthenticationError::AssertionExpired);
        }
        let life_s = (expires_at - issued_at).num_seconds();
        if life_s > rules.max_life_s || life_s <= 0 {
            return Err(AuthenticationError::AssertionTooLong);
        }
        if !(8..=128).contains(&self.jti.len()) {
            return Err(AuthenticationError::Claim("jti"));
        }
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(issuer.as_str().as_bytes());
        context.update(self.jti.as_bytes());
        let mut token = [0; 32];
        token.copy_from_slice(context.finish().as_ref());
        // Remembered for as long as it would be accepted.
        Ok(TokenUse { token, expires_at: expires_at + chrono::TimeDelta::seconds(rules.max_skew_s) })
    }
}
