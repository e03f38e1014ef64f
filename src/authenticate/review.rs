//! A reviewer's signed statement about an entry of the access log.

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, Serialize};
use ssbtek_authorize::{Board, KeyAlgorithm};
use ssbtek_domain::{DateTime, Utc};

use crate::AssertionRules;

/// What a reviewer states, as the payload of a JWS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewStatement {
    /// The reviewer's account.
    pub sub: String,
    /// The review.
    pub review: ReviewClaims,
}

/// The review itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewClaims {
    /// The month of the sample, `YYYY-MM`.
    pub month: String,
    /// The entry, 32 hexadecimal digits.
    pub entry: String,
    /// `no_remark`, `to_be_explained` or `suspected`.
    pub outcome: String,
}

/// Whether `jws` is exactly this statement, signed by a key of the board that is in use.
pub fn review_is_signed(jws: &str, expected: &ReviewStatement, board: &Board, now: DateTime<Utc>) -> bool {
    if jws.len() > AssertionRules::MAX_BYTES {
        return false;
    }
    board.assertion_keys.iter().filter(|key| key.is_valid_at(now)).any(|key| {
        let pem = key.public_pem.as_bytes();
        let (algorithm, decoding) = match key.algorithm {
            KeyAlgorithm::Es256 => (Algorithm::ES256, DecodingKey::from_ec_pem(pem)),
            KeyAlgorithm::EdDsa => (Algorithm::EdDSA, DecodingKey::from_ed_pem(pem)),
        };
        let mut validation = Validation::new(algorithm);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let read = decoding.and_then(|key| jsonwebtoken::decode::<ReviewStatement>(jws, &key, &validation));
        read.is_ok_and(|read| read.claims == *expected)
    })
}
