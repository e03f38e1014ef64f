//! Signing in and out. What a sign-in is bound to travels in the browser that began it, and nowhere else.

use std::sync::Arc;

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::HeaderMap;
use ssbtek_domain::Entropy;

use crate::{
    cookies,
    form::Form,
    openid::{Bound, SignInError},
    pages,
    reply::{Reply, Turn},
    sessions::Full,
    site::Site,
};

/// How long a sign-in may take, in seconds.
const LIFE_S: u32 = 600;
/// Longest code that a provider gives, in characters.
const MAX_CODE: usize = 2048;

/// What a sign-in is bound to: `state.nonce.verifier.moment.seal`.
struct Begun {
    state: String,
    nonce: String,
    verifier: String,
}

impl Site {
    /// Sends the browser to the provider.
    pub(crate) async fn begin_sign_in(&self, turn: &Turn) -> Reply {
        let begun = Begun {
            state: secret(&*self.entropy),
            nonce: secret(&*self.entropy),
            verifier: secret(&*self.entropy),
        };
        let redirect_uri = self.redirect_uri();
        let bound = begun.bound(&redirect_uri);
        match self.provider.authorization(&bound).await {
            Ok(place) => {
                Reply::see(&place).cookie(cookies::set(cookies::SIGN_IN, &self.sealed(&begun), Some(LIFE_S)))
            }
            Err(error) => self.not_signed_in(turn, error),
        }
    }

    /// The browser comes back from the provider.
    pub(crate) async fn end_sign_in(&self, turn: &Turn, headers: &HeaderMap, query: &str) -> Reply {
        let come_back = Form::parse(query.as_bytes()).unwrap_or_default();
        let begun = cookies::of(headers, cookies::SIGN_IN).and_then(|sealed| self.opened(sealed));
        let one = |name| come_back.one(name).unwrap_or_default();
        let own = begun.filter(|begun| begun.state == one("state"));
        let code = Some(one("code")).filter(|code| !code.is_empty() && code.len() <= MAX_CODE);
        let (Some(begun), Some(code)) = (own, code) else {
            return self.not_signed_in(turn, SignInError::Token("begun elsewhere, given up or too old"));
        };
        let redirect_uri = self.redirect_uri();
        let identity = match self.provider.identity(code, &begun.bound(&redirect_uri)).await {
            Ok(identity) => identity,
            Err(error) => return self.not_signed_in(turn, error),
        };
        let found = match self.desk.account_of_sign_in(identity.board, &identity.sign_in).await {
            Ok(found) => found,
            Err(_) => return Reply::page(503, pages::trouble::not_now(turn)),
        };
        let Some((account, sign_in)) = found else {
            tracing::info!("somebody signed in whom no board has given an account");
            return Reply::page(403, pages::trouble::no_account(turn))
                .cookie(cookies::clear(cookies::SIGN_IN));
        };
        // Another sign-in of this browser ends with this one.
        if let Some(secret) = cookies::of(headers, cookies::SESSION) {
            self.sessions.end(secret);
        }
        let who = (identity.board, account, sign_in);
        match self.sessions.begin(who, &*self.entropy, self.clock.now()) {
            Ok(secret) => {
                tracing::info!(board = %identity.board, "a session began");
                let set = cookies::set(cookies::SESSION, &secret, None);
                Reply::see("/").cookie(set).cookie(cookies::clear(cookies::SIGN_IN))
            }
            Err(Full) => {
                tracing::warn!(alarm = "sessions_full", "as many sessions are open as may be");
                Reply::page(503, pages::trouble::not_now(turn))
            }
        }
    }

    /// Ends the session, whatever is under way in it.
    pub(crate) fn sign_out(&self, turn: &Turn, headers: &HeaderMap) -> Reply {
        if let Some(secret) = cookies::of(headers, cookies::SESSION) {
            self.sessions.end(secret);
        }
        let turn = Turn { session: None, ..turn.clone() };
        Reply::page(200, pages::start::signed_out(&turn))
            .cookie(cookies::clear(cookies::SESSION))
            .forgetting()
    }

    fn not_signed_in(&self, turn: &Turn, error: SignInError) -> Reply {
        tracing::warn!(%error, "a sign-in failed");
        let (status, page) = match error {
            SignInError::Provider(_) => (502, pages::trouble::provider(turn)),
            SignInError::Assurance => (403, pages::trouble::assurance(turn)),
            SignInError::NoBoard => (403, pages::trouble::no_account(turn)),
            SignInError::Token(_) => (400, pages::trouble::sign_in_again(turn)),
        };
        Reply::page(status, page).cookie(cookies::clear(cookies::SIGN_IN))
    }

    fn redirect_uri(&self) -> String {
        format!("{}/in/klar", self.origin)
    }

    fn sealed(&self, begun: &Begun) -> String {
        let Begun { state, nonce, verifier } = begun;
        let until = self.clock.now().timestamp() + i64::from(LIFE_S);
        let said = format!("{state}.{nonce}.{verifier}.{until}");
        let seal = hmac::sign(&self.sign_ins, said.as_bytes());
        format!("{said}.{}", URL_SAFE_NO_PAD.encode(seal))
    }

    fn opened(&self, sealed: &str) -> Option<Begun> {
        let (said, seal) = sealed.rsplit_once('.')?;
        let seal = URL_SAFE_NO_PAD.decode(seal).ok()?;
        hmac::verify(&self.sign_ins, said.as_bytes(), &seal).ok()?;
        let parts: Vec<&str> = said.split('.').collect();
        let [state, nonce, verifier, until] = parts.as_slice() else { return None };
        let now = self.clock.now().timestamp();
        // Also where the clock was set back.
        let is_in_time =
            until.parse().is_ok_and(|until: i64| (until - i64::from(LIFE_S)..until).contains(&now));
        is_in_time.then(|| Begun {
            state: (*state).into(),
            nonce: (*nonce).into(),
            verifier: (*verifier).into(),
        })
    }
}

impl Begun {
    fn bound<'a>(&'a self, redirect_uri: &'a str) -> Bound<'a> {
        Bound { redirect_uri, state: &self.state, nonce: &self.nonce, verifier: &self.verifier }
    }
}

/// 256 random bits.
fn secret(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 32];
    entropy.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The key under which what a sign-in is bound to travels.
pub(crate) fn key(entropy: &Arc<dyn Entropy>) -> hmac::Key {
    let mut key = zeroize::Zeroizing::new([0; 32]);
    entropy.fill(&mut *key);
    hmac::Key::new(hmac::HMAC_SHA256, &*key)
}
