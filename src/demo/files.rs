//! The demo's directory.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use mock_agencies::{Running, population::TestPerson};
use serde::{Deserialize, Serialize};
use ssbtek_config::Config;
use ssbtek_domain::{Clock, NaiveDate, OrganisationNumber, Protection};

use super::settings::{BOARD, PORTAL};
use ssbtek_broker::Broker;

/// What a client must know, written to `demo.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Facts {
    pub(super) grpc: String,
    pub(super) soap: Option<String>,
    pub(super) web: Option<String>,
    /// The OpenID provider that plays along, by its name.
    #[serde(skip)]
    pub(super) openid: String,
    pub(super) ops: Option<String>,
    pub(super) mock_control: Option<String>,
    pub(super) ca: PathBuf,
    pub(super) client_cert: PathBuf,
    pub(super) client_key: PathBuf,
    pub(super) operator_cert: PathBuf,
    pub(super) operator_key: PathBuf,
    pub(super) second_operator_cert: PathBuf,
    pub(super) second_operator_key: PathBuf,
    pub(super) assertion_key: PathBuf,
    pub(super) assertion_kid: String,
    pub(super) audience: String,
    pub(super) board: String,
    pub(super) board_name: String,
    pub(super) case_worker: String,
    pub(super) administrator: String,
    pub(super) case_system: String,
    pub(super) auditor: String,
    pub(super) disclosure: String,
    pub(super) portal: String,
    pub(super) portal_cert: PathBuf,
    pub(super) portal_key: PathBuf,
    pub(super) case: String,
    pub(super) log_key: Option<String>,
    #[serde(default)]
    pub(super) witness_keys: Vec<String>,
    pub(super) persons: Vec<Person>,
}

/// A person of the first case.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Person {
    pub(super) role: String,
    pub(super) person_number: String,
    pub(super) protected: bool,
}

/// From what the population is generated, kept so that a later start has the same persons.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Seed {
    pub(super) number: u64,
    pub(super) day: NaiveDate,
}

/// The directory.
pub(super) struct Files(PathBuf);

impl Files {
    pub(super) fn open(directory: &Path) -> Result<Self> {
        let shown = directory.display();
        for part in [directory, &directory.join("pki")] {
            ssbtek_vault::private_directory(part).with_context(|| format!("{shown} cannot be made"))?;
        }
        Ok(Self(fs::canonicalize(directory).with_context(|| format!("{shown} cannot be used"))?))
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(super) fn exists(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    pub(super) fn read(&self, name: &str) -> Result<String> {
        fs::read_to_string(self.path(name)).with_context(|| format!("{name} cannot be read"))
    }

    pub(super) fn write(&self, name: &str, content: &str) -> Result<()> {
        let path = self.path(name);
        let written = ssbtek_vault::private_file(&path).and_then(|()| fs::write(&path, content));
        written.with_context(|| format!("{name} cannot be written"))
    }

    /// SHA-256 of a certificate in `pki`, hexadecimal.
    pub(super) fn fingerprint(&self, name: &str) -> Result<String> {
        let identity = self.identity(name)?;
        Ok(identity.fingerprint().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Certificate and key of one party.
    pub(super) fn identity(&self, name: &str) -> Result<ssbtek_pki::Identity> {
        let (certificate, key) =
            (self.read(&format!("pki/{name}.pem"))?, self.read(&format!("pki/{name}.key"))?);
        Ok(ssbtek_pki::Identity::from_pem(certificate.as_bytes(), key.as_bytes())?)
    }

    /// The seed of the population; chosen at the first start.
    pub(super) fn seed(&self, clock: &dyn Clock) -> Result<Seed> {
        const NAME: &str = "population.json";
        if !self.exists(NAME) {
            let seed = Seed { number: 1, day: clock.today() };
            self.write(NAME, &serde_json::to_string(&seed)?)?;
        }
        serde_json::from_str(&self.read(NAME)?).context("population.json is damaged")
    }

    pub(super) fn write_config(&self, config: &Config) -> Result<()> {
        self.write("broker.toml", &toml::to_string_pretty(config)?)
    }

    /// Collects what clients must know, and writes `demo.json`.
    pub(super) fn describe(
        &self,
        broker: &Broker,
        config: &Config,
        agencies: &Running,
        household: &[TestPerson],
    ) -> Result<Facts> {
        let person = |person: &TestPerson| Person {
            role: person.role.as_str().to_owned(),
            person_number: person.number.expose().to_owned(),
            protected: person.protection > Protection::None,
        };
        let facts = Facts {
            grpc: format!("https://{}", broker.ports.grpc),
            soap: broker.ports.soap.map(|addr| format!("https://{addr}/ssbt")),
            web: config.web.as_ref().map(|web| web.public_url.clone()),
            openid: config.web.as_ref().map(|web| web.sign_in.issuer.clone()).unwrap_or_default(),
            ops: None,
            mock_control: agencies.control_addr().map(|addr| format!("http://{addr}")),
            ca: self.path("pki/ca.pem"),
            client_cert: self.path("pki/board.pem"),
            client_key: self.path("pki/board.key"),
            operator_cert: self.path("pki/operator.pem"),
            operator_key: self.path("pki/operator.key"),
            second_operator_cert: self.path("pki/operator-2.pem"),
            second_operator_key: self.path("pki/operator-2.key"),
            assertion_key: self.path("pki/assertion.key"),
            assertion_kid: "demo-1".to_owned(),
            audience: config.assertion.audience.clone(),
            board: BOARD.to_owned(),
            board_name: "Socialnämnden i Demoköping".to_owned(),
            case_worker: "anna.berg".to_owned(),
            administrator: "nils.admin".to_owned(),
            case_system: "arendesystemet".to_owned(),
            auditor: "greta.granskare".to_owned(),
            disclosure: "karin.jurist".to_owned(),
            portal: PORTAL.to_owned(),
            portal_cert: self.path("pki/portal.pem"),
            portal_key: self.path("pki/portal.key"),
            case: "EB-2026-0001".to_owned(),
            log_key: broker.log_key(OrganisationNumber::parse(BOARD)?),
            witness_keys: config.witness.iter().map(|witness| witness.key.clone()).collect(),
            persons: household.iter().map(person).collect(),
        };
        self.write("demo.json", &serde_json::to_string_pretty(&facts)?)?;
        Ok(facts)
    }
}
