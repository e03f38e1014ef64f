//! An OpenID provider that plays along, for the demo and for tests: whoever comes chooses among named users, and nobody is asked for a
//! password. Authorization code with PKCE, tokens signed with ES256, HTTP on this machine only. Never for anything real.

mod page;

use std::{
    collections::{BTreeMap, HashMap},
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context, Result, anyhow};
use aws_lc_rs::{
    digest,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use bytes::Bytes;
use http::{Method, Request, Response, header, request::Parts};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use ssbtek_domain::{Clock, Entropy};
use tokio::{net::TcpListener, task::JoinHandle};

/// Largest form taken, in bytes.
const MAX_FORM_BYTES: usize = 16 * 1024;
/// How long a token holds, in seconds.
const TOKEN_LIFE_S: i64 = 300;
/// Most codes given and not yet used.
const MAX_CODES: usize = 1_000;

/// Somebody who can be chosen.
#[derive(Debug, Clone)]
pub struct User {
    /// `sub`.
    pub subject: String,
    /// Shown on the page.
    pub name: String,
    /// What the person does, shown on the page.
    pub what: String,
    /// The organisation number that is claimed.
    pub organisation: String,
    /// The level of assurance that is claimed.
    pub acr: String,
}

/// Whom it knows.
pub struct Settings {
    /// The client's id.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: String,
    /// The one address that it sends browsers back to.
    pub redirect_uri: String,
    /// The claim in which the organisation number stands.
    pub organisation_claim: String,
    /// Who can be chosen.
    pub users: Vec<User>,
}

/// A provider that answers until it is dropped.
pub struct Provider {
    /// Its name and address.
    pub issuer: String,
    task: JoinHandle<()>,
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Codes {
    given: HashMap<String, Given>,
}

#[derive(Clone)]
struct Given {
    user: User,
    nonce: String,
    challenge: String,
}

struct State {
    issuer: String,
    settings: Settings,
    key: EncodingKey,
    jwks: Value,
    codes: Mutex<Codes>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Provider {
    /// Listens.
    pub async fn start(
        listen: SocketAddr,
        settings: Settings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self> {
        let listener = TcpListener::bind(listen).await.with_context(|| format!("{listen} is taken"))?;
        let issuer = format!("http://{}", listener.local_addr()?);
        let (key, jwks) = key()?;
        let codes = Mutex::new(Codes { given: HashMap::new() });
        let state = Arc::new(State { issuer: issuer.clone(), settings, key, jwks, codes, clock, entropy });
        Ok(Self { issuer, task: tokio::spawn(serve(listener, state)) })
    }
}

fn key() -> Result<(EncodingKey, Value)> {
    let fails = |_| anyhow!("no key can be made");
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(fails)?;
    let der = pair.to_pkcs8v1().map_err(|_| anyhow!("no key can be made"))?;
    let point = pair.public_key().as_ref();
    let half = |from: usize| point.get(from..from + 32).map(|half| URL_SAFE_NO_PAD.encode(half));
    let (x, y) = (half(1), half(33));
    let jwks = json!({"keys": [
        {"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "1", "x": x, "y": y}
    ]});
    Ok((EncodingKey::from_ec_der(der.as_ref()), jwks))
}

async fn serve(listener: TcpListener, state: Arc<State>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let state = state.clone();
        tokio::spawn(async move {
            let service = hyper::service::service_fn(move |request| {
                let state = state.clone();
                async move { Ok::<_, Infallible>(state.answer(request).await) }
            });
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

type Fields = BTreeMap<String, String>;

impl State {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let query = fields(head.uri.query().unwrap_or_default().as_bytes());
        match (&head.method, head.uri.path()) {
            (&Method::GET, "/.well-known/openid-configuration") => json(200, &self.published()),
            (&Method::GET, "/jwks") => json(200, &self.jwks),
            (&Method::GET, "/authorize") => self.authorize(&query),
            (&Method::GET, "/chosen") => self.chosen(&query),
            (&Method::POST, "/token") => {
                let body = Limited::new(body, MAX_FORM_BYTES).collect().await;
                match body.ok().and_then(|body| self.token(&head, &fields(&body.to_bytes()))) {
                    Some(token) => json(200, &token),
                    None => json(400, &json!({"error": "invalid_grant"})),
                }
            }
            _ => page::answer(404, "Not here."),
        }
    }

    fn published(&self) -> Value {
        let at = |path: &str| format!("{}/{path}", self.issuer);
        json!({
            "issuer": self.issuer,
            "authorization_endpoint": at("authorize"),
            "token_endpoint": at("token"),
            "jwks_uri": at("jwks"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "code_challenge_methods_supported": ["S256"],
        })
    }

    /// Whether a browser was sent by the one client that is known.
    fn is_in_order(&self, query: &Fields) -> bool {
        let is = |name: &str, value: &str| query.get(name).is_some_and(|own| own == value);
        is("client_id", &self.settings.client_id)
            && is("redirect_uri", &self.settings.redirect_uri)
            && is("response_type", "code")
            && is("code_challenge_method", "S256")
            && ["state", "nonce", "code_challenge"].iter().all(|name| query.contains_key(*name))
    }

    fn authorize(&self, query: &Fields) -> Response<Full<Bytes>> {
        if !self.is_in_order(query) {
            return page::answer(400, "This sign-in was not begun by the one client that is known here.");
        }
        let more: Vec<String> =
            query.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        page::choice(&self.settings.users, &more.join("&"))
    }

    fn chosen(&self, query: &Fields) -> Response<Full<Bytes>> {
        let user = query.get("user").and_then(|place| place.parse::<usize>().ok());
        let user = user.and_then(|place| self.settings.users.get(place));
        let (Some(user), true) = (user, self.is_in_order(query)) else {
            return page::answer(400, "Nobody was chosen.");
        };
        let text = |name: &str| query.get(name).cloned().unwrap_or_default();
        let given = Given { user: user.clone(), nonce: text("nonce"), challenge: text("code_challenge") };
        let mut bytes = [0; 24];
        self.entropy.fill(&mut bytes);
        let code = URL_SAFE_NO_PAD.encode(bytes);
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        if codes.given.len() >= MAX_CODES {
            codes.given.clear();
        }
        codes.given.insert(code.clone(), given);
        let place = format!("{}?code={code}&state={}", self.settings.redirect_uri, encoded(&text("state")));
        let mut response = page::answer(303, "");
        if let Ok(place) = place.parse() {
            response.headers_mut().insert(header::LOCATION, place);
        }
        response
    }

    fn token(&self, head: &Parts, form: &Fields) -> Option<Value> {
        let Settings { client_id, client_secret, redirect_uri, organisation_claim, .. } = &self.settings;
        let basic = format!(
            "Basic {}",
            STANDARD.encode(format!("{}:{}", encoded(client_id), encoded(client_secret)))
        );
        if head.headers.get(header::AUTHORIZATION)?.as_bytes() != basic.as_bytes() {
            return None;
        }
        let is = |name: &str, value: &str| form.get(name).is_some_and(|own| own == value);
        if !is("grant_type", "authorization_code") || !is("redirect_uri", redirect_uri) {
            return None;
        }
        let code = form.get("code")?;
        let given = self.codes.lock().unwrap_or_else(PoisonError::into_inner).given.remove(code)?;
        let verifier = form.get("code_verifier")?;
        let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
        if challenge != given.challenge {
            return None;
        }
        let now = self.clock.now().timestamp();
        let mut claims = json!({
            "iss": self.issuer,
            "sub": given.user.subject,
            "aud": client_id,
            "iat": now,
            "exp": now + TOKEN_LIFE_S,
            "nonce": given.nonce,
            "acr": given.user.acr,
        });
        claims.as_object_mut()?.insert(organisation_claim.clone(), given.user.organisation.into());
        let head = Header { kid: Some("1".to_owned()), ..Header::new(Algorithm::ES256) };
        let token = jsonwebtoken::encode(&head, &claims, &self.key).ok()?;
        Some(json!({"id_token": token, "access_token": "none", "token_type": "Bearer"}))
    }
}

fn json(status: u16, value: &Value) -> Response<Full<Bytes>> {
    page::response(status, "application/json", value.to_string())
}

fn fields(text: &[u8]) -> Fields {
    let pairs = text.split(|byte| *byte == b'&').filter_map(|pair| std::str::from_utf8(pair).ok());
    pairs
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut at = text.bytes();
    while let Some(byte) = at.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let pair: Vec<u8> = at.by_ref().take(2).collect();
                std::str::from_utf8(&pair)
                    .ok()
                    .and_then(|pair| u8::from_str_radix(pair, 16).ok())
                    .unwrap_or(b'?')
            }
            byte => byte,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
