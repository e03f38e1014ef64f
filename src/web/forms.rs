//! One-time tokens of forms: made for one session and one form, good for a time, and spent in the log's transaction like an assertion.

use aws_lc_rs::{digest, hmac};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use ssbtek_authorize::TokenUse;
use ssbtek_domain::{DateTime, Entropy, Utc};

use crate::rows::Row;

const NONCE_BYTES: usize = 16;
const TOKEN_BYTES: usize = NONCE_BYTES + 8 + 32;

/// Makes and judges the tokens of one session.
pub(crate) struct Forms(hmac::Key);

impl Forms {
    pub(crate) fn new(entropy: &dyn Entropy) -> Self {
        let mut key = zeroize::Zeroizing::new([0; 32]);
        entropy.fill(&mut *key);
        Self(hmac::Key::new(hmac::HMAC_SHA256, &*key))
    }

    /// A token for a form that leads to `row`, good until then.
    pub(crate) fn token(&self, row: &Row, entropy: &dyn Entropy, until: DateTime<Utc>) -> String {
        let mut token = [0; TOKEN_BYTES];
        let (said, seal) = token.split_at_mut(NONCE_BYTES + 8);
        let (nonce, moment) = said.split_at_mut(NONCE_BYTES);
        entropy.fill(nonce);
        moment.copy_from_slice(&until.timestamp().to_be_bytes());
        seal.copy_from_slice(self.seal(row, said).as_ref());
        URL_SAFE_NO_PAD.encode(token)
    }

    /// The token to be spent, if it was made for this form in this session and is not over; `Err`: whether it is only over.
    pub(crate) fn judge(&self, row: &Row, token: &str, now: DateTime<Utc>) -> Result<TokenUse, bool> {
        let bytes =
            URL_SAFE_NO_PAD.decode(token).ok().filter(|bytes| bytes.len() == TOKEN_BYTES).ok_or(false)?;
        let (said, seal) = bytes.split_at(NONCE_BYTES + 8);
        hmac::verify(&self.0, &message(row, said), seal).map_err(|_| false)?;
        let moment = said.get(NONCE_BYTES..).and_then(|moment| moment.try_into().ok()).ok_or(false)?;
        let until = DateTime::from_timestamp(i64::from_be_bytes(moment), 0).ok_or(false)?;
        if now >= until {
            return Err(true);
        }
        let mut token = [0; 32];
        token.copy_from_slice(digest::digest(&digest::SHA256, &bytes).as_ref());
        Ok(TokenUse { token, expires_at: until })
    }

    fn seal(&self, row: &Row, said: &[u8]) -> hmac::Tag {
        hmac::sign(&self.0, &message(row, said))
    }
}

fn message(row: &Row, said: &[u8]) -> Vec<u8> {
    [said, row.path.as_bytes()].concat()
}

/// A token for what is only shown: nobody can send it again, and it is spent all the same, like every other.
pub(crate) fn unasked(entropy: &dyn Entropy, now: DateTime<Utc>) -> TokenUse {
    let mut token = [0; 32];
    entropy.fill(&mut token);
    TokenUse { token, expires_at: now + TimeDelta::minutes(1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::{ROWS, Route};
    use ssbtek_domain::SystemEntropy;

    fn row(route: Route) -> &'static Row {
        ROWS.iter().find(|(own, _)| *own == route).map(|(_, row)| row).unwrap()
    }

    #[test]
    fn a_token_is_good_for_its_own_form_in_its_own_session_for_a_time() {
        let (own, other) = (Forms::new(&SystemEntropy), Forms::new(&SystemEntropy));
        let now: DateTime<Utc> = "2026-11-22T10:00:00Z".parse().unwrap();
        let until = now + TimeDelta::minutes(5);
        let token = own.token(row(Route::Ask), &SystemEntropy, until);
        let again = own.token(row(Route::Ask), &SystemEntropy, until);
        let judged = own.judge(row(Route::Ask), &token, now).unwrap();
        assert_eq!(judged.expires_at, until);
        assert_ne!(judged, own.judge(row(Route::Ask), &again, now).unwrap());
        assert_eq!(own.judge(row(Route::AskAgain), &token, now), Err(false), "another form's");
        assert_eq!(other.judge(row(Route::Ask), &token, now), Err(false), "another session's");
        assert_eq!(own.judge(row(Route::Ask), &token, until), Err(true), "over");
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(own.judge(row(Route::Ask), &changed, now).is_err() || changed == token, "{at}");
        }
        for malformed in ["", "A", &token[1..], &format!("{token}A"), "å"] {
            assert_eq!(own.judge(row(Route::Ask), malformed, now), Err(false));
        }
    }
}
