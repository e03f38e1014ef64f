//! The assertion that goes with each call: a JWT (RFC 7519) by the board's key, bound to the TLS certificate
//! (RFC 8705 § 3.1), good for two minutes and used once.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use ssbtek_domain::{Clock, Entropy, OrganisationNumber};

use crate::{ClientError, settings::SettingsError};

/// Life of an assertion, in seconds.
pub const LIFE_S: i64 = 120;

/// Makes assertions in the name of one board, for one TLS certificate.
pub struct AssertionSigner {
    key: EncodingKey,
    algorithm: Algorithm,
    kid: String,
    board: OrganisationNumber,
    audience: String,
    thumbprint: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
    cnf: Confirmation<'a>,
}

#[derive(Serialize)]
struct Confirmation<'a> {
    #[serde(rename = "x5t#S256")]
    x5t_s256: &'a str,
}

impl AssertionSigner {
    /// `key_pem` is a P-256 or Ed25519 private key (PKCS #8), `kid` its name at the broker, `fingerprint` the SHA-256 of
    /// the client certificate's DER.
    pub fn new(
        key_pem: &[u8],
        kid: &str,
        board: OrganisationNumber,
        audience: &str,
        fingerprint: &[u8; 32],
    ) -> Result<Self, SettingsError> {
        let elliptic = EncodingKey::from_ec_pem(key_pem).map(|key| (key, Algorithm::ES256));
        let either =
            elliptic.or_else(|_| EncodingKey::from_ed_pem(key_pem).map(|key| (key, Algorithm::EdDSA)));
        let (key, algorithm) = either.map_err(|_| unusable())?;
        let thumbprint = URL_SAFE_NO_PAD.encode(fingerprint);
        let signer =
            Self { key, algorithm, kid: kid.to_owned(), board, audience: audience.to_owned(), thumbprint };
        // A key on another curve is only found out by signing.
        signer.encode("-", 0, String::new()).map_err(|_| unusable())?;
        Ok(signer)
    }

    /// A fresh assertion for one call by `account`.
    pub fn sign(
        &self,
        account: &str,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> Result<String, ClientError> {
        let mut name = [0u8; 16];
        entropy.fill(&mut name);
        let jti = name.iter().map(|byte| format!("{byte:02x}")).collect();
        self.encode(account, clock.now().timestamp(), jti)
            .map_err(|_| ClientError::Failed("the assertion could not be signed".to_owned()))
    }

    /// A reviewer's statement about an entry of the log, as a compact JWS.
    pub fn sign_review(
        &self,
        account: &str,
        month: &str,
        entry: &str,
        outcome: &str,
    ) -> Result<String, ClientError> {
        let claims = serde_json::json!({
            "sub": account,
            "review": { "month": month, "entry": entry, "outcome": outcome },
        });
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(self.algorithm) };
        jsonwebtoken::encode(&header, &claims, &self.key)
            .map_err(|_| ClientError::Failed("the review could not be signed".to_owned()))
    }

    fn encode(&self, account: &str, iat: i64, jti: String) -> jsonwebtoken::errors::Result<String> {
        let claims = Claims {
            iss: self.board.as_str(),
            sub: account,
            aud: &self.audience,
            iat,
            exp: iat + LIFE_S,
            jti,
            cnf: Confirmation { x5t_s256: &self.thumbprint },
        };
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(self.algorithm) };
        jsonwebtoken::encode(&header, &claims, &self.key)
    }
}

fn unusable() -> SettingsError {
    SettingsError::Invalid {
        key: "assertion_key",
        why: "is no private key for P-256 or Ed25519 in PKCS #8, PEM",
    }
}
