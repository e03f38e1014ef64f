//! The case worker's assertion: a JWT (RFC 7519) bound to the TLS certificate (RFC 8705 § 3.1), short-lived, used once.

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ssbtek_authorize::{AssertionKey, TokenUse};
use ssbtek_domain::{CaseWorkerId, DateTime, OrganisationNumber, Utc};

use crate::{AuthenticationError, jws::Jws};

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

/// The claims of an assertion, as a client makes them.
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
    /// A name never used before by this board, 8 to 128 characters that are seen.
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
    jws: Jws<'a>,
    claims: Received,
}

/// The claims of an assertion, as they came. Claims that are not named here are ignored (RFC 7519 section 4).
pub(crate) struct Received {
    issuer: OrganisationNumber,
    subject: CaseWorkerId,
    audiences: Vec<String>,
    issued_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    not_before: Option<DateTime<Utc>>,
    id: String,
    thumbprint: String,
}

impl<'a> Unverified<'a> {
    pub(crate) fn parse(token: &'a str) -> Result<Self, AuthenticationError> {
        let jws = Jws::parse(token)?;
        let claims = Received::of(jws.payload())?;
        Ok(Self { jws, claims })
    }

    pub(crate) fn issuer(&self) -> OrganisationNumber {
        self.claims.issuer
    }

    pub(crate) fn subject(&self) -> CaseWorkerId {
        self.claims.subject.clone()
    }

    /// Believes the claims if a registered key, in use at `now` and meant for this algorithm, made the signature; says which.
    pub(crate) fn verify(
        self,
        keys: &[AssertionKey],
        now: DateTime<Utc>,
    ) -> Result<(Received, String), AuthenticationError> {
        match self.jws.signed_with(keys, now) {
            Some(kid) => Ok((self.claims, kid)),
            None => Err(AuthenticationError::AssertionSignature),
        }
    }
}

impl Received {
    fn of(payload: &Map<String, Value>) -> Result<Self, AuthenticationError> {
        let text = |name| match payload.get(name) {
            Some(Value::String(text)) => Ok(text.as_str()),
            _ => Err(AuthenticationError::Claim(name)),
        };
        let issuer = OrganisationNumber::parse(text("iss")?).ok();
        let issuer = issuer.filter(|issuer| payload.get("iss").is_some_and(|iss| iss == issuer.as_str()));
        let sub = text("sub")?;
        let subject = CaseWorkerId::parse(sub).ok().filter(|_| sub.trim() == sub);
        let id = text("jti")?;
        if !(8..=128).contains(&id.chars().count()) || !ssbtek_domain::is_all_seen(id) {
            return Err(AuthenticationError::Claim("jti"));
        }
        let Some(Value::String(thumbprint)) = payload.get("cnf").and_then(|cnf| cnf.get("x5t#S256")) else {
            return Err(AuthenticationError::Claim("cnf"));
        };
        Ok(Self {
            issuer: issuer.ok_or(AuthenticationError::Claim("iss"))?,
            subject: subject.ok_or(AuthenticationError::Claim("sub"))?,
            audiences: audiences(payload.get("aud")).ok_or(AuthenticationError::Claim("aud"))?,
            issued_at: moment(payload, "iat")?.ok_or(AuthenticationError::Claim("iat"))?,
            expires_at: moment(payload, "exp")?.ok_or(AuthenticationError::Claim("exp"))?,
            not_before: moment(payload, "nbf")?,
            id: id.to_owned(),
            thumbprint: thumbprint.clone(),
        })
    }

    /// Judges verified claims: audience, certificate, times. Returns the token to be spent with the question.
    pub(crate) fn check(
        &self,
        certificate: &[u8; 32],
        rules: &AssertionRules,
        now: DateTime<Utc>,
    ) -> Result<TokenUse, AuthenticationError> {
        if !self.audiences.contains(&rules.audience) {
            return Err(AuthenticationError::AssertionAudience);
        }
        if self.thumbprint != thumbprint(certificate) {
            return Err(AuthenticationError::AssertionForeign);
        }
        let is_ahead = |moment: DateTime<Utc>| (moment - now).num_seconds() > rules.max_skew_s;
        if is_ahead(self.issued_at) || self.not_before.is_some_and(is_ahead) {
            return Err(AuthenticationError::AssertionNotYetValid);
        }
        if (now - self.expires_at).num_seconds() >= rules.max_skew_s {
            return Err(AuthenticationError::AssertionExpired);
        }
        let life_s = (self.expires_at - self.issued_at).num_seconds();
        if life_s > rules.max_life_s || life_s <= 0 {
            return Err(AuthenticationError::AssertionTooLong);
        }
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(self.issuer.as_str().as_bytes());
        context.update(self.id.as_bytes());
        let mut token = [0; 32];
        token.copy_from_slice(context.finish().as_ref());
        // Remembered for as long as it would be accepted.
        Ok(TokenUse { token, expires_at: self.expires_at + chrono::TimeDelta::seconds(rules.max_skew_s) })
    }
}

/// One text, or a list of them (RFC 7519 section 4.1.3), none of them blank.
fn audiences(aud: Option<&Value>) -> Option<Vec<String>> {
    let text = |value: &Value| {
        value.as_str().filter(|text| !text.is_empty() && text.trim() == *text).map(str::to_owned)
    };
    match aud? {
        Value::Array(several) => several.iter().map(text).collect(),
        one => text(one).map(|one| vec![one]),
    }
}

/// A `NumericDate`: seconds since 1970, of which parts of a second are left out. `None` if it is not there.
fn moment(
    payload: &Map<String, Value>,
    name: &'static str,
) -> Result<Option<DateTime<Utc>>, AuthenticationError> {
    let Some(value) = payload.get(name) else { return Ok(None) };
    // Far more than any date: what lies beyond is no second that can be counted.
    let seconds = value.as_i64().or_else(|| {
        let parts = value.as_f64().filter(|seconds| seconds.abs() < 1e12)?;
        Some(parts.floor() as i64)
    });
    let moment = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    moment.map(Some).ok_or(AuthenticationError::Claim(name))
}
