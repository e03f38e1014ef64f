//! The OpenID provider, as its client: what it publishes, a code for a token, and what a token must say.

use std::{sync::Arc, time::Duration};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use bytes::Bytes;
use http::{Method, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::{
    client::legacy::Client,
    rt::{TokioExecutor, TokioTimer},
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use serde_json::{Map, Value};
use ssbtek_domain::{Clock, OrganisationNumber};
use ssbtek_pki::Connector;
use ssbtek_registry::SignIn;
use tokio::{sync::Mutex, time::Instant};
use zeroize::Zeroizing;

/// Largest answer of the provider, in bytes.
const MAX_ANSWER_BYTES: usize = 128 * 1024;
/// Longest token, in bytes.
const MAX_TOKEN_BYTES: usize = 16 * 1024;
/// For how long what the provider publishes is believed without asking again.
const PUBLISHED_FOR: Duration = Duration::from_secs(600);
/// For how long it is not asked again after it failed.
const FAILED_FOR: Duration = Duration::from_secs(2);
/// How soon its keys may be fetched again for a key that is not among them.
const KEYS_AGAIN_AFTER: Duration = Duration::from_secs(30);
/// Clock skew between provider and broker, in seconds.
const MAX_SKEW_S: i64 = 60;
/// Of the algorithms there are, those with a public key that are not broken.
const ALGORITHMS: [Algorithm; 4] = [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA];

/// Which provider, and what is demanded.
#[derive(Clone)]
pub struct OpenIdSettings {
    /// Its name, and where what it publishes is found.
    pub issuer: String,
    /// As what the broker is registered there.
    pub client_id: String,
    /// What it proves itself with.
    pub client_secret: Zeroizing<String>,
    /// Levels of assurance that are enough.
    pub assurance: Vec<String>,
    /// The claim that holds the board's organisation number.
    pub organisation_claim: String,
    /// Longest wait for one of its answers.
    pub timeout: Duration,
}

/// Why nobody has signed in. Says nothing of who tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SignInError {
    /// The provider cannot be reached, or what it says cannot be used.
    #[error("the OpenID provider does not answer as it should: {0}")]
    Provider(&'static str),
    /// The token does not hold.
    #[error("the OpenID provider's token is refused: {0}")]
    Token(&'static str),
    /// The level of assurance is not enough.
    #[error("the level of assurance is not one of those that are enough")]
    Assurance,
    /// The token names no board.
    #[error("the token names no organisation number")]
    NoBoard,
}

/// Who somebody is, as the provider says.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) board: OrganisationNumber,
    pub(crate) sign_in: SignIn,
}

/// What the provider publishes.
#[derive(Clone)]
struct Published {
    authorization: String,
    token: Uri,
    keys: Arc<JwkSet>,
    keys_uri: Uri,
    at: Instant,
}

/// The provider.
pub struct OpenIdProvider {
    settings: OpenIdSettings,
    client: Client<Connector, Full<Bytes>>,
    clock: Arc<dyn Clock>,
    published: Mutex<Known>,
}

/// What was heard of it last.
#[derive(Default)]
struct Known {
    published: Option<Published>,
    failed: Option<(Instant, SignInError)>,
}

/// What a sign-in is bound to.
pub(crate) struct Bound<'a> {
    pub(crate) redirect_uri: &'a str,
    pub(crate) state: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) verifier: &'a str,
}

impl OpenIdProvider {
    /// Asks nobody before somebody signs in.
    pub fn new(settings: OpenIdSettings, connector: Connector, clock: Arc<dyn Clock>) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(5))
            .pool_max_idle_per_host(1)
            .build(connector);
        Self { settings, client, clock, published: Mutex::default() }
    }

    /// Where the browser is to go.
    pub(crate) async fn authorization(&self, bound: &Bound<'_>) -> Result<String, SignInError> {
        let published = self.published().await?;
        let challenge = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bound.verifier.as_bytes());
        let challenge = URL_SAFE_NO_PAD.encode(challenge);
        let acr = self.settings.assurance.join(" ");
        let query = query(&[
            ("response_type", "code"),
            ("scope", "openid"),
            ("client_id", &self.settings.client_id),
            ("redirect_uri", bound.redirect_uri),
            ("state", bound.state),
            ("nonce", bound.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("acr_values", &acr),
        ]);
        let joint = if published.authorization.contains('?') { '&' } else { '?' };
        Ok(format!("{}{joint}{query}", published.authorization))
    }

    /// Who has signed in with this code.
    pub(crate) async fn identity(&self, code: &str, bound: &Bound<'_>) -> Result<Identity, SignInError> {
        let published = self.published().await?;
        let OpenIdSettings { client_id, client_secret, .. } = &self.settings;
        let body = query(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", bound.redirect_uri),
            ("code_verifier", bound.verifier),
        ]);
        // RFC 6749, section 2.3.1.
        let basic = Zeroizing::new(format!("{}:{}", encoded(client_id), encoded(client_secret)));
        let request = Request::builder()
            .method(Method::POST)
            .uri(published.token.clone())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(&*basic)));
        let answer = self.json(request, body).await?;
        let token = answer.get("id_token").and_then(Value::as_str);
        let token = token.filter(|token| token.len() <= MAX_TOKEN_BYTES);
        let token = token.ok_or(SignInError::Provider("no id_token"))?;
        let claims = match verified(token, &published.keys) {
            Err(SignInError::Token(UNKNOWN_KEY)) => verified(token, &*self.keys_again(&published).await?)?,
            other => other?,
        };
        self.judge(&claims, bound)
    }

    /// Judges a token whose signature holds (OpenID Connect Core, section 3.1.3.7).
    fn judge(&self, claims: &Map<String, Value>, bound: &Bound<'_>) -> Result<Identity, SignInError> {
        let text = |name| claims.get(name).and_then(Value::as_str).unwrap_or_default();
        let seconds = |name| claims.get(name).and_then(Value::as_f64).map(|seconds| seconds as i64);
        let refuse = |why| Err(SignInError::Token(why));
        let settings = &self.settings;
        if text("iss") != settings.issuer {
            return refuse("another issuer");
        }
        let audiences: Vec<&str> = match claims.get("aud") {
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(one)) => vec![one],
            _ => vec![],
        };
        if !audiences.contains(&settings.client_id.as_str()) {
            return refuse("another audience");
        }
        let is_for = claims.get("azp").and_then(Value::as_str);
        if is_for.map_or(audiences.len() > 1, |party| party != settings.client_id) {
            return refuse("another authorized party");
        }
        let now = self.clock.now().timestamp();
        if seconds("exp").is_none_or(|exp| now - exp >= MAX_SKEW_S) {
            return refuse("over");
        }
        if seconds("iat").is_none_or(|iat| iat - now > MAX_SKEW_S)
            || seconds("nbf").is_some_and(|nbf| nbf - now > MAX_SKEW_S)
        {
            return refuse("not yet valid");
        }
        if text("nonce") != bound.nonce {
            return refuse("another sign-in's");
        }
        if !settings.assurance.iter().any(|level| level == text("acr")) {
            return Err(SignInError::Assurance);
        }
        let sign_in = SignIn::parse(&settings.issuer, text("sub")).map_err(|_| SignInError::Token("sub"))?;
        let board = organisation(text(&settings.organisation_claim)).ok_or(SignInError::NoBoard)?;
        Ok(Identity { board, sign_in })
    }

    async fn published(&self) -> Result<Published, SignInError> {
        let mut known = self.published.lock().await;
        if let Some(published) = known.published.as_ref().filter(|found| found.at.elapsed() < PUBLISHED_FOR) {
            return Ok(published.clone());
        }
        // Whoever waited for the same is told the same, and does not wait anew.
        if let Some((_, error)) = known.failed.filter(|(at, _)| at.elapsed() < FAILED_FOR) {
            return Err(error);
        }
        let found = self.fetched().await;
        match &found {
            Ok(published) => *known = Known { published: Some(published.clone()), failed: None },
            Err(error) => known.failed = Some((Instant::now(), *error)),
        }
        found
    }

    async fn fetched(&self) -> Result<Published, SignInError> {
        let issuer = self.settings.issuer.trim_end_matches('/');
        let found = self.get(&uri(&format!("{issuer}/.well-known/openid-configuration"))?).await?;
        let text = |name| found.get(name).and_then(Value::as_str).unwrap_or_default();
        if text("issuer") != self.settings.issuer {
            return Err(SignInError::Provider("it calls itself by another name"));
        }
        let keys_uri = self.own(text("jwks_uri"))?;
        let authorization = text("authorization_endpoint").to_owned();
        self.own(&authorization)?;
        let token = self.own(text("token_endpoint"))?;
        let keys = Arc::new(self.keys(&keys_uri).await?);
        Ok(Published { authorization, token, keys, keys_uri, at: Instant::now() })
    }

    /// Its keys as they are now, for a token that names one that is not known.
    async fn keys_again(&self, published: &Published) -> Result<Arc<JwkSet>, SignInError> {
        if published.at.elapsed() < KEYS_AGAIN_AFTER {
            return Err(SignInError::Token(UNKNOWN_KEY));
        }
        let keys = Arc::new(self.keys(&published.keys_uri).await?);
        let published = Published { keys: keys.clone(), at: Instant::now(), ..published.clone() };
        self.published.lock().await.published = Some(published);
        Ok(keys)
    }

    async fn keys(&self, uri: &Uri) -> Result<JwkSet, SignInError> {
        let keys = Value::Object(self.get(uri).await?);
        serde_json::from_value(keys).map_err(|_| SignInError::Provider("its keys cannot be read"))
    }

    /// An address of the provider: `https`, or as its own name is.
    fn own(&self, text: &str) -> Result<Uri, SignInError> {
        let found = uri(text)?;
        let secure = found.scheme_str() == Some("https");
        let plain = !self.settings.issuer.starts_with("https://") && found.scheme_str() == Some("http");
        if secure || plain { Ok(found) } else { Err(SignInError::Provider("an address without TLS")) }
    }

    async fn get(&self, uri: &Uri) -> Result<Map<String, Value>, SignInError> {
        self.json(Request::builder().uri(uri.clone()), String::new()).await
    }

    async fn json(
        &self,
        request: http::request::Builder,
        body: String,
    ) -> Result<Map<String, Value>, SignInError> {
        let request = request.header(header::ACCEPT, "application/json").body(Full::from(body));
        let request = request.map_err(|_| SignInError::Provider("an address that is none"))?;
        let asked = async {
            let answer =
                self.client.request(request).await.map_err(|_| SignInError::Provider("not reachable"))?;
            let status = answer.status();
            let body = Limited::new(answer.into_body(), MAX_ANSWER_BYTES).collect().await;
            let body = body.map_err(|_| SignInError::Provider("its answer cannot be read"))?.to_bytes();
            match status {
                StatusCode::OK => Ok(body),
                status if status.is_client_error() => Err(SignInError::Provider("it refuses")),
                _ => Err(SignInError::Provider("it fails")),
            }
        };
        let answer = tokio::time::timeout(self.settings.timeout, asked).await;
        let answer = answer.map_err(|_| SignInError::Provider("not in time"))??;
        serde_json::from_slice(&answer).map_err(|_| SignInError::Provider("its answer is no JSON"))
    }
}

const UNKNOWN_KEY: &str = "its key is not known";

/// The claims of a token that one of these keys has signed.
fn verified(token: &str, keys: &JwkSet) -> Result<Map<String, Value>, SignInError> {
    let refuse = SignInError::Token;
    let head = token.split('.').next().and_then(|head| URL_SAFE_NO_PAD.decode(head).ok());
    let head = head.and_then(|head| serde_json::from_slice::<Map<String, Value>>(&head).ok());
    // What must be understood, and is not (RFC 7515, section 4.1.11).
    if head.as_ref().is_none_or(|head| head.contains_key("crit")) {
        return Err(refuse("its head cannot be read"));
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| refuse("its head cannot be read"))?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err(refuse("its algorithm is not taken"));
    }
    let key = match (&header.kid, keys.keys.as_slice()) {
        (Some(kid), _) => keys.find(kid),
        (None, [only]) => Some(only),
        (None, _) => None,
    };
    let key = DecodingKey::from_jwk(key.ok_or(refuse(UNKNOWN_KEY))?)
        .map_err(|_| refuse("its key cannot be used"))?;
    // Times are judged by the clock that was passed in, and so is everything else.
    let mut validation = Validation::new(header.alg);
    validation.required_spec_claims.clear();
    (validation.validate_exp, validation.validate_nbf, validation.validate_aud) = (false, false, false);
    let data = jsonwebtoken::decode::<Map<String, Value>>(token, &key, &validation);
    data.map(|data| data.claims).map_err(|_| refuse("its signature does not hold"))
}

/// An organisation number in 10 digits, as identities hold it, or in 12.
fn organisation(text: &str) -> Option<OrganisationNumber> {
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    let digits = if digits.len() == 10 { format!("16{digits}") } else { digits };
    OrganisationNumber::parse(&digits).ok()
}

fn uri(text: &str) -> Result<Uri, SignInError> {
    text.parse().map_err(|_| SignInError::Provider("an address that is none"))
}

/// Names and values as a form writes them.
pub(crate) fn query(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    pairs.join("&")
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let each = text.bytes().map(|byte| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    });
    each.collect()
}

#[cfg(test)]
mod tests;
