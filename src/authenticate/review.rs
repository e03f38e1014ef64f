//! A reviewer's signed statement about an entry of the access log.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use ssbtek_authorize::Board;
use ssbtek_domain::{DateTime, Utc};

use crate::jws::Jws;

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

/// Whether `jws` is exactly this statement, no more and no less, signed by a key of the board that is in use. An assertion, which
/// the same keys sign, is never one (RFC 8725 section 3.12).
pub fn review_is_signed(jws: &str, expected: &ReviewStatement, board: &Board, now: DateTime<Utc>) -> bool {
    let Ok(jws) = Jws::parse(jws) else { return false };
    let Ok(Value::Object(expected)) = serde_json::to_value(expected) else { return false };
    *jws.payload() == expected && jws.signed_with(&board.assertion_keys, now).is_some()
}
