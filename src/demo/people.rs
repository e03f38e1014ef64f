//! Who can sign in at the pages of a demo: named users, whom an OpenID provider on this machine lets choose who they are.

use std::{net::Ipv4Addr, sync::Arc};

use anyhow::{Context, Result};
use mock_openid::{Provider, Settings, User};
use ssbtek_config::{Config, SignInConfig, WebConfig};
use ssbtek_domain::{Clock, Entropy};

use super::{
    files::{Facts, Files},
    settings::{BOARD, Ports},
};

/// The level of assurance that the demo's users claim, and the demo demands.
const ASSURANCE: &str = "http://id.elegnamnden.se/loa/1.0/loa3";
const CLIENT: &str = "ssbtek-demo";
/// Worth nothing: it guards a provider that asks for no password.
const SECRET: &str = "demo";

/// The account of a case worker who has just begun.
pub(super) const NEW_CASE_WORKER: &str = "berit.blom";

/// The pages' door in the configuration.
pub(super) fn door(files: &Files, ports: &Ports) -> Result<WebConfig> {
    files.write("openid-secret", SECRET)?;
    let issuer = format!("http://{}:{}", Ipv4Addr::LOCALHOST, ports.openid);
    let sign_in = SignInConfig::new(issuer, CLIENT, files.path("openid-secret"), vec![ASSURANCE.to_owned()]);
    let public_url = format!("https://{}:{}", Ipv4Addr::LOCALHOST, ports.web);
    Ok(WebConfig::at((Ipv4Addr::LOCALHOST, ports.web).into(), public_url, sign_in))
}

/// Starts the provider.
pub(super) async fn start(
    port: u16,
    config: &Config,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Result<Provider> {
    let web = config.web.as_ref().context("the demo's pages are not configured")?;
    let user = |subject: &str, name: &str, what: &str| User {
        subject: subject.to_owned(),
        name: name.to_owned(),
        what: what.to_owned(),
        organisation: BOARD.to_owned(),
        acr: ASSURANCE.to_owned(),
    };
    let settings = Settings {
        client_id: CLIENT.to_owned(),
        client_secret: SECRET.to_owned(),
        redirect_uri: format!("{}/in/klar", web.public_url),
        organisation_claim: web.sign_in.organisation_claim.clone(),
        users: vec![
            user("anna", "Anna Berg", "handläggare, frågar i ärendet EB-2026-0001"),
            user(
                "berit",
                "Berit Blom",
                "ny handläggare, har inte bekräftat instruktionerna och har inga ärenden",
            ),
            user(
                "greta",
                "Greta Granskare",
                "granskar loggen; har inga sidor här än, utan programmet ssbtek",
            ),
            user("nils", "Nils Admin", "administrerar konton; har inga sidor här än, utan programmet ssbtek"),
            user("okand", "Olle Okänd", "ingen nämnd har gett honom ett konto"),
        ],
    };
    Provider::start((Ipv4Addr::LOCALHOST, port).into(), settings, clock, entropy).await
}

/// Which account each of them has.
pub(super) fn sign_ins(facts: &Facts) -> [(&str, &str); 4] {
    [
        (&facts.case_worker, "anna"),
        (NEW_CASE_WORKER, "berit"),
        (&facts.auditor, "greta"),
        (&facts.administrator, "nils"),
    ]
}
