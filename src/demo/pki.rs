//! The demo's throw-away certificate authority and keys. Its own key is forgotten once all are issued.

use std::{net::Ipv4Addr, sync::Arc};

use anyhow::{Result, bail};
use chrono::TimeDelta;
use rcgen::KeyPair;
use ssbtek_domain::Clock;
use ssbtek_pki::{Issued, PeerCertificate, TestAuthority, Validity};

use super::files::Files;

/// How long a demo's certificates hold, in days.
const DAYS: i64 = 30;

/// The second operator: what no operator does alone needs two.
pub(super) const SECOND_OPERATOR: &str = "operator-2";

/// Issues everything at the first start; says so when it is too old at a later one.
pub(super) fn prepare(files: &Files, clock: &dyn Clock) -> Result<()> {
    if files.exists("pki/assertion.key") {
        let identity = files.read("pki/not-after")?;
        if clock.now().timestamp() > identity.trim().parse::<i64>()? {
            bail!("the demo's certificates have expired; remove its data directory and start again");
        }
        return Ok(());
    }
    let now = clock.now();
    let validity = Validity { not_before: now - TimeDelta::hours(1), not_after: now + TimeDelta::days(DAYS) };
    let authority = TestAuthority::new("SSBTEK demo CA", validity)?;
    let loopback = [Ipv4Addr::LOCALHOST.into()];
    save(files, "broker", &authority.server(&["localhost"], &loopback, validity)?)?;
    save(files, "broker-as-client", &authority.client("broker", "Demoleverantören", validity)?)?;
    save(files, "agencies", &authority.server(&["localhost"], &loopback, validity)?)?;
    save(files, "board", &authority.client("arendesystem", "Socialnämnden i Demoköping", validity)?)?;
    save(files, "portal", &authority.client("portal", "Demoportalen", validity)?)?;
    save(files, "operator", &authority.client("operator", "Demoleverantören", validity)?)?;
    save(files, SECOND_OPERATOR, &authority.client("operator-2", "Demoleverantören", validity)?)?;
    let revoked = authority.client("sparrad", "Socialnämnden i Demoköping", validity)?;
    save(files, "revoked-client", &revoked)?;
    authority.revoke(&revoked, now);
    save(files, "stranger", &authority.client("okand", "Ingen nämnd", validity)?)?;
    let past = Validity { not_before: now - TimeDelta::days(2), not_after: now - TimeDelta::days(1) };
    save(files, "expired-client", &authority.client("utgangen", "Socialnämnden i Demoköping", past)?)?;
    files.write("pki/revoked.pem", &authority.crl_pem(now, validity.not_after)?)?;
    files.write("pki/ca.pem", &authority.root_pem())?;
    files.write("pki/not-after", &validity.not_after.timestamp().to_string())?;

    let assertion = KeyPair::generate()?;
    files.write("pki/assertion.pub", &assertion.public_key_pem())?;
    files.write("pki/assertion.key", &assertion.serialize_pem())
}

fn save(files: &Files, name: &str, issued: &Issued) -> Result<()> {
    files.write(&format!("pki/{name}.pem"), &issued.certificate_pem)?;
    files.write(&format!("pki/{name}.key"), &issued.key_pem)
}

/// TLS of the mock agencies: the broker must show its certificate.
pub(super) fn mock_tls(files: &Files) -> Result<Arc<mock_agencies::ServerConfig>> {
    let (certificate, key) = (files.read("pki/agencies.pem")?, files.read("pki/agencies.key")?);
    let ca = files.read("pki/ca.pem")?;
    Ok(mock_agencies::server_tls(certificate.as_bytes(), key.as_bytes(), ca.as_bytes())?)
}

/// A party's certificate as DER.
pub(super) fn der(files: &Files, name: &str) -> Result<Vec<u8>> {
    let pem = files.read(&format!("pki/{name}.pem"))?;
    let roots = ssbtek_pki::certificates_from_pem(pem.as_bytes())?;
    let peer = PeerCertificate::from_chain(&roots)?;
    Ok(peer.chain.first().map(|own| own.to_vec()).unwrap_or_default())
}
