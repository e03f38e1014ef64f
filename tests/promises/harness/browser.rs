//! A browser without a screen: cookies, forms as they stand on a page, redirects by hand. And the OpenID provider that lets it sign in.

use std::{collections::BTreeMap, net::Ipv4Addr, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use mock_openid::{Provider, Settings, User};
use ssbtek_config::{Config, SignInConfig, WebConfig};
use ssbtek_domain::{FixedClock, SystemEntropy};
use ssbtek_pki::{ALPN_HTTP11, Connector, Roots, client_config};
use ssbtek_proto::broker::v1::{self as proto, administration_service_client::AdministrationServiceClient};

use super::world::{BOARD, OTHER_BOARD, Wires, World};

/// How browsers reach the pages; the connection goes where they really are.
pub(crate) const ORIGIN: &str = "https://sidor.test";
pub(crate) const LEVEL: &str = "loa3";

/// A world with pages, and whoever can sign in.
pub(crate) struct Pages {
    pub(crate) world: World,
    pub(crate) provider: Provider,
    /// The provider's own.
    clock: Arc<FixedClock>,
}

/// Who can be chosen at the provider, in this order: subject, organisation, level.
const USERS: [(&str, &str, &str); 6] = [
    ("anna", BOARD, LEVEL),
    ("greta", BOARD, LEVEL),
    ("stranger", BOARD, LEVEL),
    ("anna", BOARD, "loa2"),
    ("anna", OTHER_BOARD, LEVEL),
    ("bo", BOARD, LEVEL),
];

/// The provider, at this clock.
pub(crate) async fn provider(clock: Arc<FixedClock>) -> Provider {
    let user = |(subject, organisation, acr): (&str, &str, &str)| User {
        subject: subject.into(),
        name: subject.into(),
        what: String::new(),
        organisation: organisation.into(),
        acr: acr.into(),
    };
    let settings = Settings {
        client_id: "broker".into(),
        client_secret: "secret".into(),
        redirect_uri: format!("{ORIGIN}/in/klar"),
        organisation_claim: "org".into(),
        users: USERS.into_iter().map(user).collect(),
    };
    let listen = (Ipv4Addr::LOCALHOST, 0).into();
    Provider::start(listen, settings, clock, Arc::new(SystemEntropy)).await.unwrap()
}

/// Opens the pages' door, at which that provider says who somebody is.
pub(crate) fn with_pages(config: &mut Config, issuer: &str) {
    let secret = config.tls.certificate.with_file_name("openid-secret");
    std::fs::write(&secret, "secret\n").unwrap();
    let mut sign_in = SignInConfig::new(issuer.to_owned(), "broker", secret, vec![LEVEL.into()]);
    sign_in.organisation_claim = "org".into();
    config.web = Some(WebConfig::at((Ipv4Addr::LOCALHOST, 0).into(), ORIGIN.into(), sign_in));
    config.check().unwrap();
}

impl Pages {
    pub(crate) async fn start(wires: Wires) -> Self {
        let clock = World::clock();
        let provider = provider(clock.clone()).await;
        let world = World::start_with(wires, |config| with_pages(config, &provider.issuer)).await;
        let pages = Self { world, provider, clock };
        pages.leads("anna", "anna").await.unwrap();
        pages.leads("greta", "greta").await.unwrap();
        pages
    }

    /// The administrator says that a sign-in leads to an account.
    pub(crate) async fn leads(&self, subject: &str, account: &str) -> Result<u64, tonic::Status> {
        self.world.set_sign_in(account, &self.provider.issuer, subject, None).await
    }

    /// Time goes on, here and at the provider.
    pub(crate) fn advance(&self, seconds: i64) {
        self.clock.advance(chrono::TimeDelta::seconds(seconds));
        self.world.clock.advance(chrono::TimeDelta::seconds(seconds));
    }

    /// The administrator blocks an account.
    pub(crate) async fn block(&self, id: &str) {
        let mut client = AdministrationServiceClient::new(self.world.connect(&self.world.board.identity));
        let message = proto::BlockCaseWorkerRequest { id: id.into() };
        client.block_case_worker(self.world.assertion("admin").on(message)).await.unwrap();
    }

    /// The version in which the administrator reads an account.
    pub(crate) async fn version_of(&self, id: &str) -> u64 {
        let mut client = self.world.agreements(&self.world.board.identity);
        let message = proto::ListAccountsRequest::default();
        let told =
            client.list_accounts(self.world.assertion("admin").on(message)).await.unwrap().into_inner();
        told.accounts.into_iter().find(|line| line.id == id).unwrap().version
    }
}

impl World {
    pub(crate) async fn set_sign_in(
        &self,
        account: &str,
        issuer: &str,
        subject: &str,
        expected_version: Option<u64>,
    ) -> Result<u64, tonic::Status> {
        let message = proto::SetSignInRequest {
            id: account.into(),
            issuer: issuer.into(),
            subject: subject.into(),
            expected_version,
        };
        let mut client = AdministrationServiceClient::new(self.connect(&self.board.identity));
        let told = client.set_sign_in(self.assertion("admin").on(message)).await?;
        Ok(told.into_inner().version)
    }

    /// A browser that nobody has used.
    pub(crate) fn browser(&self) -> Browser {
        let roots = Roots::from_pem(self.authority.root_pem().as_bytes()).unwrap();
        let tls = client_config(None, &roots, self.clock.clone(), &[ALPN_HTTP11]).unwrap();
        let patience = std::time::Duration::from_secs(5);
        let port = self.broker().ports.web.unwrap();
        Browser { connector: Connector::tls(tls, patience, patience), port, cookies: BTreeMap::new() }
    }

    /// A browser in which somebody has chosen to be this user of the provider.
    pub(crate) async fn signed_in(&self, subject: &str) -> Browser {
        let place = USERS.iter().position(|(known, ..)| *known == subject).unwrap();
        let mut browser = self.browser();
        let back = browser.sign_in(place).await;
        assert_eq!((back.status, back.location.as_str()), (StatusCode::SEE_OTHER, "/"), "{}", back.text);
        browser
    }
}

/// A page that came.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) location: String,
    pub(crate) text: String,
}

/// A page that is still coming.
pub(crate) struct Coming {
    pub(crate) status: StatusCode,
    body: Incoming,
}

pub(crate) struct Browser {
    connector: Connector,
    port: std::net::SocketAddr,
    pub(crate) cookies: BTreeMap<String, String>,
}

impl Browser {
    /// Goes to the provider, chooses the user at a place, and comes back.
    pub(crate) async fn sign_in(&mut self, place: usize) -> Page {
        let begun = self.get("/in").await;
        let come_back = chosen(&begun.location, place).await;
        self.get(come_back.strip_prefix(ORIGIN).unwrap()).await
    }

    pub(crate) async fn get(&mut self, path: &str) -> Page {
        self.send(self.request(Method::GET, path).body(Full::default()).unwrap()).await
    }

    /// A page, as far as it has come.
    pub(crate) async fn open(&mut self, path: &str) -> Coming {
        let response = self.raw(self.request(Method::GET, path).body(Full::default()).unwrap()).await;
        Coming { status: response.status(), body: response.into_body() }
    }

    /// Sends fields from a page of this very place.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.post_from(Some(ORIGIN), path, fields).await
    }

    pub(crate) async fn post_from(
        &mut self,
        origin: Option<&str>,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Page {
        let mut request = self
            .request(Method::POST, path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        self.send(request.body(Full::from(body.join("&"))).unwrap()).await
    }

    fn request(&self, method: Method, path: &str) -> http::request::Builder {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let host = ORIGIN.strip_prefix("https://").unwrap();
        let request = Request::builder().method(method).uri(path).header(header::HOST, host);
        if cookies.is_empty() { request } else { request.header(header::COOKIE, cookies.join("; ")) }
    }

    pub(crate) async fn send(&mut self, request: Request<Full<Bytes>>) -> Page {
        let (head, body) = self.raw(request).await.into_parts();
        let text = body.collect().await.unwrap().to_bytes();
        let location = head.headers.get(header::LOCATION).map(|place| place.to_str().unwrap().to_owned());
        Page {
            status: head.status,
            headers: head.headers,
            location: location.unwrap_or_default(),
            text: String::from_utf8(text.to_vec()).unwrap(),
        }
    }

    async fn raw(&mut self, request: Request<Full<Bytes>>) -> http::Response<Incoming> {
        let place = format!("https://{}", self.port).parse().unwrap();
        let stream = self.connector.connect(&place).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let response = sender.send_request(request).await.unwrap();
        for set in response.headers().get_all(header::SET_COOKIE) {
            let set = set.to_str().unwrap();
            assert!(set.starts_with("__Host-") && set.contains("; Secure; HttpOnly; SameSite=Lax"), "{set}");
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        response
    }

    /// Opens a case by its number; its address.
    pub(crate) async fn open_case(&mut self, case: &str) -> Page {
        let start = self.get("/").await;
        self.post("/arende", &[("token", &start.token("/arende")), ("case", case)]).await
    }

    /// Asks every agency about somebody of a case by place; where the answer is.
    pub(crate) async fn ask(&mut self, case: &str, person: &str) -> Page {
        let page = self.get(case).await;
        let form = format!("{case}/fraga");
        let token = page.token(&form);
        let mut fields =
            vec![("token", token.as_str()), ("person", person), ("from", "2026-09-01"), ("to", "2026-11-22")];
        fields.extend(["AF", "CSN", "FK", "SKV", "SO", "TNS", "MIV"].map(|agency| ("agency", agency)));
        self.post(&form, &fields).await
    }
}

impl Page {
    /// The token of the form that leads there.
    pub(crate) fn token(&self, action: &str) -> String {
        let form = format!("action=\"{action}\"><input type=\"hidden\" name=\"token\" value=\"");
        let (_, rest) =
            self.text.split_once(&form).unwrap_or_else(|| panic!("no form {action} in {}", self.text));
        rest.split('"').next().unwrap().to_owned()
    }
}

impl Coming {
    /// Waits until the page holds a text; what has come.
    pub(crate) async fn until(&mut self, has: &str) -> String {
        let mut come = String::new();
        while !come.contains(has) {
            let Some(frame) = self.body.frame().await else { panic!("{has} did not come: {come}") };
            come.push_str(&String::from_utf8_lossy(&frame.unwrap().into_data().unwrap()));
        }
        come
    }

    /// The rest of it.
    pub(crate) async fn rest(self) -> String {
        String::from_utf8(self.body.collect().await.unwrap().to_bytes().to_vec()).unwrap()
    }
}

/// Where the provider sends the browser when the user at a place is chosen.
pub(crate) async fn chosen(authorize: &str, place: usize) -> String {
    let (issuer, query) = authorize.split_once("/authorize?").unwrap();
    let address = issuer.strip_prefix("http://").unwrap();
    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::builder()
        .uri(format!("/chosen?user={place}&{query}"))
        .header(header::HOST, address)
        .body(Full::<Bytes>::default())
        .unwrap();
    let response = sender.send_request(request).await.unwrap();
    response.headers()[header::LOCATION].to_str().unwrap().to_owned()
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
